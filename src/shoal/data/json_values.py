"""Pages of records, and cells with their type beside them, as web services give them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

# what the records of a page are called, and what else a page says
RECORDS = frozenset(
    [
        "data",
        "elements",
        "entries",
        "items",
        "list",
        "records",
        "result",
        "results",
        "rows",
        "value",
        "values",
        "customers",
        "orders",
        "users",
        "hits",
    ]
)
ABOUT = frozenset(
    [
        "count",
        "cursor",
        "error",
        "first",
        "hasmore",
        "haspreviouspage",
        "hasnextpage",
        "last",
        "limit",
        "links",
        "meta",
        "message",
        "next",
        "nextcursor",
        "nextpage",
        "object",
        "offset",
        "ok",
        "page",
        "pages",
        "pageinfo",
        "pagenumber",
        "pagesize",
        "pagination",
        "perpage",
        "prev",
        "previous",
        "size",
        "status",
        "success",
        "total",
        "totalcount",
        "totalpages",
        "url",
    ]
)
# the one key that tells the type of a cell: of DynamoDB and of Athena
TYPES = frozenset(["S", "N", "BOOL", "VarCharValue"])


def is_page(record: dict[str, Any]) -> bool:
    """Whether an object is a page of records, and none itself.

    >>> is_page({"page": 1, "items": [{"id": 7}]}), is_page({"id": 7, "orders": [{"id": 1}]})
    (True, False)
    """
    held = of_page(record)
    others = [name for name in record if not (name.lower() in RECORDS and record[name] is held)]
    about = all(name.lower().replace("_", "") in ABOUT for name in others)
    return about and bool(held) and all(isinstance(each, dict) for each in held)


def of_page(page: dict[str, Any]) -> list[Any]:
    """The records of a page."""
    lists = (v for k, v in page.items() if k.lower() in RECORDS and isinstance(v, list))
    return next(lists, [])


def is_page_at(text: str) -> bool:
    """Whether a page stands at the beginning of a text, as far as that can be told."""
    with suppress(ValueError):
        value, _ = json.JSONDecoder().raw_decode(text.lstrip())
        return isinstance(value, dict) and is_page(value)
    names = [f'"{name}"' for name in RECORDS]
    begins = text.lstrip()[:300].replace(" ", "").lower()
    return any(f"{name}:[{{" in begins for name in names) and '"page' in begins


def plain_value(cell: Any) -> Any:
    """A cell without the type beside it.

    >>> plain_value({"N": "1.5"}), plain_value({"S": "Bonn"}), plain_value({"N": 1, "S": 2})
    ('1.5', 'Bonn', {'N': 1, 'S': 2})
    """
    if isinstance(cell, dict) and len(cell) == 1 and TYPES & set(cell):
        return next(iter(cell.values()))
    if isinstance(cell, dict) and cell == {"NULL": True}:
        return None
    return cell
