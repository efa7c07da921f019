"""What one column stands for, from its header and what its values are like.

The rules are a table (rules.toml); the first one that fits decides.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct

from shoal.analysis.meaning.header import Header
from shoal.analysis.meaning.values import CELLS
from shoal.types import Column, Direction, Meaning

KINDS = ("date", "text", "flag", "category", "number")


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the table; rules.toml says what each word of it stands for."""

    meaning: Meaning
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    starts: str = ""
    ends: str = ""
    only: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    aspect: str = ""
    direction: Direction = "unknown"
    sure: bool = False

    def fits(self, header: Header, column: Column) -> bool:
        """Whether header and values are as it asks."""
        return (
            all(header.says(*entry.split("|")) for entry in self.says)
            and not any(header.says(*entry.split("|")) for entry in self.never)
            and (not self.only or header.only(*self.only))
            and (not self.starts or self.starts in header.first)
            and (not self.ends or self.ends in header.last)
            and all(CELLS[name](column) for name in self.cells)
        )


@functools.cache
def rules() -> dict[str, tuple[Rule, ...]]:
    """The table, by the kind of cells."""
    found = tomllib.loads((Path(__file__).parent / "rules.toml").read_text("utf-8"))
    return {kind: tuple(msgspec.convert(found[kind], list[Rule])) for kind in KINDS}


def rule_for(header: Header, column: Column) -> Rule | None:
    """The first rule that fits a column; None where its meaning is not known."""
    of_its_kind = rules().get(column.kind, ())
    return next((rule for rule in of_its_kind if rule.fits(header, column)), None)


def words_that_led(rule: Rule, header: Header) -> tuple[str, ...]:
    """The words of a header that a rule rests on."""
    asked = {concept for entry in rule.says for concept in entry.split("|")}
    led = [word for word, found in header.pairs() if not found.isdisjoint(asked)]
    phrases = () if led else header.words
    return tuple(dict.fromkeys(led or phrases))
