"""Where a table comes from: a file that is sent, one of the folder, a database, the sample."""

from __future__ import annotations

import asyncio
import re
import shutil
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from starlette.datastructures import FormData, UploadFile

from shoal.web.page.child import WorkError
from shoal.web.page.settings import Settings
from shoal.web.page.works import Work

SERVERS = ("postgresql", "postgres", "mysql", "mariadb")
IN_FILES = ("sqlite", "duckdb")
LONGEST = 120  # letters of a file's name
MOST_LISTED = 300
TABLES = {
    ".csv",
    ".tsv",
    ".txt",
    ".parquet",
    ".xlsx",
    ".xls",
    ".ods",
    ".json",
    ".jsonl",
    ".gz",
    ".zip",
}


def safe_name(name: str) -> str:
    r"""The last part of a file's name, with nothing in it that a system could stumble over.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\tables\\my <b>.csv"), safe_name("..")
    ('passwd', 'my _b_.csv', 'table')
    """
    last = PureWindowsPath(PurePosixPath(unicodedata.normalize("NFC", name)).name).name
    kept = "".join(c if c.isprintable() and c not in "<>:\"/\\|?*&'`$" else "_" for c in last)
    kept = kept.strip(" .")
    if len(kept) > LONGEST:
        ending = PurePosixPath(kept).suffix[:12]
        kept = kept[: LONGEST - len(ending)] + ending
    return kept if re.search(r"\w", kept) else "table"


def listed(settings: Settings) -> list[str]:
    """The tables under the folder, as they may be picked."""
    root = settings.folder
    if root is None:
        return []
    found: list[str] = []
    for path in sorted(root.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if not hidden and path.suffix.lower() in TABLES and path.is_file():
            found.append(path.relative_to(root).as_posix())
        if len(found) == MOST_LISTED:
            break
    return found


async def fill(work: Work, form: FormData, settings: Settings) -> None:
    """Bring what a form names into a work. Raises WorkError where it may not be read."""
    kind = str(form.get("kind", ""))
    if kind == "file":
        await _sent(work, form.get("file"))
    elif kind == "path":
        path = picked(str(form.get("path", "")), settings)
        work.source, work.name = str(path), path.name
    elif kind == "database":
        work.source, work.name = _address(str(form.get("address", "")).strip(), settings)
    elif kind == "sample":
        path = await asyncio.to_thread(settings.sample, work.folder / "sample_customers.csv")
        work.source, work.name = path.name, path.name
    else:
        raise WorkError("No table was named.", "Choose a file, or take the sample.")


async def _sent(work: Work, file: object) -> None:
    name = (await kept(file, work.folder)).name
    work.source, work.name = name, name  # its process works in this folder


async def kept(file: object, folder: Path, *, alone: bool = False) -> Path:
    """A file that was sent, written into a folder; `alone` there, what was sent before goes.

    Raises WorkError where there is none.
    """
    if not isinstance(file, UploadFile) or not file.filename:
        raise WorkError("No file was chosen.", "Choose a file, or drop one on the page.")
    goal = folder / safe_name(file.filename)

    def copy() -> None:
        if alone:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        with open(goal, "wb") as target:
            shutil.copyfileobj(file.file, target, 1 << 20)

    try:
        await asyncio.to_thread(copy)
    except OSError as error:
        raise WorkError(
            f"The file could not be kept: {error.strerror}.", "Is the disk full?"
        ) from None
    return goal


def picked(path: str, settings: Settings) -> Path:
    """A file under the folder. Raises WorkError for anything else, links that lead out included."""
    root = settings.folder
    if root is None:
        raise WorkError(
            "No folder was opened for this page.", "Start it with: shoal app --folder DIR"
        )
    try:
        found = (root / path.strip()).resolve(strict=True)
        inside = found.is_file() and found.is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):
        inside = False
    if not path.strip() or not inside:
        raise WorkError(
            "There is no such file under the folder of this page.", "Pick one of the list."
        )
    return found


def _address(address: str, settings: Settings) -> tuple[str, str]:
    """A database address, and what it may be called without its password."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    scheme = parts.scheme.lower().partition("+")[0]
    if scheme in IN_FILES:
        path, _, query = address.partition("://")[2].partition("?")
        file = picked(path.removeprefix("/"), settings)
        return f"{scheme}:///{file}?{query}", file.name
    if scheme not in SERVERS or not host:
        raise WorkError(
            "This is not the address of a database that the page can read.",
            "Write it as postgresql://user:password@host/shop?table=customers",
        )
    return address, f"{parts.path.strip('/') or host}"
