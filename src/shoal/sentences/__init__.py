"""The one place where reasons, traits, rules, insights and actions become sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shoal.sentences import analysis, answer, interpret, orders, profile, worth
from shoal.types import Statement

SENTENCES: dict[str, str | Callable[..., str]] = {
    **profile.SENTENCES,
    **analysis.SENTENCES,
    **interpret.SENTENCES,
    **worth.SENTENCES,
    **answer.SENTENCES,
    **orders.SENTENCES,
}


def say(code: str, **values: Any) -> Statement:
    """A statement of this code, with its sentence made from the values."""
    sentence = SENTENCES[code]
    text = sentence.format(**values) if isinstance(sentence, str) else sentence(**values)
    return Statement(code, values, text)
