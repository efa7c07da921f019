"""The estimator keeps scikit-learn's own contract."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import shoal

RNG = np.random.default_rng(0)
X = pd.DataFrame(
    np.concatenate([RNG.normal(m, 1, (40, 2)) for m in (0, 9, 18)]), columns=["spent", "visits"]
)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
def test_scikit_learns_own_checks() -> None:
    failed = [
        c["check_name"]
        for c in check_estimator(shoal.Segmenter(k_max=4), on_fail=None)
        if c["status"] == "failed"
    ]
    assert failed == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scale": "log"}, 'scale="log" is unknown. Known: auto, standard, robust, none.'),
        ({"k_max": 1}, "k_max=1: at least 2 segments must be allowed, such as k_max=10."),
        ({"k_max": 2.5}, "k_max=2.5"),
        ({"n_clusters": 4}, "n_samples=3 should be >= n_clusters=4."),
        ({"n_clusters": 0}, "The 'n_clusters' parameter of Segmenter must be an int in the range"),
        ({"n_clusters": 2.5}, "a str among {'auto'} or None. Got 2.5 instead."),
        ({"n_clusters": "many"}, "a str among {'auto'} or None. Got 'many' instead."),
        ({"random_state": "now"}, "The 'random_state' parameter of Segmenter must be"),
        ({"random_state": -1}, "The 'random_state' parameter of Segmenter must be"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        shoal.Segmenter(**given).fit([[1.0], [2.0], [9.0]])


def test_names_of_columns_go_in_and_out() -> None:
    model = shoal.Segmenter().fit(X)
    assert model.feature_names_in_.tolist() == ["spent", "visits"]
    assert model.get_feature_names_out().tolist() == ["segmenter0", "segmenter1", "segmenter2"]
    frame = model.set_output(transform="pandas").transform(X)
    assert list(frame.columns) == ["segmenter0", "segmenter1", "segmenter2"]
    assert frame.to_numpy().argmin(axis=1).tolist() == model.labels_.tolist()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X.rename(columns={"spent": "sent"}))


def test_a_weight_is_so_many_customers() -> None:
    times = np.arange(len(X)) % 3
    weighted = shoal.Segmenter().fit(X, sample_weight=times)
    repeated = shoal.Segmenter().fit(X.loc[X.index.repeat(times)])
    np.testing.assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_)
    assert weighted.inertia_ == pytest.approx(repeated.inertia_)
    assert (weighted.predict(X) == repeated.predict(X)).all()
    labels = shoal.Segmenter().fit_predict(X, sample_weight=times)
    assert labels.tolist() == weighted.labels_.tolist()


def test_weights_that_are_no_whole_numbers_count_in_proportion() -> None:
    table = [[0.0], [1.0], [10.0], [14.0]]
    model = shoal.Segmenter(2, scale="none").fit(table, sample_weight=[0.3, 0.1, 0.1, 0.3])
    assert sorted(model.cluster_centers_.ravel().round(3)) == [0.25, 13.0]
    # .3 * .25² + .1 * .75² + .1 * 3² + .3 * 1²
    assert model.inertia_ == pytest.approx(1.275, abs=1e-3)
    assert model.score(table, sample_weight=[1, 0, 0, 0]) == pytest.approx(-0.0625, abs=1e-3)


def test_weights_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="sample_weight"):
        shoal.Segmenter().fit(X, sample_weight=-np.ones(len(X)))
    with pytest.raises(ValueError, match="at least one non-zero"):
        shoal.Segmenter().fit(X, sample_weight=np.zeros(len(X)))


def test_it_stands_in_a_pipeline_and_a_column_transformer() -> None:
    path = make_pipeline(StandardScaler(), shoal.Segmenter(3)).set_output(transform="pandas")
    assert list(path.fit_transform(X).columns) == ["segmenter0", "segmenter1", "segmenter2"]
    assert len(np.unique(path.predict(X))) == 3
    beside = ColumnTransformer(
        [("apart", shoal.Segmenter(2), ["spent", "visits"])], remainder="passthrough"
    )
    made = beside.set_output(transform="pandas").fit_transform(X.assign(age=30))
    assert list(made.columns) == ["apart__segmenter0", "apart__segmenter1", "remainder__age"]


def test_a_grid_search_scores_it_by_inertia() -> None:
    search = GridSearchCV(shoal.Segmenter(), {"n_clusters": [1, 3]}, cv=2)
    search.fit(X.sample(frac=1, random_state=0))
    assert search.best_params_ == {"n_clusters": 3}
    assert search.best_estimator_.score(X) == pytest.approx(-search.best_estimator_.inertia_)


def test_a_clone_is_like_the_original_and_not_fitted() -> None:
    copy = clone(shoal.Segmenter(4, scale="robust").fit(X))
    assert copy.get_params() == {
        "n_clusters": 4,
        "k_max": 10,
        "scale": "robust",
        "random_state": 0,
    }
    assert not hasattr(copy, "labels_")


def test_the_number_of_segments_is_chosen_when_it_is_auto() -> None:
    models = [shoal.Segmenter(n).fit(X) for n in ("auto", None)]
    assert [len(model.cluster_centers_) for model in models] == [3, 3]
    assert shoal.Segmenter().n_clusters == "auto"
    assert all(1 <= model.n_iter_ <= 300 for model in models)
    assert shoal.Segmenter(1).fit(X).n_iter_ == 1
    search = GridSearchCV(shoal.Segmenter(), {"n_clusters": ["auto", 1]}, cv=2)
    assert search.fit(X.sample(frac=1, random_state=0)).best_params_ == {"n_clusters": "auto"}


def test_weights_are_routed_to_fit_and_score() -> None:
    near = (np.arange(len(X)) < 80).astype(float)  # the last of the three groups does not count
    with sklearn.config_context(enable_metadata_routing=True):
        asks = shoal.Segmenter(2).set_fit_request(sample_weight=True)
        search = GridSearchCV(asks.set_score_request(sample_weight=True), {"n_clusters": [2]}, cv=2)
        search.fit(X.sample(frac=1, random_state=0), sample_weight=near[_shuffled()])
        path = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), asks)
        path.fit(X, sample_weight=near)
    assert search.best_estimator_.inertia_ < 500
    alone = shoal.Segmenter(2).fit(StandardScaler().fit_transform(X), sample_weight=near)
    np.testing.assert_allclose(path[-1].cluster_centers_, alone.cluster_centers_)
    apart = shoal.Segmenter(2).fit_transform(X, sample_weight=near)
    assert apart.shape == (120, 2)


def _shuffled() -> Any:
    return X.sample(frac=1, random_state=0).index.to_numpy()
