"""What the rows of a table are called: customers, respondents, sessions, accounts …

A run knows it after the first reading, and every sentence that is made from then on says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar

from shoal.text.numbers import count
from shoal.types import CUSTOMER, Noun

Made = TypeVar("Made")
_noun: ContextVar[Noun] = ContextVar("noun", default=CUSTOMER)
_HISSING = re.compile(r"(?:s|x|z|ch|sh)$")
_SHAPE = re.compile(r"[^\W\d_][^\W_]*(?:[ '-][^\W_]+)*")


@contextmanager
def speaking_of(noun: Noun) -> Iterator[None]:
    """Call the rows so for as long as this lasts."""
    before = _noun.set(noun)
    try:
        yield
    finally:
        _noun.reset(before)


def one() -> str:
    """The noun of one row, in the singular.

    >>> with speaking_of(Noun("session", "sessions")):
    ...     one(), many()
    ('session', 'sessions')
    """
    return _noun.get().one


def many() -> str:
    """The noun of several rows, in the plural."""
    return _noun.get().many


def counted(number: int) -> str:
    """So many rows, by what they are called.

    >>> counted(1), counted(2000)
    ('1 customer', '2,000 customers')
    """
    return count(number, one(), many())


def told_count(number: int, least: int) -> str:
    """A number of rows; of too few to be told of, that they are.

    >>> told_count(3, 5), told_count(0, 5), told_count(1200, 5)
    ('fewer than 5', '0', '1,200')
    """
    return f"fewer than {least}" if 0 < number < least else f"{number:,}"


def spoken_alike(work: Callable[..., Made]) -> Callable[..., Made]:
    """The same work, to be done by another process, with the noun that is spoken of here."""
    return partial(_speaking, _noun.get(), work)


def _speaking(noun: Noun, work: Callable[..., Made], *given: Any) -> Made:
    with speaking_of(noun):
        return work(*given)


def noun_of(text: str) -> Noun | None:
    """A noun as a person may give it: "session", or "person/people"; None: it is none.

    >>> noun_of("session"), noun_of("person/people"), noun_of("company").many, noun_of("4")
    (Noun(one='session', many='sessions'), Noun(one='person', many='people'), 'companies', None)
    """
    words = [word.strip() for word in text.split("/")]
    if len(words) > 2 or not all(_SHAPE.fullmatch(word) for word in words):
        return None
    singular = words[0]
    return Noun(singular, words[1] if len(words) == 2 else _plural(singular))


def _plural(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if _HISSING.search(word) else "s")
