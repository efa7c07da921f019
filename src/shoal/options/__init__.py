"""The options of a run.

Made and checked once, at the door, then carried unchanged to whoever acts on them.

A door (`shoal.segment`, `shoal.orders` …) takes plain keyword arguments, refuses those it does not
know (`check_names`), and makes frozen objects of the rest (`made`). From there on nobody checks an
option again.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from shoal.errors import OptionError
from shoal.options.columns import ColumnSettings, column_settings
from shoal.options.names import check_names as check_names
from shoal.text.nouns import noun_of
from shoal.text.options import option

Names = str | Sequence[str] | None  # one column, several, or none, as a person may give them
Scaling = Literal["auto", "standard", "robust", "none"]
Fill = Literal["median", "mean", "zero"]
Mark = Literal[".", ","]  # a decimal mark
OneOrder = Literal["auto", "id", "day", "row"]
AmountPer = Literal["auto", "line", "order"]
Returns = Literal["apart", "net"]
Duplicates = Literal["keep", "drop"]
Keep = Literal["all", "id"]

LEAST_MEMORY = 64 * 10**6  # bytes
LONGEST_NAME = 60  # letters of a segment's name that a person gives
_UNITS = {"": 1, "B": 1} | {
    f"{letter}{infix}B": base**power
    for power, letter in enumerate("KMGT", 1)
    for infix, base in (("", 1000), ("I", 1024))
}


class ReadingOptions(Struct, frozen=True, kw_only=True):
    """What a person said about how a source is to be read; None where it shall be found."""

    sep: str | None = None
    decimal: Mark | None = None
    encoding: str | None = None
    header: Annotated[int, Meta(ge=0)] | None = None  # counted from 1; 0: there is none
    sheet: str | None = None
    query: str | None = None  # a SELECT, for a database
    table: str | None = None  # of a database
    engine: str | None = None  # "spark", or the address of its master
    max_unpacked: int | None = None  # bytes that an archive may become; None: see `encoding.py`
    max_line: int = 64 * 10**6  # bytes
    max_columns: Annotated[int, Meta(ge=1)] = 20_000
    id: str | None = None  # columns to be kept to the letter: the customer's id,
    customer: str | None = None  # and as it is called in a table of orders

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the options of files and databases that were set."""
        own = [f for f in msgspec.structs.fields(type(self)) if f.name not in ("id", "customer")]
        return tuple(f.name for f in own if getattr(self, f.name) != f.default)

    @property
    def ids(self) -> frozenset[str]:
        """The columns that a person calls ids."""
        return frozenset(name for name in (self.id, self.customer) if name)


class RoleOverrides(Struct, frozen=True, kw_only=True):
    """The roles of columns that a person set; everything else is guessed."""

    id: str | None = None
    by: tuple[str, ...] = ()
    describe: tuple[str, ...] = ()
    value: str | None = None
    ignore: tuple[str, ...] = ()


class RolesOfOrders(RoleOverrides, frozen=True, kw_only=True):
    """The same of customers who are made of orders."""

    follow: tuple[str, ...] = ()  # columns whose role nobody set: it follows from the orders


class Meanings(Struct, frozen=True, kw_only=True):
    """What a person says of the meaning of columns."""

    columns: dict[str, ColumnSettings] = {}
    outcome: str | None = None  # COLUMN, or COLUMN=WORD: the word that says that it happened
    currency: str | None = None
    date: Any = None  # a date or its text, from which days are counted
    totals: bool = True  # whether parts are added up to a column that is made

    @property
    def day(self) -> str | None:
        """The date as an ISO date. Raises OptionError when it is none."""
        return None if self.date is None else _iso_day(self.date)


class FitOptions(Struct, frozen=True, kw_only=True):
    """How segments are searched."""

    k: Annotated[int, Meta(ge=2)] | None = None
    k_max: Annotated[int, Meta(ge=2)] = 10
    min_share: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    scale: Scaling = "auto"
    fill: Fill = "median"
    weights: dict[str, float] | None = None
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    reruns: Annotated[int, Meta(ge=0, le=1000)] = 0


MOST_THREADS = 4096


class Resources(Struct, frozen=True, kw_only=True):
    """What a run may use of this machine; None where nothing was asked for."""

    memory: int | None = None  # bytes
    threads: Annotated[int, Meta(ge=1, le=MOST_THREADS)] | None = None
    folder: Path | None = None  # where rows go that do not fit into memory


class OrdersOptions(Struct, frozen=True, kw_only=True):
    """How orders are summed up to customers; columns are guessed where they are None."""

    date: Any = None  # of the analysis: a date or its text
    since: Any = None
    customer: str | None = None
    order: str | None = None
    date_column: str | None = None
    amount: str | None = None
    quantity: str | None = None
    price: str | None = None
    product: str | None = None
    category: str | None = None
    status: str | None = None
    currency_column: str | None = None
    kind_column: str | None = None
    refunded: str | None = None
    cancelled: str | None = None
    one_order: OneOrder = "auto"
    amount_per: AmountPer = "auto"
    returns: Returns = "net"
    duplicates: Duplicates = "keep"
    breadth: bool | None = None


class Options(Struct, frozen=True, kw_only=True):
    """All that was asked of one run."""

    reading: ReadingOptions = ReadingOptions()
    orders: OrdersOptions = OrdersOptions()
    roles: RoleOverrides = RoleOverrides()
    meanings: Meanings = Meanings()
    fit: FitOptions = FitOptions()
    resources: Resources = Resources()
    mute: tuple[str, ...] = ()  # codes of findings that are not shown
    playbook: Path | None = None
    names: dict[int, str] | None = None  # what a person calls segments, by their numbers
    noun: str | None = None  # what a row is called: "session", "person/people"
    keep: Keep = "all"  # which columns of the table stand beside the labels
    one_row_a_customer: bool = False  # rows are customers, whatever they look like
    # Customers that a figure of a segment must be of to be shown.
    min_cell: Annotated[int, Meta(ge=1, le=1000)] = 5

    def stated(self, basis: Sequence[str], orders: Sequence[str]) -> dict[str, Any]:
        """What was asked, for "how it was made": the columns that formed segments with it.

        `orders` say how customers were made from orders, if they were.
        """
        stated = msgspec.structs.asdict(self.fit) | {"by": list(basis)}
        del stated["weights"]
        return stated | {"orders": list(orders)} if orders else stated


T = TypeVar("T", bound=Struct)


def made(kind: type[T], given: Mapping[str, Any]) -> T:
    """The options of one kind among these keyword arguments, each checked; others are left alone.

    Raises OptionError for a value that an option cannot have.

    >>> made(FitOptions, {"k": 5, "sep": ";"}).k
    5
    >>> made(RoleOverrides, {"by": "income"}).by
    ('income',)
    """
    fields = msgspec.structs.fields(kind)
    return kind(**{f.name: _checked(f, given[f.name]) for f in fields if f.name in given})


_OWN = ("mute", "playbook", "names", "noun", "keep", "one_row_a_customer", "min_cell")


def options_of(**given: Any) -> Options:
    """All options of a run, from the keyword arguments of a door; each is checked here.

    Raises OptionError for a value that an option cannot have.
    """
    own = made(Options, {name: given.get(name) for name in _OWN})
    return msgspec.structs.replace(
        own,
        reading=made(ReadingOptions, given),
        orders=made(OrdersOptions, given),
        roles=made(RoleOverrides, given),
        meanings=made(Meanings, given),
        fit=made(FitOptions, given),
        resources=made(Resources, given),
    )


def _checked(field: msgspec.structs.FieldInfo, value: Any) -> Any:
    if value is None:
        has_factory = field.default is msgspec.NODEFAULT
        return field.default_factory() if has_factory else field.default
    value = _READ.get(field.name, _plain)(value)
    try:
        return msgspec.convert(value, field.type)
    except (msgspec.ValidationError, UnicodeEncodeError):  # half of a character is no text
        raise OptionError(_wrong(field, value)) from None


def _wrong(field: msgspec.structs.FieldInfo, value: Any) -> str:
    """What is wrong with a value, and what would be right."""
    given = option(field.name, value)
    if field.name in _RIGHT:
        return _RIGHT[field.name](given, value)
    # a Literal may stand alone, or beside None
    words = [word for kind in (field.type, *get_args(field.type)) for word in get_args(kind)]
    words = [word for word in words if isinstance(word, str)]
    if words:
        return f"{given} is unknown. Known: {', '.join(words)}."
    kind = {"int": "whole number", "str": "text"}.get(type(value).__name__, "thing of this kind")
    return f"{given} is of the wrong kind: a {kind} cannot be taken here."


def _no_columns(given: str, value: Any) -> str:
    first = given.partition("=")[0]
    return f'{given} must name columns, such as {first}=["income", "visits"].'


_RIGHT: dict[str, Callable[[str, Any], str]] = {
    "k": lambda given, value: f"{given}: at least 2 segments are needed, such as {option('k', 5)}.",
    "k_max": lambda given, value: (
        f"{given}: at least 2 segments must be allowed, such as {option('k_max', 10)}."
    ),
    "min_share": lambda given, value: (
        f"{given} must lie between 0 and 0.5: {option('min_share', 0.05)} keeps segments "
        "at 5 % of customers or more."
    ),
    "reruns": lambda given, _: f"{given} must lie from 0 to 1000, as {option('reruns', 20)}.",
    "min_cell": lambda given, _: (
        f"{given} must lie from 1, which shows all figures, to 1000, as {option('min_cell', 5)}."
    ),
    "weights": lambda given, value: (
        f"{given} must give a positive number for each column, such as {{'income': 2}}."
    ),
    "by": _no_columns,
    "describe": _no_columns,
    "ignore": _no_columns,
    "seed": lambda given, value: f"{given} must lie between 0 and 4294967295.",
    "threads": lambda given, value: (
        f"{given} must be at least 1."
        if not isinstance(value, int) or value < 1
        else f"{given} is more than there can be: at most {MOST_THREADS}."
    ),
    "decimal": lambda given, value: (
        f'The decimal mark is a dot or a comma, not "{value}". '
        f"Say {option('decimal', '.')} or {option('decimal', ',')}"
    ),
    "header": lambda given, value: (
        f"The header is a row number from 1, or 0 for none; not {value}."
    ),
}


def _plain(value: Any) -> Any:
    """Numbers of NumPy as those of Python, any sequence or mapping as a list or dict of such."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value.item() if hasattr(value, "item") else value


def _names(names: Any) -> Any:
    return [names] if isinstance(names, str) else _plain(names)


def _some_names(names: Any) -> Any:
    """At least one column: none at all would be taken for columns that are to be guessed."""
    found = _names(names)
    if found == []:
        raise OptionError(
            _no_columns(option("by", names), names) + " Leave it out to have them guessed."
        )
    return found


def _known_encoding(name: Any) -> Any:
    try:
        "a".encode(name)  # a codec of Python's that is none of texts is none here
    except (LookupError, TypeError, ValueError):
        raise OptionError(
            f'There is no encoding "{name}". '
            "Known are utf-8, cp1252, latin-1, utf-16, cp1250, cp850…"
        ) from None
    return name


def bytes_of(text: str | int) -> int:
    """An amount of memory such as "1GB" in bytes.

    Raises OptionError for what is no amount of memory, or too little to work with.

    >>> bytes_of("1.5GB")
    1500000000
    """
    given = option("memory", text)
    amount = _amount(text)
    if amount is None:
        raise OptionError(
            f"{given} is no amount of memory. Give a number and a unit, such as 800MB or 4GB."
        )
    if amount < LEAST_MEMORY:
        raise OptionError(f"{given} is too little to work with. Give 64MB or more.")
    return amount


def _amount(text: str | int) -> int | None:
    """The bytes that "1GB" are; None where it is no such amount."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", str(text))
    if not found or found[2].upper() not in _UNITS:
        return None
    return int(float(found[1]) * _UNITS[found[2].upper()])


def _size(name: str) -> Callable[[Any], int]:
    """What reads the size of a file."""

    def read(text: Any) -> int:
        if amount := _amount(text):
            return amount
        raise OptionError(
            f"{option(name, text)} is no size. Give a number and a unit, such as 800MB or 4GB."
        )

    return read


def _segment_names(names: Any) -> Any:
    """Numbers of segments with the names that people give them."""
    if not isinstance(names, Mapping):
        right = option("names", {3: "Weekend families"})
        raise OptionError(f"{option('names')} must say which segment has which name: {right}.")
    return {_segment_number(number): str(name) for number, name in names.items()}


def _segment_number(number: Any) -> int:
    try:
        return int(number)
    except (TypeError, ValueError):
        right = option("names", {3: "Weekend families"})
        raise OptionError(
            f'"{number}" is no number of a segment. They count from 1: {right}.'
        ) from None


def check_segment(number: int, ids: Sequence[int], wish: str = "") -> int:
    """The place of a segment among these ids.

    Raises OptionError for a number that none of them has; `wish` is what was asked of it.

    >>> check_segment(3, [1, 3])
    1
    """
    if number in ids:
        return list(ids).index(number)
    numbered = f"numbered from 1 to {len(ids)}"
    if ids[-1] != len(ids):
        numbered = f"{', '.join(map(str, ids[:-1]))} and {ids[-1]}"
    raise OptionError(f"There is no segment {number}{wish}. Segments are {numbered}.")


def renamed(names: Sequence[str], asked: Mapping[int, str], ids: Sequence[int]) -> tuple[str, ...]:
    """The names (k,) of segments with these ids, with those that were asked for in their places.

    Raises OptionError for a number that no segment has, and for a name that is empty, longer than
    60 letters, taken for a formula by spreadsheets, or that of another segment.

    >>> renamed(["Low income", "High income"], {2: "Weekend families"}, [1, 2])
    ('Low income', 'Weekend families')
    """
    made = dict(zip(ids, names, strict=True))
    for number, name in asked.items():
        check_segment(number, ids, f' to be called "{name}"')
        made[number] = _checked_name(number, name)
    for number in asked:
        own = made[number].casefold()
        twins = [id for id, name in made.items() if name.casefold() == own]
        if len(twins) > 1:
            raise OptionError(
                f"Segments {twins[0]} and {twins[1]} would both be called "
                f'"{made[number]}". Give one of them another name.'
            )
    return tuple(made.values())


def _checked_name(number: int, name: str) -> str:
    """A name on one line; OptionError says why it cannot be one."""
    text = " ".join(name.split())
    wrong = ""
    if not any(c.isalnum() for c in text):
        wrong = "a name needs at least one letter or digit"
    elif len(text) > LONGEST_NAME:
        wrong = f"that is {len(text)} letters, and a name has at most {LONGEST_NAME}"
    elif text[0] in "=+-@" or not text.isprintable():
        wrong = "a spreadsheet would take it for a formula; begin with a letter or digit"
    if wrong:
        raise OptionError(f'Segment {number} cannot be called "{text}": {wrong}.')
    return text


def _noun(text: Any) -> Any:
    if noun_of(str(text)) is None:
        raise OptionError(
            f"{option('noun', text)} is no noun. Give one in the singular, such as "
            f"{option('noun', 'session')}, or both forms: {option('noun', 'person/people')}."
        )
    return str(text)


def _path(path: Any) -> Any:
    if not isinstance(path, str | os.PathLike):
        raise OptionError(f"{option('playbook', path)} must be the path of a file.")
    return Path(path)


def _iso_day(date: Any) -> str:
    """An analysis date as an ISO date."""
    if isinstance(date, dt.date):
        return date.isoformat()[:10]
    try:
        return dt.date.fromisoformat(str(date)[:10]).isoformat()
    except ValueError:
        # Whatever else was given, such as a frame, may hold persons: what it is will do.
        given = str(date) if isinstance(date, str | int | float) else type(date).__name__
        raise OptionError(
            f"{option('date', given)} is no date. Write it as {option('date', '2024-06-30')}."
        ) from None


_READ: dict[str, Callable[[Any], Any]] = {
    "by": _some_names,
    "describe": _names,
    "ignore": _names,
    "mute": _names,
    "columns": column_settings,
    "encoding": _known_encoding,
    "sep": lambda sep: sep or None,
    "memory": bytes_of,
    "max_unpacked": _size("max_unpacked"),
    "max_line": _size("max_line"),
    "playbook": _path,
    "names": _segment_names,
    "noun": _noun,
    "folder": _path,
    "date": lambda date: date,
    "since": lambda date: date,
}
