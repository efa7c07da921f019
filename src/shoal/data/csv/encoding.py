"""The bytes of a text file: unpacked, recognised, and handed on as UTF-8 without surprises."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shoal.data.csv.letters import SAMPLE, encoding_of_letters
from shoal.engine.progress import pulse
from shoal.errors import InputError
from shoal.findings import finding
from shoal.text.options import option
from shoal.types import Finding, Severity

CHUNK = 1 << 22
LEAST_UNPACKED = 10**9  # bytes that every archive may become,
TIMES_UNPACKED = 100  # and how many times its own size
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods")
OTHERS = ("cp1252", "latin-1")  # what a line is read in that is not UTF-8
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MARK = "\ufeff"
PACKED = (".gz", ".bz2", ".xz")
OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
MARKERS = (b"<<<<<<<", b">>>>>>>")
CONFLICT = re.compile(rb"^(?:<{7} |>{7} |\|{7} )", re.MULTILINE)


@dataclass(frozen=True)
class Utf8Text:
    """A UTF-8 text file to read from, and what the original was."""

    path: Path
    encoding: str
    findings: tuple[Finding, ...] = ()


@dataclass
class Bytes:
    """What one look at all bytes finds."""

    utf8: bool = True
    nuls: int = 0
    lone_returns: bool = False  # a line ends with \\r alone
    conflicts: int = 0  # merge-conflict markers
    marks: bool = False  # a byte order mark stands inside, where files were joined


def first_bytes(path: Path) -> bytes:
    """The beginning of a file."""
    with open(path, "rb") as file:
        return file.read(4096)


def unpacked(path: Path, folder: Path, most: int | None = None) -> Path:
    """A gzip, bzip2 or xz file unpacked into the folder; any other path as it is.

    Raises InputError where it becomes larger than `most` bytes.
    """
    head = first_bytes(path)
    for magic, opener in OPENERS.items():
        if head.startswith(magic):
            out = folder / (path.stem if path.suffix in PACKED else path.name)
            _unpack(path, opener, out, most)
            return out
    return path


def _copied(packed: Any, plain: Any, path: Path, most: int | None) -> None:
    """Copy what an archive holds, but no more than it may."""
    most = most or max(LEAST_UNPACKED, TIMES_UNPACKED * path.stat().st_size)
    size = 0
    while piece := packed.read(CHUNK):
        size += len(piece)
        if size > most:
            size_now = f"{path.stat().st_size / 1e6:,.1f} MB"
            raise InputError(
                f'"{path}" ({size_now}) unpacks to more than {most / 1e9:,.2f} GB, as an archive '
                "that is made to fill a disk does. If it is your table, allow for more: "
                f"{option('max_unpacked', '50GB')}"
            )
        plain.write(piece)


def _unpack(path: Path, opener: Any, out: Path, most: int | None) -> None:
    try:
        with opener(path, "rb") as packed, open(out, "wb") as plain:
            _copied(packed, plain, path, most)
    except InputError:
        raise
    except (EOFError, OSError, lzma.LZMAError, ValueError) as wrong:
        raise InputError(
            f'"{path}" is packed, and the package is damaged or cut short. '
            "Fetch the file again; part of a table is not read."
        ) from wrong


def unzipped(path: Path, folder: Path, most: int | None = None) -> Path:
    """The one table of a zip archive, unpacked into the folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = _only_file(archive, path)
            out = folder / Path(inside.filename).name
            with archive.open(inside) as packed, open(out, "wb") as plain:
                _copied(packed, plain, path, most)
            return out
    except (zipfile.BadZipFile, EOFError, RuntimeError, OSError) as wrong:
        what = "workbook" if path.suffix.lower() in WORKBOOKS else "zip archive"
        raise InputError(
            f'"{path}" is a {what} that is damaged, cut short or locked. Fetch the file again.'
        ) from wrong


def _only_file(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    files = [
        each
        for each in archive.infolist()
        if not each.is_dir() and not each.filename.startswith(("__MACOSX", "."))
    ]
    if len(files) != 1:
        names = ", ".join(f'"{each.filename}"' for each in files[:10])
        raise InputError(
            f'"{path}" is a zip archive of {len(files)} files ({names}). '
            "Unpack it and name the one to read."
        )
    return files[0]


def look_at_bytes(path: Path) -> Bytes:
    """Look at all bytes: valid UTF-8, NUL bytes, line endings, merge-conflict markers."""
    seen = Bytes()
    decoder = codecs.getincrementaldecoder("utf-8")()
    last = b""  # what stands of the line that goes on in the next piece
    first = True
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            pulse()
            if seen.utf8 and not (chunk.isascii() and decoder.getstate()[0] == b""):
                seen.utf8 = _decodes(decoder, chunk)
            # a look for one letter is far quicker than a count, or a look for seven
            if b"\0" in chunk:
                seen.nuls += chunk.count(b"\0")
            seen.lone_returns |= _lone_returns(chunk)
            if codecs.BOM_UTF8[:1] in chunk and codecs.BOM_UTF8 in chunk:
                seen.marks |= codecs.BOM_UTF8 in chunk[3 if first else 0 :]
            first = False
            if any(mark[:1] in chunk and mark in chunk for mark in MARKERS):
                seen.conflicts += len(CONFLICT.findall(last + chunk))
            last = chunk[-16:].rpartition(b"\n")[2]
    seen.utf8 = seen.utf8 and _decodes(decoder, b"", final=True)
    return seen


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _lone_returns(chunk: bytes) -> bool:
    """Whether a return stands without a newline; the last byte is not judged."""
    if b"\r" not in chunk:
        return False
    return chunk.count(b"\r", 0, -1) > chunk.count(b"\r\n")


def refuse_long_lines(path: Path, most: int) -> None:
    """Refuse a text with a line of more than so many bytes, which is no row of a table."""
    length = 0  # of the line that goes on
    with open(path, "rb") as file:
        while chunk := file.read(min(CHUNK, most)):
            begins, found = chunk.find(b"\n"), chunk.rfind(b"\n")
            lone = chunk.rfind(b"\r") if found < 0 else -1
            longest = length + (begins if found >= 0 else len(chunk))
            if longest > most:
                raise InputError(
                    f'"{path}" has a line of more than {most / 1e6:,.0f} MB, which is no row of a '
                    "table: the ends of its lines may be lost, or a quote never closes. If it "
                    f"is one, allow for more: {option('max_line', '500MB')}"
                )
            length = len(chunk) - 1 - max(found, lone) if max(found, lone) >= 0 else longest


def refuse_many_columns(path: Path, columns: int, most: int) -> None:
    """Refuse a table of more columns than a table of customers has."""
    if columns > most:
        raise InputError(
            f'"{path}" has {columns:,} columns; more than {most:,} are not read. Cut it down to '
            f"what is known of customers, or allow for more: {option('max_columns', columns)}"
        )


def utf8_text(path: Path, encoding: str | None, folder: Path) -> Utf8Text:
    """The file as UTF-8 text, rewritten into the folder where it is something else."""
    head = first_bytes(path)
    _refuse_binary(path, head)
    chosen = encoding or _encoding_of(head)
    if chosen and codecs.lookup(chosen).name not in ("utf-8", "utf-8-sig", "ascii"):
        return _transcoded(path, chosen, folder, asked=encoding is not None)
    seen = look_at_bytes(path)
    _refuse_conflicts(path, seen.conflicts)
    if seen.utf8 and not (seen.nuls or seen.lone_returns or seen.marks):
        return Utf8Text(path, "utf-8")
    if encoding and not seen.utf8:
        raise InputError(
            f'"{path}" is not in {encoding}: some bytes do not fit. '
            f"Leave {option('encoding')} out to have it found, "
            f"or try {option('encoding', 'cp1252')}."
        )
    if not seen.utf8 and (found := _by_letters(path, folder)):
        return found
    return _mended(path, folder, seen)


def _by_letters(path: Path, folder: Path) -> Utf8Text | None:
    """A text in an older encoding that its letters tell, such as of Russian; else None."""
    with open(path, "rb") as file:
        data = file.read(SAMPLE)
    encoding = encoding_of_letters(data)
    if encoding is None:
        return None
    try:
        text = _transcoded(path, encoding, folder, asked=False)
    except InputError:
        return None
    lines = data.decode(encoding, "replace").splitlines()
    example = next((_around(line) for line in lines if not line.isascii()), "")
    about = finding(
        "encoding", severity="warning", encoding=encoding, other_lines=len(lines), example=example
    )
    return replace(text, findings=(about,))


def _refuse_binary(path: Path, head: bytes) -> None:
    odd = sum(1 for b in head if b < 9 or 13 < b < 32) - head.count(0)
    if odd > 0.02 * len(head):
        raise InputError(
            f'"{path}" is no text: {odd:,} of its first {len(head):,} bytes are control bytes. '
            "Give the table as CSV, Parquet or Excel."
        )


def _encoding_of(head: bytes) -> str | None:
    """The encoding that the first bytes show: by a byte order mark, or by NULs; else None."""
    marked = next((name for mark, name in BOMS if head.startswith(mark)), None)
    return marked or _wide(head)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a byte order mark shows as a NUL beside nearly every letter."""
    if len(head) < 8:
        return None
    first, second = [head[start::2].count(0) / (len(head) / 2) for start in (0, 1)]
    if second > 0.6 and first < 0.1:
        return "utf-16-le"
    return "utf-16-be" if first > 0.6 and second < 0.1 else None


def narrowed(head: bytes) -> bytes:
    """The first bytes of a text, in one byte for each plain letter."""
    wide = _encoding_of(head)
    return head.decode(wide, "ignore").encode() if wide else head


def _refuse_conflicts(path: Path, count: int) -> None:
    if count:
        raise InputError(
            f'"{path}" holds {count} merge-conflict marker{"s" if count > 1 else ""} '
            "(<<<<<<< or >>>>>>>): two versions of the table are mixed in it. "
            "Resolve the conflict (git checkout --ours or --theirs), then read it again."
        )


def _transcoded(path: Path, encoding: str, folder: Path, asked: bool) -> Utf8Text:
    out = folder / f"utf8-{path.name}"
    conflicts = 0
    try:
        with (
            open(path, encoding=encoding, newline=None) as source,
            open(out, "w", encoding="utf-8", newline="\n") as target,
        ):
            for line in source:
                conflicts += line.startswith(("<<<<<<< ", ">>>>>>> "))
                target.write(line.replace("\0", "").lstrip("\ufeff"))
    except (UnicodeError, ValueError) as wrong:
        next_step = "It may be cut short: fetch the file again."
        if asked:
            next_step = f"Leave {option('encoding')} out to have it found, or name another."
        raise InputError(f'"{path}" is not sound {encoding}: {wrong}. {next_step}') from wrong
    _refuse_conflicts(path, conflicts)
    findings = () if asked else (finding("encoding", encoding=encoding),)
    return Utf8Text(out, encoding, findings)


def _mended(path: Path, folder: Path, seen: Bytes) -> Utf8Text:
    """A file rewritten line by line: Windows-1252 or mixed letters, NUL bytes, old line endings."""
    size = path.stat().st_size
    if seen.nuls > 0.05 * size:
        raise InputError(
            f'"{path}" is no text file: {seen.nuls:,} of its {size:,} bytes are NUL. '
            "Give the table as CSV, Parquet or Excel."
        )
    out = folder / f"utf8-{path.name}"
    lines: Counter[str] = Counter()  # by their encoding
    example = ""
    with open(out, "w", encoding="utf-8", newline="\n") as target:
        header = ""
        for line in _lines(path):
            text, encoding = _decoded(line)
            text = _without_marks(text, header)
            header = header or text.strip()
            lines[encoding] += 1
            if encoding in OTHERS and not example:
                example = _around(text)
            target.write(text.replace("\0", ""))
    other = sum(lines[encoding] for encoding in OTHERS)
    findings = []
    if other:
        name = "latin-1" if lines["latin-1"] else "cp1252"
        about: dict[str, Any] = {
            "encoding": name,
            "utf8_lines": lines["utf-8"],
            "other_lines": other,
        }
        severity: Severity = "warning" if lines["utf-8"] else "info"
        findings.append(finding("encoding", severity=severity, example=example, **about))
    if seen.nuls:
        findings.append(finding("nul-bytes", nuls=seen.nuls))
    return Utf8Text(out, name if other else "utf-8", tuple(findings))


def _without_marks(text: str, header: str) -> str:
    """A line without byte order marks; where files were joined in its middle, it is two."""
    text = text.lstrip(MARK)
    start, mark, rest = text.partition(MARK)
    if mark and header and rest.strip() == header:
        return f"{start}\n{rest}"
    return text


def _lines(path: Path) -> Iterator[bytes]:
    """Lines with any ending, given with a plain newline."""
    with open(path, "rb") as file:
        for line in file:
            body = line.rstrip(b"\r\n")
            for part in body.split(b"\r"):
                yield part + b"\n"


def _decoded(line: bytes) -> tuple[str, str]:
    """The text of a line, and its encoding."""
    if line.isascii():
        return line.decode("ascii"), "ascii"
    for name in ("utf-8", "cp1252"):
        try:
            return line.decode(name), name
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1"), "latin-1"


def _around(text: str) -> str:
    """The first letters that are not ASCII: with those beside them they might be a name."""
    found = re.search(r"[^\x00-\x7f]+", text)
    return found[0] if found else ""
