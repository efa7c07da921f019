"""A file on the web or in an object store → a copy on this machine, which goes with the Table."""

from __future__ import annotations

import importlib
import shutil
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from shoal.engine.cache import KeptStream
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError

HIDDEN = "•••"
TIMEOUT = 30  # seconds that a server may stay silent
DRIVERS = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
}


def is_remote(source: object) -> bool:
    """Whether a source is an address such as https://… or s3://…, which is no database."""
    return isinstance(source, str) and "://" in source and not source.startswith("file://")


def read_remote(url: str, read: Callable[[Path], Table]) -> Table:
    """The Table of the file behind an address, copied into a folder that goes with the Table.

    http and https need nothing; s3, gs, az and others need fsspec and its driver. Raises InputError
    when the address cannot be read; a password or a signature in it is never shown.
    """
    folder = new_folder()
    table = read(_copied(url, Path(folder.name)))
    return replace(table, stream=KeptStream(table.stream, (folder,)))


def _copied(url: str, folder: Path) -> Path:
    """The file behind an address, block by block."""
    address = _taken_apart(url)
    shown = f"{address.scheme}://{address.host}{address.path}"
    goal = folder / (Path(address.path).name or "table")
    try:
        with _opened(address) as source, open(goal, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            promised = _length(source)
    except ImportError as error:
        driver = DRIVERS.get(address.scheme, "fsspec")
        raise InputError(
            f"{shown} needs a driver that is not installed ({error}).",
            f"Type: pip install fsspec {driver}",
        ) from None
    except ValueError as error:
        raise InputError(
            f"{shown} cannot be read: {address.clean(str(error))}. "
            "Known: files, globs, https://, s3://, and database addresses."
        ) from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
        said = address.clean(str(reason or type(error).__name__))
        raise InputError(
            f"{shown} cannot be read: {said}. "
            "Check the address, or download the file and name it here."
        ) from None
    arrived = goal.stat().st_size
    if promised is not None and arrived < promised:
        raise InputError(
            f"{shown} ended early: {arrived:,} of {promised:,} bytes arrived. "
            "Part of a table is not read.",
            "Try it again.",
        )
    return goal


@dataclass(frozen=True)
class _Address:
    """An address taken apart; neither user, password nor what follows a ? is ever shown."""

    scheme: str
    host: str  # with its port
    path: str
    user: str
    password: str
    query: str

    def clean(self, text: str) -> str:
        """A text of somebody else's without what must not be shown."""
        for secret in (self.password, quote(self.password), self.query):
            text = text.replace(secret, HIDDEN) if secret else text
        return text

    def url(self) -> str:
        """The address without user and password."""
        return urlunsplit((self.scheme, self.host, self.path, self.query, ""))


def _taken_apart(url: str) -> _Address:
    """Raises InputError that shows nothing of an address it cannot understand."""
    try:
        parts = urlsplit(url)
        who, _, host = parts.netloc.rpartition("@")
        urlsplit(f"//{host}").port  # noqa: B018 - a port that is no number
    except ValueError:
        raise InputError(
            "The address of the table cannot be taken apart (it is not shown, for it may hold a "
            "password). One looks like https://example.com/customers.csv."
        ) from None
    user, _, password = who.partition(":")
    return _Address(parts.scheme, host, parts.path, unquote(user), unquote(password), parts.query)


def _opened(address: _Address) -> Any:
    if address.scheme in ("http", "https"):
        from urllib.request import Request, urlopen

        request = Request(address.url())
        if address.user:
            known = b64encode(f"{address.user}:{address.password}".encode()).decode()
            request.add_unredirected_header("Authorization", f"Basic {known}")
        return urlopen(request, timeout=TIMEOUT)
    who = quote(address.user) + (f":{quote(address.password)}" if address.password else "")
    url = address.url().replace("://", f"://{who}@", 1) if who else address.url()
    return importlib.import_module("fsspec").open(url, "rb").open()


def _length(source: Any) -> int | None:
    """How many bytes were promised, where that was said."""
    said = source.headers.get("Content-Length") if hasattr(source, "headers") else None
    said = said or getattr(source, "size", None)
    return int(str(said)) if str(said).isdecimal() else None
