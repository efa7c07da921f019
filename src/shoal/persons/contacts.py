"""Where a table says how to reach its customers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from shoal.errors import no_such_column
from shoal.persons.words import header_says
from shoal.text.options import option
from shoal.text.persons import is_email
from shoal.types import Column, Profile, Sample

LOOKED_AT = 1_000  # cells of the sample
MOSTLY = 0.5  # share of a column's cells that must be addresses
_DIGITS = 6  # of a telephone number at least


@dataclass(frozen=True)
class Contacts:
    """The column of each, None where there is none."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    zip: str | None = None
    country: str | None = None

    @property
    def found(self) -> dict[str, str]:
        """Those that there are, by what they hold."""
        every = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {what: column for what, column in every if column is not None}

    @property
    def reach(self) -> bool:
        """Whether customers can be reached at all."""
        return self.email is not None or self.phone is not None


def contacts(profile: Profile, sample: Sample, email: str | None, phone: str | None) -> Contacts:
    """The contact columns of a table, by their headers and their cells.

    Raises OptionError where one that was asked for is not there.
    """
    _check(profile, email=email, phone=phone)
    own = [c for c in profile.columns if c.made is None and c.name in sample.rows.column_names]
    return Contacts(
        email=email or _reaching(own, sample, "email", is_email),
        phone=phone or _reaching(own, sample, "phone", _is_dialled),
        **{what: _named(own, what) for what in ("first_name", "last_name", "city", "zip")},
        country=_named(own, "country"),
    )


def _check(profile: Profile, **asked: str | None) -> None:
    known = [c.name for c in profile.columns]
    for name, column in asked.items():
        if column is not None and column not in known:
            raise no_such_column(option(name), column, profile.name, known)


def _named(columns: list[Column], what: str) -> str | None:
    fits = [c for c in columns if c.kind != "date" and header_says(c.name, what)]
    return next((c.name for c in fits), None)


def _reaching(
    columns: list[Column], sample: Sample, what: str, fits: Callable[[str], bool]
) -> str | None:
    """The column whose cells are such addresses; one whose header says so before any other."""
    said = [c.name for c in columns if header_says(c.name, what)]
    others = [c.name for c in columns] if what == "email" else []  # long numbers may be anything
    able = (name for name in [*said, *others] if _share(sample, name, fits) >= MOSTLY)
    return next(able, None)


def _share(sample: Sample, name: str, fits: Callable[[str], bool]) -> float:
    cells = sample.rows[name].drop_null().slice(0, LOOKED_AT).to_pylist()
    return sum(fits(str(cell)) for cell in cells) / max(len(cells), 1)


def _is_dialled(text: str) -> bool:
    return has_a_number(text) and not any(c.isalpha() for c in text)


def has_a_number(text: str) -> bool:
    """Whether a cell has as many digits as a telephone number.

    >>> has_a_number("(030) 555000 from 9 to 5"), has_a_number("none")
    (True, False)
    """
    return sum(c.isdigit() for c in text) >= _DIGITS
