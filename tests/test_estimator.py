"""The estimator keeps scikit-learn's own contract."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
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
        for c in check_estimator(shoal.Segmenter(), on_fail=None)
        if c["status"] == "failed"
    ]
    assert failed == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"scale": "log"}, 'scale="log" is unknown. Known: auto, standard, robust, none.'),
        ({"k_max": 1}, "k_max=1: at least 2 segments must be allowed, such as k_max=10."),
        ({"n_clusters": 4}, "n_samples=3 should be >= n_clusters=4, which must be at least 1."),
        ({"n_clusters": 0}, "n_samples=3 should be >= n_clusters=0, which must be at least 1."),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(
    given: dict[str, int | str], message: str
) -> None:
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        shoal.Segmenter(**given).fit([[1.0], [2.0], [9.0]])  # type: ignore[arg-type]


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
