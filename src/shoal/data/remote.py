"""A file on the web or in an object store → a copy on this machine, which goes with the Table."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from shoal.engine.cache import KeptStream
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError

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
    parts = urlsplit(url)
    shown = urlunsplit((parts.scheme, parts.hostname or "", parts.path, "", ""))
    goal = folder / (Path(parts.path).name or "table")
    try:
        with _opened(url, parts.scheme) as source, open(goal, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except ImportError as error:
        driver = DRIVERS.get(parts.scheme, "fsspec")
        raise InputError(
            f"{shown} needs a driver that is not installed ({error}). "
            f"Type: pip install fsspec {driver}"
        ) from None
    except ValueError as error:
        raise InputError(
            f"{shown} cannot be read: {error}. "
            "Known: files, globs, https://, s3://, and database addresses."
        ) from None
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
        raise InputError(
            f"{shown} cannot be read: {reason}. "
            "Check the address, or download the file and name it here."
        ) from None
    return goal


def _opened(url: str, scheme: str) -> Any:
    if scheme in ("http", "https"):
        from urllib.request import urlopen

        return urlopen(url, timeout=TIMEOUT)
    return importlib.import_module("fsspec").open(url, "rb").open()
