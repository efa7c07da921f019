"""Which model a result comes from."""

from __future__ import annotations

import hashlib
import json

from shoal.text.plain_json import as_json
from shoal.types import Segmentation

LETTERS = 16  # hexadecimal: two models that differ are called alike once in 10^19
_SAID = ("words", "filled")  # of a feature: they place nobody


def model_id(model: Segmentation) -> str:
    """The name of a model by all of it that places customers; another one names others.

    Neither names nor colours are part of it, nor what is known of those who formed it: a model
    keeps its id when a segment is called otherwise.
    """
    recipe = as_json(model.recipe)
    for feature in recipe["features"]:
        for name in _SAID:
            del feature[name]
    placing = [recipe, as_json(model.centres), as_json(model.far), list(model.ids)]
    text = json.dumps([*placing, as_json(model.made)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS]
