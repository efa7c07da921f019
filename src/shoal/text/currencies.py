"""One way to write each currency."""

from __future__ import annotations

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
}


def sign_of(currency: str) -> str:
    """A currency as it is written here, whichever way a table writes it.

    >>> [sign_of(c) for c in ("EUR", "euro", "€", "Rs.", "CHF")]
    ['€', '€', '€', '₹', 'CHF']
    """
    bare = currency.strip().upper().rstrip(".")
    return _SIGNS.get(bare, bare)
