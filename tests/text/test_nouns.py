"""What rows are called: guessed where sure, said as asked, in every sentence of the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.analysis.profile.nouns import guess_noun
from shoal.cli.main import main
from shoal.text.nouns import noun_of


@pytest.mark.parametrize(
    ("header", "many"),
    [
        ("customer_id", "customers"),
        ("CLIENTNUM", "customers"),
        ("ID", "customers"),
        ("session_id", "sessions"),
        ("SessionID", "sessions"),
        ("Account No", "accounts"),
        ("userid", "users"),
        ("respondent", "respondents"),
        ("household_key", "households"),
        ("Member_number", "members"),
        ("customer_account_id", "customers"),
        ("user_account", "customers"),
    ],
)
def test_the_header_of_the_id_says_what_rows_are_where_it_is_sure(header: str, many: str) -> None:
    assert guess_noun(header, (), ()).many == many


@pytest.mark.parametrize(
    ("given", "many"),
    [
        ("session", "sessions"),
        ("company", "companies"),
        ("guest", "guests"),
        ("boss", "bosses"),
        ("person/people", "people"),
        ("Haushalt/Haushalte", "Haushalte"),
        ("day", "days"),
        ("test user", "test users"),
    ],
)
def test_plurals_are_made_plainly_or_given(given: str, many: str) -> None:
    made = noun_of(given)
    assert made is not None
    assert made.many == many


@pytest.mark.parametrize("given", ["", "4", "a/b/c", "/", "=x", "a  b"])
def test_what_is_no_noun_is_refused(given: str) -> None:
    assert noun_of(given) is None
    with pytest.raises(shoal.OptionError, match="is no noun"):
        shoal.segment("any.csv", noun=given or " ")


def sessions() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    group = np.arange(240) % 3
    return pd.DataFrame(
        {
            "session_id": np.arange(240) + 1,
            "pages": np.array([3, 20, 40])[group] + rng.normal(0, 1, 240),
            "minutes": np.array([90, 9, 30])[group] + rng.normal(0, 1, 240),
        }
    )


def test_all_of_a_run_speaks_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions().to_csv(tmp_path / "web.csv", index=False)
    asked = ["shoal", "segment", str(tmp_path / "web.csv"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr("sys.argv", asked)
    assert main() == 0
    told = capsys.readouterr().out
    assert "240 sessions in 3 segments" in told
    spoken = told.replace("labelled customers", "").replace("customers.csv", "")
    assert "customer" not in spoken
    body = (tmp_path / "out" / "summary.json").read_text("utf-8")
    assert '"noun": "sessions"' in body
    assert "customer" not in body.replace('"customers": ', "").replace("customers.csv", "")
    new = ["shoal", "assign", str(tmp_path / "out" / "model.json"), str(tmp_path / "web.csv")]
    monkeypatch.setattr("sys.argv", [*new, "--out", str(tmp_path / "placed.csv")])
    assert main() == 0
    assert "Sessions" in capsys.readouterr().out


def test_a_study_speaks_of_what_was_asked_for_with_processes_too() -> None:
    study = shoal.segment(sessions(), noun="visit", k=3)
    assert study.portraits[0].insights[0].startswith("80 of 240 visits (33 %)")
    assert "visits" in study.portraits[0].rule.text
    assert "visits" in study.answer.found.text


def test_one_study_does_not_speak_of_another() -> None:
    shoal.segment(sessions(), noun="visit", k=3)
    study = shoal.segment(sessions().rename(columns={"session_id": "customer_id"}), k=3)
    assert "visits" not in study.answer.found.text
    assert "customers" in study.portraits[0].insights[0]
