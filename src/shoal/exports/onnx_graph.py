"""Segmentation → a graph of ONNX in double precision, which does what `assign` does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.data.cells.infer import gaps_beside
from shoal.exports.inputs import inputs_of, labels_of, own_name
from shoal.stats.distribution import HUGE
from shoal.types import Feature, MadeColumn, Segmentation

OPSET, OPSET_ML, IR = 17, 3, 8  # what runtimes have known since 2022
MARGIN = 10_000  # a margin is told in so many parts
WHOLE, REAL, TEXT, TRUTH = "INT64", "DOUBLE", "STRING", "BOOL"
OUTPUTS = {
    "segment": WHOLE,
    "name": TEXT,
    "runner_up": TEXT,
    "margin": REAL,
    "unlike_anyone": TRUTH,
}


class _Graph:
    """Nodes one after another, each named by its number; constants are kept once."""

    def __init__(self, columns: Collection[str]) -> None:
        self.columns = columns
        self.nodes: list[Any] = []
        self.constants: dict[tuple[str, tuple[int, ...], bytes], Any] = {}

    def add(self, kind: str, *given: str, domain: str = "", **settings: Any) -> str:
        """A node; gives the name of what comes out."""
        from onnx import helper

        name = own_name(f"shoal_{len(self.nodes)}", self.columns)
        node = helper.make_node(kind, list(given), [name], domain=domain, **settings)
        self.nodes.append(node)
        return name

    def constant(self, value: Any, kind: npt.DTypeLike = np.float64) -> str:
        """An array that is always the same; gives its name."""
        from onnx import numpy_helper

        array = np.asarray(value, dtype=kind)
        key = (str(array.dtype), array.shape, _content(array))
        if key not in self.constants:
            name = own_name(f"shoal_constant_{len(self.constants)}", self.columns)
            self.constants[key] = numpy_helper.from_array(array, name)
        return str(self.constants[key].name)

    def chain(self, kind: str, parts: Sequence[str]) -> str:
        """The first with the second, that with the third …"""
        whole = parts[0]
        for part in parts[1:]:
            whole = self.add(kind, whole, part)
        return whole

    def number(self, x: str, kind: str, by: float) -> str:
        """A number of each row with the same one."""
        return self.add(kind, x, self.constant([[by]]))

    def either(self, parts: Sequence[str]) -> str:
        """Whether any holds of a row; of none that does: no."""
        return self.chain("Or", parts or [self.constant([[False]], np.bool_)])


def _content(array: npt.NDArray[Any]) -> bytes:
    return repr(array.tolist()).encode() if array.dtype == object else array.tobytes()


def onnx_model(model: Segmentation, told: dict[str, str]) -> Any:
    """The model as ONNX; `told` becomes its metadata."""
    from onnx import helper

    inputs, labels = inputs_of(model), labels_of(model)
    graph = _Graph({each.column for each in inputs})
    seen = _Seen(graph, model)
    results = _results(graph, model, seen)
    given = [_value(i.column, TEXT if i.kind == "words" else REAL, 1) for i in inputs]
    nodes = [
        helper.make_node("Identity", [results[label]], [name]) for label, name in labels.items()
    ]
    given_back = [_value(name, OUTPUTS[label]) for label, name in labels.items()]
    constants = list(graph.constants.values())
    made = helper.make_graph([*graph.nodes, *nodes], "segments", given, given_back, constants)
    known = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OPSET_ML)]
    whole = helper.make_model(made, opset_imports=known, ir_version=IR, producer_name="shoal")
    helper.set_model_props(whole, told)
    return whole


def _value(name: str, kind: str, *columns: int) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, getattr(TensorProto, kind), ["rows", *columns])


class _Seen:
    """What is known of each row (n, 1), and its squared distances (n, k), feature by feature."""

    def __init__(self, graph: _Graph, model: Segmentation) -> None:
        self.graph = graph
        self.made = {each.name: each for each in model.made}
        self.able: list[str] = []
        self.beyond: list[str] = []
        self.squares: list[str] = []
        parts = zip(model.recipe.features, model.recipe.parts, strict=True)
        for feature, part in parts:
            take = self._words if feature.kind == "category" else self._number
            take(feature, model.centres[:, part])

    def _words(self, feature: Feature, centres: npt.NDArray[np.float64]) -> None:
        """A word is a row of a table of squares: one for each word, for others, and for a gap."""
        graph, known = self.graph, len(feature.categories)
        hits = np.vstack([np.eye(known), [feature.shares, feature.shares]]) * feature.factor
        gaps = dict.fromkeys(gaps_beside(feature.categories), known + 1)
        code = _coded(graph, feature.column, _numbered(feature.categories) | gaps, known)
        gap = graph.add("Equal", code, graph.constant([[known + 1]], np.int64))
        self.able.append(graph.add("Not", gap))
        row = graph.add("Squeeze", code, graph.constant([1], np.int64))
        for word in range(known):
            table = (hits[:, word, None] - centres[None, :, word]) ** 2
            self.squares.append(graph.add("Gather", graph.constant(table), row))

    def _number(self, feature: Feature, centres: npt.NDArray[np.float64]) -> None:
        graph = self.graph
        x, told = self._finite(feature)
        if feature.kind == "number":
            self.beyond += _beyond(graph, x, told, feature)
        known = told
        if feature.never is not None:
            never = graph.number(x, "Equal", feature.never)
            known = graph.add("And", told, graph.add("Not", never))
        self.able.append(known)
        x = graph.add("Where", known, x, graph.constant([[feature.stand_in]]))
        if feature.log_offset is not None:
            x = _logged(graph, x, feature.log_offset, feature.lowest)
        x = graph.number(graph.number(x, "Sub", feature.centre), "Mul", feature.factor)
        apart = graph.add("Sub", x, graph.constant(centres.T))
        self.squares.append(graph.add("Mul", apart, apart))

    def _finite(self, feature: Feature) -> tuple[str, str]:
        """A column as numbers, and where one is told."""
        graph = self.graph
        if feature.categories:
            words = _numbered(feature.categories)
            code = _coded(graph, feature.column, words, len(words))
            x = graph.add("Cast", code, to=_type(REAL))
            return x, graph.number(x, "Less", len(words))
        x = feature.column
        if x in self.made:
            return self._total(self.made[x])
        return x, self._near(x)

    def _near(self, x: str) -> str:
        return self.graph.number(self.graph.add("Abs", x), "LessOrEqual", HUGE)

    def _total(self, made: MadeColumn) -> tuple[str, str]:
        """The sum of the parts that are known, and where any is."""
        graph = self.graph
        known = [self._near(part) for part in made.columns]
        zero = graph.constant([[0.0]])
        filled = [
            graph.add("Where", near, part, zero)
            for near, part in zip(known, made.columns, strict=True)
        ]
        x = graph.chain("Add", filled)
        return x, graph.add("And", graph.either(known), self._near(x))


def _numbered(words: Sequence[str]) -> dict[str, int]:
    return {word: at for at, word in enumerate(words)}


def _coded(graph: _Graph, column: str, codes: dict[str, int], other: int) -> str:
    """The number of each word."""
    return graph.add(
        "LabelEncoder",
        column,
        domain="ai.onnx.ml",
        keys_strings=list(codes),
        values_int64s=list(codes.values()),
        default_int64=other,
    )


def _type(kind: str) -> int:
    from onnx import TensorProto

    return int(getattr(TensorProto, kind))


def _beyond(graph: _Graph, x: str, told: str, feature: Feature) -> list[str]:
    """Where a number is unlike anybody's."""
    ends = (("Less", feature.least), ("Greater", feature.most))
    tests = [graph.number(x, kind, end) for kind, end in ends if end is not None]
    return [graph.add("And", told, test) for test in tests]


def _logged(graph: _Graph, x: str, offset: float, lowest: float) -> str:
    """What has no logarithm is taken as the lowest that was met."""
    moved = graph.number(x, "Add", offset)
    able = graph.number(moved, "Greater", 0)
    log = graph.add("Log", graph.add("Where", able, moved, graph.constant([[1.0]])))
    return graph.add("Where", able, log, graph.constant([[lowest]]))


def _results(graph: _Graph, model: Segmentation, seen: _Seen) -> dict[str, str]:
    """Each of the labels (n,), as `assign` has them."""
    squared = graph.chain("Add", seen.squares)
    near, first = _lowest(graph, squared)
    able = _flat(graph, graph.either(seen.able))
    own = _flat(graph, near)
    found = {
        "segment": _taken(graph, model.ids, np.int64, own),
        "name": _taken(graph, model.names, object, own),
    }
    if model.k > 1:
        found |= _beside(graph, model, near, squared, first)
    else:
        found["runner_up"] = _taken(graph, [""], object, own)
        found["margin"] = _taken(graph, [1.0], np.float64, own)
    told = {name: graph.add("Where", able, x, _nothing(graph, name)) for name, x in found.items()}
    return told | {"unlike_anyone": graph.add("And", able, _unlike(graph, model, seen, own, first))}


def _nothing(graph: _Graph, name: str) -> str:
    """What is told of who has a value in none of the columns."""
    kind, value = {WHOLE: (np.int64, 0), TEXT: (object, ""), REAL: (np.float64, 0.0)}[OUTPUTS[name]]
    return graph.constant([value], kind)


def _lowest(graph: _Graph, squared: str) -> tuple[str, str]:
    """Which is lowest (n, 1), of equal ones the first; and how low it is (n, 1)."""
    near = graph.add("ArgMin", squared, axis=1, keepdims=1)
    return near, graph.add("GatherElements", squared, near, axis=1)


def _flat(graph: _Graph, x: str) -> str:
    return graph.add("Squeeze", x, graph.constant([1], np.int64))


def _taken(graph: _Graph, values: Any, kind: Any, rows: str) -> str:
    return graph.add("Gather", graph.constant(values, kind), rows)


def _beside(
    graph: _Graph, model: Segmentation, near: str, squared: str, first: str
) -> dict[str, str]:
    """The nearest of the others, and the margin: 0 on the border with it, 1 at the centroid."""
    own = graph.add("Equal", graph.constant([range(model.k)], np.int64), near)
    away = graph.constant([[np.finfo(np.float64).max]])
    other, second = _lowest(graph, graph.add("Where", own, away, squared))
    apart = graph.number(second, "Greater", 0)
    divisor = graph.add("Where", apart, second, graph.constant([[1.0]]))
    share = graph.add("Div", graph.add("Sqrt", first), graph.add("Sqrt", divisor))
    margin = graph.add("Sub", graph.constant([[1.0]]), share)
    margin = graph.add("Where", apart, margin, graph.constant([[0.0]]))
    parts = graph.add("Round", graph.number(margin, "Mul", MARGIN))
    return {
        "runner_up": _taken(graph, model.names, object, _flat(graph, other)),
        "margin": _flat(graph, graph.number(parts, "Div", MARGIN)),
    }


def _unlike(graph: _Graph, model: Segmentation, seen: _Seen, own: str, first: str) -> str:
    """Beyond all others in a column, or farther from the centroid than all but a stated share."""
    limits = _taken(graph, model.far, np.float64, own)
    far = graph.add("Greater", graph.add("Sqrt", _flat(graph, first)), limits)
    return graph.add("Or", _flat(graph, graph.either(seen.beyond)), far) if seen.beyond else far
