"""Headers of several languages, taken apart for comparing and for showing."""

from __future__ import annotations

import pytest

from shoal.text.headers import tokens, words


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        ("Annual Income (k$)", ("annual", "income", "k")),
        ("MntWines", ("mnt", "wines")),
        ("Género", ("genero",)),
        ("CLIENTNUM", ("clientnum",)),
        ("HTTPServer_id2", ("http", "server", "id", "2")),
    ],
)
def test_tokens(name: str, compared: tuple[str, ...]) -> None:
    assert tokens(name) == compared


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Annual Income (k$)", ("annual", "income")),
        ("Dépense annuelle", ("dépense", "annuelle")),
        ("Flight_miles_12mo", ("flight", "miles", "12mo")),
        ("FLIGHT_TRANS_12", ("flight", "trans", "12")),
        ("HTTPServer_id2", ("http", "server", "id2")),
        ("no.one-else", ("no", "one", "else")),
        ("年收入", ("年收入",)),
        ("(k$)", ("k$",)),
        ("---", ("---",)),
    ],
)
def test_words(name: str, shown: tuple[str, ...]) -> None:
    assert words(name) == shown
