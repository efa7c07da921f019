"""What the site holds beside the documents: the gallery, made of the sample that ships with shoal, and
the pages that stand at the top of the repository.

MkDocs calls the functions named `on_…` (mkdocs.yml names this file as a hook).
"""

from __future__ import annotations

import inspect
import posixpath
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shoal

ROOT = Path(__file__).parents[1]
TOP = {
    "GLOSSARY.md": "glossary.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
}
SKIPPED = ("pairs",)  # drawn in many seconds
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#)([^)#\s]+)(#[^)\s]*)?\)")


@cache
def gallery() -> dict[str, str | bytes]:
    """Every figure as SVG, the report and the page to print, by their paths in the site."""
    from shoal.cli.demo_data import write

    made: dict[str, str | bytes] = {}
    with TemporaryDirectory() as folder:
        home = Path(folder)
        study = shoal.segment(write(home / "sample_customers.csv"))
        study.report(home / "report.html")
        study.one_page(home / "summary.html")
        for name in figures(study):
            getattr(study.plot, name)().savefig(home / f"{name}.svg")
        for path in sorted(home.iterdir()):
            if path.suffix in (".svg", ".html"):
                made[f"gallery/{path.name}"] = path.read_bytes()
    return made


def figures(study: shoal.Study) -> list[str]:
    """The figures that the gallery shows."""
    return [name for name in dir(study.plot) if name not in SKIPPED]


def page() -> str:
    """The page of the gallery."""
    names = [Path(path).stem for path in gallery() if path.endswith(".svg")]
    lines = [
        "# Gallery",
        "",
        "Made of the sample that ships with shoal (`shoal demo`): 400 customers who do not exist.",
        "",
        "[The whole report](gallery/report.html){ .md-button .md-button--primary }",
        "[The same on one page, to print](gallery/summary.html){ .md-button }",
        "",
        '<iframe src="gallery/report.html" title="The report of the sample" loading="lazy" '
        'style="width:100%;height:40rem;border:1px solid #8888"></iframe>',
        "",
        "Every figure is one call on a study, `study.plot.map()`, with real Matplotlib Axes.",
        "",
    ]
    for name in names:
        said = _first_lines(name)
        lines += [f"## `plot.{name}()`", "", said, "", f"![{said}](gallery/{name}.svg)", ""]
    return "\n".join(lines)


def _first_lines(name: str) -> str:
    from shoal.output.figures.plots import Plots

    said = inspect.getdoc(getattr(Plots, name)) or name
    return " ".join(said.partition("\n\n")[0].split())


# --- called by MkDocs -----------------------------------------------------------------------------


def on_config(config: Any) -> Any:
    """Put every document into the navigation: decisions, and in the guide what stands nowhere."""
    docs = Path(config.docs_dir)
    decisions = sorted(path.relative_to(docs).as_posix() for path in docs.glob("decisions/*.md"))
    sections = {name: value for entry in config.nav for name, value in entry.items()}
    next(e for e in sections["Why it is so"] if "Decisions" in e)["Decisions"] = decisions
    told = set(_paths(config.nav))
    every = sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
    sections["Guide"].extend(path for path in every if path not in told)
    return config


def _paths(entry: Any) -> list[str]:
    """Every page that an entry of the navigation names."""
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    return [path for each in inner for path in _paths(each)]


def on_files(files: Any, config: Any) -> Any:
    """Add what is made, and the pages of the top."""
    from mkdocs.structure.files import File

    added = dict(gallery())
    added["gallery.md"] = page()
    added |= {goal: (ROOT / name).read_text("utf-8") for name, goal in TOP.items()}
    for path, content in added.items():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Links as the repository has them lead to the pages of the site; other files are named."""
    known = {file.src_uri for file in files}
    own = {goal: name for name, goal in TOP.items()}
    here = own.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def led(link: re.Match[str]) -> str:
        told, path, anchor = link[1], link[2], link[3] or ""
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        goal = TOP.get(meant) or ("index.md" if meant == "README.md" else None)
        if goal is None and meant.startswith("docs/"):
            goal = meant.removeprefix("docs/")
        if goal not in known:  # a file of the repository is named; nothing at all is left to fail
            return told if (ROOT / meant).exists() else link[0]
        anchor = "" if meant == "README.md" else anchor
        way = posixpath.relpath(goal, posixpath.dirname(page.file.src_uri) or ".")
        return f"[{told}]({way}{anchor})"

    return LINK.sub(led, markdown)
