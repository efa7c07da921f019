"""The same segments as a scikit-learn estimator, for pipelines and grid searches."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from shoal.analysis.choose_k import choose
from shoal.analysis.features import learn_numbers, transform_numbers
from shoal.analysis.kmeans.search import assign, search
from shoal.options import FitOptions, made
from shoal.types import Choice, Feature, Floats, Ints, Points


class Segmenter(TransformerMixin, ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """K-Means that chooses its own number of segments, on columns prepared as `shoal.segment` prepares them.

    Parameters
    ----------
    n_clusters : number of segments; None chooses it by evidence.
    k_max : most segments to consider.
    scale : "auto" (log heavy tails, winsorise for fitting, standardise), "standard", "robust" or "none".
    random_state : the seed; the same seed gives the same segments.

    Attributes
    ----------
    cluster_centers_ : (k, d) in prepared units.
    labels_ : (n,) from 0, the largest segment first.
    inertia_ : sum of squared distances to the centres, in prepared units.
    choice_ : the evidence for every k that was tried (more than one segment).
    n_features_in_ : d.

    >>> import numpy as np
    >>> X = np.concatenate([np.random.default_rng(0).normal(m, 1, (50, 2)) for m in (0, 9, 18)])
    >>> model = Segmenter().fit(X)
    >>> len(model.cluster_centers_), model.predict([[9.0, 9.0]]) == model.labels_[75]
    (3, array([ True]))
    """

    def __init__(
        self,
        n_clusters: int | None = None,
        *,
        k_max: int = 10,
        scale: Literal["auto", "standard", "robust", "none"] = "auto",
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.k_max = k_max
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Segmenter:
        """Learn the preparation and the segments of X (n customers, d features). `y` is ignored.

        Raises ValueError for too few customers, or for gaps: fill them first, or use `shoal.segment`.
        """
        made(FitOptions, {"k_max": self.k_max, "scale": self.scale})
        x = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        if self.n_clusters is not None and self.n_clusters > len(x):
            raise ValueError(f"n_samples={len(x)} should be >= n_clusters={self.n_clusters}.")
        self.recipe_: tuple[Feature, ...] = tuple(
            learn_numbers(f"x{j}", x[:, j], self.scale) for j in range(x.shape[1])
        )
        dots = _points(self._prepare(x, clip=True))
        seed = _seed(self.random_state)
        if self.n_clusters == 1 or len(dots.matrix) == 1:
            fit = search(dots.matrix, dots.weights, 1, seed=seed)
        else:
            wanted = None if self.n_clusters is None else min(self.n_clusters, len(dots.matrix))
            self.choice_: Choice = choose(dots, k=wanted, k_max=self.k_max, seed=seed)
            fit = self.choice_.fits[self.choice_.k]
        order = np.lexsort(
            (*fit.centres.T[::-1], -np.bincount(fit.labels, dots.weights, len(fit.centres)))
        )
        self.cluster_centers_: Floats = fit.centres[order]
        self.labels_, near = assign(self._prepare(x), self.cluster_centers_)
        self.inertia_ = float((near**2).sum())
        return self

    def predict(self, X: Any) -> Ints:
        """The segment of each row of X, from 0."""
        check_is_fitted(self)
        return assign(
            self._prepare(validate_data(self, X, dtype=np.float64, reset=False)),
            self.cluster_centers_,
        )[0]

    def transform(self, X: Any) -> Floats:
        """Distances (n, k) from each row to each centre, in prepared units."""
        check_is_fitted(self)
        x = self._prepare(validate_data(self, X, dtype=np.float64, reset=False))
        return np.asarray(np.sqrt(((x[:, None, :] - self.cluster_centers_) ** 2).sum(axis=2)))

    def _prepare(self, x: Floats, clip: bool = False) -> Floats:
        return np.column_stack(
            [transform_numbers(x[:, j], feature, clip) for j, feature in enumerate(self.recipe_)]
        )

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)


def _seed(random_state: Any) -> int:
    """An integer is the seed itself; None is 0, since the same table shall give the same segments; a generator is asked."""
    if random_state is None or isinstance(random_state, (int, np.integer)):
        return int(random_state or 0)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _points(matrix: Floats) -> Points:
    """Distinct rows with the number of times each occurs."""
    distinct, of_row, counts = np.unique(matrix, axis=0, return_inverse=True, return_counts=True)
    return Points(distinct, counts.astype(np.float64), of_row.ravel().astype(np.int64))
