"""The page's own sentences: how many customers there were, and what was found on how many."""

from __future__ import annotations

from shoal.text.numbers import count
from shoal.types import Facts


def spoken(facts: Facts) -> str:
    """How many customers there were and what became of them."""
    read, labelled, aside = facts.rows_read, facts.rows_labelled, facts.rows_set_aside
    text = f"{count(read, 'row')} read = {labelled:,} labelled + {aside:,} set aside."
    text = text if aside else text + " Nobody was lost."
    return text if facts.lines is None else f"{facts.lines.how} {text}"


def searched(facts: Facts) -> str:
    """On which customers k was chosen and trust was found."""
    m, n = len(facts.labels), facts.sample.total
    every = f"{n:,} {facts.noun.many}"
    return f"all {every}" if m == n else f"a sample of {m:,} of {every}"
