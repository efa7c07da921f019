"""The labels that a clustering model of PMML gives out, made of the distances to its centroids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from shoal.exports.pmml_parts import (
    REAL,
    TEXT,
    TRUTH,
    apply,
    field,
    number,
    of_field,
    truth,
    word,
)
from shoal.types import Segmentation

WHOLE = {"optype": "categorical", "dataType": "integer"}
AWAY = float(np.finfo(np.float64).max)
MARGIN = 10_000  # a margin is told in so many parts


def output(model: Segmentation, labels: Mapping[str, str], names: Mapping[str, str]) -> Element:
    """The fields that are given out: the labels, and before them what they are made of."""
    found = Element("Output")
    numbers = list(map(str, model.ids))
    nearest = names["nearest"]
    _given(found, nearest, TEXT, feature="predictedValue", isFinalResult="false")
    distances = [names[f"d{i}"] for i in range(1, model.k + 1)]
    for name, of in zip(distances, numbers, strict=True):
        _given(found, name, REAL, feature="affinity", value=of, isFinalResult="false")
    _made(found, names["first"], REAL, _least(distances), isFinalResult="false")
    able = field(names["able"])
    _made(found, labels["segment"], WHOLE, apply("if", able, field(nearest)))
    _made(found, labels["name"], TEXT, _called(labels["segment"], model))
    _beside(found, model, labels, names)
    far = _by_segment(nearest, numbers, [number(min(limit, AWAY)) for limit in model.far.tolist()])
    beyond = apply("greaterThan", of_field("sqrt", names["first"]), far)
    unlike = apply("or", field(names["beyond"]), beyond)
    _made(found, labels["unlike_anyone"], TRUTH, apply("if", able, unlike, truth(False)))
    return found


def _given(found: Element, name: str, kind: Mapping[str, str], **settings: str) -> None:
    SubElement(found, "OutputField", {"name": name, **kind, **settings})


def _made(
    found: Element, name: str, kind: Mapping[str, str], made: Element, **settings: str
) -> None:
    about = {"name": name, **kind, "feature": "transformedValue", **settings}
    SubElement(found, "OutputField", about).append(made)


def _least(names: Sequence[str]) -> Element:
    return apply("min", *map(field, names)) if len(names) > 1 else field(names[0])


def _called(number: str, model: Segmentation) -> Element:
    """The name of a segment by its number."""
    found = Element("Discretize", {"field": number, "dataType": "string"})
    for own, name in zip(model.ids, model.names, strict=True):
        one = SubElement(found, "DiscretizeBin", {"binValue": name})
        ends = {"leftMargin": str(own), "rightMargin": str(own)}
        SubElement(one, "Interval", {"closure": "closedClosed", **ends})
    return found


def _by_segment(nearest: str, numbers: Sequence[str], ways: Sequence[Element]) -> Element:
    """The first way where the first segment is nearest, the second where the second is …"""

    def is_it(number: str) -> Element:
        return apply("equal", field(nearest), word(number))

    return _first_that_holds(is_it, numbers, ways)


def _first_that_holds(
    test: Callable[[str], Element], asked: Sequence[str], ways: Sequence[Element]
) -> Element:
    *others, last = zip(asked, ways, strict=True)
    return reduce(
        lambda found, way: apply("if", test(way[0]), way[1], found), reversed(others), last[1]
    )


def _beside(
    found: Element, model: Segmentation, labels: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """The nearest of the others, and the margin: 0 on the border with it, 1 at the centroid."""
    able = field(names["able"])
    if model.k == 1:
        _made(found, labels["runner_up"], TEXT, word(""))
        _made(found, labels["margin"], REAL, apply("if", able, number(1), number(0)))
        return
    others = [names[f"o{i}"] for i in range(1, model.k + 1)]
    for i, own in enumerate(model.ids):
        is_own = apply("equal", field(names["nearest"]), word(str(own)))
        other = apply("if", is_own, number(AWAY), field(names[f"d{i + 1}"]))
        _made(found, others[i], REAL, other, isFinalResult="false")
    second = names["second"]
    _made(found, second, REAL, _least(others), isFinalResult="false")

    def is_second(name: str) -> Element:
        return apply("lessOrEqual", field(name), field(second))

    runner = names["runner"]
    which = _first_that_holds(is_second, others, [number(own) for own in model.ids])
    _made(found, runner, REAL, apply("if", able, which), isFinalResult="false")
    _made(found, labels["runner_up"], TEXT, _called(runner, model))
    _made(found, labels["margin"], REAL, apply("if", able, _margin(names), number(0)))


def _margin(names: Mapping[str, str]) -> Element:
    share = apply("/", of_field("sqrt", names["first"]), of_field("sqrt", names["second"]))
    told = apply("round", apply("*", apply("-", number(1), share), number(MARGIN)))
    apart = apply("greaterThan", field(names["second"]), number(0))
    return apply("if", apart, apply("/", told, number(MARGIN)), number(0))
