"""What is said of how far segments separate an outcome."""

from __future__ import annotations

from collections.abc import Callable

from shoal.text.nouns import many
from shoal.text.numbers import number, percent
from shoal.types.separation import Grouping, GroupRate, is_told


def _valued(value: float, event: str) -> str:
    return percent(value) if event else number(value)


def _span(low: float, high: float, event: str) -> str:
    return f"{_valued(low, event)} to {_valued(high, event)}"


def _of(group: GroupRate, event: str) -> str:
    return (
        f'{_valued(group.value, event)} in "{group.name}" ({_span(group.low, group.high, event)})'
    )


def _named(grouping: Grouping) -> str:
    if grouping.kind == "rfm":
        return "RFM classes"
    if grouping.kind == "old_label":
        return f'"{grouping.column}", an earlier segmentation in the table,'
    return f'"{grouping.column}" alone, the column that separates it most on the other half,'


def _explains(grouping: Grouping) -> str:
    share = percent(max(grouping.explained, 0.0))
    return f"{share} of its variance (95 % sure: {_low_high(grouping.low, grouping.high)})"


def _low_high(low: float, high: float) -> str:
    return f"{percent(max(low, 0.0))} to {percent(max(high, 0.0))}"


def _found(
    outcome: str,
    event: str,
    measured: int,
    everybody: GroupRate,
    segments: Grouping,
    placed: bool,
    least: int,
) -> str:
    """`placed` says that a model that was given has placed them."""
    what = f'{outcome} ("{event}")' if event else outcome
    unseen = "whose outcome nothing was learned from" if placed else "that no segment was formed of"
    on = f"On {measured:,} {many()} {unseen}"
    if not segments.separates:
        return (
            f"{on}, segments do not separate {what} beyond chance: "
            f"they explain {_explains(segments)}."
        )
    told = [group for group in segments.groups if is_told(group, event, least)]
    if len(told) < 2:
        return (
            f"{on}, segments separate {what}: they explain {_explains(segments)}. Most have fewer "
            f"than {least} {many()} with it, or without: what they have is not shown."
        )
    return (
        f"{on}, {what} goes from {_of(told[0], event)} to {_of(told[-1], event)}; everybody "
        f"{_valued(everybody.value, event)}. Segments explain {_explains(segments)}."
    )


def _beside(grouping: Grouping) -> str:
    said = f"{_named(grouping)} explains {_explains(grouping)}"
    if grouping.kind == "rfm":
        said = f"{_named(grouping)} explain {_explains(grouping)}"
    difference, low, high = grouping.difference, grouping.difference_low, grouping.difference_high
    assert difference is not None
    assert low is not None
    assert high is not None
    by = f"{100 * abs(difference):.1f} points"
    sure = f"95 % sure: {_signed(low)} to {_signed(high)} points"
    if low > 0:
        return f"{said}: segments explain {by} more ({sure})."
    if high < 0:
        return f"{said}: {by} more than segments (theirs less this, {sure})."
    return f"{said}: no difference to segments beyond chance ({sure})."


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _agrees(column: str, agreement: float, named: bool) -> str:
    subject = f'"{column}"' if named else "RFM classes"
    verb = "agrees" if named else "agree"
    known = " It may have been made knowing the outcome." if named else ""
    return (
        f"{subject} {verb} with the segments to {agreement:.2f} (adjusted Rand index: 1 is the "
        f"same grouping, 0 as by chance).{known}"
    )


def _no_rfm(missing: str) -> str:
    return f"No RFM classes stand beside them: the table has no column of {missing}."


SENTENCES: dict[str, str | Callable[..., str]] = {
    "separation-found": _found,
    "separation-beside": _beside,
    "separation-agrees": _agrees,
    "separation-no-rfm": _no_rfm,
    "separation-placed": (
        "The model is taken as it is: whether these {many} formed it cannot be seen from here."
    ),
}
