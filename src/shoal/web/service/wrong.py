"""What is wrong with customers that were sent, in words: what, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError

from shoal import did_you_mean, showable
from shoal.web.service.columns import LARGEST, WORDS_SHOWN, Asked
from shoal.web.service.problems import MOST_ERRORS, ProblemError, Wrong

Record = dict[str, Any]
LONGEST = 60  # letters of a value in a message
_OUT_OF_RANGE = {"finite_number", "less_than_equal", "greater_than_equal"}


@dataclass(frozen=True)
class Wanted:
    """What customers must be like."""

    columns: Mapping[str, Asked]
    id: str | None
    most: int

    @property
    def names(self) -> list[str]:
        """All that may stand in a customer, the column of ids last."""
        return [*self.columns, *([] if self.id is None else [self.id])]

    def problem(self, error: ValidationError, depth: int) -> ProblemError:
        """What is wrong with a body, a column of which lies so deep in it."""
        found = error.errors(include_url=False)
        if found[0]["type"] == "json_invalid":
            where = showable(str(found[0]["ctx"]["error"]))
            return ProblemError("not-json", f"The body is not JSON: {where}.")
        first_at = {each["loc"][:depth]: each for each in reversed(found)}  # of several types one
        told = [self._wrong(first_at[at], at, depth) for at in reversed(first_at)]
        for at, each in first_at.items():
            if each["type"] == "missing":  # perhaps it is there under another name
                told += self._unknown(each["input"], at[:-1])
                break
        return _problem(told)

    def check(self, records: Sequence[Record], depth: int) -> None:
        """Raise ProblemError where a customer has other columns than the model needs."""
        names = {*self.names}
        for row, record in enumerate(records):
            if not record.keys() <= names:
                raise _problem(list(self._unknown(record, (row,)[: depth - 1])))

    def _unknown(self, record: Record, at: tuple[Any, ...]) -> Iterator[Wrong]:
        """Columns that the model does not need: some of those that there are."""
        known = self.names
        others = (name for name in record if name not in known)
        for name in islice(others, MOST_ERRORS):
            no = f'"{showable(name)}" is no column that the model needs.'
            told = f"{no} {did_you_mean(name[:LONGEST], known)}"
            yield Wrong(_pointer((*at, name)), "unknown-column", told)

    def _wrong(self, error: Any, at: tuple[Any, ...], depth: int) -> Wrong:
        if len(at) < depth:
            return Wrong(_pointer(at), *self._of_all(error))
        return Wrong(_pointer(at), *self._of_a_column(error, str(at[-1])))

    def _of_all(self, error: Mapping[str, Any]) -> tuple[str, str]:
        """What is wrong with the list or with a customer: the code, and what is said."""
        if error["type"] == "too_long":
            most = f"There are more than {self.most:,} customers in one request."
            return "too-many", f"{most} Send them in several."
        if error["type"] == "too_short":
            return "nobody", "There is no customer in the list."
        is_there = _shown(error["input"])
        wanted = "A customer is an object with the columns that the model needs"
        return "no-customer", f"{wanted}; it is {is_there}."

    def _of_a_column(self, error: Mapping[str, Any], name: str) -> tuple[str, str]:
        """What is wrong with a column of a customer: the code, and what is said."""
        kind, shown, column = error["type"], f'"{showable(name)}"', self.columns.get(name)
        if kind == "missing":
            needed = f"{shown} is missing, which the model needs."
            return "missing-column", f"{needed} Send null where it is not known."
        value = _shown(error["input"])
        if kind in _OUT_OF_RANGE and column is not None and column.kind == "number":
            range_ = f"must be a number between -{LARGEST:g} and {LARGEST:g}, or null"
            return "out-of-range", f"{shown} {range_}; it is {value}."
        code = "unknown-word" if kind == "literal_error" else "wrong-type"
        return code, f"{shown} must be {_wanted(column)}; it is {value}."


def _problem(told: list[Wrong]) -> ProblemError:
    more = len(told) - 1
    rest = f" And {more} more." if more else ""
    return ProblemError("customers", told[0].detail + rest, told[:MOST_ERRORS])


def _wanted(column: Asked | None) -> str:
    """What may stand in a column, in words; None: in that of the ids."""
    if column is None:
        return "a text, a number of at most 63 bits, or null"
    if column.kind == "words":
        known = ", ".join(f'"{showable(word)}"' for word in column.words[:WORDS_SHOWN])
        more = len(column.words) - WORDS_SHOWN
        rest = f" (and {more} more)" if more > 0 else ""
        return f"a word that the model knows, {known}{rest}, or null"
    if column.kind == "flag":
        return "0 or 1, false or true, or null"
    if column.kind == "date":
        return 'a date such as "2024-12-01", or null'
    return f"a number such as {next(iter(column.examples), 1.0):g}, or null"


def _pointer(at: Iterable[Any]) -> str:
    """Where in the body, as RFC 6901 writes it."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in at)


def _shown(value: Any) -> str:
    """A value that was sent, cut short."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        cut = value[:LONGEST] + ("…" if len(value) > LONGEST else "")
        return f'the text "{showable(cut)}"'
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return str(value) if abs(value) < LARGEST else "a number of more than 60 digits"
    return "a list" if isinstance(value, list) else "an object"
