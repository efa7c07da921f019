"""Segmentation → a pipeline of scikit-learn's own transformers, which needs no shoal to predict.

Every step does one step of the recipe. It is fitted on a handful of numbers that make it learn what
the recipe has, and frozen. The last one is a classifier by the one nearest centroid, which gives
the segment's number; k-means' own `predict` measures distances by products of matrices, which may
round a customer over a border.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from shoal.types import Feature, Segmentation

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Step = tuple[str, Any]
# Squared differences added up feature by feature, as `assign` does; of Euclidean distance
# scikit-learn takes products of matrices.
METRIC = "seuclidean"


def sklearn_pipeline(model: Segmentation, told: Mapping[str, Any]) -> Pipeline:
    """The pipeline, with what is `told` as attributes; it takes a frame, and predicts segments."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.frozen import FrozenEstimator
    from sklearn.pipeline import Pipeline

    features = model.recipe.features
    parts = [
        (f"feature {at}", FrozenEstimator(Pipeline(list(_steps(feature)))), [feature.column])
        for at, feature in enumerate(features, 1)
    ]
    row = pd.DataFrame({feature.column: [_usual(feature)] for feature in features})
    columns = ColumnTransformer(parts).fit(row)
    pipeline = Pipeline([("columns", columns), ("segment", _nearest(model))])
    for name, value in told.items():
        setattr(pipeline, name, value)
    return pipeline


def _usual(feature: Feature) -> Any:
    """A value that a column may have."""
    return feature.categories[0] if feature.categories else feature.stand_in


def _nearest(model: Segmentation) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    even = {"V": np.ones(model.recipe.width)}
    found = KNeighborsClassifier(1, algorithm="brute", metric=METRIC, metric_params=even)
    return found.fit(model.centres, list(model.ids))


def _steps(feature: Feature) -> Iterator[Step]:
    """The steps of one column, each with what was learned."""
    if feature.kind == "category":
        yield from _words(feature)
        return
    if feature.categories:
        yield ("off and on", _coded(feature, np.nan))
        yield ("gaps", _replaced(np.nan, feature.stand_in))
    else:
        yield ("number", _as_double())
        yield ("gaps", _replaced(np.nan, feature.stand_in, feature.column))
    if feature.never is not None:
        yield ("never", _replaced(feature.never, feature.stand_in))
    if feature.log_offset is not None:
        yield from _logarithm(feature.log_offset, feature.lowest)
    yield ("centred", _less(feature.centre))
    yield ("scaled", _times(feature.factor))


def _words(feature: Feature) -> Iterator[Step]:
    """A column for each word; an unknown one and a gap lie where everybody does on average."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import OneHotEncoder

    known = len(feature.categories)
    yield ("words", _coded(feature, known))
    each = OneHotEncoder(categories=[np.arange(known + 1.0)], sparse_output=False)
    yield ("each", each.fit(np.arange(known + 1.0)[:, None]))
    matrix = np.vstack([np.eye(known), feature.shares]) * feature.factor
    placed = TruncatedSVD(n_components=known)  # the transformer that is a product with a matrix
    placed.components_, placed.n_features_in_ = matrix.T, known + 1
    yield ("placed", placed)


def _coded(feature: Feature, other: float) -> Any:
    """Words as their numbers, and another number where there is none of them."""
    import pandas as pd
    from sklearn.preprocessing import OrdinalEncoder

    words = list(feature.categories)
    encoder = OrdinalEncoder(
        categories=[words],
        handle_unknown="use_encoded_value",
        unknown_value=other,
        encoded_missing_value=other,
    )
    return encoder.fit(pd.DataFrame({feature.column: words}))


def _as_double() -> Any:
    """Whole numbers, true and false, and floats of single precision as doubles."""
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(np.positive, kw_args={"dtype": "float64", "casting": "unsafe"})


def _replaced(what: float, by: float, column: str | None = None) -> Any:
    """A number in the place of another, of a column of a frame where one is named.

    The neighbours of what is not known are all that were learned from: this one number. (What
    `SimpleImputer` keeps is not among the types that `skops` loads without asking.)
    """
    import pandas as pd
    from sklearn.impute import KNNImputer

    learned: Any = [[by]] if column is None else pd.DataFrame({column: [by]})
    return KNNImputer(missing_values=what, n_neighbors=1).fit(learned)


def _logarithm(offset: float, lowest: float) -> Iterator[Step]:
    """log(x + offset); what has none is taken as the lowest that was met."""
    from sklearn.preprocessing import FunctionTransformer

    yield ("offset", _less(-offset))
    yield ("none of 0", _replaced(0.0, -1.0))  # whose logarithm is no number, and not infinite
    yield ("logarithm", FunctionTransformer(np.log))
    yield ("no logarithm", _replaced(np.nan, lowest))


def _less(what: float) -> Any:
    from sklearn.preprocessing import StandardScaler

    return StandardScaler(with_std=False).fit([[what]])


def _times(what: float) -> Any:
    """A product, where `StandardScaler` would divide: the same to the last digit."""
    from sklearn.preprocessing import MinMaxScaler

    return MinMaxScaler((0.0, what)).fit([[0.0], [1.0]])
