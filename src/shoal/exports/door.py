"""Writing a model in the format of others, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from shoal.errors import OptionError
from shoal.exports.inputs import (
    LABELS,
    Input,
    inputs_of,
    labels_of,
    refuse_dates,
    refuse_totals,
)
from shoal.output.atomic import as_path, replace_file
from shoal.output.identity import KEY, model_id
from shoal.sentences import say
from shoal.text.options import option
from shoal.types import Segmentation
from shoal.types.plain_json import as_json

Format = Literal["pmml", "onnx", "sklearn"]


@dataclass(frozen=True)
class Exported:
    """A model in the format of others: where it is, what it is given, what it gives.

    `labels` says under which name each label comes out, which is another where a column of the
    table is called so. What `assign` says and the format does not is `not_carried`.
    `without_values` is the segment that it gives to who has a value in none of the columns, whom
    `assign` gives none; None where it gives none either.
    """

    to: Format
    path: str
    model_id: str
    inputs: tuple[Input, ...]
    labels: dict[str, str]
    not_carried: tuple[str, ...]
    without_values: int | None

    @property
    def says(self) -> str:
        """What it gives, and what it does not."""
        return say(
            "exported",
            format=self.to,
            labels=tuple(self.labels.values()),
            not_carried=self.not_carried,
            without_values=self.without_values,
        ).text

    def to_json(self) -> dict[str, Any]:
        """Plain data, as `--json` prints them."""
        told = {each.name: as_json(getattr(self, each.name)) for each in fields(self)}
        return told | {"says": self.says}


def export(model: Segmentation, to: str, path: str | Path) -> Exported:
    """Write it; what is done, given and raised is told by `Model.export`."""
    if to not in _WRITERS:
        raise OptionError(f"{option('to', to)} is none of pmml, onnx, sklearn.")
    goal = as_path(path)
    try:
        content = _WRITERS[to](model)
    except ModuleNotFoundError as missing:
        raise OptionError(
            f"{option('to', to)} needs {missing.name}, which is not installed: "
            "pip install 'shoal[export]'"
        ) from None
    replace_file(goal, content)
    return _exported(model, to, goal)


def _exported(model: Segmentation, to: Any, goal: Path) -> Exported:
    labels, without = labels_of(model), None
    if to == "sklearn":
        labels, without = {"segment": "segment"}, _without_values(model)
    return Exported(
        to=to,
        path=str(goal),
        model_id=model_id(model),
        inputs=inputs_of(model),
        labels=labels,
        not_carried=tuple(label for label in LABELS if label not in labels),
        without_values=without,
    )


def _without_values(model: Segmentation) -> int:
    """The segment of who has nothing but what stands in for gaps."""
    import pyarrow as pa

    from shoal.analysis.assign import nearest

    nothing = {
        f.column: pa.nulls(1, pa.string() if f.categories else pa.float64())
        for f in model.recipe.features
    }
    found, _ = nearest(pa.table(nothing), model.recipe, model.centres)
    return model.ids[int(found[0])]


def _told(model: Segmentation) -> dict[str, str]:
    return {KEY: model_id(model)}


def _pmml(model: Segmentation) -> bytes:
    from shoal.exports.pmml import pmml

    refuse_dates(model, "PMML")
    return pmml(model, _told(model))


def _onnx(model: Segmentation) -> bytes:
    from shoal.exports.onnx_graph import onnx_model

    refuse_dates(model, "ONNX")
    return bytes(onnx_model(model, _told(model)).SerializeToString(deterministic=True))


def _sklearn(model: Segmentation) -> bytes:
    import zipfile

    import skops.io

    from shoal.exports.pipeline import sklearn_pipeline

    refuse_dates(model, "A pipeline of scikit-learn")
    refuse_totals(model, "A pipeline of scikit-learn")
    names = dict(zip(model.ids, model.names, strict=True))
    pipeline = sklearn_pipeline(model, {"shoal_model_id": model_id(model), "shoal_names": names})
    return bytes(skops.io.dumps(pipeline, compression=zipfile.ZIP_DEFLATED))


_WRITERS: dict[str, Callable[[Segmentation], bytes]] = {
    "pmml": _pmml,
    "onnx": _onnx,
    "sklearn": _sklearn,
}
