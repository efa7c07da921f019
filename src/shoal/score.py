"""Segmentation + rows → places. Scoring learns nothing: the recipe is replayed and the nearest centre taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shoal.errors import InputError, did_you_mean
from shoal.nouns import Bools, Floats, Groups, Ints, Segmentation
from shoal.passes import Table
from shoal.prepare import encode, placeable
from shoal.shape import numbers

NO_VALUES = "no value in any column that forms segments"  # the one reason for which a customer cannot be placed


@dataclass(frozen=True)
class Places:
    """Where each of n customers belongs. A customer who cannot be placed has segment 0."""

    segment: npt.NDArray[np.int16]  # (n,) id from 1; 0 when set aside
    runner_up: npt.NDArray[np.int16]  # (n,) the second nearest, 0 when there is none
    margin: npt.NDArray[np.float32]  # (n,) 0 on the border with the runner-up .. 1 at the centre
    distance: npt.NDArray[np.float32 | np.float64]  # (n,) to the own centre, in encoded units
    unlike_anyone: Bools  # (n,) farther from every centre than all but a stated share of customers

    def part(self, keep: Bools | slice) -> Places:
        """The places of some of the customers."""
        return Places(self.segment[keep], self.runner_up[keep], self.margin[keep], self.distance[keep], self.unlike_anyone[keep])


def place(rows: pa.Table | pa.RecordBatch, model: Segmentation) -> Places:
    """Each row's segment, runner-up, margin and distance."""
    return place_encoded(encode(rows, model.recipe, clip=False), placeable(rows, model.recipe), model)


def place_encoded(matrix: Floats, able: Bools, model: Segmentation) -> Places:
    """The same for rows that are encoded already (n, d)."""
    near, squared = _two_nearest(matrix, model.centres)
    first, second = np.sqrt(squared[:, 0]), np.sqrt(squared[:, 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        margin = np.where(second > 0, 1.0 - first / second, 0.0)
    own = near[:, 0]
    alone = model.k == 1
    return Places(
        segment=np.where(able, own + 1, 0).astype(np.int16),
        runner_up=np.where(able & (not alone), near[:, 1] + 1, 0).astype(np.int16),
        margin=np.where(able, 1.0 if alone else margin, 0.0).astype(np.float32),
        distance=np.where(able, first, 0.0),
        unlike_anyone=able & (first > model.far[own]),
    )


def _two_nearest(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """Indices (n, 2) of the nearest and second nearest centre, and squared distances (n, 2); ties go to the lower id."""
    n, k = len(matrix), len(centres)
    squared = np.empty((n, k))
    for j, centre in enumerate(centres):
        apart = matrix - centre
        squared[:, j] = np.einsum("ij,ij->i", apart, apart)
    rows = np.arange(n)
    first = squared.argmin(axis=1)
    best = squared[rows, first]
    if k == 1:
        return np.column_stack([first, first]), np.column_stack([best, best])
    squared[rows, first] = np.inf
    second = squared.argmin(axis=1)
    return np.column_stack([first, second]), np.column_stack([best, squared[rows, second]])


def check_columns(table: Table, model: Segmentation) -> None:
    """Raise InputError unless the table has every column that the model needs, of the right kind."""
    have = table.schema.names
    lost = [name for name in model.recipe.columns if name not in have]
    if lost:
        missing = ", ".join(f'"{name}"' for name in lost)
        hint = did_you_mean(lost[0], have)
        raise InputError(
            f"{table.name} lacks {missing}, which the model needs. {hint} Rename the column, or segment this table anew."
        )
    for feature in model.recipe.features:
        kind = table.schema.field(feature.column).type
        number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
        wants_number = feature.kind == "number" or not feature.categories
        if wants_number != number and table.schema.field(feature.column).type != pa.null():
            words = ", ".join(f'"{c}"' for c in feature.categories[:3])
            wanted = "numbers" if wants_number else f"words such as {words}"
            raise InputError(
                f'"{feature.column}" of {table.name} was read as {kind}, but the model needs {wanted}. Look at it with: shoal inspect {table.name}'
            )


class PlacePass:
    """Places every row and adds up what portraits need: sizes, inertia, sums per segment and column, words per segment."""

    def __init__(self, model: Segmentation, measures: dict[str, float], words: dict[str, tuple[str, ...]]) -> None:
        self.model, self.measures, self.words = model, measures, words
        k = model.k
        self.inertia = 0.0
        self.sizes = np.zeros(k, dtype=np.int64)
        self.unlike = np.zeros(k, dtype=np.int64)
        self.sums = np.zeros((3, k, len(measures)))  # counts, sums and squares around the column's overall mean
        self.counted = {name: np.zeros((len(known), k), dtype=np.int64) for name, known in words.items()}
        self.parts: list[tuple[int, Places]] = []

    def absorb(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        places = place(batch, self.model)
        self.parts.append((start, replace(places, distance=places.distance.astype(np.float32))))  # kept for every customer: small
        able = places.segment > 0
        own = places.segment[able].astype(np.int64) - 1
        k = self.model.k
        self.inertia += float((places.distance[able] ** 2).sum())
        self.sizes += np.bincount(own, minlength=k)
        self.unlike += np.bincount(own[places.unlike_anyone[able]], minlength=k)
        for j, (name, mean) in enumerate(self.measures.items()):
            x = numbers(batch.column(name))[able]
            known = np.isfinite(x)
            mine, x = own[known], x[known]
            self.sums[0, :, j] += np.bincount(mine, minlength=k)
            self.sums[1, :, j] += np.bincount(mine, x, minlength=k)
            self.sums[2, :, j] += np.bincount(mine, (x - mean) ** 2, minlength=k)
        for name, known_words in self.words.items():
            self._count_words(name, known_words, batch.column(name), able, own)

    def _count_words(self, name: str, known: tuple[str, ...], column: pa.Array, able: Bools, own: Ints) -> None:
        at = pc.index_in(column.cast(pa.string()), value_set=pa.array(known, pa.string()))
        at = np.asarray(pc.fill_null(at, -1))[able]
        flat = np.bincount(at[at >= 0] * self.model.k + own[at >= 0], minlength=len(known) * self.model.k)
        self.counted[name] += flat.reshape(len(known), self.model.k)

    def merge(self, other: Self) -> None:
        """Take in what another worker has placed."""
        self.inertia += other.inertia
        self.sizes += other.sizes
        self.unlike += other.unlike
        self.sums += other.sums
        for name, counts in other.counted.items():
            self.counted[name] += counts
        self.parts = sorted(self.parts + other.parts, key=lambda part: part[0])

    def groups(self) -> Groups:
        """The exact sums, as a noun."""
        categories = {
            name: {word: tuple(map(int, counts[i])) for i, word in enumerate(self.words[name])}
            for name, counts in self.counted.items()
        }
        return Groups(tuple(self.measures), self.sizes, self.sums[0], self.sums[1], self.sums[2], categories)

    def places(self) -> Places:
        """The places of all rows, in their order."""
        fields = ("segment", "runner_up", "margin", "distance", "unlike_anyone")
        return Places(*(np.concatenate([getattr(p, f) for _, p in self.parts]) for f in fields))
