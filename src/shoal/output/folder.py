"""The folder of results, whole or not at all."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shoal.analysis.assign import Kept
from shoal.engine.table import Table
from shoal.engine.worker import Workers
from shoal.errors import OptionError
from shoal.options import Keep
from shoal.output.atomic import as_path, refuse_folder, replace_file, spare, staged
from shoal.output.columns_file import columns_toml
from shoal.output.labels import Seen, SetAside, set_aside_there, write_batches, write_labelled
from shoal.output.model_file import is_model, to_json
from shoal.output.run_file import NAME, write_run
from shoal.output.succession import WORDS, crosswalk_batch
from shoal.output.summary import SENTENCES, about, segments_batch, summary
from shoal.text.nouns import speaking_of
from shoal.text.options import option
from shoal.text.paths import printable
from shoal.types import Facts, Profile

if TYPE_CHECKING:
    from shoal.output.report import Pages

CSV_ROWS = 1_000_000  # above this many customers Parquet is written
WRITTEN = {  # every name that a run may write; figures apart
    "report.html",
    "summary.html",
    "segments.xlsx",
    "customers.csv",
    "customers.parquet",
    "segments.csv",
    "model.json",
    "columns.toml",
    "summary.json",
    "set_aside.csv",
    "set_aside_lines.csv",
    "crosswalk.csv",
    NAME,
}


def check_folder(out: str | Path, force: bool, sources: Sequence[Path] = ()) -> None:
    """Raise OptionError where results cannot go, or would take the place of what is not shoal's.

    `sources` are the files that the results are made from. A folder of shoal's own is known by
    its model. `force` replaces files, never folders.
    """
    folder = as_path(out)
    if folder.exists() and not folder.is_dir():
        raise OptionError(
            f"{printable(folder)} is a file, and results go into a folder. Choose another name, "
            f"such as {option('out', 'results')}. Nothing was written."
        )
    for name in WRITTEN:
        refuse_folder(folder / name)
    spare(sources, [folder / name for name in WRITTEN])
    there = sorted(name for name in (*WRITTEN, "figures") if (folder / name).exists())
    if there and not force and not is_model(folder / "model.json"):
        raise OptionError(
            f"{printable(folder)} holds {', '.join(there)}, and no model of shoal's beside it: "
            "these are not results of shoal's, and would be replaced. Choose another folder, or "
            f"add {option('force', True)}. Nothing was written."
        )


def write_study(
    facts: Facts,
    places: Callable[[], Kept | None],
    table: Table | None,
    out: Path,
    keep: Keep,
    helper: Workers,
    *,
    show_ids: bool = False,
    force: bool = False,
    aside: Table | None = None,
) -> dict[str, str]:
    """Write all results into a folder, whole or not at all; nothing of an earlier run stays there.

    Ids of customers stand in the report only where it is asked to show them.

    Returns what is where. Raises OutputError, and leaves the folder as it was.
    """
    from shoal.output.moves_report import moves_since, section
    from shoal.output.report import illustrated
    from shoal.output.workbook import written

    check_folder(out, force)
    files = _files(facts, parquet=_as_parquet(facts, table))
    if aside is not None:
        files["order_lines_set_aside"] = "set_aside_lines.csv"
    outputs = {name: printable(path) for name, path in _inside(out, files).items()}
    figures: list[str] = []
    earlier = partial(_of_an_earlier_run, figures=figures)
    with speaking_of(facts.noun), staged(out, list(files.values()), earlier) as folder:
        paths = _inside(folder, files)
        moves = moves_since(facts)
        draw = partial(illustrated, show_ids=show_ids, moves=section(moves))
        drawn = helper.later(draw, _without_fits(facts))
        with written(facts, table, keep, paths["workbook"]) as book:
            _write_customers(table, places, facts, paths, keep, book.seen)
            pages = drawn()
            book.finish(pages.images["map"])
            if moves is not None:
                book.add_moves(moves)
        figures += _write_report(pages, paths)
        if aside is not None:
            write_batches(aside.batches(), paths["order_lines_set_aside"], own=())
        _write_facts(facts, outputs, paths)
        write_run(facts, table, paths["run"])
    return outputs


def _inside(folder: Path, files: Mapping[str, str]) -> dict[str, Path]:
    return {name: folder / file for name, file in files.items()}


def _is_here(table: Table | None) -> bool:
    return table is None or table.engine.here


def _as_parquet(facts: Facts, table: Table | None) -> bool:
    read_as = facts.profile.read_as.format
    return not _is_here(table) or read_as == "parquet" or facts.rows_read > CSV_ROWS


def _files(facts: Facts, *, parquet: bool) -> dict[str, str]:
    """The names of what is written, by what it is."""
    files = {
        "report": "report.html",
        "one_page": "summary.html",
        "workbook": "segments.xlsx",
        "customers": "customers.parquet" if parquet else "customers.csv",
        "segments": "segments.csv",
        "model": "model.json",
        "columns": "columns.toml",
        "summary": "summary.json",
        "run": NAME,
    }
    if facts.rows_set_aside:
        files["set_aside"] = "set_aside.csv"
    if facts.succession is not None:
        files["crosswalk"] = "crosswalk.csv"
    return files | {"figures": "figures"}


def _of_an_earlier_run(out: Path, figures: Sequence[str]) -> set[str]:
    """What another run has written into the folder, as its summary tells; other files stay.

    `figures` are the files that this run draws.
    """
    try:
        told = json.loads((out / "summary.json").read_text(encoding="utf-8"))["outputs"]
        names = {Path(path).name for path in told.values()} & WRITTEN
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
    there = {each.name for each in (out / "figures").glob("*.*g")} - set(figures)
    if there:
        from shoal.output.figures import FIGURES

        ours = {f"{name}{end}" for name in FIGURES for end in (".png", ".svg")}
        names |= {f"figures/{file}" for file in there & ours}
    return names


def _without_fits(facts: Facts) -> Facts:
    """No figure shows the fits of other k, which are large."""
    return dataclasses.replace(facts, choice=dataclasses.replace(facts.choice, fits={}))


def _write_customers(
    table: Table | None,
    places: Callable[[], Kept | None],
    facts: Facts,
    paths: Mapping[str, Path],
    keep: Keep,
    seen: Sequence[Seen],
) -> None:
    """Everybody's labels, and who was set aside, in one reading; `seen` are shown all of them."""
    model, rows = facts.segmentation, facts.rows_read
    aside = SetAside(model)
    if "set_aside" in paths:
        seen = (*seen, aside.add)
    write_labelled(table, places, model, paths["customers"], rows, keep, seen)
    if "set_aside" in paths:
        gathered = iter(aside.batches)
        if table is not None and not table.engine.here:
            gathered = set_aside_there(table, model)
        write_batches(gathered, paths["set_aside"], own=())


def _write_facts(facts: Facts, outputs: Mapping[str, str], paths: Mapping[str, Path]) -> None:
    """The segments, the model, and the result for machines."""
    write_batches(iter([segments_batch(facts)]), paths["segments"], own=SENTENCES)
    paths["model"].write_text(to_json(facts.segmentation, about(facts)), encoding="utf-8")
    paths["columns"].write_text(columns_toml(facts.profile), encoding="utf-8")
    if facts.succession is not None:
        write_batches(iter([crosswalk_batch(facts.succession)]), paths["crosswalk"], own=WORDS)
    told = json.dumps(summary(facts) | {"outputs": outputs}, indent=1, ensure_ascii=False)
    paths["summary"].write_text(told, encoding="utf-8")


def _write_report(pages: Pages, paths: Mapping[str, Path]) -> list[str]:
    """The pages and the figures; returns the names of the figures' files."""
    paths["report"].write_text(pages.report, encoding="utf-8")
    paths["one_page"].write_text(pages.summary, encoding="utf-8")
    paths["figures"].mkdir()
    files = {name + ending(image): image for name, image in pages.images.items()}
    for file, image in files.items():
        (paths["figures"] / file).write_bytes(image)
    return list(files)


def ending(picture: bytes) -> str:
    r"""What the name of a file with this picture ends with.

    >>> ending(b"\x89PNG"), ending(b"<svg/>")
    ('.png', '.svg')
    """
    return ".png" if picture.startswith(b"\x89PNG") else ".svg"


def write_profile(profile: Profile, path: Path) -> Path:
    """Write the data analysis with its pictures as one HTML file."""
    from shoal.output.figures import PROFILE_FIGURES, image
    from shoal.output.report import render_profile

    images = {name: image(draw(profile), name) for name, draw in PROFILE_FIGURES.items()}
    return replace_file(path, render_profile(profile, images).encode())
