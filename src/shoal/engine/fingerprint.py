"""Whether a source is still what it was when it was opened: it is read more than once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from shoal.errors import InputError

WORDS = 8192  # of eight bytes that are looked at in each column of a dataframe, spread over it

Look = Mapping[str, Hashable]  # part of the source → what tells its state


@dataclass(frozen=True)
class Fingerprint:
    """What a source looked like when it was opened, and how to look again."""

    look: Callable[[], Look]
    opened: Look

    def check(self) -> None:
        """Raise InputError when the source has changed since it was opened."""
        now = self.look()
        changed = [part for part, state in self.opened.items() if now[part] != state]
        if changed:
            raise InputError(
                f"{changed[0]} changed while it was read, so that its rows do not belong together. "
                "Wait until nothing writes to it.",
                "Try it again.",
            )


UNCHANGING = Fingerprint(dict, {})  # of a source that cannot change


def of_files(paths: Sequence[str | Path]) -> Fingerprint:
    """The fingerprint of files: size, time of the last change and inode of each."""

    def look() -> Look:
        return {f'"{path}"': _state(path) for path in paths}

    return Fingerprint(look, look())


def of_frame(frame: pa.Table) -> Fingerprint:
    """The fingerprint of a dataframe, whose owner may write into the memory that is read.

    All cells of short columns are looked at, and every so-manieth of long ones.
    """

    def look() -> Look:
        return {"The dataframe": _digest(frame)}

    return Fingerprint(look, look())


def _state(path: str | Path) -> Hashable:
    try:
        found = os.stat(path)
    except OSError:
        return None  # gone, or out of reach
    return found.st_size, found.st_mtime_ns, found.st_ino


def _digest(frame: pa.Table) -> bytes:
    digest = hashlib.blake2b()
    for column in frame.columns:
        most = WORDS // max(column.num_chunks, 1) + 1
        for chunk in column.chunks:
            for buffer in chunk.buffers():
                if buffer is not None:
                    digest.update(_spread(buffer, most))
    return digest.digest()


def _spread(buffer: pa.Buffer, most: int) -> bytes:
    """At most so many words of a buffer, from its beginning to its end."""
    words = np.frombuffer(buffer, np.uint64, count=buffer.size // 8)
    rest = buffer[words.nbytes :].to_pybytes()
    return bytes(words[:: len(words) // most + 1].tobytes() + rest)
