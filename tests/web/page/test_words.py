"""What the page says names what stands on it, not arguments of Python."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.web.page import words

TEMPLATES = Path(words.__file__).parent / "templates"


def test_what_an_option_is_called_stands_on_the_page() -> None:
    pages = "".join(file.read_text("utf-8") for file in TEMPLATES.glob("*.html"))
    shown = {*words.ROLES.values(), *words.OF_ORDERS.values()}
    for told in words.OPTIONS.values():
        for quoted in re.findall(r'"([^"]+)"', told):
            assert quoted in shown or quoted in pages, quoted


def test_a_message_names_what_stands_on_the_page(tmp_path: Path) -> None:
    table = tmp_path / "one.csv"
    table.write_text("id,a\n1,2\n2,2\n", "utf-8")
    with (
        shoal.speaking_words(words.OPTIONS),
        pytest.raises(shoal.InputError, match='yourself: "forms segments" under "What it does"'),
    ):
        shoal.segment(table)


def test_no_message_sends_people_to_a_command(tmp_path: Path) -> None:
    """Nor a hint: what other models and tables are told leads to what the page has."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(60, 2)), columns=["spent", "visits"])
    table.insert(0, "id", range(60))
    model = shoal.segment(table, k=2, by=["spent", "visits"]).save(tmp_path / "model.json")
    (tmp_path / "text.json").write_text("no JSON", "utf-8")
    (tmp_path / "other.json").write_text("{}", "utf-8")
    (tmp_path / "none.json").write_bytes(b"\xff\xfe\0")
    words_in_it = table.assign(spent="much")
    wrong = [
        lambda: shoal.load(tmp_path / "text.json"),
        lambda: shoal.load(tmp_path / "other.json"),
        lambda: shoal.load(tmp_path / "none.json"),
        lambda: shoal.load(model).compare(words_in_it),
        lambda: shoal.load(model).compare(table.drop(columns="spent")),
        lambda: shoal.moves(table, table),
    ]
    for ask in wrong:
        with shoal.speaking_words(words.OPTIONS), pytest.raises(shoal.InputError) as refused:
            ask()
        said = str(refused.value)
        assert not re.search(r"shoal [a-z]|shoal\.\w|command|study\.", said), said
