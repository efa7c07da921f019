"""Mutated tables: is there ever a traceback, or a row lost in silence?

    python bench/fuzz.py FOLDER_OR_FILES… [--cases 10000] [--seed 0]

Each case takes one file, damages it in one to three ways (bytes, cells, lines, separators,
encodings, cut-offs) and inspects it. Right is: a table in which every line is a row or is spoken of
by a finding, or a refusal by an error of shoal's own.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import shoal

SPOKEN = {  # findings that account for lines that are no rows, or rows that are no lines
    "title-lines",
    "empty-rows",
    "header-several-rows",
    "header-repeated",
    "footer-dropped",
    "comment-lines",
    "stray-lines",
    "ragged-rows",
    "separator-mixed",
    "quotes-unbalanced",
    "no-header",
    "nul-bytes",
    "encoding",
    "other-format",
    "unpacked",
    "notes-beside-table",
    "sheet-chosen",
}


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


def flip(data: bytes, rng: random.Random) -> bytes:
    """Some bytes become others."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def cut(data: bytes, rng: random.Random) -> bytes:
    """The file ends early."""
    return data[: rng.randrange(len(data))]


def drop_line(data: bytes, rng: random.Random) -> bytes:
    """A line is gone."""
    lines = _lines(data)
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def repeat_line(data: bytes, rng: random.Random) -> bytes:
    """A line stands twice."""
    lines = _lines(data)
    at = rng.randrange(len(lines))
    return b"\n".join([*lines[: at + 1], *lines[at:]])


def insert(data: bytes, rng: random.Random) -> bytes:
    """Something strange stands between two lines."""
    lines = _lines(data)
    strange = [
        b"",
        b"# a remark",
        b"Total,,,1000",
        b"<<<<<<< HEAD",
        b'"',
        b",,,,,,,,,,,,,",
        b"\x00\x00",
        b"Region North",
        "é€ß".encode(),
        b"=1+1",
    ]
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(strange))
    return b"\n".join(lines)


def cell(data: bytes, rng: random.Random) -> bytes:
    """One cell becomes something else."""
    lines = _lines(data)
    at = rng.randrange(len(lines))
    sep = max((b",", b";", b"\t", b"|"), key=lines[at].count)
    cells = lines[at].split(sep)
    strange = [
        b"",
        b"?",
        b"n/a",
        b"1e999",
        b"-",
        b"inf",
        b"1.234,5",
        b"$5",
        b"45 %",
        b"'",
        b'"x',
        b"31/02/2024",
        b"0" * 40,
        b"=cmd()",
        b"\xff",
    ]
    cells[rng.randrange(len(cells))] = rng.choice(strange)
    lines[at] = sep.join(cells)
    return b"\n".join(lines)


def separator(data: bytes, rng: random.Random) -> bytes:
    """Another separator, everywhere or from a line on."""
    lines = _lines(data)
    at = rng.choice([0, rng.randrange(len(lines))])
    old, new = rng.sample([b",", b";", b"\t", b"|"], 2)
    return b"\n".join([*lines[:at], *(line.replace(old, new) for line in lines[at:])])


def encoding(data: bytes, rng: random.Random) -> bytes:
    """Another encoding."""
    text = data.decode("utf-8", "replace")
    return text.encode(
        rng.choice(["utf-16", "utf-16-le", "cp1252", "utf-8-sig", "latin-1"]), "replace"
    )


def newline(data: bytes, rng: random.Random) -> bytes:
    """Other line ends."""
    return data.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n"]))


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [
    flip,
    cut,
    drop_line,
    repeat_line,
    insert,
    cell,
    cell,
    separator,
    encoding,
    newline,
]


def verdict(path: Path) -> str:
    """What came of inspecting a file: "read", "refused", or a sentence that says what is wrong."""
    try:
        profile = shoal.inspect(path)
    except shoal.ShoalError as error:
        said = str(error)
        return (
            "refused"
            if len(said) > 20 and "Traceback" not in said
            else f"a refusal that says nothing: {said!r}"
        )
    except Exception as error:
        return f"a fault: {type(error).__name__}: {error}"
    raw = path.read_bytes()
    lines = [
        line
        for line in raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        if line.strip()
    ]
    spoken = SPOKEN & {f.code for f in profile.findings}
    plain = b"\x00" not in raw and b'"' not in raw and profile.read_as.format == "csv"
    hollow = sum(
        not line.strip(b" ,;|\t") for line in lines
    )  # separators alone: a row of gaps, or none
    if plain and not spoken and not len(lines) - 1 - hollow <= profile.rows <= len(lines) - 1:
        return f"{len(lines)} lines became {profile.rows} rows, and nothing was said"
    return "read"


def case(files: list[Path], number: int, seed: int, folder: Path) -> tuple[str, str]:
    """One damaged file: how it was damaged, and what came of it."""
    rng = random.Random(seed * 1_000_003 + number)
    source = rng.choice(files)
    data, done = source.read_bytes(), []
    for change in rng.choices(MUTATIONS, k=rng.randint(1, 3)):
        if data:
            data = change(data, rng)
            done.append(change.__name__)
    path = folder / f"case{number}.csv"
    path.write_bytes(data)
    found = verdict(path)
    path.unlink()
    return f"{source.name}: {' + '.join(done)}", found


def main() -> int:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("files", type=Path, nargs="+")
    cli.add_argument("--cases", type=int, default=10_000)
    cli.add_argument("--seed", type=int, default=0)
    cli.add_argument("--largest", type=int, default=60_000, help="bytes of the largest file taken")
    options = cli.parse_args()
    files = [
        f
        for given in options.files
        for f in (sorted(given.rglob("*.csv")) if given.is_dir() else [given])
    ]
    files = [f for f in files if f.stat().st_size <= options.largest]
    counted, start = Counter[str](), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.cases):
            how, found = case(files, number, options.seed, Path(folder))
            counted["wrong" if found not in ("read", "refused") else found] += 1
            if found not in ("read", "refused"):
                print(f"case {number}, {how}: {found}", flush=True)
    print(
        f"{options.cases} cases of {len(files)} files in {time.perf_counter() - start:.0f} s: "
        f"{dict(counted)}"
    )
    return int(counted["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
