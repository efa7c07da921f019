"""What the page says names what stands on it, not arguments of Python."""

from __future__ import annotations

import re
from pathlib import Path

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
