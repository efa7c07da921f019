"""Whether the cells of a column tell what its header promises: sales, refunds, cancellations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from shoal.engine.made import RANGES
from shoal.rfm.fits import says_pieces, tokens
from shoal.rfm.types import What
from shoal.rfm.words import (
    has,
    has_word,
    is_cancelled,
    is_no_purchase,
    is_partial,
    is_return,
    is_sale,
)
from shoal.types import Floats, Held

ORDER_NAME = re.compile(r"#[\w-]*\d+[\w-]*")
MOST = 0.5  # share of the rows that may be cancelled; of more the column says something else
NEARLY_ALL = 0.98  # of the numbers of a column that holds dates lie in their range
FEW_WORDS = 5  # of a column that says whether a row was cancelled
KINDS = 20  # different words of a column that tells the kind of a row, at most
LONGEST = 4  # words of a kind: "Refund for order"
SHOWN = 200  # different words that are looked at


def _different(values: pa.ChunkedArray) -> list[str]:
    return [str(word) for word in pc.unique(values.drop_null()).to_pylist()[:SHOWN]]


def _tells_status(values: pa.ChunkedArray, header: str) -> bool:
    return any(is_cancelled(word) or is_partial(word) for word in _different(values))


def _tells_kind(values: pa.ChunkedArray, header: str) -> bool:
    """Whether some rows are returns or no purchases by their kind, and others are sales."""
    words = _different(values)
    other = [word for word in words if is_return(word, header) or is_no_purchase(word)]
    return 0 < len(other) < len(words)


def _tells_refund(values: pa.ChunkedArray, header: str) -> bool:
    """Whether numbers are amounts that were paid back, rather than a flag; or pieces."""
    numbers = set(pc.unique(values.drop_null()).to_pylist())
    return not numbers <= ({0} if says_pieces(tokens(header)) else {0, 1})


def _tells_cancelled(values: pa.ChunkedArray, header: str) -> bool:
    if pa.types.is_temporal(values.type):
        return bool(0 < len(values) - values.null_count <= MOST * len(values))
    if pa.types.is_string(values.type):
        words = _different(values)
        said = [w for w in words if is_cancelled(w) or has_word(w, "yes")]
        met = pc.is_in(values, pa.array(said, pa.string())).cast(pa.float64())
        return 0 < float(pc.mean(met).as_py() or 0) <= MOST and len(words) <= FEW_WORDS
    numbers = set(pc.unique(values.drop_null()).to_pylist())
    if not numbers <= {0, 1} or 1 not in numbers:
        return False
    return float(pc.mean(values.cast(pa.float64())).as_py()) <= MOST


def held_as(values: pa.ChunkedArray) -> Held | None:
    """How a column holds the dates of orders; numbers do where nearly all are in a range of dates.

    Years are not told apart from other numbers, and tell no day.
    """
    if pa.types.is_temporal(values.type):
        return "dates"
    x = values.drop_null().cast(pa.float64(), safe=False).to_numpy()
    fitting = (h for h, (low, high) in RANGES.items() if h != "years" and _inside(x, low, high))
    return next(fitting, None)


def _inside(x: Floats, low: float, high: float) -> bool:
    return len(x) > 0 and float(((x >= low) & (x <= high)).mean()) >= NEARLY_ALL


def _tells_order(values: pa.ChunkedArray, header: str) -> bool:
    """A column called "Name" holds order numbers where they are such as #1001."""
    if header.lower() != "name":
        return True
    return all(ORDER_NAME.fullmatch(word) for word in _different(values))


SIDES = frozenset(["d", "c", "dr", "cr", "debit", "credit", "s", "h", "soll", "haben", "+", "-"])


def tells_sides(values: pa.ChunkedArray) -> bool:
    """Whether a column says of each row whether it is a debit or a credit."""
    words = {word.strip().lower() for word in _different(values)}
    return len(words) == 2 and words <= SIDES


# the two letters or short words by which a ledger tells returns from sales
PAIRS = {"r s": "r", "sc si": "sc", "c i": "c", "cr in": "cr", "rf sl": "rf"}


def _of_a_pair(words: Sequence[str]) -> list[str]:
    """That of two words which stands for a return, where they are such a pair."""
    by_letters = {word.strip().lower(): word for word in words}
    sign = PAIRS.get(" ".join(sorted(by_letters)))
    return [by_letters[sign]] if sign else []


def names_a_return(values: pa.ChunkedArray, header: str) -> bool:
    """Whether a column speaks of returns by its header, and is filled on some rows alone."""
    spoken = has(tokens(header), "refunded", "called_off")
    return spoken and 0 < len(values) - values.null_count <= MOST * len(values)


def said_of_returns(values: pa.ChunkedArray, header: str) -> str:
    """The first word for a return of a column of a few words; "" where it has none.

    Columns that say it of most rows, or only in sentences, say something else.
    """
    words = _different(values)
    said = [w for w in words if is_return(w, header) and len(w.split()) <= LONGEST]
    said = said or _of_a_pair(words)
    if not said or len(words) > KINDS:
        return ""
    rows = pc.sum(pc.is_in(values, pa.array(said, pa.string()))).as_py()
    return said[0] if rows <= MOST * len(values) else ""


def says_both(values: pa.ChunkedArray, header: str) -> bool:
    """Whether the few words of a column are plainly those of sales and of returns."""
    return bool(said_of_returns(values, header)) and any(map(is_sale, _different(values)))


TELLS: Mapping[What, Callable[[pa.ChunkedArray, str], bool]] = {
    "order": _tells_order,
    "status": _tells_status,
    "kind": _tells_kind,
    "refunded": _tells_refund,
    "cancelled": _tells_cancelled,
}


def tells(what: What, values: pa.ChunkedArray, header: str) -> bool:
    """Whether the cells of a column fit what it would be taken for."""
    test = TELLS.get(what)
    return test is None or test(values, header)
