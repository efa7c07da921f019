"""What the process of a table can be asked: to look, to find, to change, to explain, to write."""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shoal
from shoal import InputError, Opened, Study
from shoal.web.page import audiences
from shoal.web.page.settings import MOST_CELLS, MOST_COLUMNS
from shoal.web.page.shown import (
    Told,
    shown_customer,
    shown_drift,
    shown_members,
    shown_moves,
    shown_profile,
    shown_study,
)

Progress = Callable[[str, int, int | None], None]
KEPT = "study.pickle"
# What a process loads while it waits for its first table.
LOADED = ("pandas", "pyarrow.csv", "scipy.stats", "sklearn.metrics", "duckdb")
DIALECTS = ("postgres", "mysql", "bigquery", "snowflake")


def _sql_in(dialect: str) -> Callable[[Study, Path], Any]:
    """Writes the segments as one SQL statement."""
    return lambda study, path: path.write_text(study.to_sql(dialect), "utf-8")


FILES: dict[str, Callable[[Study, Path], Any]] = {
    "report.html": lambda study, path: study.report(path),
    "segments.xlsx": lambda study, path: study.workbook(path),
    "customers.csv": lambda study, path: study.write_customers(path),
    "customers.parquet": lambda study, path: study.write_customers(path),
    "model.json": lambda study, path: study.save(path),
    "summary.html": lambda study, path: study.one_page(path),
    "segments.zip": audiences.write,
    **{f"segments-{name}.sql": _sql_in(name) for name in DIALECTS},
}

OF_ROWS = ("segments.xlsx", "customers.csv", "customers.parquet", "segments.zip")


def _like(found: Study, before: Study) -> Study:
    """Segments that were found again, with the names, colours and actions that people gave."""
    if list(found.labels) != list(before.labels):
        raise InputError("The table has changed since.", "Find the segments again.")
    pairs = list(zip(found.portraits, before.portraits, strict=True))
    names = {p.segment: p.name for p in before.portraits}
    plays = {b.segment: b.action.play for f, b in pairs if f.action.play != b.action.play}
    colours = dict(zip(before.model.ids, before.model.colours, strict=True))
    return found.renamed(names).recoloured(colours).with_action(plays)


class Desk:
    """A table, what is known of it, and the segments."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.folder = Path()
        self.source = self.name = ""
        self.max_unpacked = 0
        self._opened: Opened | None = None
        self._study: Study | None = None
        self._asked: Told = {}  # how the segments were found, to find them again
        self._is_whole = False  # whether the rows are at hand: a study that was kept has none
        self._beside: Study | None = None  # with another number of segments

    def do(self, asked: Told) -> Any:
        """The answer to one question; its name is that of a method below."""
        questions: dict[str, Callable[..., Any]] = {
            "begin": self.begin,
            "look": self.look,
            "find": self.find,
            "beside": self.beside,
            "earlier": self.earlier,
            "keep": self.keep,
            "change": self.change,
            "members": self.members,
            "explain": self.explain,
            "picture": self.picture,
            "write": self.write,
        }
        given = {name: value for name, value in asked.items() if name != "do"}
        return questions[asked["do"]](**given)

    def begin(self, folder: str, source: str, name: str, max_unpacked: int) -> None:
        """What is worked on; temporary files stand in its folder, and go with it."""
        self.folder, self.source, self.name = Path(folder), source, name
        self.max_unpacked = max_unpacked
        tempfile.tempdir = folder
        os.chdir(folder)

    @property
    def opened(self) -> Opened:
        """The table, read when it is first needed."""
        if self._opened is None:
            reading: Told = {}
            if "://" not in self.source:
                reading = {"max_columns": MOST_COLUMNS, "max_unpacked": self.max_unpacked}
            self._opened = shoal.open(
                self.source, name=self.name, progress=self.progress, **reading
            )
        return self._opened

    @property
    def study(self) -> Study:
        """The segments; from the folder where another process has found them."""
        if self._study is None:
            kept = pickle.loads((self.folder / KEPT).read_bytes())
            self._study, self._asked, self._is_whole = kept["study"], kept["asked"], False
        return self._study

    @property
    def whole(self) -> Study:
        """The segments with all rows of the table: found again where only labels were kept."""
        study = self.study
        if not self._is_whole:
            found = self.opened.segment(progress=self.progress, **self._asked)
            self._study, self._is_whole = _like(found, study), True
        return self.study

    def look(self, settings: Told) -> Told:
        """What the table was understood to be."""
        file = self.folder / "columns.toml"
        columns = settings["columns"]
        profile = self.opened.inspect(columns=columns, progress=self.progress, write_columns=file)
        if profile.rows * len(profile.columns) > MOST_CELLS:
            raise InputError(
                f"{profile.rows:,} rows of {len(profile.columns):,} columns are more than the page "
                "takes.",
                "Use the command line, which has no such bound.",
            )
        return shown_profile(profile) | {"toml": file.read_text("utf-8")}

    def find(self, settings: Told) -> Told:
        """The segments."""
        self._asked, self._is_whole = self._said(settings), True
        self._study = self.opened.segment(progress=self.progress, **self._asked)
        self._beside = None
        return self._kept()

    def _said(self, settings: Told) -> Told:
        if settings["rows"] == "orders":
            named = {what: column for what, column in settings["orders"].items() if column}
            return {"orders": True} | named
        said: Told = {"columns": settings["columns"]}
        return said | ({"one_row_a_customer": True} if settings["rows"] == "customers" else {})

    def _kept(self) -> Told:
        """The segments as they are shown; they are in the folder before anybody sees them."""
        file = self.folder / KEPT
        new = file.with_suffix(".new")
        new.write_bytes(pickle.dumps({"study": self.study, "asked": self._asked}))
        new.replace(file)
        return shown_study(self.study)

    def beside(self, k: int) -> Told:
        """Another number of segments, to compare; nothing is changed by it."""
        self._beside = self.whole.with_k(k, progress=self.progress)
        return shown_study(self._beside)

    def earlier(self, file: str, version: int) -> Told:
        """What became of an earlier run: of its model drift, of its labelled customers moves."""
        now = self.write("customers.parquet", version)
        with contextlib.chdir(Path(file).parent):  # messages name what was sent, not its folder
            sent = Path(file).name
            if sent.lower().endswith(".json"):
                return {"drift": shown_drift(shoal.load(sent).compare(now))}
            return {"moves": shown_moves(shoal.moves(sent, now))}

    def keep(self, k: int) -> Told:
        """Take the other number of segments."""
        if self._beside is None or self._beside.k != k:
            raise InputError("It has to be made first.", "Try this number again.")
        self._study, self._beside = self._beside, None
        self._asked = self._asked | {"k": k}
        return self._kept()

    def change(self, segment: int, name: str, colour: str, play: str) -> Told:
        """Another name, colour or action of a segment; none of them where one is refused."""
        portrait = next((p for p in self.study.portraits if p.segment == segment), None)
        changed = self.study
        if portrait is None or name != portrait.name:
            changed = changed.renamed({segment: name})
        shades = dict(zip(changed.model.ids, changed.model.colours, strict=True))
        if colour != shades.get(segment):
            changed = changed.recoloured({segment: colour})
        if play and portrait is not None and play != portrait.action.play:
            changed = changed.with_action({segment: play})
        self._study = changed
        return self._kept()

    def members(self, segment: int, order: str) -> Told:
        """Who is in a segment, and which plays there are for it."""
        frame = self.study.members(segment, order=order, most=20)  # type: ignore[arg-type]
        plays = [(p.play, p.title, p.fits) for p in self.study.plays(segment)]
        return shown_members(frame) | {"plays": plays}

    def explain(self, id: str) -> Told:
        """Why a customer is in their segment."""
        return shown_customer(self.study.explain(id))

    def picture(self, name: str) -> str:
        """Draw a figure; the name of its file."""
        from io import BytesIO

        drawn = BytesIO()
        getattr(self.study.plot, name)().savefig(drawn, format="png", dpi=120)
        (self.folder / f"{name}.png").write_bytes(drawn.getvalue())
        return f"{name}.png"

    def write(self, name: str, version: int) -> str:
        """Write one of the files to take away; its path under the folder."""
        place = self.folder / f"away-{version}"
        place.mkdir(exist_ok=True)
        path = place / name
        if path.exists():
            return str(path)
        FILES[name](self.whole if name in OF_ROWS else self.study, path)
        return str(path)
