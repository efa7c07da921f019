"""What a proposed name claims of a segment, and whether its figures say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shoal.types.profile import Statement

Way = Literal["lowest", "low", "lower", "middle", "higher", "high", "highest"]


@dataclass(frozen=True)
class NameClaim:
    """One thing that a name claims of a segment, against everybody."""

    said: str  # the words of the name that claim it
    column: str
    word: str  # of a category, or of an outcome; "" for numbers
    way: Way
    holds: bool
    segment_value: float  # median; a share (0..1) where there is a word
    everybody_value: float
    effect: float  # as in Trait: in standard deviations of everybody
    statement: Statement

    @property
    def text(self) -> str:
        """The claim beside the figures, in words."""
        return self.statement.text


@dataclass(frozen=True)
class NameCheck:
    """A proposed name for one segment, beside its figures."""

    segment: int  # id, from 1
    name: str
    claims: tuple[NameClaim, ...]
    unchecked: tuple[str, ...]  # words that no column speaks of

    @property
    def contradicted(self) -> tuple[NameClaim, ...]:
        """The claims that the figures do not bear out."""
        return tuple(claim for claim in self.claims if not claim.holds)

    @property
    def lines_against(self) -> tuple[str, ...]:
        """The contradicted claims beside their figures."""
        return tuple(claim.text for claim in self.contradicted)

    @property
    def holds(self) -> bool:
        """Whether no claim is contradicted; a name that claims nothing holds."""
        return not self.contradicted

    @property
    def lines(self) -> tuple[str, ...]:
        """Each claim beside its figures."""
        return tuple(claim.text for claim in self.claims)

    def __repr__(self) -> str:
        told = "; ".join(self.lines) or "nothing to check"
        return f'<shoal.NameCheck of segment {self.segment} "{self.name}": {told}>'
