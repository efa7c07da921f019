"""The site of the documents: built strictly, every link and picture there, nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("mkdocs")

ROOT = Path(__file__).parents[1]
LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}


class Page(HTMLParser):
    """What a page loads, and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.led: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.ids |= {told[name] for name in ("id", "name") if name in told}
        if tag in LOADED and LOADED[tag] in told and told.get("rel") != "canonical":
            self.loaded.append(told[LOADED[tag]])
        elif tag == "a" and "href" in told:
            self.led.append(told["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    goal = tmp_path_factory.mktemp("site")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(goal), strict=True))
    return goal


def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_link_and_picture_is_there(site: Path) -> None:
    found = pages(site)
    broken = []
    for path, page in found.items():
        for address in page.loaded + page.led:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or path.name == "404.html":
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            goal = goal / "index.html" if goal.is_dir() else goal
            anchor = parts.fragment and goal in found and parts.fragment not in found[goal].ids
            if not goal.exists() or (anchor and not parts.fragment.startswith("__")):
                broken.append((path.relative_to(site).as_posix(), address))
    assert broken == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path, page in pages(site).items():
        elsewhere = [a for a in page.loaded if a.startswith(("http", "//"))]
        assert elsewhere == [], path
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:)?//", style.read_text("utf-8")), style


def test_the_gallery_shows_figures_and_a_live_report(site: Path) -> None:
    shown = Page((site / "gallery.html").read_text("utf-8"))
    figures = [a for a in shown.loaded if a.endswith(".svg")]
    assert len(figures) >= 8
    assert "gallery/report.html" in shown.loaded
    assert "clearly separated" in (site / "gallery" / "report.html").read_text("utf-8")


def test_every_document_is_in_the_navigation(site: Path) -> None:
    home = Page((site / "index.html").read_text("utf-8"))
    for path in (ROOT / "docs").rglob("*.md"):
        assert path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() in home.led
