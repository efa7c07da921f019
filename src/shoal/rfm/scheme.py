"""The table of RFM classes: a TOML file, checked by its types; every combination in one class."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from shoal.errors import OptionError, did_you_mean
from shoal.rfm.rfm_scores import MEASURES

Range = tuple[int, int]
Bins = Annotated[int, Meta(ge=2, le=20)]
Words = Annotated[str, Meta(pattern=r"\S")]


class Box(Struct, frozen=True, kw_only=True):
    """A class, or a part of one: the scores that belong to it, both ends included."""

    name: Words
    recency: Range | None = None  # None: any score
    frequency: Range | None = None
    monetary: Range | None = None
    text: str = ""

    @property
    def ranges(self) -> tuple[Range | None, ...]:
        """The ranges of scores, in the order of the measures."""
        return (self.recency, self.frequency, self.monetary)

    def holds(self, combination: Sequence[int]) -> bool:
        """Whether a combination of scores lies in the box."""
        pairs = zip(self.ranges, combination, strict=True)
        return all(span is None or span[0] <= score <= span[1] for span, score in pairs)


class _Named(Struct, frozen=True):
    name: Words


class Scheme(Struct, frozen=True, kw_only=True):
    """A table of classes."""

    classes: tuple[Box, ...]
    bins: tuple[Bins, Bins, Bins] = (5, 5, 5)
    first_match: bool = False  # classes may overlap; the first that fits is taken
    rest: Words | None = None  # a class for combinations that fit nowhere

    @property
    def names(self) -> tuple[str, ...]:
        """The classes in the order of the table."""
        rest = [] if self.rest is None else [self.rest]
        return tuple(dict.fromkeys([*(box.name for box in self.classes), *rest]))

    def class_of(self, combination: Sequence[int]) -> str:
        """The class of one combination of scores.

        Raises OptionError when it lies in none, or in two.
        """
        found = list(dict.fromkeys(b.name for b in self.classes if b.holds(combination)))
        if len(found) == 1 or (found and self.first_match):
            return found[0]
        if not found and self.rest is not None:
            return self.rest
        raise _no_one_class(combination, found)


def _no_one_class(combination: Sequence[int], found: Sequence[str]) -> OptionError:
    pairs = zip(MEASURES, combination, strict=True)
    scores = ", ".join(f"{measure} {score}" for measure, score in pairs)
    if not found:
        return OptionError(
            f"The score combination {scores} is in no class. "
            'Widen a class to take it in, or write rest = "Others" above the classes.'
        )
    return OptionError(
        f"The score combination {scores} is in two classes: {found[0]} and {found[1]}. "
        "Narrow one of them, or write first_match = true above the classes to take the first."
    )


def load_scheme(path: Path, money: bool = True) -> Scheme:
    """Read and check a table of classes: every combination of scores in exactly one class.

    Args:
        path: the TOML file.
        money: whether customers have a monetary score.

    Raises OptionError for a file that cannot be read, a gap or an overlap.
    """
    raw = _toml(path)
    _check_parts(path, raw)
    bins = _bins(path, raw.get("bins", 5))
    boxes = tuple(_box(path, each, bins, money) for each in raw["classes"])
    rest = _checked(raw.get("rest"), Words | None, path, "rest", 'a name, such as "Others"')
    first = _checked(raw.get("first_match", False), bool, path, "first_match", "true or false")
    scheme = Scheme(classes=boxes, bins=bins, first_match=first, rest=rest)
    for combination in itertools.product(*(range(1, most + 1) for most in bins)):
        scheme.class_of(combination)
    return scheme


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as wrong:  # no TOML, no text, no path
        raise OptionError(
            f'The classes "{path}" could not be read: {wrong}. '
            "Start from the file that ships with shoal."
        ) from None


def _check_parts(path: Path, raw: Mapping[str, Any]) -> None:
    unknown = sorted(set(raw) - set(Scheme.__struct_fields__))
    classes = raw.get("classes")
    if unknown or not isinstance(classes, list) or not classes:
        which = f"; {unknown[0]} is unknown." if unknown else "."
        raise OptionError(f'"{path}" must hold [[classes]] with a name and ranges of scores{which}')


def _checked(value: Any, kind: Any, path: Path, where: str, right: str) -> Any:
    """The value as one of its kind; OptionError says what it is and what would be right."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise OptionError(f'"{path}": {where} = {value} must be {right}.') from None


def _bins(path: Path, given: Any) -> tuple[int, int, int]:
    three = given if isinstance(given, list) else [given] * 3
    try:
        return msgspec.convert(three, tuple[Bins, Bins, Bins])
    except msgspec.ValidationError:
        raise OptionError(
            f'"{path}": bins = {given} must be a whole number from 2 to 20, or three of them.'
        ) from None


def _box(path: Path, raw: Any, bins: Sequence[int], money: bool) -> Box:
    name = _name(path, raw)
    known = Box.__struct_fields__
    unknown = sorted(set(raw) - set(known))
    if unknown:
        hint = did_you_mean(unknown[0], [word for word in known if word != "name"])
        raise OptionError(f'"{path}": {name} has "{unknown[0]}". {hint}')
    if "monetary" in raw and not money:
        raise OptionError(
            f'"{path}": {name} asks for a monetary score, but there are no amounts. '
            "Name them, or use classes without monetary."
        )
    ranges = {
        measure: _range(path, f"{name} has {measure}", raw[measure], most)
        for measure, most in zip(MEASURES, bins, strict=True)
        if measure in raw
    }
    text = _checked(raw.get("text", ""), str, path, f"{name} has text", "a text in quotes")
    return Box(name=name, text=text, **ranges)


def _name(path: Path, raw: Any) -> str:
    try:
        return msgspec.convert(raw, _Named).name
    except msgspec.ValidationError:
        raise OptionError(
            f'"{path}": every class needs a name, such as name = "Champions".'
        ) from None


def _range(path: Path, where: str, raw: Any, most: int) -> Range:
    score = Annotated[int, Meta(ge=1, le=most)]
    try:
        low, high = msgspec.convert(raw, tuple[score, score])
    except msgspec.ValidationError:
        low, high = 1, 0
    if low > high:
        raise OptionError(
            f'"{path}": {where} = {raw}; write the lowest and highest score, such as [1, {most}].'
        )
    return low, high
