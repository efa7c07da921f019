"""Audiences: whom to write to, who is held out, and what platforms take."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.persons.consent import Consent, allowed, consents
from shoal.persons.platforms import ROWS, Reached, email_of, phone_of

ROWS_MADE = 120


def customers() -> pd.DataFrame:
    """Sixty customers who spend little and sixty who spend much."""
    rng = np.random.default_rng(5)
    at = np.arange(ROWS_MADE)
    return pd.DataFrame(
        {
            "customer_id": [f"K{i:03d}" for i in at],
            "spent": np.where(at % 2, 90.0, 10.0) + rng.normal(0, 1, ROWS_MADE),
            "visits": np.where(at % 2, 30.0, 5.0) + rng.normal(0, 1, ROWS_MADE),
            "E-Mail": [f"Ann.{i}@Shop.Example" for i in at],
            "Telefon": [f"030 {5550000 + i}" for i in at],
            "Newsletter": ["ja", "nein", "Ja ", None][:] * (ROWS_MADE // 4),
        }
    )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = shoal.segment(customers(), k=2, by=["spent", "visits"])
    return study.save(tmp_path_factory.mktemp("model") / "model.json")


def number_of_big(model: Path) -> int:
    """The segment of customers who spend much: those with odd numbers."""
    return int(shoal.load(model).assign(customers())["segment"][1])


def made(model: Path, out: Path, frame: pd.DataFrame | None = None, **asked: Any) -> dict[str, Any]:
    table = customers() if frame is None else frame
    return shoal.audience(model, table, segment=number_of_big(model), out=out, **asked)


def test_rows_read_are_rows_written_and_set_aside(model: Path, tmp_path: Path) -> None:
    """Of the sixty who spend much nobody agreed: 1, 5, 9 … said no, 3, 7, 11 … said nothing."""
    told = made(model, tmp_path)
    assert (told["rows_read"], told["rows_written"], told["rows_in_other_segments"]) == (120, 0, 60)
    assert told["reasons"] == {"no consent": 60}
    assert told["consent"] == ["Newsletter"]
    other = 3 - number_of_big(model)
    few = shoal.audience(model, customers(), segment=other, out=tmp_path / "o")
    assert (few["rows_written"], few["rows_set_aside"]) == (60, 0)
    rows = read(tmp_path / "o" / f"audience-{other}.csv")
    assert [row["customer_id"] for row in rows] == [f"K{i:03d}" for i in range(0, 120, 2)]
    assert rows[0]["E-Mail"] == "Ann.0@Shop.Example"  # as it is
    assert {row["Telefon"] for row in rows} == {""}  # nobody agreed to be called
    aside = read(tmp_path / "set_aside.csv")
    assert {row["reason"] for row in aside} == {"no consent"}
    assert len(aside) == 60


def test_nothing_is_said_of_consent_where_no_column_is(model: Path, tmp_path: Path) -> None:
    told = made(model, tmp_path, customers().drop(columns="Newsletter"))
    assert (told["rows_written"], told["rows_set_aside"]) == (60, 0)
    assert "no-consent-column" in {each["code"] for each in told["findings"]}


def test_the_same_are_held_out_whatever_the_order(model: Path, tmp_path: Path) -> None:
    frame = customers().drop(columns="Newsletter")
    first = made(model, tmp_path / "a", frame, hold_out=0.3)
    made(model, tmp_path / "b", frame.sample(frac=1, random_state=1), hold_out=0.3)
    made(model, tmp_path / "c", frame, hold_out=0.3, seed=1)
    held = [
        {
            row["customer_id"]
            for row in read(tmp_path / x / "members.csv")
            if row["is_holdout"] == "true"
        }
        for x in "abc"
    ]
    assert held[0] == held[1] != held[2]
    assert first["audiences"][0]["held_out"] == len(held[0])
    assert 8 <= len(held[0]) <= 28  # of 60, expected 18: three standard deviations
    rows = read(tmp_path / "a" / f"audience-{number_of_big(model)}.csv")
    assert {row["customer_id"] for row in rows if row["is_holdout"] == "true"} == held[0]
    assert len(rows) == 60


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_google_gets_its_headers_and_hashes(model: Path, tmp_path: Path) -> None:
    frame = customers().drop(columns="Newsletter")
    frame.loc[3, "E-Mail"], frame.loc[3, "Telefon"] = "unknown", "none"
    told = made(model, tmp_path, frame, format="google", country="de", hold_out=0.3)
    rows = read(tmp_path / f"audience-{number_of_big(model)}-google.csv")
    assert list(rows[0]) == ["Email", "Phone", "First Name", "Last Name", "Country", "Zip"]
    held = told["audiences"][0]["held_out"]
    no_contact = "no e-mail address and no telephone number"
    assert told["reasons"] == {"held out": held, no_contact: 1}
    assert len(rows) == 60 - held - 1
    members = {row["customer_id"]: row for row in read(tmp_path / "members.csv")}
    sent = next(i for i in range(1, 120, 2) if members[f"K{i:03d}"]["is_holdout"] == "false")
    assert rows[0]["Email"] == sha(f"ann.{sent}@shop.example")
    assert rows[0]["Phone"] == sha(f"+4930{5550000 + sent}")
    codes = [each["code"] for each in told["findings"]]
    assert codes.count("unreadable-contacts") == 2
    assert "small-audience" in codes
    text = (tmp_path / f"audience-{number_of_big(model)}-google.csv").read_text("utf-8")
    assert "@" not in text


def test_telephones_need_a_country_where_nothing_else_is_there(model: Path, tmp_path: Path) -> None:
    frame = customers().drop(columns=["Newsletter", "E-Mail"])
    with pytest.raises(shoal.OptionError, match="do not say their country, which meta needs"):
        made(model, tmp_path, frame, format="meta")
    assert made(model, tmp_path, frame, format="meta", country="DE")["rows_written"] == 60
    with pytest.raises(
        shoal.InputError, match="no column of e-mail addresses or telephone numbers"
    ):
        made(model, tmp_path, frame.drop(columns="Telefon"), format="meta")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"segment": 9}, "segment=9 is no segment. They are numbered from 1 to 2."),
        ({"hold_out": 1.5}, "hold_out=1.5 must be a share from 0 to 0.9"),
        ({"format": "bing"}, 'format="bing" is unknown. Known: csv, google, meta.'),
        ({"country": "Germany"}, 'country="Germany" must be two letters'),
        ({"consent": "Newsleter"}, 'Did you mean "Newsletter"?'),
        ({"email": "Mail"}, 'email names "Mail"'),
    ],
)
def test_wrong_options_are_said(
    model: Path, tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(shoal.OptionError) as raised:
        shoal.audience(model, customers(), out=tmp_path, **wrong)
    assert said in str(raised.value)


def test_hold_out_needs_ids(model: Path, tmp_path: Path) -> None:
    with pytest.raises(shoal.OptionError, match="hold_out needs ids"):
        made(model, tmp_path, customers().drop(columns="customer_id"), hold_out=0.1)


@pytest.mark.parametrize(
    ("cells", "given"),
    [
        (["yes", "Ja", "oui", "Sí", "vero", "1", 1.0, True, "opted-in", "Erteilt"], True),
        (["no", "Nein", "", None, "0", 0, False, "pending", "unsubscribed", "?"], False),
    ],
)
def test_consent_in_several_languages(cells: list[Any], given: bool) -> None:
    agreed = Consent("c", objects=False, channels=("email",), dated=False)
    assert [agreed.given(cell) for cell in cells] == [given] * len(cells)


def test_objections_are_the_contrary() -> None:
    """Who did not object agreed; what is not known counts as no; a date is when it happened."""
    objected = Consent("c", objects=True, channels=("email",), dated=False)
    told = [objected.given(cell) for cell in ("no", "nein", False, "yes", "ja", "maybe", None)]
    assert told == [True, True, True, False, False, False, False]
    left = Consent("c", objects=True, channels=("email",), dated=True)
    assert [left.given(cell) for cell in (None, "2024-05-01")] == [True, False]


@pytest.mark.parametrize(
    ("header", "objects", "channels"),
    [
        ("email_opt_in", False, ("email",)),
        ("Newsletter", False, ("email",)),
        ("Einwilligung Werbung", False, ("email", "phone")),
        ("consentement_sms", False, ("phone",)),
        ("Accepts Email Marketing", False, ("email",)),
        ("unsubscribed", True, ("email", "phone")),
        ("opt_out_sms", True, ("phone",)),
        ("Abgemeldet am", True, ("email", "phone")),
        ("désabonné", True, ("email", "phone")),
        ("plan", None, None),
        ("newsletters sent", None, None),  # a count
    ],
)
def test_headers_of_consent(header: str, objects: bool | None, channels: Any) -> None:
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 30, 80) if header.endswith("sent") else np.resize(["ja", "nein"], 80)
    profile = shoal.inspect(pd.DataFrame({"spent": rng.normal(0, 1, 80), header: cells}))
    found = consents(profile.columns, None, ())
    expected = [] if objects is None else [(header, objects, channels)]
    assert [(c.column, c.objects, c.channels) for c in found] == expected


def test_who_agreed_to_letters_alone_is_not_called() -> None:
    import pyarrow as pa

    batch = pa.RecordBatch.from_pydict({"n": ["ja", "nein", "ja"], "u": ["no", "no", "yes"]})
    letters = Consent("n", objects=False, channels=("email",), dated=False)
    both = Consent("u", objects=True, channels=("email", "phone"), dated=False)
    assert allowed(batch, [letters, both], "email") == [True, False, False]
    assert allowed(batch, [letters, both], "phone") == [False, False, False]
    assert allowed(batch, [both], "phone") == [True, True, False]
    assert allowed(batch, [], "phone") == [True, True, True]


@pytest.mark.parametrize(
    ("cell", "country", "written"),
    [
        ("+49 (0)30 5550100", "", "+49305550100"),
        ("030/555 01 00", "DE", "+49305550100"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("491711234567", "DE", "+491711234567"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0612345678", "", ""),
        ("call me", "DE", ""),
        ("12", "DE", ""),
    ],
)
def test_telephone_numbers_as_platforms_take_them(cell: str, country: str, written: str) -> None:
    assert phone_of(cell, country) == written


def test_platforms_write_the_same_person_each_in_its_way() -> None:
    who = Reached(
        email=email_of(" Ann.Lee@GMail.com "),
        phone="+14155552671",
        first_name=" Zoë-Ann ",
        last_name="O’Neil",
        city="São Paulo",
        zip="94016-1234",
        country="US",
    )
    assert ROWS["google"](who) == {
        "Email": sha("annlee@gmail.com"),
        "Phone": sha("+14155552671"),
        "First Name": sha("zoë-ann"),
        "Last Name": sha("o’neil"),
        "Country": "US",
        "Zip": "94016-1234",
    }
    assert ROWS["meta"](who) == {
        "email": sha("ann.lee@gmail.com"),
        "phone": sha("14155552671"),
        "fn": sha("zoëann"),
        "ln": sha("oneil"),
        "ct": sha("saopaulo"),
        "zip": sha("94016"),
        "country": sha("us"),
    }
    nobody = ROWS["google"](Reached(email="a@b.example", first_name="Ann"))
    assert (nobody["First Name"], nobody["Phone"]) == ("", "")
