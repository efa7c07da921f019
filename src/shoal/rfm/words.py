"""The words of tables of orders, of headers and of cells, in several languages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from shoal.text.headers import plain, tokens

WORDS = {
    group: frozenset(words) | frozenset(map(plain, words))
    for group, words in tomllib.loads(
        Path(__file__).with_name("words.toml").read_text("utf-8")
    ).items()
}
_SCRIPTS = tomllib.loads(Path(__file__).with_name("scripts.toml").read_text("utf-8"))
_IN_ENGLISH = {plain(each): english for english, words in _SCRIPTS.items() for each in words}
_KNOWN_PHRASES = re.compile("|".join(sorted(map(re.escape, _IN_ENGLISH), key=len, reverse=True)))
GUESTS = tuple(sorted(WORDS["guest"]))
MAILBOXES = tuple(sorted(WORDS["guest_mailbox"]))
SAP_KINDS = ("fkart", "auart", "billing type", "sales document type", "sd document type")
TILLS = tuple(sorted(WORDS["till"]))


def in_english(header: str) -> str:
    """A header with English words for those that are known of other scripts.

    >>> in_english("订单日期").split(), in_english("Дата заказа").split(), in_english("Order Date")
    (['order', 'date'], ['order', 'date'], 'Order Date')
    """
    if header.isascii():
        return header
    return _KNOWN_PHRASES.sub(lambda found: f" {_IN_ENGLISH[found[0]]} ", plain(header))


def has(words: Sequence[str], *groups: str) -> bool:
    """Whether any of the words is in one of these groups of words.toml."""
    return any(not WORDS[group].isdisjoint(words) for group in groups)


def has_word(cell: str, group: str) -> bool:
    """Whether a cell has a word of a group, whole or, where it ends in a star, by its beginning."""
    parts = re.findall(r"\w+", plain(cell).replace("_", " "))
    begins = tuple(w[:-1] for w in WORDS[group] if w.endswith("*"))
    return any(part in WORDS[group] or part.startswith(begins) for part in parts)


def is_partial(word: str) -> bool:
    """Whether a status says that a part of an order was refunded.

    >>> is_partial("Partially refunded"), is_partial("Refunded")
    (True, False)
    """
    return has_word(word, "cancelled") and has_word(word, "partly")


def is_cancelled(word: str) -> bool:
    """Whether the status of an order says that nothing was sold.

    >>> [is_cancelled(w) for w in ("Cancelled", "annulé", "shipped", "Partial refund")]
    [True, True, False, False]
    """
    denied = has_word(word, "partly") or has_word(word, "denied")
    return has_word(word, "cancelled") and not denied


def is_return(word: str, header: str) -> bool:
    """Whether rows of this kind give money back.

    Of billing documents of SAP, which `header` tells, RE and S1 do; elsewhere RE is an invoice.

    >>> [is_return(w, "type") for w in ("Refund", "Credit note", "RE", "Sale")]
    [True, True, False, False]
    >>> is_return("Returning", "type"), is_return("Credit", "InvoiceType")
    (False, True)
    """
    if is_cancelled(word) or _is_in(word, "credit_note"):
        return True
    document = {"invoice", "document", "doc", "beleg"} & set(tokens(header))
    if document and plain(word) == "credit":
        return True
    sap = plain(header).replace("_", " ") in SAP_KINDS
    return sap and plain(word) in WORDS["sap_return"]


def is_no_purchase(word: str) -> bool:
    """Whether rows of this kind sell nothing: a payout, a fee, an offer, a look at a product.

    >>> is_no_purchase("Service Fee"), is_no_purchase("Bank transfer"), is_no_purchase("view")
    (True, False, True)
    """
    return not is_cancelled(word) and _is_in(word, "no_purchase")


def is_sale(word: str) -> bool:
    """Whether rows of this kind sell something, and plainly.

    >>> is_sale("Sale"), is_sale("Verkauf"), is_sale("Sales tax")
    (True, True, False)
    """
    return _is_in(word, "sold")


def _is_in(cell: str, group: str) -> bool:
    """Whether a cell, its blanks left out, is a word of a group, or ends like one with a star."""
    squeezed = re.sub(r"[\W_]", "", plain(cell))
    ends = tuple(w[1:] for w in WORDS[group] if w.startswith("*"))
    return squeezed in WORDS[group] or squeezed.endswith(ends)


def is_credit_note(letters: str, usual: str) -> bool:
    """Whether numbers that begin with these letters are credit notes, where most have `usual`.

    A C does beside numbers of digits alone.

    >>> is_credit_note("cn", "inv"), is_credit_note("c", ""), is_credit_note("c", "a")
    (True, True, False)
    """
    return letters in WORDS["credit_mark"] or (letters == "c" and usual == "")
