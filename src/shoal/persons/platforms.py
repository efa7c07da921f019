"""Files as advertising platforms take them: their headers, their ways to write, SHA-256.

Google Ads, "Format your customer data file" (Customer Match) and "Your data segment size"; Meta
Business Help, "How to format a customer list when creating a custom audience" and "Customer
information parameters". What a platform can match, it alone knows: its least size is that of people
it has found.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shoal.errors import InputError
from shoal.text.headers import unaccented
from shoal.text.persons import is_email

Cell = str | None
LEAST = {"google": 100, "meta": 100}  # people, by their own documentation
LONG = 11  # digits from which a number may begin with its country
_WITHOUT_DOTS = ("gmail.com", "googlemail.com")


@dataclass(frozen=True)
class Reached:
    """How one customer can be reached, written in one way; empty where it is not known."""

    email: str = ""  # small letters, no blanks
    phone: str = ""  # E.164: +4930555000
    first_name: str = ""
    last_name: str = ""
    city: str = ""
    zip: str = ""
    country: str = ""  # ISO 3166-1, two letters, capitals


def _library() -> Any:
    """What knows the telephone numbers of all countries."""
    try:
        import phonenumbers
    except ImportError:
        raise InputError(
            "Telephone numbers are written as platforms want them by a package that is not "
            "installed. Type: pip install phonenumbers"
        ) from None
    return phonenumbers


def email_of(cell: Cell) -> str:
    """An e-mail address as it is compared; "" where a cell holds none.

    >>> email_of(" Ann.Lee@Shop.Example "), email_of("unknown")
    ('ann.lee@shop.example', '')
    """
    text = "".join((cell or "").split()).lower()
    return text if is_email(text) else ""


def phone_of(cell: Cell, country: str) -> str:
    """A telephone number with its country, as E.164; "" where a cell holds none.

    `country` is that of numbers that do not say theirs; "": it is not known.

    >>> phone_of("030 5550000", "DE"), phone_of("+34 610 000 000", ""), phone_of("030 5550000", "")
    ('+49305550000', '+34610000000', '')
    """
    text = cell or ""
    ways = [(text, country)]
    if country and len(text) >= LONG and text.isdecimal():
        ways.insert(0, (f"+{text}", ""))  # a column of numbers has lost the plus
    found = (_e164(written, region, country) for written, region in ways)
    return next((number for number in found if number), "")


def _e164(text: str, region: str, wanted: str) -> str:
    phonenumbers = _library()
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    if wanted and not region and phonenumbers.region_code_for_number(number) != wanted:
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@functools.cache
def countries() -> frozenset[str]:
    """The countries that telephone numbers are known of, as two capital letters."""
    return frozenset(_library().SUPPORTED_REGIONS)


def hashed(text: str) -> str:
    """SHA-256 of a text in UTF-8, as hexadecimal digits; "" of nothing.

    >>> hashed("test@example.com")
    '973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b'
    """
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _google_email(email: str) -> str:
    name, _, domain = email.partition("@")
    if domain in _WITHOUT_DOTS:
        name = name.replace(".", "")
    return f"{name}@{domain}" if name else ""


def _google(who: Reached) -> dict[str, str]:
    """Names count only together with country and postal code, which are not hashed."""
    place = (who.first_name, who.last_name, who.country, who.zip)
    first, last, country, code = place if all(place) else ("", "", "", "")
    return {
        "Email": hashed(_google_email(who.email)),
        "Phone": hashed(who.phone),
        "First Name": hashed(" ".join(first.lower().split())),
        "Last Name": hashed(" ".join(last.lower().split())),
        "Country": country,
        "Zip": code.strip(),
    }


def _meta(who: Reached) -> dict[str, str]:
    """All is hashed; telephone numbers are digits alone, names letters alone."""
    return {
        "email": hashed(who.email),
        "phone": hashed(who.phone.removeprefix("+")),
        "fn": hashed(_letters(who.first_name)),
        "ln": hashed(_letters(who.last_name)),
        "ct": hashed(unaccented(_letters(who.city))),
        "zip": hashed(_meta_zip(who)),
        "country": hashed(who.country.lower()),
    }


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text.lower())


def _meta_zip(who: Reached) -> str:
    code = re.sub(r"[\s-]+", "", who.zip.lower())
    return code[:5] if who.country == "US" else code


ROWS: Mapping[str, Callable[[Reached], dict[str, Any]]] = {"google": _google, "meta": _meta}


def headers(platform: str) -> tuple[str, ...]:
    """The columns of a platform's file."""
    return tuple(ROWS[platform](Reached()))
