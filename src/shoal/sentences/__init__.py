"""The one place where reasons, traits, rules, insights and actions become sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shoal.sentences import (
    analysis,
    answer,
    campaign,
    claims,
    drift,
    explain,
    interpret,
    lifecycle,
    moves,
    orders,
    plays,
    profile,
    reliability,
    scoring,
    separation,
    workbook,
    worth,
)
from shoal.text.nouns import many, one
from shoal.types import Statement

SENTENCES: dict[str, str | Callable[..., str]] = {
    **profile.SENTENCES,
    **analysis.SENTENCES,
    **reliability.SENTENCES,
    **interpret.SENTENCES,
    **plays.SENTENCES,
    **explain.SENTENCES,
    **worth.SENTENCES,
    **claims.SENTENCES,
    **separation.SENTENCES,
    **scoring.SENTENCES,
    **answer.SENTENCES,
    **orders.SENTENCES,
    **workbook.SENTENCES,
    **drift.SENTENCES,
    **moves.SENTENCES,
    **lifecycle.SENTENCES,
    **campaign.SENTENCES,
}


def say(code: str, **values: Any) -> Statement:
    """A statement of this code, with its sentence made from the values.

    `{one}` and `{many}` in a sentence are what the rows are called.
    """
    sentence = SENTENCES[code]
    if isinstance(sentence, str):
        return Statement(code, values, sentence.format(**{"one": one(), "many": many()} | values))
    text = sentence(**values)
    return Statement(code, values, text)
