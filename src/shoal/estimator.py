"""The same segments as a scikit-learn estimator, for pipelines and grid searches."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from shoal.analysis.choose_k import choose
from shoal.analysis.features import learn_numbers, transform_numbers
from shoal.analysis.kmeans.search import assign, search
from shoal.options import FitOptions, Scaling, made
from shoal.text.options import option
from shoal.types import Choice, Feature, Fit, Floats, Ints, Points

DRAWN = 20_000  # rows that stand for weighted ones, at least, where weights are no whole numbers
MOST_ROWS = 10_000_000  # rows that whole weights may add up to and still count one by one


class Segmenter(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """K-Means that chooses its own number of segments.

    Columns are prepared as `shoal.segment` prepares them.

    Parameters
    ----------
    n_clusters : number of segments; "auto" or None chooses it by evidence.
    k_max : most segments to consider.
    scale : "auto" (log heavy tails, winsorise for fitting, standardise), "standard", "robust" or
        "none".
    random_state : the seed, or a RandomState; the same seed gives the same segments.

    Attributes
    ----------
    cluster_centers_ : (k, d) in prepared units.
    labels_ : (n,) from 0, the largest segment first.
    inertia_ : sum of squared distances to the centroids, in prepared units.
    n_iter_ : steps of Lloyd's algorithm on the way to the centroids, from the best start.
    choice_ : the evidence for every k that was tried; not there with n_clusters=1.
    n_features_in_ : d.
    feature_names_in_ : (d,) the columns, where X had names for them.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(m, 1, (50, 2)) for m in (0, 9, 18)])
    >>> model = Segmenter().fit(X)
    >>> len(model.cluster_centers_), model.predict([[9.0, 9.0]]) == model.labels_[75]
    (3, array([ True]))
    """

    # What scikit-learn checks and refuses in its own words; `FitOptions` checks the others.
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_clusters": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        n_clusters: int | Literal["auto"] | None = "auto",
        *,
        k_max: int = 10,
        scale: Scaling = "auto",
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.k_max = k_max
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Segmenter:
        """Learn the preparation and the segments of X (n customers, d features).

        `sample_weight` (n,) says how many customers each row stands for: whole numbers count as
        so many rows, others in proportion. `y` is ignored.

        Raises ValueError for too few customers, for a parameter that cannot be, or for missing
        values: fill them first, or use `shoal.segment`.
        """
        self._validate_params()
        asked = made(FitOptions, {"k_max": self.k_max, "scale": self.scale})
        x = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        weights = _weights(sample_weight, x)
        wanted = None if self.n_clusters == "auto" else self.n_clusters
        if wanted is not None and wanted > len(x):
            raise ValueError(f"n_samples={len(x)} should be >= {option('n_clusters', wanted)}.")
        customers = x[_customers(weights)]
        self.recipe_: tuple[Feature, ...] = tuple(
            learn_numbers(f"x{j}", column, asked.scale) for j, column in enumerate(customers.T)
        )
        points = _points(self._prepare(customers, clip=True))
        fit = self._search(points, wanted, asked.k_max)
        self.cluster_centers_: Floats = fit.centres[_largest_first(fit, points)]
        self.labels_, distances = assign(self._prepare(x), self.cluster_centers_)
        self.inertia_ = float(weights @ distances**2)
        self.n_iter_ = fit.steps
        return self

    def _search(self, points: Points, wanted: int | None, k_max: int) -> Fit:
        """The segments of the points: as many as asked, or as many as the evidence says."""
        seed = _seed(self.random_state)
        if wanted == 1 or len(points.matrix) == 1:
            return search(points.matrix, points.weights, 1, seed=seed)
        if wanted is not None:
            wanted = min(wanted, len(points.matrix))
        self.choice_: Choice = choose(points, k=wanted, k_max=k_max, seed=seed)
        return self.choice_.fits[self.choice_.k]

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> Ints:
        """Learn the segments of X (n customers, d features), and give each row's (n,), from 0."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def predict(self, X: Any) -> Ints:
        """The segment (n,) of each row of X (n customers, d features), from 0."""
        return assign(self._encoded(X), self.cluster_centers_)[0]

    def transform(self, X: Any) -> Floats:
        """Distances (n, k) from each row to each centroid, in prepared units."""
        apart = self._encoded(X)[:, None, :] - self.cluster_centers_
        return np.asarray(np.sqrt((apart**2).sum(axis=2)))

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Minus the inertia of X, as KMeans has it: higher is better, for the same k and scale."""
        x = self._encoded(X)
        distances = assign(x, self.cluster_centers_)[1]
        return -float(_weights(sample_weight, x) @ distances**2)

    def _encoded(self, X: Any) -> Floats:
        check_is_fitted(self)
        return self._prepare(validate_data(self, X, dtype=np.float64, reset=False))

    def _prepare(self, x: Floats, clip: bool = False) -> Floats:
        columns = zip(x.T, self.recipe_, strict=True)
        return np.column_stack([transform_numbers(each, how, clip) for each, how in columns])

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)


def _weights(sample_weight: Any, x: Floats) -> Floats:
    weights: Floats = _check_sample_weight(
        sample_weight, x, dtype=np.float64, ensure_non_negative=True
    )
    if not weights.any():  # scikit-learn says it from 1.9 on
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


def _customers(weights: Floats) -> Ints:
    """The row of each customer, where row i stands for weights[i] of them.

    Weights that are no whole numbers are stood for by rows drawn evenly along their sum.
    """
    total = float(weights.sum())
    if total <= MOST_ROWS and (weights == np.rint(weights)).all():
        return np.repeat(np.arange(len(weights)), weights.astype(np.int64))
    drawn = max(DRAWN, len(weights))
    places = (np.arange(drawn) + 0.5) * (total / drawn)
    return np.searchsorted(np.cumsum(weights), places).astype(np.int64)


def _largest_first(fit: Fit, points: Points) -> npt.NDArray[np.intp]:
    """The order (k,) of segments by size, ties by their centroids."""
    sizes = np.bincount(fit.labels, points.weights, len(fit.centres))
    return np.lexsort((*fit.centres.T[::-1], -sizes))


def _seed(random_state: Any) -> int:
    """An integer is the seed itself; a generator is asked.

    None is 0, since the same table shall give the same segments.
    """
    if random_state is None or isinstance(random_state, (int, np.integer)):
        return int(random_state or 0)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _points(matrix: Floats) -> Points:
    """Distinct rows with the number of times each occurs."""
    distinct, of_row, counts = np.unique(matrix, axis=0, return_inverse=True, return_counts=True)
    return Points(distinct, counts.astype(np.float64), of_row.ravel().astype(np.int64))
