"""How texts look that name a person, or say how to reach one."""

from __future__ import annotations

import pytest

from shoal.text.persons import is_email, tells_where

MANY = 1_000_000  # letters: what grew with their square would not end


@pytest.mark.parametrize("part", ["ä", "_", "1", "a.", "via roma ", "+1-", "a@", "O'"])
def test_a_long_text_is_looked_at_in_a_time_that_grows_with_its_length(part: str) -> None:
    assert not tells_where(part * (MANY // len(part)))


@pytest.mark.parametrize(
    "address", ["ann@shop.example", "o'brien+news@mail.shop.example", "a.b-c_d@x.org"]
)
def test_an_address_is_found_wherever_it_stands(address: str) -> None:
    assert is_email(address)
    for text in (
        f"write to {address}",
        f"<{address}>",
        f"mail:{address};",
        "x" * 90_000 + f" {address}",
    ):
        assert tells_where(text)
