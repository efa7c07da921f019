"""Names and texts as SQL writes them."""

from __future__ import annotations


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
