"""Which of the older encodings a text is in, told by its letters."""

from __future__ import annotations

import re
from collections.abc import Callable

HIGH = re.compile(rb"[\x80-\xff]+")
IN_RUNS = 0.6  # of the bytes beyond ASCII stand beside others; in Western words most are alone
MOST = 0.6  # of the letters beyond ASCII must be of the alphabet
LONG = 4  # bytes of a run that is no "ção"
FEW = 8  # bytes beyond ASCII that tell nothing yet
SAMPLE = 1 << 18  # bytes looked at

# Encodings with letters that texts in them are full of, and in others have few of.
_ALPHABETS: tuple[tuple[str, str], ...] = (
    ("cp932", "[\u3041-\u30ff]"),  # kana
    ("cp1251", "[а-яё]"),
    ("cp1253", "[α-ωά-ώ]"),
)
# Bytes of the characters that are used most, and the share of those beyond ASCII they must be:
# Korean syllables nearly all, since Chinese has their bytes as well.
_CHARACTERS = (
    ("cp932", rb"[\x81-\x9f][\x40-\xfc]", MOST),
    ("cp949", rb"[\xb0-\xc8][\xa1-\xfe]", 0.9),
    ("gb18030", rb"[\xb0-\xd7][\xa1-\xfe]", MOST),
    ("big5", rb"[\xa4-\xc6][\x40-\xfe]", MOST),
)


def encoding_of_letters(data: bytes) -> str | None:
    """The encoding of a text that is neither UTF-8 nor Western; None where it may be Western.

    >>> encoding_of_letters("город,Москва,Казань".encode("cp1251"))
    'cp1251'
    >>> encoding_of_letters("Zürich,Genève,Köln,Málaga".encode("cp1252")) is None
    True
    """
    runs = HIGH.findall(data[:SAMPLE])
    high = sum(map(len, runs))
    together = sum(len(run) for run in runs if len(run) >= LONG)
    if high < FEW or together < IN_RUNS * high:
        return None
    tests: list[Callable[[bytes, list[bytes]], str | None]] = [_by_alphabet, _by_characters]
    return next((found for test in tests if (found := test(data[:SAMPLE], runs))), None)


def _by_alphabet(data: bytes, runs: list[bytes]) -> str | None:
    shares = {encoding: _share(data, encoding, letters) for encoding, letters in _ALPHABETS}
    if shares["cp932"] >= MOST / 2:
        return "cp932"
    if min(shares["cp1251"], shares["cp1253"]) >= MOST:
        # а is frequent in Slavic words; in Greek ones its byte is a letter that is rare
        often = b"".join(runs).count(b"\xe0") >= 0.02 * sum(map(len, runs))
        return "cp1251" if often else "cp1253"
    return next((e for e in ("cp1251", "cp1253") if shares[e] >= MOST), None)


def _share(data: bytes, encoding: str, letters: str) -> float:
    """The share of the letters beyond ASCII that are of the alphabet; 0 where it does not fit."""
    text = data.decode(encoding, "replace")
    beyond = [letter for letter in text if not letter.isascii()]
    if not beyond or "\ufffd" in text[:-2]:
        return 0.0
    return len(re.findall(letters, text)) / len(beyond)


def _by_characters(data: bytes, runs: list[bytes]) -> str | None:
    high = sum(map(len, runs))
    whole = data[: data.rfind(b"\n") + 1] or data
    for encoding, often, most in _CHARACTERS:
        found = b"".join(re.findall(often, data))
        if sum(byte > 127 for byte in found) >= most * high and _fits(whole, encoding):
            return encoding
    return None


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
