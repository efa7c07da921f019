"""How an audience is made: which segments, who is held out, for which platform."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from msgspec import Struct

from shoal.errors import OptionError
from shoal.text.options import option

Format = Literal["csv", "google", "meta"]
AudienceKeep = Literal["all", "contact"]
MOST_HELD_OUT = 0.9


class AudienceOptions(Struct, frozen=True, kw_only=True):
    """What was asked of an audience, checked."""

    segments: tuple[int, ...] = ()  # all of them when empty
    hold_out: float = 0.0  # share
    format: Format = "csv"
    keep: AudienceKeep = "all"  # of csv: all columns of the table, or those of contacts
    country: str = ""  # of telephone numbers that do not say theirs: two letters
    consent: str | None = None
    email: str | None = None
    phone: str | None = None
    seed: int = 0


def audience_options(ids: tuple[int, ...], given: Mapping[str, Any]) -> AudienceOptions:
    """The options of an audience of a model with segments of these ids.

    Raises OptionError for one that cannot be.
    """
    return AudienceOptions(
        segments=segments_asked(given["segment"], ids),
        hold_out=_share(given["hold_out"]),
        format=_word("format", given["format"], get_args(Format)),
        keep=_word("keep", given["keep"], get_args(AudienceKeep)),
        country=_country(given["country"]),
        consent=given["consent"],
        email=given["email"],
        phone=given["phone"],
        seed=int(given["seed"]),
    )


def segments_asked(asked: Any, ids: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers of segments that are asked for, all of them for None. Raises OptionError."""
    numbers = list(asked) if isinstance(asked, Iterable) and not isinstance(asked, str) else [asked]
    found = []
    for number in numbers if asked is not None else ():
        if not str(number).isdecimal() or int(number) not in ids:
            known = f"numbered from 1 to {len(ids)}"
            if ids[-1] != len(ids):
                known = ", ".join(map(str, ids))
            raise OptionError(f"{option('segment', number)} is no segment. They are {known}.")
        found.append(int(number))
    return tuple(dict.fromkeys(found)) or ids


def _share(given: Any) -> float:
    if isinstance(given, int | float) and 0 <= given <= MOST_HELD_OUT:
        return float(given)
    raise OptionError(
        f"{option('hold_out', given)} must be a share from 0 to {MOST_HELD_OUT}, such as "
        f"{option('hold_out', 0.1)}."
    )


def _word(name: str, given: Any, known: tuple[Any, ...]) -> Any:
    if given in known:
        return given
    raise OptionError(f"{option(name, given)} is unknown. Known: {', '.join(known)}.")


def _country(given: Any) -> str:
    text = str(given or "").upper()
    if text and not re.fullmatch(r"[A-Z]{2}", text):
        raise OptionError(
            f"{option('country', given)} must be two letters, such as {option('country', 'DE')}."
        )
    return text
