"""Every finding.

Its code, how grave it is, what it means, and the one place where its sentence is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from shoal.errors import OptionError, did_you_mean
from shoal.findings import audience, campaign, moves, orders, profile, reading, result
from shoal.findings.code import Code
from shoal.text.nouns import many, one
from shoal.text.options import option
from shoal.types import Finding, Severity

CODES: dict[str, Code] = {
    **reading.CODES,
    **orders.CODES,
    **profile.CODES,
    **result.CODES,
    **audience.CODES,
    **moves.CODES,
    **campaign.CODES,
}


def codes() -> dict[str, str]:
    """Every code a finding can carry, with what it means."""
    return {code: each.meaning for code, each in CODES.items()}


def finding(
    code: str, column: str | None = None, *, severity: Severity | None = None, **values: Any
) -> Finding:
    """A finding of this code, with its sentence made from the values; `column` is one of them.

    `{one}` and `{many}` in a sentence are what the rows are called.

    >>> finding("row-number", "row", rows=3).severity
    'info'
    """
    known = CODES[code]
    said = {"column": column, **values}
    sentence = known.sentence
    if isinstance(sentence, str):
        message = sentence.format(**{"one": one(), "many": many()} | said)
    else:
        message = sentence(**said)
    return Finding(code, severity or known.severity, message, column, values)


def unmuted(findings: Iterable[Finding], muted: Collection[str]) -> tuple[Finding, ...]:
    """The findings but for those whose code a person does not want to see again."""
    return tuple(f for f in findings if f.code not in muted)


def known_codes(mute: str | Iterable[str] | None) -> str | Iterable[str] | None:
    """The codes that a person does not want to see. Raises OptionError for one there is not."""
    known = codes()
    if not isinstance(mute, str | Iterable | None):
        raise OptionError(f"{option('mute', mute)} must name codes of findings.")
    for code in [mute] if isinstance(mute, str) else mute or ():
        if not isinstance(code, str) or code not in known:
            hint = did_you_mean(str(code), known)
            raise OptionError(f'{option("mute")} "{code}" is no code of a finding. {hint}')
    return mute
