"""The process of one table: it reads, finds and writes; a line of JSON in, lines of JSON out.

Nothing of a table is parsed anywhere else. It ends when nobody is left to ask it.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any, TextIO

from shoal import ShoalError, Stopped, speaking_words
from shoal.web.page import words

Told = dict[str, Any]


class Line:
    """What comes from the server, and what goes back."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.asked: queue.Queue[Told] = queue.Queue()
        self._stop = threading.Event()

    def listen(self) -> None:
        """Put questions into the queue; a stop is not one."""
        for line in sys.stdin.buffer:
            told = json.loads(line)
            if told["do"] == "stop":
                self._stop.set()
            else:
                self._stop.clear()
                self.asked.put(told)
        os._exit(0)  # the server is gone: nobody waits for what is being made

    def tell(self, told: Told) -> None:
        """Send one line."""
        self.out.write(json.dumps(told, ensure_ascii=True, allow_nan=False) + "\n")
        self.out.flush()

    def progress(self, step: str, rows: int, total: int | None) -> None:
        """Say how far it is; raises Stopped when it is to stop."""
        if self._stop.is_set():
            raise Stopped
        self.tell({"step": step, "rows": rows, "total": total})


def answer(line: Line, work: Callable[[Told], Any], asked: Told) -> Told:
    """What is said to one question, whatever comes of it."""
    try:
        return {"answer": work(asked)}
    except Stopped:
        return {"stopped": True}
    except ShoalError as error:
        return {"message": error.message, "hint": error.hint}
    except MemoryError:
        hint = "Leave out columns, or use the command line on a larger machine."
        return {"message": "This machine has too little memory for the table.", "hint": hint}
    except OSError as error:
        said, hint = words.no_room(error)
        return {"message": said, "hint": hint}
    except Exception as error:
        if os.environ.get("SHOAL_DEBUG"):
            raise
        said, hint = words.fault(error)
        return {"message": said, "hint": hint, "fault": True}


def main() -> None:
    """Answer until nobody asks any more."""
    line = Line(os.fdopen(os.dup(1), "w", encoding="ascii"))
    os.dup2(2, 1)  # what a library prints is no answer
    threading.Thread(target=line.listen, daemon=True).start()
    from shoal.web.page.desk import LOADED, Desk

    for name in LOADED:  # while nobody asks anything yet
        if line.asked.empty():
            importlib.import_module(name)
    desk = Desk(line.progress)
    with speaking_words(words.OPTIONS):
        while True:
            asked = line.asked.get()
            line.tell(answer(line, desk.do, asked))


if __name__ == "__main__":
    main()
