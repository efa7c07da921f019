"""Segmentation → PMML 4.4: a clustering model by centroids, which does what `assign` does.

Columns become derived fields: n1, n2 … are numbers that are known, e encoded features; the distance
to each centroid is the affinity that the model gives out, and labels are made of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from shoal.data.cells.infer import gaps_beside
from shoal.errors import OptionError
from shoal.exports.inputs import Input, inputs_of, labels_of, own_name
from shoal.exports.pmml_labels import output
from shoal.exports.pmml_parts import (
    REAL,
    TEXT,
    TRUTH,
    Field,
    apply,
    between,
    chain,
    either,
    field,
    fits_xml,
    if_known,
    is_word,
    number,
    of_field,
    truth,
)
from shoal.stats.distribution import HUGE
from shoal.types import Feature, MadeColumn, Segmentation

SPACE = "http://www.dmg.org/PMML-4_4"


def pmml(model: Segmentation, told: Mapping[str, str]) -> bytes:
    """The document; `told` stands in its header. Raises OptionError for what XML cannot hold."""
    inputs = inputs_of(model)
    _check_names(model, inputs)
    root = Element("PMML", {"xmlns": SPACE, "version": "4.4"})
    header = SubElement(root, "Header", {"description": "Segments of customers"})
    for name, value in told.items():
        SubElement(header, "Extension", {"extender": "shoal", "name": name, "value": value})
    SubElement(header, "Application", {"name": "shoal"})
    root.append(_dictionary(inputs))
    root.append(_clustering(model, inputs))
    indent(root, " ")
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def _check_names(model: Segmentation, inputs: Sequence[Input]) -> None:
    words = [word for f in model.recipe.features for word in f.categories]
    for text in (*(each.column for each in inputs), *words, *model.names):
        if not fits_xml(text):
            raise OptionError(
                f'PMML cannot carry "{text}": XML has no place for one of its characters. Give the '
                "column, word or segment another name."
            )


def _dictionary(inputs: Sequence[Input]) -> Element:
    found = Element("DataDictionary", {"numberOfFields": str(len(inputs))})
    for each in inputs:
        kind = TEXT if each.kind == "words" else REAL
        SubElement(found, "DataField", {"name": each.column, **kind})
    return found


def _clustering(model: Segmentation, inputs: Sequence[Input]) -> Element:
    about = {"functionName": "clustering", "modelClass": "centerBased", "modelName": "segments"}
    found = Element("ClusteringModel", about | {"numberOfClusters": str(model.k)})
    schema = SubElement(found, "MiningSchema")
    for each in inputs:
        taken = {"name": each.column, "invalidValueTreatment": "asMissing"}
        SubElement(schema, "MiningField", taken)
    names = _Names({each.column for each in inputs})
    found.append(output(model, labels_of(model), names))
    local = SubElement(found, "LocalTransformations")
    for derived in _fields(model, names):
        about = {"name": derived.name, **derived.kind}
        SubElement(local, "DerivedField", about).append(derived.made)
    measure = SubElement(found, "ComparisonMeasure", {"kind": "distance"})
    SubElement(measure, "squaredEuclidean")
    for at in range(1, model.recipe.width + 1):
        taken = {"field": names[f"e{at}"], "compareFunction": "absDiff"}
        SubElement(found, "ClusteringField", taken)
    for row in zip(model.ids, model.names, model.centres.tolist(), strict=True):
        found.append(_cluster(*row))
    return found


def _cluster(number: int, name: str, centre: Sequence[float]) -> Element:
    cluster = Element("Cluster", {"id": str(number), "name": name})
    array = SubElement(cluster, "Array", {"n": str(len(centre)), "type": "real"})
    array.text = " ".join(map(repr, centre))
    return cluster


class _Names(dict[str, str]):
    """Names of fields of our own, which no column has."""

    def __init__(self, columns: set[str]) -> None:
        self.columns = columns

    def __missing__(self, name: str) -> str:
        self[name] = own_name(f"shoal_{name}", self.columns)
        return self[name]


# --- columns --------------------------------------------------------------------------------------


def _fields(model: Segmentation, names: _Names) -> Iterator[Field]:
    """The features as centroids have them; who can be placed, and who is beyond all others."""
    made = {each.name: each for each in model.made}
    able: list[Element] = []
    beyond: list[Element] = []
    at = 0
    for i, feature in enumerate(model.recipe.features, 1):
        own = names[f"n{i}"]
        if feature.categories:
            word = names[f"w{i}"]
            yield Field(word, TEXT, of_field("trimBlanks", feature.column))
        if feature.kind == "category":
            able.append(_word_is_told(word, feature))
            parts = list(_placed(word, feature))
        else:
            is_flag = bool(feature.categories)
            made_of = (
                _flag(word, feature) if is_flag else _number(feature, made.get(feature.column))
            )
            yield Field(own, REAL, made_of)
            known = names[f"k{i}"]
            yield Field(known, REAL, _without_never(own, feature))
            able.append(of_field("isNotMissing", known))
            beyond += _beyond(own, feature)
            parts = [_encoded(known, feature)]
        for part in parts:
            at += 1
            yield Field(names[f"e{at}"], REAL, part)
    yield Field(names["able"], TRUTH, either(able))
    yield Field(names["beyond"], TRUTH, either(beyond) if beyond else truth(False))


def _number(feature: Feature, made: MadeColumn | None) -> Element:
    """The number of a column, missing where it is none that can be reckoned with."""
    if made is None:
        return _finite(feature.column)
    known = either([of_field("isNotMissing", part) for part in made.columns])
    parts = [
        apply("if", of_field("isNotMissing", part), _finite(part, number(0)), number(0))
        for part in made.columns
    ]
    return apply("if", known, chain("+", parts))


def _finite(column: str, otherwise: Element | None = None) -> Element:
    near = apply("lessOrEqual", of_field("abs", column), number(HUGE))
    return if_known(column, apply("if", near, field(column), otherwise))


def _flag(column: str, feature: Feature) -> Element:
    """1, 0, or nothing."""
    off, on = (is_word(column, text) for text in feature.categories)
    return apply("if", on, number(1), apply("if", off, number(0)))


def _without_never(own: str, feature: Feature) -> Element:
    """A number without what stands for "never"."""
    if feature.never is None:
        return field(own)
    other = apply("notEqual", field(own), number(feature.never))
    return if_known(own, apply("if", other, field(own)))


def _beyond(own: str, feature: Feature) -> Iterator[Element]:
    """Where a number is unlike anybody's."""
    if feature.kind == "number" and (feature.least, feature.most) != (None, None):
        outside = apply("not", between(feature.least, own, feature.most))
        yield if_known(own, outside, truth(False))


def _encoded(known: str, feature: Feature) -> Element:
    x = apply("if", of_field("isMissing", known), number(feature.stand_in), field(known))
    if feature.log_offset is not None:
        x = _logged(known, feature)
    return apply("*", apply("-", x, number(feature.centre)), number(feature.factor))


def _logged(known: str, feature: Feature) -> Element:
    """What has no logarithm is taken as the lowest that was met."""
    offset = feature.log_offset or 0.0
    moved = apply("+", field(known), number(offset))
    able = apply("greaterThan", moved, number(0))
    log = apply("if", able, apply("ln", moved), number(feature.lowest))
    usual = feature.stand_in + offset
    filled = float(np.log(usual)) if usual > 0 else feature.lowest
    return if_known(known, log, number(filled))


def _word_is_told(column: str, feature: Feature) -> Element:
    """Whether there is a word, be it one that nobody else has."""
    gap = either([is_word(column, gap) for gap in gaps_beside(feature.categories)])
    return if_known(column, apply("not", gap), truth(False))


def _placed(column: str, feature: Feature) -> Iterator[Element]:
    """One feature a word; what is not known lies where everybody does on average."""
    known = either([is_word(column, text) for text in feature.categories])
    for text, share in zip(feature.categories, feature.shares, strict=True):
        average = apply("if", known, number(0), number(share * feature.factor))
        yield apply("if", is_word(column, text), number(feature.factor), average)
