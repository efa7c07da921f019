"""What a path is: by its first bytes, never by its name."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from shoal.data.csv.encoding import first_bytes, unpacked, unzipped
from shoal.data.csv.reader import PARSE_ONCE, read_text
from shoal.data.excel import read_excel
from shoal.data.frames import from_source, laid_down
from shoal.data.parquet import plain_table
from shoal.engine.fingerprint import of_files
from shoal.engine.scan import Source, is_duckdbs
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, ShoalError
from shoal.options import ReadingOptions as Asked
from shoal.text.sql import literal
from shoal.types import Finding, ReadAs

REFUSED = (
    (
        b"version https://git-lfs",
        "is a Git LFS pointer, not the table itself. Fetch the file with: git lfs pull",
    ),
    (b"%PDF", "is a PDF. Give the table as CSV, Parquet or Excel."),
    (b"\x89PNG", "is a picture. Give the table as CSV, Parquet or Excel."),
    (b"\xff\xd8\xff", "is a picture. Give the table as CSV, Parquet or Excel."),
    (
        b"SQLite format 3",
        "is a SQLite database. Give its URL with a table: sqlite:///FILE?table=NAME",
    ),
    (b"Rar!", "is a RAR archive. Unpack it first."),
    (b"7z\xbc\xaf", "is a 7z archive. Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd. Unpack it first: unzstd FILE"),
    (
        b"\x80\x04\x95",
        "is a Python pickle, which may run code when read. Save the table as Parquet.",
    ),
    (b"RDX", "is an R data file. Save the table from R with write.csv(…, row.names = FALSE)."),
)


def read_path(source: str | Path, asked: Asked) -> Table:
    """The Table of a file, a glob of files, or a folder of Parquet files."""
    text = str(source)
    path = Path(text).expanduser()
    if not text.strip():
        raise InputError("The name of the table is empty. Give a path, a glob, or a dataframe.")
    try:
        if path.is_dir():
            return _folder(path)
        if not path.exists() and any(c in text for c in "*?["):
            return _glob(text, asked)
        if not path.exists():
            raise InputError(_missing(text, path))
        return read_file(path, asked)
    except PermissionError as wrong:
        raise InputError(
            f'"{text}" may not be read by this user (no permission). Ask for it, or copy it: chmod u+r "{text}"'
        ) from wrong
    except IsADirectoryError as wrong:
        raise InputError(f'"{text}" is a directory.') from wrong
    except Exception as wrong:
        if isinstance(wrong, ShoalError) or not _is_of_the_file(wrong):
            raise
        raise InputError(f'"{text}" cannot be read: {_first_line(wrong)}') from wrong


def _is_of_the_file(wrong: Exception) -> bool:
    """Whether a reader said no; any other error is a fault of shoal's own."""
    import pyarrow as pa

    return is_duckdbs(wrong) or isinstance(wrong, (OSError, UnicodeError, pa.ArrowException))


def _first_line(wrong: Exception) -> str:
    return str(wrong).splitlines()[0][:300]


def _missing(text: str, path: Path) -> str:
    if "://" in text:
        return f'"{text.split("://")[0]}://…" is an address that reading a file does not know. Give a path to a file on this machine.'
    folder = path.parent
    if not folder.exists():
        return f'There is no folder "{folder}", so no file "{text}". Give the path of a table.'
    names = sorted(p.name for p in folder.iterdir())[:5000]
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    near = (
        near
        or [n for n in names if n.lower().endswith((".csv", ".parquet", ".xlsx", ".tsv", ".txt"))][
            :3
        ]
    )
    hint = (
        f" Did you mean {' or '.join(chr(34) + str(folder / n) + chr(34) for n in near)}?"
        if near
        else ""
    )
    return f'There is no file "{text}".{hint}'


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
    plain = unpacked(path, Path(folder.name))
    head = first_bytes(plain)
    said: list[Finding] = []
    if head.startswith(b"PK") and not _is_workbook(plain):
        plain = unzipped(plain, Path(folder.name))
        head = first_bytes(plain)
    if plain != path:
        said.append(Finding("unpacked", "info", f'The table was unpacked from "{path.name}".'))
    if not head.strip(b"\xef\xbb\xbf\r\n\t "):
        raise InputError(f'"{path}" is empty. Give a file with a header and rows.')
    for magic, why in REFUSED:
        if head.startswith(magic):
            raise InputError(f'"{path}" {why.replace("FILE", path.name)}')
    return _reader(head, plain)(plain, path, asked, said, folder)


Reader = Callable[[Path, Path, Asked, list[Finding], Any], Table]


def _reader(head: bytes, path: Path) -> Reader:
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t ")
    if head.startswith(b"PAR1"):
        return _parquet
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return _arrow
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x08")):
        return _excel
    if start[:1] == b"<" and not start.startswith(b"<<<<<<<"):
        return _html
    if start[:1] == b"{" or (start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]")):
        return _json
    return _text


def _is_workbook(path: Path) -> bool:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return any(n.startswith(("xl/", "content.xml")) for n in archive.namelist())
    except zipfile.BadZipFile:
        return False


def _named(path: Path, as_what: str, endings: tuple[str, ...]) -> list[Finding]:
    if path.suffix.lower() in endings:
        return []
    return [
        Finding(
            "other-format",
            "warning",
            f'"{path.name}" is {as_what} in spite of its name; it was read as such.',
        )
    ]


def _text(plain: Path, path: Path, asked: Asked, said: list[Finding], folder: Any) -> Table:
    return read_text(plain, asked, path.name.split(".")[0] or path.name, (folder,), said)


def _parquet(plain: Path, path: Path, asked: Asked, said: list[Finding], folder: Any) -> Table:
    said += _named(plain, "a Parquet file", (".parquet", ".pq", ".parq"))
    source = Source(f"read_parquet({literal(str(plain))})", keep=(folder,), parquet=(str(plain),))
    return plain_table(source, path.stem, said) or from_source(
        source, path.stem, ReadAs("parquet"), said
    )


def _arrow(plain: Path, path: Path, asked: Asked, said: list[Finding], folder: Any) -> Table:
    import pyarrow.feather

    source = Source("frame", {"frame": pyarrow.feather.read_table(plain)})
    return from_source(source, path.stem, ReadAs("frame"), said)


def _excel(plain: Path, path: Path, asked: Asked, said: list[Finding], folder: Any) -> Table:
    said += _named(plain, "an Excel workbook", (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"))
    return read_excel(plain, asked.sheet, asked.header, path.stem, said)


def _json(plain: Path, path: Path, asked: Asked, said: list[Finding], folder: Any) -> Table:
    import duckdb

    source = Source(
        f"read_json({literal(str(plain))}, maximum_object_size=67108864, sample_size=-1)",
        keep=(folder,),
    )
    if plain.stat().st_size > PARSE_ONCE:
        with suppress(duckdb.IOException):  # no room: parsed again by every pass
            source = laid_down(source)
    return from_source(source, path.stem, ReadAs("json"), said)


def _html(plain: Path, path: Path, asked: Asked, said: list[Finding], folder: Any) -> Table:
    raise InputError(
        f'"{path}" is a web page (HTML or XML), not a table: a download that asked to log in leaves such a file. '
        "Open the address in a browser, download the table itself, and read that."
    )


def _folder(path: Path) -> Table:
    """A folder of Parquet files, Hive-partitioned or not."""
    files = sorted(path.rglob("*.parquet"))
    if not files:
        inside = sorted(p.name for p in path.iterdir())[:5]
        hint = (
            f' It holds {", ".join(inside)}…; name one, or a glob such as "{path}/*.csv".'
            if inside
            else " It is empty."
        )
        raise InputError(f'"{path}" is a folder without Parquet files.{hint}')
    return _parquet_files([str(f) for f in files], path.name)


def _parquet_files(files: list[str], name: str) -> Table:
    import pyarrow.parquet as pq

    fingerprint = of_files(files)
    first = pq.read_schema(files[0])
    for file in files[1:]:
        other = pq.read_schema(file)
        same_columns(first.names, other.names, files[0], file)
    names = ", ".join(map(literal, files))
    plain = not any(
        "=" in part for file in files for part in Path(file).parts
    )  # else names of folders are columns
    sql = f"read_parquet([{names}], hive_partitioning=true, union_by_name=true)"
    source = Source(sql, parquet=tuple(files) if plain else ())
    made = (plain_table(source, name, []) if plain else None) or from_source(
        source, name, ReadAs("parquet"), []
    )
    return replace(made, fingerprint=fingerprint)


def same_columns(first: list[str], other: list[str], file: str, second: str) -> None:
    """Refuse files whose columns differ, naming file and column."""
    missing, extra = [c for c in first if c not in other], [c for c in other if c not in first]
    if missing or extra:
        what = "; ".join(
            [f'lacks "{c}"' for c in missing[:3]] + [f'has "{c}" besides' for c in extra[:3]]
        )
        raise InputError(
            f'"{second}" does not have the columns of "{file}": it {what}. Read them one by one, or give them the same columns.'
        )


def _glob(pattern: str, asked: Asked) -> Table:
    """Files with the same columns, one after the other in the order of their names."""
    files = sorted(f for f in glob.glob(pattern, recursive=True) if os.path.isfile(f))
    if not files:
        raise InputError(
            f'No file matches "{pattern}". Put the glob in quotes, and look with: ls {pattern}'
        )
    name = Path(pattern).parent.name or "tables"
    if len(files) == 1:
        return read_file(Path(files[0]), asked)
    if all(first_bytes(Path(f)).startswith(b"PAR1") for f in files):
        return _parquet_files(files, name)
    tables = [read_file(Path(f), asked) for f in files]
    return joined(tables, files, name)


def joined(tables: list[Table], files: list[str], name: str) -> Table:
    """Tables one after the other as one; whole numbers beside fractions become numbers, any other difference is refused."""
    import pyarrow as pa

    first = tables[0]
    types = dict(zip(first.schema.names, first.schema.types, strict=True))
    for table, file in zip(tables[1:], files[1:], strict=True):
        same_columns(first.schema.names, table.schema.names, files[0], file)
        for column in types:
            types[column] = _common(
                column, types[column], table.schema.field(column).type, files[0], file
            )
    schema = pa.schema(list(types.items()))

    def stream(columns: Any) -> Any:
        target = pa.schema([schema.field(c) for c in columns])
        for table in tables:
            for batch in table.batches(columns):
                yield batch.cast(target) if columns else batch

    said = [
        Finding(
            "several-files",
            "info",
            f"{len(tables)} files were read one after the other, in the order of their names.",
        )
    ]
    return Table(
        name,
        schema,
        first.read_as,
        stream,
        (*said, *dict.fromkeys(f for t in tables for f in t.findings)),
    )


def _common(column: str, one: Any, two: Any, file: str, second: str) -> Any:
    import pyarrow as pa

    if one == two:
        return one
    if {one, two} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if {one, two} == {pa.date32(), pa.timestamp("us")}:
        return pa.timestamp("us")
    raise InputError(
        f'Column "{column}" is {one} in "{file}" and {two} in "{second}". Bring them to one form, or read them one by one.'
    )
