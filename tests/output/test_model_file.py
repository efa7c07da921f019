"""The model file: what was written loads again to the digit, and what is damaged is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.output.model_file import from_json, to_json

# As shoal 0.1.0 wrote it.
OLD: dict[str, Any] = {
    "format": "shoal-segmentation",
    "schema_version": 1,
    "model": {
        "recipe": {
            "features": [
                {
                    "column": "member",
                    "kind": "flag",
                    "fill": "No",
                    "filled": 0,
                    "log_offset": None,
                    "low": None,
                    "high": None,
                    "centre": 0.25,
                    "scale": 0.5,
                    "weight": 1.0,
                    "categories": ["No", "Yes"],
                    "words": '"member": 0 or 1.',
                    "shares": [],
                },
                {
                    "column": "plan",
                    "kind": "category",
                    "fill": "",
                    "filled": 0,
                    "log_offset": None,
                    "low": None,
                    "high": None,
                    "centre": 0.0,
                    "scale": 0.7,
                    "weight": 1.0,
                    "categories": ["Basic", "Pro"],
                    "words": '"plan": 2 words.',
                    "shares": [0.5, 0.5],
                },
                {
                    "column": "spent",
                    "kind": "number",
                    "fill": 43.5,
                    "filled": 2,
                    "log_offset": 1,
                    "low": -1.5,
                    "high": 9.25,
                    "centre": 3.0,
                    "scale": 2.0,
                    "weight": 1.0,
                    "categories": [],
                    "words": '"spent": standardised.',
                    "shares": [],
                },
            ],
            "scaling": "auto",
        },
        "centres": [[-0.5, 1.4, 0.0, -1.0], [1.5, 0.0, 1.4, 1]],
        "names": ["Small", "Large"],
        "sizes": [120, 60],
        "inertia": 90.5,
        "silhouette": None,
        "far": [3.5, None],
        "far_rate": 0.005,
        "id_column": None,
        "basis": ["spent", "member", "plan"],
        "seed": 0,
        "rows": 180,
    },
    "about": {"table": "customers", "segments": [{"id": 1}]},
}


def test_a_model_of_the_first_version_loads() -> None:
    model, about = from_json(json.dumps(OLD))
    assert model.centres.tolist() == [[-0.5, 1.4, 0.0, -1.0], [1.5, 0.0, 1.4, 1.0]]
    assert model.far.tolist() == [3.5, np.inf]
    assert model.recipe.features[2].low == -1.5
    assert model.recipe.features[0].categories == ("No", "Yes")
    assert (model.names, model.basis) == (("Small", "Large"), ("spent", "member", "plan"))
    assert about == {"table": "customers", "segments": [{"id": 1}]}
    written = json.loads(to_json(model, about))
    assert written["model"].pop("made") == []  # of which the first version knew nothing
    assert written["model"].pop("colours") == ["#0072b2", "#d55e00"]  # nor of these
    assert written["model"].pop("ids") == [1, 2]
    assert written["model"].pop("baseline") is None
    for feature in written["model"]["recipe"]["features"]:
        new = ("least", "most", "never")
        assert [feature.pop(name) for name in new] == [None, None, None]
    assert len(written.pop("model_id")) == 16
    assert written == OLD


def test_what_is_written_places_the_same_customers_alike() -> None:
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1, 2], 60)
    table = pd.DataFrame(
        {
            "spent": np.array([10.0, 40, 80])[group] + rng.normal(size=180),
            "member": np.array(["Yes", "No", "No"])[group],
            "plan": np.array(["Basic", "Plus", "Pro"])[group],
        }
    )
    model = shoal.segment(table, by=["spent", "member", "plan"], k=3).model
    again = shoal.Model(*from_json(to_json(model.segmentation, model.about)))
    pd.testing.assert_frame_equal(again.assign(table), model.assign(table))


DAMAGE: dict[str, tuple[tuple[Any, ...], Any]] = {
    "a centre is short": (("centres", 0), [0.0]),
    "a centre is missing": (("centres",), [[0.0, 0.0, 0.0, 0.0]]),
    "a number is a word": (("centres", 0, 0), "far"),
    "a number is none": (("centres", 0, 0), None),
    "a distance is missing": (("far",), [1.0]),
    "a size is missing": (("sizes",), [180]),
    "a size is a fraction": (("sizes", 0), 1.5),
    "a name is a number": (("names", 0), 7),
    "no segments": (("names",), []),
    "nothing to divide by": (("recipe", "features", 2, "scale"), 0.0),
    "no known kind": (("recipe", "features", 2, "kind"), "colour"),
    "a number is filled with a word": (("recipe", "features", 2, "fill"), "many"),
    "a flag has three words": (("recipe", "features", 0, "categories"), ["a", "b", "c"]),
    "a share is missing": (("recipe", "features", 1, "shares"), [1.0]),
    "scaled in an unknown way": (("recipe", "scaling"), "cubic"),
    "no recipe": (("recipe",), None),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_is_refused(damage: str) -> None:
    (*way, last), value = DAMAGE[damage]
    body = copy.deepcopy(OLD)
    spot: Any = body["model"]
    for step in way:
        spot = spot[step]
    spot[last] = value
    with pytest.raises(shoal.InputError, match=r"m\.json is damaged \(.+\)\. Segment again"):
        from_json(json.dumps(body), "m.json")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(number: str) -> None:
    text = json.dumps(OLD).replace("90.5", number)
    with pytest.raises(shoal.InputError, match=r"is not JSON|is damaged"):
        from_json(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "is not a segmentation by shoal"),
        ("{}", "is not a segmentation by shoal"),
        ('{"format": "other", "schema_version": 1}', "is not a segmentation by shoal"),
        ('{"format": "shoal-segmentation", "schema_version": 2}', "has schema version 2"),
        ('{"format": "shoal-segmentation", "schema_version": 1}', "is damaged"),
    ],
)
def test_what_is_no_model_is_refused(text: str, said: str) -> None:
    with pytest.raises(shoal.InputError, match=said):
        from_json(text)
