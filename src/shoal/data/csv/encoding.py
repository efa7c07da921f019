"""The bytes of a text file: unpacked, recognised, and handed on as UTF-8 without surprises."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from shoal.errors import InputError, OptionError
from shoal.types import Finding

CHUNK = 1 << 22
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONFLICT = re.compile(rb"^(?:<{7} |>{7} |\|{7} )", re.MULTILINE)


@dataclass(frozen=True)
class Raw:
    """A UTF-8 text file to read from, and what the original was."""

    path: Path
    encoding: str
    clean: bool  # DuckDB may read it as it is: one kind of line ending, no NUL
    findings: tuple[Finding, ...] = ()
    keep: tuple[Any, ...] = ()


@dataclass
class Scan:
    """What one look at all bytes finds."""

    utf8: bool = True
    nuls: int = 0
    lone_returns: bool = False
    conflicts: int = 0


def first_bytes(path: Path) -> bytes:
    """The beginning of a file."""
    with open(path, "rb") as file:
        return file.read(4096)


def unpacked(path: Path, folder: Path) -> Path:
    """A gzip, bzip2 or xz file unpacked into the folder; any other path as it is."""
    head = first_bytes(path)
    openers: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
    opener = next((o for magic, o in openers.items() if head.startswith(magic)), None)
    if opener is None:
        return path
    out = folder / (
        path.name.removesuffix(path.suffix) if path.suffix in (".gz", ".bz2", ".xz") else path.name
    )
    try:
        with opener(path, "rb") as packed, open(out, "wb") as plain:
            _copy(packed, plain)
    except (EOFError, OSError, lzma.LZMAError, ValueError) as wrong:
        raise InputError(
            f'"{path}" is packed, and the package is damaged or cut short. Fetch the file again; part of a table is not read.'
        ) from wrong
    return out


def unzipped(path: Path, folder: Path) -> Path:
    """The one table of a zip archive, unpacked into the folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [
                i
                for i in archive.infolist()
                if not i.is_dir() and not i.filename.startswith(("__MACOSX", "."))
            ]
            if len(inside) != 1:
                names = ", ".join(f'"{i.filename}"' for i in inside[:10])
                raise InputError(
                    f'"{path}" is a zip archive of {len(inside)} files ({names}). Unpack it and name the one to read.'
                )
            out = folder / Path(inside[0].filename).name
            with archive.open(inside[0]) as packed, open(out, "wb") as plain:
                _copy(packed, plain)
            return out
    except (zipfile.BadZipFile, EOFError, RuntimeError, OSError) as wrong:
        raise InputError(
            f'"{path}" is a zip archive that is damaged, cut short or locked: {wrong}. Fetch the file again.'
        ) from wrong


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while chunk := source.read(CHUNK):
        target.write(chunk)


def scan(path: Path) -> Scan:
    """Look at all bytes: valid UTF-8, NUL bytes, line endings, merge-conflict markers."""
    seen = Scan()
    decoder = codecs.getincrementaldecoder("utf-8")()
    last = b""
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            if seen.utf8 and not (chunk.isascii() and decoder.getstate()[0] == b""):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    seen.utf8 = False
            seen.nuls += (
                chunk.count(b"\0") if b"\0" in chunk else 0
            )  # a look for one letter is far quicker than a count
            if b"\r" in chunk:
                returns = chunk.count(b"\r") - (1 if chunk.endswith(b"\r") else 0)
                seen.lone_returns |= returns > chunk.count(b"\r\n")
            if (b"<" in chunk and b"<<<<<<<" in chunk) or (b">" in chunk and b">>>>>>>" in chunk):
                seen.conflicts += len(CONFLICT.findall(last + chunk))
            last = chunk[-16:].rpartition(b"\n")[2]
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        seen.utf8 = False
    return seen


def utf8_text(path: Path, encoding: str | None, folder: Path) -> Raw:
    """The file as UTF-8 text, rewritten into the folder where it is something else."""
    head = first_bytes(path)
    _refuse_binary(path, head)
    bom = next((name for mark, name in BOMS if head.startswith(mark)), None)
    chosen = encoding or bom or _wide(head)
    if chosen is None or _normal(chosen) == "utf-8":
        seen = scan(path)
        _refuse_conflicts(path, seen.conflicts)
        if seen.utf8 and not seen.nuls and not seen.lone_returns:
            return Raw(path, "utf-8", True)
        if encoding and not seen.utf8:
            raise InputError(
                f'"{path}" is not in {encoding}: some bytes do not fit. Leave --encoding out to have it found, or try --encoding cp1252.'
            )
        return _mended(path, folder, seen)
    return _transcoded(path, chosen, folder, asked=encoding is not None)


def _refuse_binary(path: Path, head: bytes) -> None:
    odd = sum(1 for b in head if b < 9 or 13 < b < 32) - head.count(0)
    if odd > 0.02 * len(head):
        raise InputError(
            f'"{path}" is no text: {odd:,} of its first {len(head):,} bytes are control bytes. Give the table as CSV, Parquet or Excel.'
        )


def _normal(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as wrong:
        raise OptionError(
            f'There is no encoding "{encoding}". Known are utf-8, cp1252, latin-1, utf-16, cp1250, cp1251, cp850, mac-roman…'
        ) from wrong
    return "utf-8" if name in ("utf-8", "utf-8-sig", "ascii") else name


def _wide(head: bytes) -> str | None:
    """UTF-16 without a byte order mark shows as a NUL beside nearly every letter."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and odd > 0.6 * len(head) / 2 and even < 0.1 * len(head) / 2:
        return "utf-16-le"
    return (
        "utf-16-be"
        if len(head) >= 8 and even > 0.6 * len(head) / 2 and odd < 0.1 * len(head) / 2
        else None
    )


def _refuse_conflicts(path: Path, count: int) -> None:
    if count:
        raise InputError(
            f'"{path}" holds {count} merge-conflict marker{"s" if count > 1 else ""} (<<<<<<< or >>>>>>>): two versions of the table are mixed '
            "in it. Resolve the conflict (git checkout --ours or --theirs), then read it again."
        )


def _transcoded(path: Path, encoding: str, folder: Path, asked: bool) -> Raw:
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
        next_step = (
            "Leave --encoding out to have it found, or name another."
            if asked
            else "It may be cut short: fetch the file again."
        )
        raise InputError(f'"{path}" is not sound {encoding}: {wrong}. {next_step}') from wrong
    _refuse_conflicts(path, conflicts)
    said = (
        ()
        if asked
        else (Finding("encoding", "info", f"The file is in {encoding}; it was read so."),)
    )
    return Raw(out, encoding, True, said)


def _mended(path: Path, folder: Path, seen: Scan) -> Raw:
    """A file rewritten line by line: Windows-1252 or mixed letters, NUL bytes, old line endings."""
    out = folder / f"utf8-{path.name}"
    size = path.stat().st_size
    if seen.nuls > 0.05 * size:
        raise InputError(
            f'"{path}" is no text file: {seen.nuls:,} of its {size:,} bytes are NUL. Give the table as CSV, Parquet or Excel.'
        )
    good = bad = 0
    undefined = False
    example = ""
    with open(out, "w", encoding="utf-8", newline="\n") as target:
        for line in _lines(path):
            text, how = _decoded(line)
            good, bad = good + (how == "utf-8"), bad + (how in ("cp1252", "latin-1"))
            undefined |= how == "latin-1"
            if how in ("cp1252", "latin-1") and not example:
                example = _around(text)
            target.write(text.replace("\0", ""))
    name = ("latin-1" if undefined else "cp1252") if bad else "utf-8"
    return Raw(out, name, True, tuple(_mended_words(name, good, bad, example, seen)))


def _mended_words(name: str, good: int, bad: int, example: str, seen: Scan) -> Iterator[Finding]:
    if bad and good:
        yield Finding(
            "encoding",
            "warning",
            f"The file mixes encodings: {good:,} lines are UTF-8, {bad:,} were read as {name} (“{example}”).",
        )
    elif bad:
        yield Finding(
            "encoding",
            "info",
            f"The file is not UTF-8; it was read as {name} (“{example}”). If letters look wrong, say --encoding.",
        )
    if seen.nuls:
        yield Finding(
            "nul-bytes", "warning", f"The file holds {seen.nuls:,} NUL bytes; they were left out."
        )


def _lines(path: Path) -> Iterator[bytes]:
    """Lines with any ending, given with a plain newline."""
    with open(path, "rb") as file:
        for line in file:
            body = line.rstrip(b"\r\n")
            for part in body.split(b"\r"):
                yield part + b"\n"


def _decoded(line: bytes) -> tuple[str, str]:
    if line.isascii():
        return line.decode("ascii"), ""
    for name in ("utf-8", "cp1252"):
        try:
            return line.decode(name), name
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1"), "latin-1"


def _around(text: str) -> str:
    at = next((i for i, letter in enumerate(text) if ord(letter) > 127), 0)
    return text[max(0, at - 12) : at + 12].strip()
