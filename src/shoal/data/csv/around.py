"""What stands around a table: titles that are sentences, notes, totals."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shoal.data.cells.dates import day_in
from shoal.data.cells.infer import NUMBER_GAPS
from shoal.data.cells.numbers import number_in

# totals in other languages
TOTALS = (
    "(?:общий )?итог[оі]?|всего|разом|усього|общо|razem|ogółem|łącznie|celkem|spolu|összesen"
    "|(?:genel )?toplam|summa|totalt|i alt|yhteensä|ukupno|kokku|iš viso|kopā|σύνολο"
    '|合计|合計|总计|總計|小计|小計|総計|합계|총계|소계|jumlah|tổng(?: cộng)?|รวม|סה"כ|المجموع|الإجمالي'
)
TOTAL = re.compile(
    r"(grand |sub)?totals?\b.*|sum|summe|gesamt(summe)?|insgesamt|suma|somme|totale|totaal"
    rf"|average|mean|mittelwert|durchschnitt|{TOTALS}",
    re.I,
)
PROSE = 6  # words of a sentence at least
ENDS = frozenset(["eof", "end", "\x1a"])  # what some programs write below a table
SHORT_NOTE = 3  # letters up to which a lone text below a table is no note


def typed(cell: str) -> bool:
    """Whether a cell is a number or a date."""
    bare = cell.strip()
    return bool(bare) and (number_in(bare) is not None or day_in(bare) is not None)


def is_filled(cell: str) -> bool:
    """Whether a cell says anything: it is no gap."""
    return bool(cell) and cell.lower() not in NUMBER_GAPS


def footer_size(tail: Sequence[Sequence[str]], width: int, columns: Sequence[int]) -> int:
    """How many of the last records are no rows of the table: notes, totals, empty lines.

    `columns` are the positions of those that hold numbers or dates.
    """
    size = 0
    for back, record in enumerate(reversed(tail), 1):
        cells = [c.strip() for c in record]
        if not any(cells):
            continue
        note = _is_note(cells, width) or _is_prose(record, width, columns)
        if not note and not _is_total(cells, width):
            break
        size = back
    return size


def _is_note(cells: list[str], width: int) -> bool:
    """A row of a few texts, most of the table empty beside them."""
    filled = [c for c in cells if c]
    if width > 2 and len(filled) == 2 and filled[0].endswith(":"):
        return True
    few = width > 2 and len(filled) <= max(1, width // 4)
    few = few or (width == 2 and len(cells) == 1 and " " in filled[0])
    long = len(filled[0]) > SHORT_NOTE or filled[0].lower() in ENDS
    return few and long and not any(map(typed, filled))


def _is_prose(record: Sequence[str], width: int, columns: Sequence[int]) -> bool:
    """A sentence that was cut at its commas: words over all numbers, in cells that begin with a
    blank, or in a row of another width.
    """
    filled = [cell for cell in record if cell.strip()]
    over = [record[j] for j in columns if j < len(record) and is_filled(record[j].strip())]
    if len(filled) < 2 or any(map(typed, over)) or not columns:
        return False
    other_width = bool(over) and len(record) != width
    return is_sentence(record) or (_is_long(filled) and other_width)


def _is_long(cells: Sequence[str]) -> bool:
    return sum(len(cell.split()) for cell in cells) >= max(PROSE, 2 * len(cells))


def is_sentence(record: Sequence[str]) -> bool:
    """Whether cells are a sentence that was cut at its commas: most of them begin with a blank."""
    filled = [cell for cell in record if cell.strip()]
    goes_on = sum(cell.startswith(" ") for cell in filled[1:]) > len(filled[1:]) / 2
    return len(filled) > 1 and goes_on and _is_long(filled)


def _is_total(cells: list[str], width: int) -> bool:
    """A row that says total and sums what stands above it."""
    words = [c for c in cells[: max(2, width // 2)] if c and not typed(c)]
    says_total = bool(words) and TOTAL.fullmatch(words[0].rstrip(": ")) is not None
    return says_total and width > 1 and any(map(typed, cells))


def is_bare_sum(record: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether a record has no words, where others have some, and numbers: it may sum them up."""
    words = [cell for j, cell in enumerate(record) if j not in columns]
    numbers = [cell for j, cell in enumerate(record) if j in columns and cell.strip()]
    return bool(words and numbers) and not any(map(str.strip, words)) and all(map(typed, numbers))
