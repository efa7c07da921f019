"""How well the header of a column fits what is looked for in a table of orders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import pyarrow as pa

from shoal.rfm.types import What
from shoal.rfm.words import WORDS, has, in_english
from shoal.text import headers

_OF_CELLS = {
    "cancelled",
    "credit_mark",
    "credit_note",
    "denied",
    "guest",
    "guest_mailbox",
    "no_purchase",
    "partly",
    "sap_return",
    "sold",
    "till",
    "yes",
}
_HEADERS = frozenset().union(*(words for name, words in WORDS.items() if name not in _OF_CELLS))
_KNOWN = _HEADERS | {"unit", "sub", "total", "name"}
NUMBERS = ("whole", "number")
_CELLS = (*NUMBERS, "text")


def tokens(name: str) -> tuple[str, ...]:
    """The words of a header; joined ones are taken apart at words that are known.

    >>> tokens("InvoiceNo"), tokens("unitprice"), tokens("Order Date")
    (('invoice', 'no'), ('unit', 'price'), ('order', 'date'))
    """
    return tuple(part for word in headers.tokens(in_english(name)) for part in _apart(word))


def _apart(word: str) -> tuple[str, ...]:
    if word in _KNOWN or len(word) < 6:
        return (word,)
    pairs = ((word[:cut], word[cut:]) for cut in range(2, len(word) - 1))
    return next((pair for pair in pairs if _both_known(*pair)), (word,))


def _both_known(first: str, second: str) -> bool:
    return first in _KNOWN and second in _KNOWN and max(len(first), len(second)) > 3


def kind_of(type: pa.DataType) -> str:
    """The kind of a column's type: whole, number, date, text or flag."""
    if pa.types.is_integer(type):
        return "whole"
    if pa.types.is_floating(type):
        return "number"
    if pa.types.is_date(type) or pa.types.is_timestamp(type):
        return "date"
    return "flag" if pa.types.is_boolean(type) else "text"


# --- how well the words of a header fit what is looked for; 0: not at all -------------------------


_NO_ADDRESS = frozenset(["accepts", "marketing", "opt", "status", "sent", "opened", "type", "to"])


def _score_customer(words: Sequence[str]) -> float:
    if has(words, "not_order"):
        return 0
    if {"sold", "party"} <= set(words) or {"loyalty", "card"} <= set(words):
        return 4
    mailed = not {"email", "mail"}.isdisjoint(words) and _NO_ADDRESS.isdisjoint(words)
    if not has(words, "who"):
        return 1.5 if mailed else float(tuple(words) in {("id",), ("card", "no")})
    if "unique" in words:
        return 4.5
    if mailed:
        return 3
    if has(words, "numbered") or len(words) == 1:
        return 4
    return 2 if "name" in words else 1


def _score_order(words: Sequence[str]) -> float:
    if tuple(words) == ("name",):
        return 1
    if has(words, "not_order") or not has(words, "order"):
        return 0
    if has(words, "numbered"):
        return 4
    return 2 if len(words) == 1 else 0


def _score_date(words: Sequence[str]) -> float:
    if has(words, "not_date"):
        return 0.5
    if "created" in words and not has(words, "who"):
        return 2
    if has(words, "order") or "sale" in words:
        return 4
    return 3 if has(words, "date") else 1


_AMOUNTS = ("betrag", "umsatz", "bedrag", "bestellwert", "auftragswert", "warenwert", "belopp")


def _score_amount(words: Sequence[str]) -> float:
    said = has(words, "amount") or any(word.endswith(_AMOUNTS) for word in words)
    if has(words, "not_amount") or not said:
        return 0
    return 4 + ("net" in words) * 0.2 + ("total" in words) * 0.1 - ("gross" in words) * 0.1


def _score_quantity(words: Sequence[str]) -> float:
    other = {"stock", "discount", "orders", "price"} & set(words)
    if other or has(words, "amount", "refunded", "called_off"):
        return 0
    return 4 if has(words, "quantity") else 0


def _score_price(words: Sequence[str]) -> float:
    other = {"tax", "exchange", "discount", "shipping"} & set(words) or has(words, "amount")
    if other or not has(words, "price"):
        return 0
    score = 4 if "unit" in words else 3
    return score - 2 if {"cost", "rate"} & set(words) else score


_NO_PRODUCT = frozenset(
    [
        "sequential",
        "line",
        "count",
        "quantity",
        "status",
        "price",
        "container",
        "base",
        "margin",
        "weight",
        "type",
        "order",
    ]
)
_PRODUCT_CODE = frozenset({"sku", "asin", "ean", "upc", "stockcode", "stock"})


def _score_product(words: Sequence[str]) -> float:
    if not has(words, "product") or has(words, "category", "amount"):
        return 0
    if not _NO_PRODUCT.isdisjoint(words):
        return 0
    return 4 if has(words, "numbered") or not _PRODUCT_CODE.isdisjoint(words) else 3


def _score_category(words: Sequence[str]) -> float:
    if not has(words, "category"):
        return 0
    return 3 if "sub" in words else 4


_NO_STATUS = frozenset(["marital", "civil", "account", "membership", "loyalty", "employment"])


def _score_status(words: Sequence[str]) -> float:
    said = has(words, "status") or any(word.endswith("status") for word in words)
    if not said or has(words, "who") or not _NO_STATUS.isdisjoint(words):
        return 0
    return 4 if len(words) == 1 or has(words, "order") else 3


# What the kind of a row is not, although its header has such a word.
_OF_OTHERS = frozenset(
    [
        "payment",
        "zahlung",
        "zahlungs",
        "pago",
        "paiement",
        "pagamento",
        "card",
        "product",
        "item",
        "artikel",
        "ship",
        "shipping",
        "delivery",
        "versand",
        "store",
        "user",
        "account",
        "membership",
        "subscription",
        "address",
        "price",
        "discount",
        "tax",
        "unit",
        "business",
    ]
)


def _score_kind(words: Sequence[str]) -> float:
    if not has(words, "kind") or has(words, "who") or not _OF_OTHERS.isdisjoint(words):
        return 0
    return 4 if len(words) == 1 or has(words, "order") else 3


_NO_REFUND = frozenset(["id", "reason", "count", "number", "no", "type", "status", "qty", "date"])


def _score_refunded(words: Sequence[str]) -> float:
    if says_pieces(words):
        return 2 if has(words, "refunded", "called_off") else 0
    if not has(words, "refunded") or not _NO_REFUND.isdisjoint(words):
        return 0
    return 4 if has(words, "amount") else 3


def _score_cancelled(words: Sequence[str]) -> float:
    if not has(words, "called_off") or has(words, "amount", "quantity"):
        return 0
    return 0 if {"reason", "id", "policy", "by", "rate", "count"} & set(words) else 4


def _score_currency(words: Sequence[str]) -> float:
    return 4 if has(words, "currency") else 0


# What is looked for: the kinds of columns that it can be, and how well a header fits it.
LOOKED_FOR: dict[What, tuple[Collection[str], Callable[[Sequence[str]], float]]] = {
    "customer": (_CELLS, _score_customer),
    "order": (_CELLS, _score_order),
    "date": (("date",), _score_date),
    "amount": (NUMBERS, _score_amount),
    "quantity": (NUMBERS, _score_quantity),
    "price": (NUMBERS, _score_price),
    "product": (("whole", "text"), _score_product),
    "category": (("whole", "text"), _score_category),
    "status": (("text",), _score_status),
    "currency": (("text",), _score_currency),
    "kind": (("text",), _score_kind),
    "refunded": (NUMBERS, _score_refunded),
    "cancelled": (("date", "flag", "whole", "text"), _score_cancelled),
}


def is_vague(words: Sequence[str]) -> bool:
    """Whether a header speaks of customers without naming one, as "customer type" does."""
    return has(words, "who") and _score_customer(words) < 2


def says_pieces(words: Sequence[str]) -> bool:
    """Whether a header counts pieces: a quantity of what came back is no amount."""
    return has(words, "quantity")


def says_when(words: Sequence[str]) -> bool:
    """Whether a header speaks of the time of an order: then numbers may be dates."""
    return has(words, "date", "created") and not has(words, "not_date", "numbered")
