"""One way to write each currency."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

_SIGNS = {  # other ways to write a currency
    "US$": "$",
    "USD": "$",
    "US DOLLAR": "$",
    "US DOLLARS": "$",
    "DOLLAR": "$",
    "DOLLARS": "$",
    "EUR": "€",
    "EURO": "€",
    "EUROS": "€",
    "GBP": "£",
    "POUND": "£",
    "POUNDS": "£",
    "POUND STERLING": "£",
    "STG": "£",
    "RS": "₹",
    "INR": "₹",
    "RUPEE": "₹",
    "RUPEES": "₹",
    "KČ": "CZK",
    "ZŁ": "PLN",
    "ZŁOTY": "PLN",
    "SFR": "CHF",
    "FR": "CHF",
    "R$": "BRL",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "₺": "TRY",
    "TL": "TRY",
    "₽": "RUB",
    "РУБ": "RUB",
    "CN¥": "CNY",
    "RMB": "CNY",
    "FT": "HUF",
    "₸": "KZT",
    "₱": "PHP",
    "₩": "KRW",
    "원": "KRW",
    "円": "JPY",
    "元": "CNY",
    "Р": "RUB",
    "₴": "UAH",
    "ГРН": "UAH",
    "ЛВ": "BGN",
    "LEI": "RON",
    "KN": "HRK",
    "RM": "MYR",
    "RP": "IDR",
    "KSH": "KES",
    "S/": "PEN",
    "USD$": "$",
    "MX$": "MXN",
    "NT$": "TWD",
    "HK$": "HKD",
    "S$": "SGD",
    "NZ$": "NZD",
}

_SHARED = {"¥": ("JPY", "CNY"), "KR": ("SEK", "NOK", "DKK", "ISK")}  # signs of several currencies


def different(currencies: Collection[str]) -> frozenset[str]:
    """The different ones of these currencies, each as `sign_of` gives it.

    A sign that several share is that of the only one of them that stands beside it.

    >>> sorted(different(["¥", "JPY"])), sorted(different(["kr", "SEK", "NOK"]))
    (['JPY'], ['KR', 'NOK', 'SEK'])
    """
    signs = frozenset(map(sign_of, currencies))
    told = {sign for sign, of in _SHARED.items() if len(signs & {*of}) == 1}
    return signs - told


def sign_of(currency: str) -> str:
    """A currency as it is written here, whichever way a table writes it.

    >>> [sign_of(c) for c in ("EUR", "euro", "€", "Rs.", "CHF")]
    ['€', '€', '€', '₹', 'CHF']
    """
    whole = unicodedata.normalize("NFKC", currency)  # ＄ as $
    bare = whole.strip().upper().rstrip(".")
    return _SIGNS.get(bare, bare)
