"""Findings about the choice of k, stability, and placing customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shoal.findings.code import Code
from shoal.text.nouns import many
from shoal.text.numbers import listed
from shoal.text.options import option

MOST_NAMED = 5  # columns


def _several_k(*, column: None, k: int, others: Sequence[int]) -> str:
    return (
        f"{k} segments were taken, {listed([str(other) for other in others], len(others))} "
        "can be defended as well."
    )


def _at_the_edge(*, column: None, k: int) -> str:
    return f"{k} is the most that was allowed, more may be there: try a larger {option('k_max')}."


def _one_column(*, column: str) -> str:
    return (
        f'Only "{column}" forms segments: they are ranges of it. '
        f"Name more columns with {option('by')}."
    )


def _set_aside(*, column: None, aside: int, rows: int, why: str, new_customers: bool) -> str:
    if new_customers:
        return f"{aside:,} of {rows:,} rows could not be placed: {why}."
    return f"{aside:,} of {rows:,} rows were set aside: {why}. They are listed with the results."


def _few(*, column: None, least: int, segments: Sequence[int], columns: Sequence[str]) -> str:
    """`segments` are those that have fewer; `columns` those with such figures of others."""
    parts = []
    if segments:
        numbers = listed([str(each) for each in segments], len(segments))
        parts.append(f"all of segment{'s' * (len(segments) > 1)} {numbers}")
    if columns:
        named = listed([f'"{name}"' for name in columns], MOST_NAMED)
        parts.append(f"single ones{' of others' * bool(segments)} in {named}")
    return (
        f"Figures of fewer than {least} {many()} are not shown: {', and '.join(parts)}. "
        f"{many().capitalize()} are labelled all the same; {option('min_cell', 1)} shows all."
    )


def _unknown_words(*, column: str, words: Mapping[str, int], cells: int) -> str:
    """`words` are those that name nobody, and may be none."""
    if not words:
        return (
            f'"{column}" holds words the model has never seen in {cells:,} cells; they may name '
            "persons, and are not shown. They count as gaps."
        )
    shown = ", ".join(f'"{word}" ({count:,})' for word, count in words.items())
    return f'"{column}" holds words the model has never seen: {shown}. They count as gaps.'


def _no_groups(*, column: None, why: str, hint: str) -> str:
    advice = "Do not tell anybody that these groups exist."
    return f"{why} {advice} {hint}".rstrip()


def _column_renamed(*, column: str, before: str, by_header: bool) -> str:
    why = "its header says so" if by_header else "its values lie where those lay, and no other's do"
    return f'"{column}" was taken for "{before}" of before, which is not there: {why}.'


def _unit_changed(*, column: str, factor: float) -> str:
    times = f"{factor:,.4g} times" if factor >= 1 else f"1/{1 / factor:,.4g} of"
    return (
        f'All of "{column}" is {times} what it was, as another unit makes it: the segments of '
        "before were read in that unit. If the unit is the same, everybody changed."
    )


CODES = {
    "column-renamed": Code(
        "warning", "a column that a model needs is called otherwise now", _column_renamed
    ),
    "unit-changed": Code("warning", "a column is in another unit than before", _unit_changed),
    "no-natural-groups": Code(
        "warning",
        "no groups that all return were found: segments are slices through a continuum",
        _no_groups,
    ),
    "several-k": Code("info", "other numbers of segments can be defended as well", _several_k),
    "k-at-the-edge": Code(
        "warning",
        "the largest number allowed was taken: more segments may be there",
        _at_the_edge,
    ),
    "segment-not-stable": Code(
        "warning",
        "A segment does not come back on resampled customers: do not rely on it.",
        "Segment {segment}: do not rely on it. {why}",
    ),
    "segment-with-care": Code(
        "info",
        "A segment comes back, but not reliably enough to be found again on other customers.",
        "Segment {segment}: use with care. {why}",
    ),
    "one-column": Code(
        "warning", "only one column forms segments: they are ranges of it", _one_column
    ),
    "run-not-read": Code(
        "warning",
        "a folder of runs holds one whose record cannot be read",
        "{name} cannot be read, and is left out: it is damaged, or no record of a run.",
    ),
    "runs-as-written": Code(
        "info",
        "names of runs hold no numbers to sort them by",
        "Runs stand in the order in which they were written, since not all of their folders' names "
        "hold a number, such as 2024-02.",
    ),
    "run-follows-none": Code(
        "warning",
        "a run follows none of those before it: its segments bear the same numbers by chance",
        '"{name}" follows neither "{before}" nor a run before it: its segments were found anew; '
        "the same number does not mean the same segment. `shoal refresh` keeps numbers.",
    ),
    "set-aside": Code(
        "warning",
        "customers without any value in the columns that form segments could not be placed",
        _set_aside,
    ),
    "few": Code(
        "info",
        "figures of segments that are of few customers are not shown (`--min-cell`)",
        _few,
    ),
    "unknown-words": Code(
        "warning",
        "new customers carry words that the model has never seen",
        _unknown_words,
    ),
}
