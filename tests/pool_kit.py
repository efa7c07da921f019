"""Work for processes of a pool, which must find it by its name."""

from __future__ import annotations

import os
import time


def process_of(item: int) -> int:
    time.sleep(0.01)
    return os.getpid()


def ends_its_process(parent: int, item: int) -> int:
    if os.getpid() != parent:
        os._exit(9)
    return item
