"""A table that is read once, and looked at and segmented as often as one likes."""

from __future__ import annotations

import dataclasses
import weakref
from functools import cached_property
from pathlib import Path
from typing import Any

from shoal.api import inspect, segment
from shoal.data import local_files, open_table
from shoal.engine.cache import KeptStream
from shoal.engine.progress import Progress, begin, listening
from shoal.engine.resources import limited
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import OptionError, call
from shoal.options import ReadingOptions, check_names, options_of
from shoal.output.folder import check_folder
from shoal.study import Study
from shoal.text.options import option
from shoal.types import Finding, Profile

LONGEST = 120  # letters of a name


class Opened:
    """A table that has been read: `shoal.open(…)` makes one.

    >>> import pandas as pd, shoal
    >>> spent = [9.0, 10.0, 11.0, 49.0, 50.0, 51.0]
    >>> table = shoal.open(pd.DataFrame({"spent": spent}), name="March")
    >>> table.name, table.rows, table.segment(by="spent", k=2).k
    ('March', 6, 2)
    """

    def __init__(self, table: Table, files: list[Path]) -> None:
        """`files` are those of this machine that it was read from."""
        self._table, self._files = table, files

    @property
    def name(self) -> str:
        """What the table is called in every message and title."""
        return self._table.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self._table.schema.names)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was odd about it when it was read."""
        return self._table.findings

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return self.profile.rows

    @cached_property
    def profile(self) -> Profile:
        """The data analysis: what every column holds, and what it was taken for."""
        return self.inspect()

    def inspect(self, **options: Any) -> Profile:
        """The data analysis with columns as they were corrected: the options of `shoal.inspect`.

        Raises as `shoal.inspect`, and OptionError for an option that says how a table is read.

        >>> table.inspect(columns={"claims": {"meaning": "money_out"}})    # doctest: +SKIP
        """
        self._nothing_of_reading(options)
        return inspect(self._table, **options)

    def segment(self, **options: Any) -> Study:
        """Segment it, as `shoal.segment` does and with its options (`columns`, `k`, `progress` …).

        The table is not parsed again. Raises as `shoal.segment`, and OptionError for an option that
        says how a table is read.
        """
        self._nothing_of_reading(options)
        if options.get("out") is not None:
            check_folder(options["out"], options.get("force", False), self._files)
        return segment(self._table, **options)

    def _nothing_of_reading(self, options: dict[str, Any]) -> None:
        """Raise OptionError for an option that says how the table is read, which it has been."""
        for name in options:
            if name in ReadingOptions.__struct_fields__ and name != "id":
                raise OptionError(
                    f"{option(name)} says how a table is read, and {self.name} has been read. Give "
                    "it to shoal.open."
                )

    def __repr__(self) -> str:
        return f"<shoal.Opened {self.name}: {len(self.columns)} columns>"


def open(
    source: Any,
    *,
    name: str | None = None,
    memory: str | int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **reading: Any,
) -> Opened:
    """Read a table once, to look at it and to segment it as often as one likes.

    Args:
        source: as in `segment`.
        name: what it is called in messages and titles, such as the name that an uploaded file had;
            the path is then never shown.
        memory, threads, progress: as in `segment`.
        reading: options of the reader (sep, decimal, encoding, header, sheet, table, query, id …).

    Returns:
        `.profile` (the data analysis), `.segment(columns=…, k=…)`, `.inspect(columns=…)`, `.name`,
        `.columns`, `.rows`, `.findings`.

    Raises:
        InputError: the table cannot be read.
        OptionError: an option is wrong, or the name is empty.
    """
    check_names(open, reading, ReadingOptions)
    options = options_of(memory=memory, threads=threads, **reading)
    with limited(options.resources), listening(progress) as heard:
        begin(heard, "reading")
        if name is None:
            return Opened(open_table(source, options.reading), local_files(source))
        return _under_a_name(source, name, options.reading)


def _under_a_name(source: Any, name: str, reading: ReadingOptions) -> Opened:
    told = _checked(name)
    if not isinstance(source, str | Path) or not Path(source).is_file():
        table = open_table(source, reading)
        return Opened(dataclasses.replace(table, name=Path(told).stem or told), local_files(source))
    folder = new_folder()
    link = Path(folder.name) / told
    link.symlink_to(Path(source).absolute())
    forget = call(str(link), told)
    try:
        table = open_table(str(link), reading)
    except BaseException:
        forget()
        raise
    kept = KeptStream(table.stream, (folder,))
    weakref.finalize(kept, forget)  # when the table goes
    return Opened(dataclasses.replace(table, stream=kept), [Path(source)])


def _checked(name: str) -> str:
    """A name as a file can have it: no folders, no letters that cannot be shown."""
    last = str(name).replace("\\", "/").rsplit("/", 1)[-1]
    told = "".join(letter for letter in last if letter.isprintable())[-LONGEST:].strip()
    if not told.strip("."):
        raise OptionError(f'{option("name", str(name))} is empty. Give one such as "March.csv".')
    return told
