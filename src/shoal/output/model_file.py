"""Segmentation ↔ model.json: data, never code; it holds no customer's row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from shoal.errors import InputError
from shoal.text.plain_json import as_json
from shoal.types import MadeColumn, Recipe, Segmentation

FORMAT = "shoal-segmentation"
SCHEMA_VERSION = 1
_WHERE_FROM = "A model is the model.json that `shoal segment … --out DIR` writes."


class _Head(msgspec.Struct, frozen=True):
    """What tells that a file is a model, and of which version."""

    format: str
    schema_version: int


class _Model(msgspec.Struct, frozen=True):
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


class _File(msgspec.Struct, frozen=True):
    """The whole file; `about` is for people and needs no form."""

    model: _Model
    about: dict[str, Any] = {}


def to_json(model: Segmentation, about: Mapping[str, Any] | None = None) -> str:
    """The model as JSON text. `about` adds facts for people that placing does not need."""
    body = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "model": as_json(model),
        "about": as_json(dict(about or {})),
    }
    return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str, where: str = "the model") -> tuple[Segmentation, dict[str, Any]]:
    """The model and what was noted about it.

    Raises InputError for anything that is not a whole model of a known version.
    """
    try:
        head = msgspec.json.decode(text, type=_Head)
    except msgspec.ValidationError:
        raise InputError(f"{where} is not a segmentation by shoal. {_WHERE_FROM}") from None
    except msgspec.DecodeError as error:
        raise InputError(f"{where} is not JSON ({error}). {_WHERE_FROM}") from None
    if head.format != FORMAT:
        raise InputError(f"{where} is not a segmentation by shoal. {_WHERE_FROM}")
    if head.schema_version != SCHEMA_VERSION:
        raise InputError(
            f"{where} has schema version {head.schema_version}; this shoal reads {SCHEMA_VERSION}. "
            "Install the shoal that wrote it, or segment again."
        )
    try:
        file = msgspec.json.decode(text, type=_File)
        _check_shapes(file.model)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{where} is damaged ({error}). Segment again to write a new one."
        ) from None
    return _segmentation(file.model), file.about


def _check_shapes(model: _Model) -> None:
    """Raise ValidationError unless there is one of each for every segment and feature."""
    k, width = len(model.names), model.recipe.width
    if k == 0 or not len(model.centres) == len(model.sizes) == len(model.far) == k:
        raise msgspec.ValidationError(
            f"{k} names, but {len(model.centres)} centres, {len(model.sizes)} sizes and "
            f"{len(model.far)} distances"
        )
    for centre in model.centres:
        if len(centre) != width:
            raise msgspec.ValidationError(f"{width} features, but {len(centre)} in a centre")
    for feature in model.recipe.features:
        words = len(feature.categories)
        fits = {
            "number": isinstance(feature.fill, float) and words == 0,
            "flag": words == (0 if isinstance(feature.fill, float) else 2),
            "category": len(feature.shares) == words > 0,
        }
        if feature.scale == 0 or not fits[feature.kind]:
            raise msgspec.ValidationError(f'"{feature.column}" is no {feature.kind} that fits')


def _segmentation(model: _Model) -> Segmentation:
    values = msgspec.structs.asdict(model)
    far = [np.inf if value is None else value for value in model.far]
    values |= {"centres": np.array(model.centres), "far": np.array(far)}
    return Segmentation(**values)


def load(path: str | Path) -> tuple[Segmentation, dict[str, Any]]:
    """Read a model file. Raises InputError when it is missing or no model."""
    where = Path(path)
    try:
        text = where.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InputError(
            f"Cannot read the model {where}: {reason}. "
            "`shoal segment FILE --out DIR` writes DIR/model.json."
        ) from None
    return from_json(text, str(where))
