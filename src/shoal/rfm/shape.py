"""Whether the rows of a table look like orders, although nobody said so."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from shoal.errors import InputError
from shoal.rfm.columns import by_header
from shoal.rfm.fits import kind_of, tokens
from shoal.rfm.types import What
from shoal.rfm.words import WORDS
from shoal.text.numbers import named
from shoal.text.options import option
from shoal.types import Column, Profile

REPEATS = 0.02  # share of rows that repeat a customer by accident at most
UNSURE = 0.05  # by which a number of different values that is estimated may be off
MANY = 50  # different words from which a column of words names people …
PART = 0.05  # … or where so large a part of the rows has a word of its own
_OF_ORDERS: tuple[What, ...] = ("order", "product", "quantity", "price", "amount")


def check_one_row_a_customer(profile: Profile, schema: pa.Schema) -> None:
    """Raise InputError where a customer stands on many rows, beside a date and what orders have."""
    taken = by_header({field.name: kind_of(field.type) for field in schema})
    customer = _customer(profile, taken)
    signs = [taken[what] for what in _OF_ORDERS if what in taken]
    if customer is None or "date" not in taken or not signs:
        return
    beside = named([taken["date"], *signs], len(_OF_ORDERS) + 1)
    about = "" if customer.distinct_exact else "about "
    raise InputError(
        f"Are the rows of {profile.name} orders, or customers? "
        f'"{customer.name}" has {about}{customer.distinct:,} different values on '
        f"{customer.rows - customer.missing:,} rows, beside {beside}. "
        f"If they are orders, say {option('orders', True)}: they are summed up to one row a "
        f"customer. If every row is a customer, say {option('one_row_a_customer', True)}."
    )


def _customer(profile: Profile, taken: Mapping[What, str]) -> Column | None:
    """The column of the customer, where one stands on many rows that are not merely pasted."""
    name = profile.id if _is_meant(profile) else taken.get("customer")
    if name is None:
        return None
    column = profile.column(name)
    rows = column.rows - column.missing
    repeats = rows - column.distinct - profile.duplicate_rows
    allowed = REPEATS if column.distinct_exact else REPEATS + UNSURE
    people = name == profile.id or column.distinct >= min(MANY, PART * rows)
    return column if people and column.kind != "flag" and repeats > allowed * rows else None


def _is_meant(profile: Profile) -> bool:
    """Whether the id was named by a person, or speaks of customers."""
    if profile.id is None:
        return False
    set_so = profile.column(profile.id).reason.code in ("set-role", "orders-role", "role-kept")
    return set_so or not WORDS["who"].isdisjoint(tokens(profile.id))
