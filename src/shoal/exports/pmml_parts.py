"""The few shapes of PMML that a model is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from xml.etree.ElementTree import Element

REAL = {"optype": "continuous", "dataType": "double"}
TEXT = {"optype": "categorical", "dataType": "string"}
TRUTH = {"optype": "categorical", "dataType": "boolean"}
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fits_xml(text: str) -> bool:
    r"""Whether XML 1.0 has a place for every character.

    >>> fits_xml("Größe <3"), fits_xml("a\x00")
    (True, False)
    """
    return _UNFIT.search(text) is None


@dataclass(frozen=True)
class Field:
    """A field that is made of others."""

    name: str
    kind: Mapping[str, str]
    made: Element


def field(name: str) -> Element:
    """The value of a field."""
    return Element("FieldRef", {"field": name})


def number(value: float) -> Element:
    """A double with all its digits."""
    return _constant("double", repr(float(value)))


def word(text: str) -> Element:
    """A text of letters and digits. Others stand in attributes: not every reader of PMML takes the
    text of an element whole where a character in it is escaped.
    """
    return _constant("string", text)


def is_word(name: str, text: str) -> Element:
    """Whether a field has this word."""
    found = Element("NormDiscrete", {"field": name, "value": text, "mapMissingTo": "0"})
    return apply("equal", found, number(1))


def truth(value: bool) -> Element:
    """Yes or no."""
    return _constant("boolean", str(value).lower())


def _constant(kind: str, text: str) -> Element:
    found = Element("Constant", {"dataType": kind})
    found.text = text
    return found


def apply(function: str, *given: Element | None) -> Element:
    """A function of what is given; None is left out."""
    found = Element("Apply", {"function": function})
    found.extend([each for each in given if each is not None])
    return found


def of_field(function: str, name: str) -> Element:
    """A function of a field."""
    return apply(function, field(name))


def if_known(name: str, then: Element, otherwise: Element | None = None) -> Element:
    """Something where a field has a value; else something else, or nothing."""
    return apply("if", of_field("isNotMissing", name), then, otherwise)


def chain(function: str, parts: Sequence[Element]) -> Element:
    """The first with the second, that with the third …"""
    return reduce(lambda left, right: apply(function, left, right), parts)


def either(parts: Sequence[Element]) -> Element:
    """Whether any holds; there is one at least."""
    return chain("or", parts)


def between(low: float | None, name: str, high: float | None) -> Element:
    """Whether a field lies between two ends, of which one may be open."""
    ends = (("greaterOrEqual", low), ("lessOrEqual", high))
    return chain("and", [apply(f, field(name), number(end)) for f, end in ends if end is not None])
