"""Outcomes.

Churn, response, default … which word says that it happened, and which one matters most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shoal.analysis.meaning.header import cell_says, read_header
from shoal.analysis.meaning.persons import is_private
from shoal.errors import OptionError
from shoal.options import Meanings
from shoal.sentences import say
from shoal.stats.distribution import flag_words
from shoal.text.options import option
from shoal.types import Column

# Which of several outcomes is reported first.
PRECEDENCE = ("target", "churn", "default", "response", "next")


def with_events(columns: Sequence[Column], meanings: Meanings) -> tuple[Column, ...]:
    """The columns, each outcome with the word that says that it happened.

    Raises OptionError when the outcome that was asked for has no such word.
    """
    name, word = _asked(columns, meanings.outcome)
    found = []
    for column in columns:
        if column.name == name:
            column = _as_outcome(column, word)
        elif column.meaning == "outcome":
            column = replace(column, event=_event(column))
        found.append(column)
    return tuple(found)


def _asked(columns: Sequence[Column], outcome: str | None) -> tuple[str, str]:
    """The column and the word of `COLUMN=WORD`; a name may hold an equals sign itself."""
    if outcome is None:
        return "", ""
    if outcome in {c.name for c in columns}:
        return outcome, ""
    name, _, word = outcome.partition("=")
    return name, word


def _as_outcome(column: Column, word: str) -> Column:
    words = _words(column)
    if len(words) < 2 or (word and word not in words):
        shown = ", ".join(f'"{w}"' for w in words[:6]) or "no words"
        shown = "not to be shown, for they may name persons" if is_private(column) else shown
        raise OptionError(
            f"{option('outcome', column.name)} cannot be counted: its cells are {shown}. "
            f"Name a column of few words and the word that says that it happened, such as "
            f"{option('outcome', 'Churn=Yes')}."
        )
    direction = column.direction if column.meaning == "outcome" else "unknown"
    event = word or _event(column)
    if not event:
        shown = "…" if is_private(column) else ", ".join(f'"{w}"' for w in words[:6])
        raise OptionError(
            f"{option('outcome', column.name)} does not say which of its words is meant: {shown}. "
            f"Say {option('outcome', f'{column.name}=WORD')}."
        )
    return replace(
        column,
        meaning="outcome",
        aspect="now",
        direction=direction,
        confidence="stated",
        meaning_reason=say("meaning-stated"),
        event=event,
    )


def _words(column: Column) -> list[str]:
    if column.type == "bool":
        return ["true", "false"]
    if column.top:
        return [w for w, _ in column.top]
    low, high = column.min, column.max
    if column.distinct == 2 and isinstance(low, float) and isinstance(high, float):
        return [f"{high:g}", f"{low:g}"]
    return []


def _event(column: Column) -> str:
    """Yes, 1, true; else the word that speaks of the outcome; "" where none does."""
    words = _words(column)
    if column.type == "bool" or not column.top:
        return words[0] if words else ""
    flag = flag_words(words)
    if flag is not None:
        return flag[1]
    telling = [w for w in words if _tells(w)]
    return telling[0] if len(telling) == 1 else ""


def _tells(word: str) -> bool:
    return cell_says(word, "churn", "response", "default") and not cell_says(word, "negation")


def the_outcome(columns: Sequence[Column], asked: str | None) -> str | None:
    """The outcome that is reported first.

    As asked, else what is happening now, churn before all.
    """
    outcomes = [c for c in columns if c.meaning == "outcome" and c.event]
    if asked is not None:
        return _asked(columns, asked)[0]
    now = [c for c in outcomes if c.aspect != "past"]
    return min(now or outcomes, key=_rank).name if outcomes else None


def _rank(column: Column) -> int:
    header = read_header(column.name)
    places = [i for i, concept in enumerate(PRECEDENCE) if header.says(concept)]
    return places[0] if places else len(PRECEDENCE)
