"""What is said in the workbook."""

from __future__ import annotations

from collections.abc import Callable

from shoal.text.nouns import many


def _rows(*, read: int, labelled: int, aside: int) -> str:
    told = f"{read:,} rows read = {labelled:,} labelled + {aside:,} set aside."
    return f"{told} Those are on the last sheet." if aside else told


def _too_large(*, customers: int, columns: int, most: int, cells: int) -> str:
    return (
        f"The {many()} themselves are not in this workbook: {customers:,} of them with {columns:,} "
        f"columns are more than it takes ({most:,} {many()}, or {cells:,} cells). "
        "They are all in the file of labels beside it."
    )


SENTENCES: dict[str, str | Callable[..., str]] = {
    "workbook-no-value": "No column is taken for money that {many} bring: nothing is said of it.",
    "workbook-rows": _rows,
    "workbook-model": "Model {id}, as every result of it says.",
    "workbook-too-large": _too_large,
    "workbook-labels-only": (
        "The sheets of segments hold ids and labels alone: the table's own columns were not kept."
    ),
    "workbook-no-rows": (
        "The {many} themselves are not in this workbook: their rows are not on this machine. "
        "They are all in the file of labels beside it."
    ),
    "workbook-by-chance": (
        '"{column}": no segment differs from everybody by more than chance explains.'
    ),
    "workbook-profile": (
        "Means and shares are over all {many}; medians, and shares of codes, over a sample of "
        "{sampled:,}. Blue: above everybody by half a standard deviation or more (of logarithms or "
        "ranks where a tail is heavy); orange: below. "
        "Shares are of those whose answer is known."
    ),
}
