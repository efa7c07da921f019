"""Options are checked once, at the door, and messages speak the words of whoever asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.options import (
    FitOptions,
    OrdersOptions,
    ReadingOptions,
    Resources,
    RoleOverrides,
    bytes_of,
    made,
)
from shoal.text.options import speaking_shell

TABLE = pd.DataFrame({"spent": [1.0, 2.0, 30.0, 31.0] * 5, "visits": [1, 2, 9, 8] * 5})


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("64MB", 64_000_000),
        ("1GB", 10**9),
        ("2 GiB", 2**31),
        ("1.5gb", 1_500_000_000),
        (100_000_000, 100_000_000),
    ],
)
def test_amounts_of_memory(text: str | int, amount: int) -> None:
    assert bytes_of(text) == amount


@pytest.mark.parametrize("text", ["much", "-1GB", "1 parsec", "", "10MB", "0"])
def test_no_amount_of_memory(text: str) -> None:
    with pytest.raises(shoal.OptionError, match="memory="):
        bytes_of(text)
    with speaking_shell(), pytest.raises(shoal.OptionError, match="--memory"):
        bytes_of(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"k": 1}, "k=1: at least 2 segments are needed, such as k=5."),
        ({"k": "five"}, 'k="five": at least 2 segments are needed, such as k=5.'),
        ({"k_max": 1}, "k_max=1: at least 2 segments must be allowed, such as k_max=10."),
        (
            {"min_share": 0.7},
            "min_share=0.7 must lie between 0 and 0.5: "
            "min_share=0.05 keeps segments at 5 % of customers or more.",
        ),
        (
            {"scale": "log"},
            'scale="log" is unknown. Known: auto, standard, robust, none.',
        ),
        ({"fill": "mode"}, 'fill="mode" is unknown. Known: median, mean, zero.'),
        ({"seed": -1}, "seed=-1 must lie between 0 and 4294967295."),
        ({"threads": 0}, "threads=0 must be at least 1."),
        (
            {"memory": "much"},
            'memory="much" is no amount of memory. Give a number and a unit, such as 800MB or 4GB.',
        ),
        (
            {"decimal": ";"},
            'The decimal mark is a dot or a comma, not ";". Say decimal="." or decimal=","',
        ),
        ({"header": -1}, "The header is a row number from 1, or 0 for none; not -1."),
        (
            {"encoding": "utf-9"},
            'There is no encoding "utf-9". '
            "Known are utf-8, cp1252, latin-1, utf-16, cp1250, cp850…",
        ),
        (
            {"by": ["spent", "vists"]},
            'by names "vists", but the table has no such column. Did you mean "visits"?',
        ),
        (
            {"weights": {"spent": -1}},
            'weights of "spent", -1, must be a positive number, such as 2.',
        ),
        ({"sep": 3}, "sep=3 is of the wrong kind: a whole number cannot be taken here."),
        ({"by": [1, 2]}, 'by=[1, 2] must name columns, such as by=["income", "visits"].'),
    ],
)
def test_a_wrong_value_is_refused_in_the_words_of_python(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(shoal.OptionError) as refused:
        shoal.segment(TABLE, **given)
    assert str(refused.value) == message


def test_the_shell_hears_of_its_own_options() -> None:
    with speaking_shell(), pytest.raises(shoal.OptionError) as refused:
        shoal.segment(TABLE, k=1)
    assert str(refused.value) == "--k 1: at least 2 segments are needed, such as --k 5."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"segments": 4}, 'segment() has no argument "segments". Did you mean "k"?'),
        ({"n_clusters": 4}, 'segment() has no argument "n_clusters". Did you mean "k"?'),
        ({"delimiter": ";"}, 'segment() has no argument "delimiter". Did you mean "sep"?'),
        ({"wieghts": {}}, 'segment() has no argument "wieghts". Did you mean "weights"?'),
        ({"kmax": 4}, 'segment() has no argument "kmax". Did you mean "k_max"?'),
        ({"tell": print}, 'segment() has no argument "tell". Did you mean "progress"?'),
        ({"customer": "x"}, "customer says how orders are summed up: it needs orders=True."),
    ],
)
def test_a_wrong_keyword_is_refused_with_the_nearest(given: dict[str, Any], message: str) -> None:
    with pytest.raises(shoal.OptionError) as refused:
        shoal.segment(TABLE, **given)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("door", "nearest"),
    [
        (shoal.inspect, '"sep"'),
        (shoal.orders, '"sep"'),
        (shoal.read, '"sep"'),
        (shoal.rfm_classes, '"sep"'),
        (shoal.compare_rfm, '"sep"'),
    ],
)
def test_every_door_refuses_a_wrong_keyword(door: Any, nearest: str) -> None:
    with pytest.raises(shoal.OptionError, match=rf'has no argument "seperator".*{nearest}'):
        door(TABLE, seperator=";")


def test_placing_refuses_a_wrong_keyword() -> None:
    study = shoal.segment(TABLE, k=2)
    with pytest.raises(shoal.OptionError, match=r'assign\(\) has no argument "seb".*"sep"'):
        study.assign(TABLE, seb=";")


def test_numbers_and_names_of_numpy_and_pandas_are_taken() -> None:
    assert made(FitOptions, {"k": np.int64(3), "weights": {"a": np.float64(2)}}) == FitOptions(
        k=3, weights={"a": 2.0}
    )
    assert made(RoleOverrides, {"by": TABLE.columns, "describe": "a"}) == RoleOverrides(
        by=("spent", "visits"), describe=("a",)
    )


def test_only_the_options_of_a_kind_are_taken_and_none_is_nothing() -> None:
    given = {"sep": ";", "k": None, "returns": "net", "threads": 2, "header": None}
    assert made(ReadingOptions, given).given == ("sep",)
    assert made(OrdersOptions, given).returns == "net"
    assert made(Resources, given) == Resources(threads=2)
    assert made(FitOptions, given) == FitOptions()


def test_options_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        FitOptions().k = 3  # type: ignore[misc]


def test_what_is_wrong_with_a_table_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="no rows"):
        shoal.segment(TABLE.iloc[:0])


def test_a_fault_of_shoals_own_is_not_told_as_bad_input(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> None:
        raise ValueError("a fault")

    TABLE.to_csv(tmp_path / "table.csv", index=False)
    monkeypatch.setattr("shoal.data.files.read_text", broken)
    with pytest.raises(ValueError, match=r"^a fault$") as fault:
        shoal.read(tmp_path / "table.csv")
    assert not isinstance(fault.value, shoal.ShoalError)


def test_reading_alone_gives_rows_and_findings(tmp_path: Any) -> None:
    (tmp_path / "table.csv").write_text('id;income\n1;"$15,000"\n2;"$9,500"\n3;\n')
    table = shoal.read(tmp_path / "table.csv")
    assert table.to_arrow().to_pydict() == {"id": [1, 2, 3], "income": [15000, 9500, None]}
    assert {"currency", "thousands-marks"} <= {finding.code for finding in table.findings}
