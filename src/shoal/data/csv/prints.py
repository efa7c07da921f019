"""Prints of data frames: what R, pandas and ClickHouse show of a table, pasted into a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from shoal.errors import InputError

# what tells of the table, above and below it
ABOUT = re.compile(
    r"# A tibble: .*|# Source: .*|# Groups: .*|# . \d[\d,]* more (?:rows|variables).*|# . Use .*"
    r"|\[[\d,]+ rows x [\d,]+ columns\]|shape: \([\d,]+, [\d,]+\)|<class .*"
)
# the row of types below the names: <chr> <dbl>
OF_TYPES = re.compile(r"\s*(?:<[a-z0-9+ ]{2,12}>\s*){2,}")
CUT = re.compile(r"# . (\d[\d,]*) more rows.*|(?:\.{2,3}|…)(?:\s+(?:\.{2,3}|…))+\s*")
# the names on the upper line of a box: ┌─customer─┬─spent─┐
NAMES = re.compile(r"\s*┌─[^┬┐]*[^─┬┐][^┐]*┐\s*")
NUMBERED = re.compile(r"^\s*\d+\.\s+(?=│)")


def is_frame(lines: Sequence[str]) -> bool:
    """Whether the lines are the print of a data frame, with words about it."""
    return any(ABOUT.fullmatch(line.strip()) for line in (*lines[:3], *lines[-3:]))


def bare_frame(lines: Iterable[str]) -> Iterator[str]:
    """The print without words about it and without types; raises InputError where it is cut."""
    for line in lines:
        bare = line.strip()
        if CUT.fullmatch(bare):
            raise InputError(
                "The file is a print that shows only some rows of its table. "
                "Write the table itself into a file, such as write.csv or to_csv do."
            )
        left_out = ABOUT.fullmatch(bare) or OF_TYPES.fullmatch(bare)
        yield "\n" if left_out else line


def names_in_a_box(line: str) -> list[str]:
    """The names that stand on the upper line of a box; none where it is a line alone.

    >>> names_in_a_box("   ┌─customer─┬─spent─┐"), names_in_a_box("┌───┬───┐")
    (['customer', 'spent'], [])
    """
    if not NAMES.fullmatch(line):
        return []
    return [name.strip("─ ") for name in line.strip().strip("┌┐").split("┬")]
