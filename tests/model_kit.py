"""A model by hand: two columns as they are, and three centroids that a test says."""

from __future__ import annotations

from typing import Any

import shoal
from shoal.types import Feature, Recipe, Segmentation


def of_two_columns(**settings: Any) -> shoal.Model:
    """A model of x and y; centres, limits and names are the test's own."""
    features = tuple(Feature(column=name, kind="number", fill=0.0) for name in ("x", "y"))
    usual: dict[str, Any] = {
        "recipe": Recipe(features=features, scaling="none"),
        "id_column": None,
        "colours": ("#000000",) * 3,
        "sizes": (1, 1, 1),
        "inertia": 0.0,
        "silhouette": None,
        "far_rate": 0.01,
        "basis": ("x", "y"),
        "seed": 0,
        "rows": 3,
    }
    return shoal.Model(Segmentation(**usual | settings))
