"""What is said of why a customer is in their segment."""

from __future__ import annotations

from collections.abc import Callable

from shoal.text.numbers import number, percent


def _number(column: str, value: float, pull: float, other: str, own: float, there: float) -> str:
    ends = f"their own centre lies at {number(own)}, that of the other at {number(there)}"
    return f"{column} {number(value)} {_for(pull, other)}: {ends}."


def _share(
    column: str, value: str, pull: float, other: str, own: float, there: float, word: str
) -> str:
    """Of a flag the shares are of those with its second word, whichever this customer has."""
    ends = f"{percent(own)} of their own segment have {word}, {percent(there)} of the other"
    return f"{column} {value} {_for(pull, other)}: {ends}."


def _gap(
    column: str, value: float | str | bool | None, pull: float, other: str, fill: float | str
) -> str:
    taken = "everybody's average" if fill == "" else str(fill)
    what = "is not known" if value is None else f"{value} is not a word that the model knows"
    return f"{column} {what}: {taken} stands in for it, which {_for(pull, other)}."


def _for(pull: float, other: str) -> str:
    if pull == 0:
        return "speaks for neither"
    return "speaks for their own segment" if pull > 0 else f'speaks for "{other}"'


SENTENCES: dict[str, str | Callable[..., str]] = {
    "pull-number": _number,
    "pull-share": _share,
    "pull-gap": _gap,
}
