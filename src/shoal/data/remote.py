"""A file on the web or in an object store → a copy on this machine, which lives as long as the program."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from shoal.errors import InputError

TIMEOUT = 30  # seconds that a server may stay silent


def is_remote(source: object) -> bool:
    """Whether a source is an address such as https://… or s3://…, which is no database."""
    return isinstance(source, str) and "://" in source and not source.startswith("file://")


def fetched(url: str) -> Path:
    """Copy the file behind an address into a temporary folder, block by block, and say where it is.

    http and https need nothing; s3, gs, az and others need fsspec and its driver. Raises InputError when the address cannot
    be read; a password or a signature in it is never shown.
    """
    parts = urlsplit(url)
    shown = urlunsplit((parts.scheme, parts.hostname or "", parts.path, "", ""))
    folder = Path(tempfile.mkdtemp(prefix="shoal-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    goal = folder / (Path(parts.path).name or "table")
    try:
        with _opened(url, parts.scheme) as source, open(goal, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except ImportError as error:
        need = {
            "s3": "s3fs",
            "s3a": "s3fs",
            "gs": "gcsfs",
            "gcs": "gcsfs",
            "az": "adlfs",
            "abfs": "adlfs",
        }.get(parts.scheme, "fsspec")
        raise InputError(
            f"{shown} needs a driver that is not installed ({error}). Type: pip install fsspec {need}"
        ) from None
    except ValueError as error:
        raise InputError(
            f"{shown} cannot be read: {error}. Known: files, globs, https://, s3://, and database addresses."
        ) from None
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
        raise InputError(
            f"{shown} cannot be read: {reason}. Check the address, or download the file and name it here."
        ) from None
    return goal


def _opened(url: str, scheme: str) -> Any:
    if scheme in ("http", "https"):
        from urllib.request import urlopen

        return urlopen(url, timeout=TIMEOUT)
    import importlib

    return importlib.import_module("fsspec").open(url, "rb").open()
