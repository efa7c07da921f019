"""What a path is: by its first bytes, never by its name."""

from __future__ import annotations

import difflib
import glob
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.data.cells.memory import one_reading
from shoal.data.csv.encoding import first_bytes, narrowed, unpacked, unzipped
from shoal.data.csv.reader import read_text
from shoal.data.excel import read_excel
from shoal.data.frames import from_source, in_memory, written
from shoal.data.json import read_json
from shoal.data.parquet import plain_table
from shoal.engine.failures import reading
from shoal.engine.fingerprint import of_files
from shoal.engine.scan import Source
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError
from shoal.findings import finding
from shoal.options import ReadingOptions as Asked
from shoal.text.paths import printable
from shoal.text.sql import file_literal
from shoal.types import Finding, ReadAs

if TYPE_CHECKING:
    import pyarrow as pa

GIVE = "Give the table as CSV, Parquet or Excel."
BY_PANDAS = "Give the frame that pandas.read_{} makes of it, or save it as CSV or Parquet."
STATA = "is a Stata file. " + BY_PANDAS.format("stata")
REFUSED = {  # by the first bytes: why; FILE stands for the name of the file
    b"version https://git-lfs": (
        "is a Git LFS pointer, not the table itself. Fetch the file with: git lfs pull"
    ),
    b"%PDF": f"is a PDF. {GIVE}",
    b"\x89PNG": f"is a picture. {GIVE}",
    b"\xff\xd8\xff": f"is a picture. {GIVE}",
    b"SQLite format 3": (
        "is a SQLite database. Give its URL with a table: sqlite:///FILE?table=NAME"
    ),
    b"Rar!": "is a RAR archive. Unpack it first.",
    b"7z\xbc\xaf": "is a 7z archive. Unpack it first.",
    b"\x28\xb5\x2f\xfd": "is packed with zstd. Unpack it first: unzstd FILE",
    b"\x80\x04\x95": (
        "is a Python pickle, which may run code when read. Save the table as Parquet."
    ),
    **dict.fromkeys((b"$FL2", b"$FL3"), "is an SPSS file. " + BY_PANDAS.format("spss")),
    **dict.fromkeys((b"<stata_dta>", b"s\x02\x01", b"r\x02\x01"), STATA),
    b"RDX": "is an R data file. Save the table from R with write.csv(…, row.names = FALSE).",
}
TABLES = (".csv", ".parquet", ".xlsx", ".tsv", ".txt")
# a column may be called {x}; a line of a list that another follows is JSON as well
JSON = re.compile(rb'\{\s*["}]|\[\s*[\[{\]]|\["[^\r\n]*\]\s*[\r\n]\s*\[')
LONGEST_PATH = 4096  # letters
BLANK_BYTES = b"\xef\xbb\xbf\r\n\t "


def read_path(source: str | Path, asked: Asked) -> Table:
    """The Table of a file, a glob of files, or a folder of Parquet files."""
    text = str(source)
    if not text.strip():
        raise InputError("The name of the table is empty. Give a path, a glob, or a dataframe.")
    with reading(f'"{text[:LONGEST_PATH]}"'), one_reading():
        return _opened(text, asked)


def read_paths(sources: Sequence[str | Path], asked: Asked) -> Table:
    """The Table of files one after the other in this order, like that of a glob."""
    every = [files_of(str(source)) for source in sources]
    if not any(every):  # cells, more likely than paths: they are not shown
        raise InputError(
            f"No text of this list of {len(every):,} names a file. Give paths, or the table itself "
            "as a dataframe."
        )
    for source, found in zip(sources, every, strict=True):
        if not found:
            with reading(f'"{source}"'):
                return _opened(str(source), asked)  # which says what is wrong with it
    files = [str(file) for found in every for file in found]
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise InputError(
            f'"{twice}" is in the list twice: its rows would count twice. Name it once.'
        )
    folders = {Path(file).absolute().parent for file in files}
    name = folders.pop().name if len(folders) == 1 else "tables"
    with reading(f'"{files[0]}"'), one_reading():
        return _several(files, name, asked)


def _opened(text: str, asked: Asked) -> Table:
    if "\n" in text or len(text) > LONGEST_PATH or JSON.match(text.encode(errors="replace")):
        raise InputError(
            f"A text of {len(text):,} letters is no path. Give the path of a file, or the table "
            "itself as a dataframe; a text of a table goes into a file first."
        )
    path = Path(text).expanduser()
    if path.is_dir():
        return _folder(path, asked)
    if path.exists():
        return read_file(path, asked)
    if any(c in text for c in "*?["):
        return _glob(text, asked)
    raise InputError(_missing(text, path))


def files_of(text: str) -> list[Path]:
    """The files that a path, a folder of Parquet files or a glob stands for, if there are any."""
    try:
        path = Path(text).expanduser()
        if path.is_dir():
            return sorted(path.rglob("*.parquet"))
        if path.exists():
            return [path]
        return [Path(file) for file in _matching(text)] if "://" not in text else []
    except (OSError, ValueError, RuntimeError):  # whoever reads it will say what is wrong with it
        return []


def _missing(text: str, path: Path) -> str:
    if "://" in text:
        return (
            f'"{text.split("://")[0]}://…" is an address that reading a file does not know. '
            "Give a path to a file on this machine."
        )
    folder = path.parent
    if not folder.exists():
        return f'There is no folder "{folder}", so no file "{text}". Give the path of a table.'
    names = sorted(p.name for p in folder.iterdir())[:5000]
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    near = near or [n for n in names if n.lower().endswith(TABLES)][:3]
    if not near:
        return f'There is no file "{text}".'
    shown = " or ".join(f'"{folder / name}"' for name in near)
    return f'There is no file "{text}". Did you mean {shown}?'


@dataclass(frozen=True)
class Found:
    """A file that was told by its first bytes."""

    plain: Path  # unpacked
    path: Path  # as the user knows it
    asked: Asked
    findings: list[Finding]
    folder: Any  # temporary, and lives as long as the Table

    @property
    def stem(self) -> str:
        """The name of the file without its ending."""
        return Path(printable(self.path.name)).stem

    def named(self, what: str, *endings: str) -> list[Finding]:
        """The findings, and one more when the name of the file says something else."""
        if self.plain.suffix.lower() in endings:
            return self.findings
        return [*self.findings, finding("other-format", file=self.plain.name, format=what)]


def read_file(path: Path, asked: Asked) -> Table:
    """The Table of one file, told by its first bytes."""
    fingerprint = of_files([path])
    return replace(_by_first_bytes(path, asked), fingerprint=fingerprint)


def _by_first_bytes(path: Path, asked: Asked) -> Table:
    if not os.path.isfile(path):
        raise InputError(
            f'"{path}" is no ordinary file (a device or a pipe). Save the table to a file first.'
        )
    folder = new_folder()
    inside = Path(folder.name)
    plain = unpacked(_reachable(path, inside), inside, asked.max_unpacked)
    if first_bytes(plain).startswith(b"PK") and not _is_workbook(plain):
        plain = unzipped(plain, inside, asked.max_unpacked)
    findings = (
        []
        if plain == path or plain.is_symlink()
        else [finding("unpacked", file=printable(path.name))]
    )
    head = first_bytes(plain)
    if not head.strip(BLANK_BYTES):
        raise InputError(f'"{path}" is empty. Give a file with a header and rows.')
    for magic, why in REFUSED.items():
        if head.startswith(magic):
            raise InputError(f'"{path}" {why.replace("FILE", path.name)}')
    return _reader(head)(Found(plain, path, asked, findings, folder))


def _reachable(path: Path, folder: Path) -> Path:
    """A path that libraries can name: a link to it where its own name is no UTF-8."""
    if printable(path) == str(path):
        return path
    link = folder / printable(path.name)
    link.symlink_to(path.absolute())
    return link


def _reader(head: bytes) -> Callable[[Found], Table]:
    """The reader of a file with these first bytes."""
    start = narrowed(head).lstrip(BLANK_BYTES)
    if head.startswith(b"PAR1"):
        return _parquet
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return _arrow
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x08")):
        return _excel
    if start[:1] == b"<" and not start.startswith(b"<<<<<<<"):
        return _html
    return _json if JSON.match(start) else _text


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(n.startswith(("xl/", "content.xml")) for n in archive.namelist())
    except zipfile.BadZipFile:
        return False


def _text(file: Found) -> Table:
    name = file.stem.split(".")[0] or file.path.name
    return read_text(file.plain, file.asked, name, (file.folder,), file.findings)


def _parquet(file: Found) -> Table:
    import pyarrow.parquet as pq

    findings = file.named("a Parquet file", ".parquet", ".pq", ".parq")
    path = str(file.plain)
    sql = f"read_parquet({file_literal(path)})"
    source = Source(sql, keep=(file.folder,), parquet=(path,))
    if plain := plain_table(source, file.stem, findings, file.asked.ids):
        return plain
    source = replace(source, names=tuple(pq.read_schema(path).names))
    return _by_duckdb(source, file.stem, findings, file.asked.ids)


def _by_duckdb(source: Source, name: str, findings: list[Finding], ids: frozenset[str]) -> Table:
    return from_source(source, name, ReadAs("parquet"), findings, clues=written(ids))


def _arrow(file: Found) -> Table:
    import pyarrow.feather

    source = in_memory(pyarrow.feather.read_table(file.plain))
    read_as = ReadAs("frame")
    clues = written(file.asked.ids)
    return from_source(source, file.stem, read_as, file.findings, clues=clues)


def _excel(file: Found) -> Table:
    findings = file.named("an Excel workbook", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
    return read_excel(file.plain, file.asked, file.stem, findings)


def _json(file: Found) -> Table:
    return read_json(file.plain, file.path, file.asked, file.findings, file.folder)


def _html(file: Found) -> Table:
    raise InputError(
        f'"{file.path}" is a web page (HTML or XML), not a table: '
        "a download that asked to log in leaves such a file. "
        "Open the address in a browser, download the table itself, and read that."
    )


def _folder(path: Path, asked: Asked) -> Table:
    """A folder of Parquet files, Hive-partitioned or not."""
    files = sorted(path.rglob("*.parquet"))
    if files:
        return _parquet_files([str(f) for f in files], path.name, asked)
    inside = ", ".join(sorted(p.name for p in path.iterdir())[:5])
    hint = "It is empty."
    if inside:
        hint = f'It holds {inside}…; name one, or a glob such as "{path}/*.csv".'
    raise InputError(f'"{path}" is a folder without Parquet files. {hint}')


def _parquet_files(files: list[str], name: str, asked: Asked) -> Table:
    import pyarrow.parquet as pq

    fingerprint = of_files(files)
    first, *others = [pq.read_schema(file).names for file in files]
    for names, file in zip(others, files[1:], strict=True):
        same_columns(first, names, files[0], file)
    # names of folders such as country=AT are columns
    partitioned = any("=" in part for file in files for part in Path(file).parts)
    paths = ", ".join(map(file_literal, files))
    source = Source(
        f"read_parquet([{paths}], hive_partitioning=true, union_by_name=true)",
        parquet=() if partitioned else tuple(files),
    )
    made = plain_table(source, name, [], asked.ids) if source.parquet else None
    made = made or _by_duckdb(source, name, [], asked.ids)
    return replace(made, fingerprint=fingerprint)


def same_columns(first: list[str], other: list[str], file: str, second: str) -> None:
    """Refuse files whose columns differ, naming file and column."""
    one, two = set(first), set(other)
    differences = [f'lacks "{c}"' for c in first if c not in two][:3]
    differences += [f'has "{c}" besides' for c in other if c not in one][:3]
    if differences:
        raise InputError(
            f'"{second}" does not have the columns of "{file}": it {"; ".join(differences)}. '
            "Read them one by one, or give them the same columns."
        )


def _glob(pattern: str, asked: Asked) -> Table:
    """Files with the same columns, one after the other in the order of their names."""
    files = _matching(pattern)
    if not files:
        raise InputError(
            f'No file matches "{pattern}". Put the glob in quotes, and look with: ls {pattern}'
        )
    return _several(files, Path(pattern).parent.name or "tables", asked)


def _several(files: list[str], name: str, asked: Asked) -> Table:
    if len(files) == 1:
        return read_file(Path(files[0]), asked)
    if all(first_bytes(Path(f)).startswith(b"PAR1") for f in files):
        return _parquet_files(files, name, asked)
    return joined([read_file(Path(f), asked) for f in files], files, name)


def _matching(pattern: str) -> list[str]:
    parent, last = os.path.split(pattern)
    if os.path.isdir(parent):  # a folder that exists is that folder
        pattern = os.path.join(glob.escape(parent), last)
    return sorted(f for f in glob.glob(pattern, recursive=True) if os.path.isfile(f))


def joined(tables: list[Table], files: list[str], name: str) -> Table:
    """Tables one after the other as one.

    Whole numbers beside fractions become numbers, any other difference is refused.
    """
    import pyarrow as pa

    first = tables[0]
    types = dict(zip(first.schema.names, first.schema.types, strict=True))
    for table, file in zip(tables[1:], files[1:], strict=True):
        same_columns(first.schema.names, table.schema.names, files[0], file)
        for column, kind in types.items():
            other = table.schema.field(column).type
            types[column] = _common(column, kind, other, files[0], file)
    schema = pa.schema(list(types.items()))

    def stream(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        target = pa.schema([schema.field(c) for c in columns])
        for table in tables:
            for batch in table.batches(columns):
                yield batch.cast(target) if columns else batch

    findings = dict.fromkeys(f for table in tables for f in table.findings)
    several = finding("several-files", files=len(tables))
    return Table(name, schema, first.read_as, stream, (several, *findings))


def _common(column: str, one: pa.DataType, two: pa.DataType, file: str, second: str) -> pa.DataType:
    """The type that holds the values of a column in both files."""
    import pyarrow as pa

    for wide, narrow in ((pa.float64(), pa.int64()), (pa.timestamp("us"), pa.date32())):
        if {one, two} == {wide, narrow}:
            return wide
    if one == two:
        return one
    raise InputError(
        f'Column "{column}" is {one} in "{file}" and {two} in "{second}". '
        "Bring them to one form, or read them one by one."
    )
