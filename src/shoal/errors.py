"""Everything that shoal raises on purpose.

    ShoalError              shoal says no, and says why (exit code 2 on the command line)
    ├── InputError          the table cannot be read, or holds nothing to segment
    ├── OptionError         an option is wrong, or does not fit this table
    ├── OutputError         the result could not be written (exit code 1): nothing half-written is
    │                       left
    └── Stopped             whoever waited stopped the run (exit code 130)

A message says what is wrong (with the value), what would be right, and what to type next.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable

LONGEST_NAME, LONGEST = 200, 2_000  # letters of a name in a message, and of all of it
_NAME = re.compile(rf'"[^"]{{{LONGEST_NAME + 1},}}"|[^\s"]{{{LONGEST_NAME + 1},}}')
# A search begins where a word does: from each of its letters it would grow with their square.
EMAIL = r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}"
TELEPHONE = r"(?<![\w.,])\+\d(?:[\s()./-]*\d){7,14}(?!\d)|(?<![\w.,])0\d{2,4}[ /-]\d{4,}(?!\d)"
# A path or an address of a database was typed by whoever reads the message.
_REACHES = re.compile(
    rf"\S*[/\\]\S*|\S+@\S+\.(?:csv|tsv|txt|xlsx?|json|parquet|gz|zip)\b"
    rf"|(?P<person>{EMAIL}|{TELEPHONE})"
)


class ShoalError(Exception):
    """Base of every error raised on purpose; its text is meant for the person at the keyboard.

    `message` is what is wrong and what would be right, `hint` what to type next in a shell or in
    Python where that is no part of it; `str` has both. Names and cells may be of any length and
    hold anything: long ones are cut, e-mail addresses and telephone numbers are left out, and
    characters that would steer a terminal are written out.
    """

    exit_code = 2

    def __init__(self, message: str = "", hint: str = "") -> None:
        self.message, self.hint = _shown(message), _shown(hint)
        super().__init__(f"{self.message} {self.hint}".strip())

    def __reduce__(self) -> tuple[type[ShoalError], tuple[str, str]]:
        """Pickled with both parts, from one process to another."""
        return type(self), (self.message, self.hint)


def _shown(text: str) -> str:
    return showable(without_addresses(_as_called(text)))


_called: dict[str, str] = {}  # paths that nobody knows, and what people call them


def call(path: str, name: str) -> Callable[[], None]:
    """Let every message call a path so; what is returned ends it."""
    _called[path] = name

    def forget() -> None:
        _called.pop(path, None)

    return forget


def _as_called(text: str) -> str:
    for path, name in _called.copy().items():
        text = text.replace(path, name)
    return text


class Stopped(ShoalError):  # noqa: N818 (nothing went wrong)
    """Whoever waited for a run stopped it: what a function given as `progress` may raise.

    It comes out of the call as it was raised, with nothing written and no temporary folder left.

    >>> import threading, shoal
    >>> stop = threading.Event()
    >>> def progress(step, done, total):
    ...     if stop.is_set():
    ...         raise shoal.Stopped("You stopped it.")
    """

    exit_code = 130


def without_addresses(text: str) -> str:
    """A message without e-mail addresses and telephone numbers: it is logged, and mailed on.

    >>> without_addresses('no column "ann@shop.example" in crm/ann@shop.example.csv')
    'no column "…" in crm/ann@shop.example.csv'
    """
    if "@" not in text and not re.search(r"\d{4}", text):
        return text
    return _REACHES.sub(lambda found: "…" if found["person"] else found[0], text)


def showable(text: str) -> str:
    r"""A message as it may be shown.

    >>> showable("no column \"\x1b[2J\"")
    'no column "\\x1b[2J"'
    >>> len(showable("a" * 5000))
    181
    """
    if len(text) > LONGEST_NAME:
        text = _NAME.sub(_cut, text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _written_out(c) for c in text)


def _cut(name: re.Match[str]) -> str:
    return f"{name[0][:120]}…{name[0][-60:]}"


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class InputError(ShoalError, ValueError):
    """The table cannot be read, or holds nothing that could be segmented.

    `tables` are those of a database, where nobody said which; else None.
    """

    tables: tuple[str, ...] | None = None


class OptionError(ShoalError, ValueError):
    """An option is wrong in itself, or does not fit this table."""


class OutputError(ShoalError):
    """The result could not be written (disk full, no permission)."""

    exit_code = 1


def no_such_column(asked: str, column: str, where: str, known: Iterable[str]) -> OptionError:
    """The error for an option that names a column which is not there.

    >>> str(no_such_column("id", "incme", "customers", ["income", "score"]))
    'id names "incme", but customers has no such column. Did you mean "income"?'
    """
    hint = did_you_mean(column, known)
    return OptionError(f'{asked} names "{column}", but {where} has no such column. {hint}')


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A helping clause for a misspelt word: the nearest known ones, or all of them when few.

    >>> did_you_mean("incme", ["income", "score"])
    'Did you mean "income"?'
    """
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if not near:
        lowered = {name.lower(): name for name in names}
        near = [
            lowered[m] for m in difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.5)
        ]
    if near:
        return f'Did you mean "{near[0]}"?'
    return (
        "Known: "
        + ", ".join(f'"{name}"' for name in names[:30])
        + ("…" if len(names) > 30 else "")
        + "."
    )
