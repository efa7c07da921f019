"""Segmentation ↔ model.json: data, never code; it holds no customer's row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shoal.errors import InputError
from shoal.text.plain_json import as_json
from shoal.types import Feature, Recipe, Segmentation

FORMAT = "shoal-segmentation"
SCHEMA_VERSION = 1


def to_json(model: Segmentation, about: Mapping[str, Any] | None = None) -> str:
    """The model as JSON text. `about` adds facts for people (trust, choice, versions) that placing does not need."""
    body = {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "model": as_json(model),
        "about": as_json(dict(about or {})),
    }
    return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str, where: str = "the model") -> tuple[Segmentation, dict[str, Any]]:
    """The model and what was noted about it. Raises InputError for anything that is not a whole model of a known version."""
    try:
        body = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"{where} is not JSON ({error}). A model is the model.json that `shoal segment … --out DIR` writes."
        ) from None
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise InputError(
            f"{where} is not a segmentation by shoal. A model is the model.json that `shoal segment … --out DIR` writes."
        )
    if body.get("schema_version") != SCHEMA_VERSION:
        raise InputError(
            f"{where} has schema version {body.get('schema_version')}; this shoal reads {SCHEMA_VERSION}. Install the shoal that wrote it, or segment again."
        )
    try:
        return _model(body["model"]), dict(body.get("about", {}))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{where} is damaged ({type(error).__name__}: {error}). Segment again to write a new one."
        ) from None


def _model(data: dict[str, Any]) -> Segmentation:
    features = tuple(
        Feature(**{**f, "categories": tuple(f["categories"]), "shares": tuple(f["shares"])})
        for f in data["recipe"]["features"]
    )
    recipe = Recipe(features=features, scaling=data["recipe"]["scaling"])
    centres = np.array(data["centres"], dtype=np.float64)
    far = np.array([np.inf if value is None else value for value in data["far"]], dtype=np.float64)
    if (
        centres.ndim != 2
        or centres.shape != (len(data["names"]), recipe.width)
        or far.shape != (len(centres),)
        or not np.isfinite(centres).all()
    ):
        raise ValueError(
            f"{len(data['names'])} names and {recipe.width} features do not fit centres of shape {centres.shape}"
        )
    plain = {
        key: data[key] for key in ("inertia", "silhouette", "far_rate", "id_column", "seed", "rows")
    }
    return Segmentation(
        recipe=recipe,
        centres=centres,
        names=tuple(map(str, data["names"])),
        sizes=tuple(map(int, data["sizes"])),
        far=far,
        basis=tuple(data["basis"]),
        **plain,
    )


def load(path: str | Path) -> tuple[Segmentation, dict[str, Any]]:
    """Read a model file. Raises InputError when it is missing or no model."""
    where = Path(path)
    try:
        text = where.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InputError(
            f"Cannot read the model {where}: {reason}. `shoal segment FILE --out DIR` writes DIR/model.json."
        ) from None
    return from_json(text, str(where))
