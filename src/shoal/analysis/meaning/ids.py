"""Columns that tell rows, customers or orders apart.

Wherever they stand, whatever was made of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shoal.analysis.meaning.header import Header, read_header
from shoal.analysis.meaning.values import held_as, is_whole
from shoal.sentences import say
from shoal.types import Column, Meaning, Statement

MANY = 50  # different values, from which a column that is called an id is one
UNIQUE = 0.98  # share of rows with a value of their own
LARGE_TABLE = 100  # rows from which whole numbers that are all different tell customers apart
UNCOUNTED = 1e14  # what nobody counts or earns: numbers of 15 digits and more
LONG_NUMBER = 1000  # the least number of an order
_NAMES = ("person", "number", "coded", "id", "person_id")  # what the header of an id is made of
_NUMBERED = ("card", "loan", "debt", "code")  # what has numbers beside customers: cards, contracts

Found = tuple[Meaning, Statement]


def names_an_id(name: str) -> bool:
    """Whether a name alone says: this tells customers apart.

    >>> [names_an_id(name) for name in ("CodCliente", "Customer Id", "ID#", "Customer Count")]
    [True, True, True, False]
    """
    header = read_header(name)
    if header.says("person_id") or header.only("id"):
        return True
    named = header.says("person") and header.says("id", "number", "coded") and header.only(*_NAMES)
    return named and not header.says("counting")


def guess_id(names: Sequence[str]) -> str | None:
    """The column whose name says it is the customer's id, a customer's before any other."""
    ids = [name for name in names if names_an_id(name)]
    persons = [name for name in ids if read_header(name).says("person", "person_id")]
    return next(iter(persons or ids), None)


@dataclass(frozen=True)
class Place:
    """A column that may tell rows apart, and what is known beside it."""

    column: Column
    header: Header
    id_column: str | None  # known so far
    first: bool  # in the table

    @property
    def unique(self) -> bool:
        """Whether its values tell customers apart, but for a few."""
        c = self.column
        known = c.rows - c.missing
        return c.rows > 1 and c.distinct >= UNIQUE * known and c.missing < 0.1 * c.rows

    @property
    def counts_rows(self) -> bool:
        """Whether it numbers the rows, from 0 or from 1."""
        c = self.column
        if c.rows <= 9 or c.missing or c.distinct != c.rows or not is_whole(c):
            return False
        low, high = c.min, c.max
        if not isinstance(low, float) or not isinstance(high, float):
            return False
        return low in (0.0, 1.0) and high - low + 1 == c.rows

    @property
    def different_whole_numbers(self) -> bool:
        """Whether each of many rows has a whole number of its own."""
        c = self.column
        return is_whole(c) and c.rows >= LARGE_TABLE and c.distinct == c.rows


def identity(place: Place) -> Found | None:
    """What kind of id a column is, with the reason; None where it is none."""
    return next((found for step in _STEPS if (found := step(place))), None)


def _the_id(place: Place) -> Found | None:
    if place.column.name != place.id_column:
        return None
    return "id", say("role-id-by-name", unique=place.unique)


def _row_number(place: Place) -> Found | None:
    """A number of the row; where nothing else tells customers apart, it is their id."""
    header = place.header
    named = header.says("row") and header.only("row", "id", "number")
    called = named and (place.unique or place.column.distinct > MANY)
    if not called and (not place.counts_rows or header.says("rank")):
        return None
    reason = say("role-numbers-rows" if called or place.first else "role-counts-rows")
    return ("row_number" if place.id_column else "id"), reason


def _rank(place: Place) -> Found | None:
    """Customers numbered by how good they are: an order, not an id."""
    if place.header.says("rank") and place.unique:
        return "old_label", say("role-earlier-result")
    return None


def _other_id(place: Place) -> Found | None:
    if place.header.says("order_thing", "product", "code"):
        return None
    if names_an_id(place.column.name) and (place.column.distinct > MANY or place.unique):
        return "id", say("role-identifier")
    return None


def _order_id(place: Place) -> Found | None:
    column, header = place.column, place.header
    called = header.says("order_thing") and header.says("id", "number", "coded")
    if not called or header.says("counting", "since", "unit_of_time", "money", "period"):
        return None
    by_name = "id" in header.words
    by_cells = column.kind == "text" or (
        isinstance(column.min, float) and column.min >= LONG_NUMBER
    )
    if (by_name or by_cells) and column.distinct > MANY:
        return "order_id", say("role-identifier")
    return None


def _numbered(place: Place) -> Found | None:
    """The number of anything else: of a card, a policy, a loan."""
    header, column = place.header, place.column
    if header.says("counting", "since", "unit_of_time", "money", "product", "code", "place_code"):
        return None
    named = "id" in header.last or ("id" in header.first and place.unique)  # line_id, id_linea
    called = (named and column.distinct > MANY) or _abbreviated_id(place)
    numbered = "number" in header.last and place.different_whole_numbers
    if called or (numbered and place.unique):
        return "id", say("role-identifier")
    return None


def _abbreviated_id(place: Place) -> bool:
    """Different long numbers whose header is no word, and ends as that of an id: LEID."""
    low, name = place.column.min, place.header.words[-1] if place.header.words else ""
    long = isinstance(low, float) and low >= LONG_NUMBER
    return (
        name.endswith("id") and not place.header.concepts and long and place.different_whole_numbers
    )


def _customer_alone(place: Place) -> Found | None:
    """A column called "customer" whose values are all different."""
    header = place.header
    bare = header.says("person") and header.only("person") and len(header.words) == 1
    if bare and place.unique and (place.column.kind == "text" or is_whole(place.column)):
        return "id", say("role-id-by-name", unique=True)
    return None


def _in_front(place: Place) -> Found | None:
    """A first column of different words or whole numbers, unless its name says something else."""
    if (
        not place.first
        or place.id_column
        or place.header.concepts - {"id", "number", "row", "person", "code", "coded"}
    ):
        return None
    if place.column.kind == "text" and place.unique:
        return "id", say("role-id-by-values")
    if place.different_whole_numbers and place.column.type == "int64":
        return "id", say("role-id-in-front")
    return None


def _long_number(place: Place) -> Found | None:
    """Whole numbers longer than anything that is counted, as cards and accounts have them."""
    column = place.column
    long = isinstance(column.min, float) and column.min >= UNCOUNTED and is_whole(column)
    if long and place.unique and held_as(column) is None:
        return "id", say("role-id-by-digits")
    return None


def _long_number_of(place: Place) -> Found | None:
    """Different numbers of as many digits each, of a card, an account or a loan: loan_acct."""
    header, low, high = place.header, place.column.min, place.column.max
    called = header.says("number", "person") and header.only(*_NAMES, *_NUMBERED)
    if not called or not isinstance(low, float) or not isinstance(high, float):
        return None
    long = low >= LONG_NUMBER and len(f"{low:.0f}") == len(f"{high:.0f}")
    if long and place.different_whole_numbers:
        return "id", say("role-identifier")
    return None


_STEPS = (
    _the_id,
    _row_number,
    _rank,
    _other_id,
    _order_id,
    _numbered,
    _long_number_of,
    _customer_alone,
    _in_front,
    _long_number,
)
