"""Names and texts as SQL writes them."""

from __future__ import annotations

import re
from pathlib import Path


def quoted(*names: str, mark: str = '"') -> str:
    """A name as an SQL identifier, with its schema in front where there is one.

    >>> quoted('say "hi"'), quoted("shop", "orders"), quoted("a`b", mark="`")
    ('"say ""hi\"""', '"shop"."orders"', '`a``b`')
    """
    return ".".join(mark + name.replace(mark, mark * 2) + mark for name in names if name)


def literal(text: str) -> str:
    """A text as an SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: str | Path) -> str:
    """The name of one file for DuckDB, which takes `*`, `?` and `[` in it as they are.

    >>> file_literal("customers[1].csv")
    "'customers[[]1].csv'"
    """
    return literal(re.sub(r"[*?\[]", r"[\g<0>]", str(path)))
