"""What is said of drift: what has shifted, whether chance explains it, and whether it matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shoal.text.nouns import many, told_count
from shoal.text.numbers import listed, number, percent, rate

SHARES, DISTANCES = "the shares of the segments", "the distances to the centres"


def _is_one(what: Sequence[str]) -> bool:
    """Whether one thing is told of, in the singular."""
    return len(what) == 1 and what[0] not in (SHARES, DISTANCES)


def _found(*, what: Sequence[str]) -> str:
    have = "has" if _is_one(what) else "have"
    return (
        f"Drift: {listed(what)} {have} shifted by more than chance explains, and enough to matter."
    )


def _unsure(*, what: Sequence[str], before: int, after: int) -> str:
    seem = "seems" if _is_one(what) else "seem"
    return (
        f"No alarm: {listed(what)} {seem} shifted enough to matter, but where so much is looked at "
        f"chance may do as much between so few ({before:,} {many()} before, {after:,} now)."
    )


def _none(*, before: int, after: int) -> str:
    return (
        "No drift: nothing that was looked at has shifted enough to matter "
        f"({before:,} {many()} before, {after:,} now)."
    )


def _numbers(
    *,
    column: str,
    psi: float,
    psi_usual: float,
    moved: float,
    moved_usual: float,
    before: float,
    after: float,
    times: float | None,
) -> str:
    told = (
        f'"{column}": mean {number(before)} before, {number(after)} now; values lie '
        f"{number(moved)} apart on average (chance alone: rarely over {number(moved_usual)}), "
        f"stability index {number(psi)} (chance alone: rarely over {number(psi_usual)})."
    )
    if times is None:
        return told
    how = f"{times:,.0f} times" if times > 1 else f"1/{1 / times:,.0f} of"
    return f"{told} The mean is about {how} what it was: is it in another unit?"


def _words(*, column: str, psi: float, psi_usual: float) -> str:
    return (
        f'"{column}": its words are shared out otherwise than before, stability index '
        f"{number(psi)} (chance alone: rarely over {number(psi_usual)})."
    )


def _missing(*, column: str, before: float, after: float) -> str:
    return f'"{column}" is missing for {rate(after)} of {many()}; before it was {rate(before)}.'


def _few(*, column: str, least: int) -> str:
    return f'"{column}" is known of fewer than {least} {many()}, whose figures are not shown.'


def _new_words(*, column: str, share: float, words: Mapping[str, int], least: int) -> str:
    shown = ", ".join(f'"{word}" ({told_count(n, least)})' for word, n in words.items())
    told = f'"{column}" holds words that the model has never seen, in {rate(share)} of its cells'
    return f"{told}: {shown}." if shown else f"{told}; they may name persons, and are not shown."


def _segments(*, moved: float, segment: int, name: str, before: float, after: float) -> str:
    return (
        f"{percent(moved)} of {many()} would have to be in another segment for all shares to be "
        f"as before; segment {segment} ({name}) changed most, from {rate(before)} to {rate(after)}."
    )


def _unlike(*, before: float, after: float) -> str:
    return f"{rate(after)} of {many()} are unlike anyone; before it was {rate(before)}."


def _farther(*, before: float, after: float) -> str:
    return (
        f"{rate(after)} of {many()} lie as far from their centre as the outermost {rate(before)} "
        "did before."
    )


def _small(*, what: Sequence[str]) -> str:
    return f"Real, but too small to matter: {listed(what)}."


SENTENCES: Mapping[str, str | Callable[..., str]] = {
    "drift-found": _found,
    "drift-unsure": _unsure,
    "drift-none": _none,
    "drift-few": _few,
    "drift-numbers": _numbers,
    "drift-words": _words,
    "drift-missing": _missing,
    "drift-new-words": _new_words,
    "drift-segments": _segments,
    "drift-unlike": _unlike,
    "drift-farther": _farther,
    "drift-small": _small,
}
