"""What people say of columns: the same settings as in columns.toml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from shoal.web.page import words
from shoal.web.page.works import Work

PAGE = 100  # columns of one screen
SAID = {"role": words.ROLES, "meaning": words.MEANINGS, "direction": words.DIRECTIONS}
ROWS = ("", "customers", "orders")


@dataclass(frozen=True)
class Part:
    """The columns of one screen."""

    number: int
    pages: int
    first: int  # the place of the first one
    columns: list[dict[str, Any]]


def part(work: Work, number: int) -> Part:
    """One screen's columns; there is always a first one."""
    every = work.understood["columns"] if work.understood else []
    pages = max(1, -(-len(every) // PAGE))
    number = min(max(number, 1), pages)
    first = (number - 1) * PAGE
    return Part(number, pages, first, every[first : first + PAGE])


def shown(work: Work, column: dict[str, Any], what: str) -> str:
    """The word that stands in the form: what the person said, else what was understood."""
    wishes = work.settings["columns"].get(column["name"], {})
    return str(wishes.get(what, column[what]))


def said(work: Work, form: FormData) -> dict[str, Any]:
    """All that a person has said of a table, with what this form changes.

    Words that stand as they were shown are no new wish: what is guessed may change with others.
    """
    assert work.understood is not None
    wishes = {name: dict(each) for name, each in work.settings["columns"].items()}
    for place, column in enumerate(work.understood["columns"]):
        if column["made"]:
            continue
        for what, known in SAID.items():
            word = form.get(f"{what}-{place}")
            if isinstance(word, str) and word in known and word != shown(work, column, what):
                wishes.setdefault(column["name"], {})[what] = word
    rows = form.get("rows")
    rows = rows if rows in ROWS else work.settings["rows"]
    return {"columns": wishes, "rows": rows, "orders": _orders(work, form)}


def _orders(work: Work, form: FormData) -> dict[str, str]:
    """Which column of a table of orders is which, where a person says so."""
    assert work.understood is not None
    known = {column["name"] for column in work.understood["columns"]} | {""}
    before = work.settings["orders"]
    said = {what: str(form.get(f"orders-{what}", before.get(what, ""))) for what in words.OF_ORDERS}
    return {what: name for what, name in said.items() if name in known}
