"""Columns that tell customers, orders or things apart, and are kept to the letter.

Before a column becomes numbers or dates its name is asked: 1.10 is no 1.1 where it is an id, and
20200101 no day. Whole numbers in their shortest form stay numbers, since no letter of them is lost.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence

from shoal.text.headers import tokens

WHOLE = re.compile(r"-?[1-9][0-9]{0,17}|0")
WITH_POINT_ZERO = re.compile(r"(?:[1-9][0-9]{0,14}|0)\.0")  # as pandas writes ids beside gaps


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALONE = _words(
    """uid
    id ids uuid guid pk sk key identifier identifiant identificador identificativo kennung clave
    chave chiave username userid loginname nickname clientid custid customerid userid memberid
    kundennr kundennummer klantnr klantnummer clientnum idcliente idclient mitgliedsnummer
    mitgliedsnr membernumber accountid kdnr knr subscriberid patientid donorid vipid
    telephone telefon telefono phone mobile handy iban ssn ean upc gtin isbn barcode sku asin
    zip zipcode postcode plz postleitzahl cap orderid ordernumber invoiceno invoicenumber
    bestellnummer rechnungsnummer auftragsnummer belegnummer"""
)
_OF_WHOM = _words(
    """account acct benutzer card cliente client conta cuenta compte customer cust kunde kunden
    klant konto member membro mitglied nutzer order invoice patient socio subscriber user usuario
    utente bestellung rechnung auftrag beleg pedido commande factura facture fattura ordine ticket
    transaction policy contract vertrag loan"""
)
_NUMBERED = _words(
    """code codigo id ids key no nr nro num number numero nummer ref reference uid cod"""
)
_BARE = _words("client cliente customer klant kunde member mitglied patient subscriber user utente")
_MARKS = frozenset({"pk", "fk"})


def is_id(name: str, ids: Collection[str]) -> bool:
    """Whether a column holds ids: by what a person said (`ids`), or by its name."""
    return name in ids or names_an_id(name)


@functools.lru_cache(4096)
def names_an_id(name: str) -> bool:
    """Whether the name of a column says that its cells are to be kept to the letter.

    >>> [names_an_id(n) for n in ("Customer ID", "Kunden-Nr.", "id_cliente", "PLZ", "customer")]
    [True, True, True, True, True]
    >>> [names_an_id(n) for n in ("visits", "number of orders", "orders", "customer value")]
    [False, False, False, False]
    """
    words = [word for word in tokens(name) if not word.isdigit() and word not in _MARKS]
    if not words:
        return False
    if len(words) == 1:
        return words[0] in _ALONE or words[0] in _BARE
    joined = "".join(words)
    last_says = words[-1] in ("id", "uuid", "guid") or joined in _ALONE
    ends = {words[0], words[-1]}
    numbered = set(words) <= _OF_WHOM | _NUMBERED and ends & _NUMBERED and ends & _OF_WHOM
    return last_says or bool(numbered)


def keeps_its_letters(cells: Sequence[str]) -> bool:
    """Whether cells can be numbers without a letter lost: all 17, or all 17.0.

    >>> keeps_its_letters(["17", "4"]), keeps_its_letters(["17.0", "4.0"])
    (True, True)
    >>> keeps_its_letters(["17", "4.0"]), keeps_its_letters(["017"]), keeps_its_letters(["1.10"])
    (False, False, False)
    """
    return any(all(map(form.fullmatch, cells)) for form in (WHOLE, WITH_POINT_ZERO))
