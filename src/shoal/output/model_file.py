"""Segmentation ↔ model.json: data, never code; it holds no customer's row."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from shoal.errors import InputError
from shoal.output import palette
from shoal.output.identity import model_id
from shoal.text.options import whoever_asks
from shoal.types import Baseline, Bins, Feature, MadeColumn, Recipe, Segmentation
from shoal.types.plain_json import as_json

FORMAT = "shoal-segmentation"
SCHEMA_VERSION = 1
LARGEST_ID = 2**15 - 1  # of a segment
FARTHEST = 1e70  # numbers of a model whose squares still add up


def _where_from() -> str:
    return whoever_asks(
        shell="A model is the model.json that `shoal segment … --out DIR` writes.",
        python='A model is what `study.save("model.json")` writes.',
        page='A model is the model.json under "Take away".',
    )


class _Head(msgspec.Struct, frozen=True):
    """What tells that a file is a model, and of which version."""

    format: str
    schema_version: int


class ModelInFile(msgspec.Struct, frozen=True):
    """A Segmentation as it stands in the file; the numbers of JSON are always finite."""

    recipe: Recipe
    centres: tuple[tuple[float, ...], ...]
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    inertia: float
    silhouette: float | None
    far: tuple[float | None, ...]  # None: no customer is too far
    far_rate: float
    id_column: str | None
    basis: tuple[str, ...]
    seed: int
    rows: int
    made: tuple[MadeColumn, ...] = ()
    colours: tuple[str, ...] = ()  # a model from before there were any has none
    ids: tuple[int, ...] = ()  # 1 to k in a model from before there were others
    baseline: Baseline | None = None  # an older model keeps none


class _About(msgspec.Struct, frozen=True):
    """What is read of `about`, which is for people and needs no other form."""

    segments: tuple[dict[str, Any], ...] = ()


class _File(msgspec.Struct, frozen=True):
    """The whole file."""

    model: ModelInFile
    about: dict[str, Any] = {}


def to_json(model: Segmentation, about: Mapping[str, Any] | None = None) -> str:
    """The model as JSON text. `about` adds facts for people that placing does not need."""
    body = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "model_id": model_id(model),
        "model": as_json(model),
        "about": as_json(dict(about or {})),
    }
    return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str | bytes, where: str = "the model") -> tuple[Segmentation, dict[str, Any]]:
    """The model and what was noted about it.

    Raises InputError for anything that is not a whole model of a known version.
    """
    try:
        head = msgspec.json.decode(text, type=_Head)
    except msgspec.ValidationError:
        raise InputError(f"{where} is not a segmentation by shoal. {_where_from()}") from None
    except msgspec.DecodeError as error:
        raise InputError(f"{where} is not JSON ({error}). {_where_from()}") from None
    if head.format != FORMAT:
        raise InputError(f"{where} is not a segmentation by shoal. {_where_from()}")
    if head.schema_version != SCHEMA_VERSION:
        raise InputError(
            f"{where} has schema version {head.schema_version}; this shoal reads {SCHEMA_VERSION}. "
            "Install the shoal that wrote it, or segment again."
        )
    try:
        file = msgspec.json.decode(text, type=_File)
        _check(file.model)
        msgspec.convert(file.about, _About)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{where} is damaged ({error}). Segment again to write a new one."
        ) from None
    return _segmentation(file.model), file.about


def _check(model: ModelInFile) -> None:
    """Raise ValidationError unless all parts fit together and every row could be placed."""
    for is_so, wrong in _demands(model):
        if not is_so:
            raise msgspec.ValidationError(wrong)
    for feature in model.recipe.features:
        if not (_is_of_its_kind(feature) and _can_be_reckoned(feature)):
            raise msgspec.ValidationError(f'"{feature.column}" is no {feature.kind} that fits')
    for each in model.made:
        if not _can_be_made(each):
            raise msgspec.ValidationError(f'"{each.name}" cannot be made of {len(each.columns)}')


def _demands(model: ModelInFile) -> Iterator[tuple[bool, str]]:
    """What must be so of segments and columns, and what is wrong where it is not."""
    k, width, columns = len(model.names), model.recipe.width, model.recipe.columns
    lengths = {len(model.centres), len(model.sizes), len(model.far)}
    yield (
        lengths == {k} and k > 0,
        (
            f"{k} names, but {len(model.centres)} centres, {len(model.sizes)} sizes and "
            f"{len(model.far)} distances"
        ),
    )
    widths = {len(centre) for centre in model.centres}
    yield widths == {width}, f"{width} features, but {min(widths)} to {max(widths)} in a centre"
    reach = max(abs(place) for centre in model.centres for place in centre)
    yield reach <= FARTHEST, "a centre is out of reach"
    named = {name.casefold() for name in model.names if name.strip()}
    yield len(named) == k, "segments without names of their own"
    yield (
        min(model.sizes) >= 0 and sum(model.sizes) == model.rows,
        (f"segments of {sum(model.sizes):,} customers together, but {model.rows:,} rows"),
    )
    yield all(far is None or far >= 0 for far in model.far), "a distance below zero"
    yield 0 <= model.far_rate <= 1, f"a share of {model.far_rate:g}"
    yield len(set(columns)) == len(columns) and all(columns), "two columns of one name, or of none"
    shades = model.colours or palette.colours(k)
    are_colours = len(shades) == k and all(map(palette.is_colour, shades))
    yield are_colours, f"colours that are none, or not {k}"
    ids = model.ids or tuple(range(1, k + 1))
    ascending = all(one < other for one, other in pairwise((0, *ids)))
    yield ascending and len(ids) == k and ids[-1] <= LARGEST_ID, f"ids that are none, or not {k}"
    yield model.id_column not in columns, "an id that forms segments"
    made = [each.name for each in model.made]
    yield len(set(made)) == len(made), "a column that is made twice"
    if model.baseline is not None:
        yield _tells_of(model.baseline, model), "no account of its customers that fits"


def _tells_of(baseline: Baseline, model: ModelInFile) -> bool:
    """Whether what is kept of the customers is of these columns, and can be reckoned with."""
    told, features = baseline.columns, model.recipe.features
    return (
        [each.column for each in told] == list(model.recipe.columns)
        and all(len(c.words) == len(f.categories) for c, f in zip(told, features, strict=True))
        and all(0 <= each.missing <= baseline.customers for each in told)
        and all(count >= 0 for each in told for count in each.words)
        and all((c.bins is None) == bool(f.categories) for c, f in zip(told, features, strict=True))
        and all(_are_bins(each.bins) for each in told if each.bins is not None)
        and _are_bins(baseline.distance)
        and 0 <= baseline.unlike <= model.rows
    )


def _are_bins(bins: Bins) -> bool:
    edges = bins.edges
    return (
        len(bins.counts) == len(bins.means) == len(edges) + 1
        and all(low < high for low, high in pairwise(edges))
        and min(bins.counts) >= 0
        and max(map(abs, (*edges, *bins.means))) < FARTHEST
    )


def _is_of_its_kind(feature: Feature) -> bool:
    """Whether the words of a feature are those of its kind."""
    words, is_number = len(feature.categories), isinstance(feature.fill, float)
    if len(set(feature.categories)) != words:
        return False
    if feature.kind == "number":
        return is_number and words == 0
    ranges = (feature.low, feature.high, feature.log_offset, feature.least, feature.most)
    if (*ranges, feature.never) != (None,) * 6:
        return False  # only numbers have any
    if feature.kind == "flag":
        return words == 0 if is_number else words == 2 and feature.fill in feature.categories
    shares = feature.shares
    return len(shares) == words > 0 and min(shares) >= 0 and abs(sum(shares) - 1) < 1e-6


def _can_be_reckoned(feature: Feature) -> bool:
    """Whether values become numbers whose squares are numbers."""
    low, high, offset = feature.low, feature.high, feature.log_offset
    numbers = (feature.centre, low or 0.0, high or 0.0, offset or 0.0)
    return (
        1 / FARTHEST < feature.scale < FARTHEST
        and 1 / FARTHEST < feature.weight < FARTHEST
        and max(map(abs, numbers)) < FARTHEST
        and (offset is None or offset >= 0)
        and (low is None) == (high is None)
        and (low is None or high is None or low <= high)
        and not (isinstance(feature.fill, float) and abs(feature.fill) > FARTHEST)
        and feature.filled >= 0
    )


def _can_be_made(column: MadeColumn) -> bool:
    if column.kind == "total":
        return len(set(column.columns)) == len(column.columns) > 0
    try:
        datetime.date.fromisoformat(column.day)
    except ValueError:
        return False
    return len(column.columns) == 1


def _segmentation(model: ModelInFile) -> Segmentation:
    values = msgspec.structs.asdict(model)
    far = [np.inf if value is None else value for value in model.far]
    values |= {"centres": np.array(model.centres), "far": np.array(far)}
    values["colours"] = model.colours or palette.colours(len(model.names))
    return Segmentation(**values)


def is_model(path: Path) -> bool:
    """Whether a file is a model, of whatever version."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Head).format == FORMAT
    except (OSError, ValueError, msgspec.MsgspecError):
        return False


def load(path: str | Path | bytes) -> tuple[Segmentation, dict[str, Any]]:
    """Read a model file, or the bytes of one. Raises InputError when it is missing or no model."""
    if isinstance(path, bytes):
        return from_json(path)
    where = Path(path)
    try:
        text = where.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # no text, or no path
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InputError(f"Cannot read the model {where}: {reason}. {_where_from()}") from None
    return from_json(text, str(where))
