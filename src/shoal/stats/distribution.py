"""The shape of a column: gaps, tails, far-out values, the two words of a flag.

Used where columns are described and where they are prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyarrow as pa

from shoal.types import Floats

Side = Literal["high", "low"]
FAR_OUT = 3.0  # Tukey (1977): far out is beyond three interquartile ranges from the quartiles
HEAVY = 1.0  # skewness, far-out values drawn in, above which a tail is heavy
CURED = 0.7  # share of its skewness that a logarithm may leave
EVEN = 0.5  # skewness that a plain logarithm may leave without an offset being sought
NEARLY = 0.2  # skewness within which a choice is taken in between: rows more or less move it little
LEAST_DUE = 0.05  # up to it, a logarithm would bend nothing that could be seen
LONELY = 10.0  # times as far from the median as all others: nobody else is like that
HUGE = 1e60  # beyond it nothing is counted or measured, and sums of squares would overflow
FEW_VALUES = 10  # a column of at most so many different values is a code or a rating: no logarithm

_FLAG_WORDS = [
    {"yes", "no"},
    {"y", "n"},
    {"true", "false"},
    {"t", "f"},
    {"si", "no"},
    {"sí", "no"},
    {"ja", "nein"},
    {"ja", "nee"},
    {"ja", "nej"},
    {"j", "n"},
    {"s", "n"},
    {"o", "n"},
    {"t", "n"},
    {"e", "h"},
    {"sì", "no"},
    {"vrai", "faux"},
    {"vero", "falso"},
    {"verdadero", "falso"},
    {"wahr", "falsch"},
    {"waar", "onwaar"},
    {"tak", "nie"},
    {"evet", "hayır"},
    {"evet", "hayir"},
    {"oui", "non"},
    {"sim", "nao"},
    {"sim", "não"},
    {"0", "1"},
]
_YES = "yes y true t si sí sì ja j s o e oui sim tak evet vrai vero verdadero wahr waar 1"
_ON_WORDS = frozenset(_YES.split())


def flag_words(words: Sequence[str]) -> tuple[str, str] | None:
    """(off, on) when two words are the two states of a flag, such as No and Yes."""
    lowered = {w.strip().lower(): w for w in words}
    if len(words) == 2 and set(lowered) in _FLAG_WORDS:
        on = next(w for w in lowered if w in _ON_WORDS)
        return next(v for k, v in lowered.items() if k != on), lowered[on]
    return None


def says_yes(word: str) -> bool | None:
    """Whether a word says yes, in several languages; None: neither yes nor no.

    >>> says_yes("Ja"), says_yes("no"), says_yes("perhaps")
    (True, False, None)
    """
    plain = word.strip().lower()
    if plain in _ON_WORDS:
        return True
    return False if any(plain in pair for pair in _FLAG_WORDS) else None


def numbers(column: pa.ChunkedArray | pa.Array) -> Floats:
    """An Arrow column as float64 (n,), gaps as NaN.

    Values beyond `HUGE` are infinite, whole numbers beyond 2^53 are rounded.
    """
    may_be_huge = pa.types.is_floating(column.type)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if column.type != pa.float64():  # a cast to the same type copies
        column = column.cast(pa.float64(), safe=False)
    x = np.asarray(
        column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    )
    if may_be_huge and _farthest(x) > HUGE:
        x = np.where(np.abs(x) > HUGE, np.copysign(np.inf, x), x)
    return x


def _farthest(x: Floats) -> float:
    """The largest absolute value there is; 0 where none is known."""
    return float(max(-np.fmin.reduce(x, initial=0.0), np.fmax.reduce(x, initial=0.0)))


def finite(column: pa.ChunkedArray | pa.Array) -> Floats:
    """The finite values of an Arrow column, gaps left out."""
    x = numbers(column)
    return x[np.isfinite(x)]


def skewness(x: Floats) -> float:
    """Third standardised moment; 0 for a constant.

    >>> skewness(np.array([1.0, 2.0, 3.0]))
    0.0
    """
    deviations = x - x.mean()
    squares = deviations * deviations
    spread = float(np.sqrt(squares.mean()))
    return (
        float((squares * deviations).mean() / spread**3) if spread > 0 else 0.0
    )  # a power of 3 takes twenty times as long


def fences(x: Floats) -> tuple[float, float] | None:
    """The values beyond which one is far out.

    None when half of the values are the same, so that there is no scale to go by.
    """
    q25, q75 = np.quantile(x, [0.25, 0.75])
    reach = FAR_OUT * (q75 - q25)
    return (float(q25 - reach), float(q75 + reach)) if reach > 0 else None


def clip_limits(x: Floats) -> tuple[float, float] | None:
    """Winsorising limits: the extreme values that are not far out; None when nothing is.

    At most one in a hundred values (or three) count as far out on either side: what lies out there
    in greater numbers is no error but a group of its own, and must not be pressed against the
    others.
    """
    limits = fences(x)
    if limits is None or (x.min() >= limits[0] and x.max() <= limits[1]):
        return None
    few = min(max(3, len(x) // 100), (len(x) - 1) // 2)
    ordered = np.partition(x, [few, len(x) - 1 - few])
    low, high = (
        min(limits[0], float(ordered[few])),
        max(limits[1], float(ordered[len(x) - 1 - few])),
    )
    return float(x[x >= low].min()), float(x[x <= high].max())


def winsorised(x: Floats, low: float | None, high: float | None) -> Floats:
    """The values, none of them beyond the limits, where there are any."""
    return x if low is None else np.clip(x, low, high)


def log_offset(x: Floats) -> float | None:
    """The offset with which log(x + offset) cures a heavy tail; None when no logarithm is due.

    One is due for values that are never negative, many, skewed even without their far-out ones, and
    made clearly less skewed by it: groups that lie apart are skewed too, but a logarithm does not
    make them one. The offset is taken from the column's own quantiles, so that another unit changes
    nothing, and moves little with single rows; 0 is open to positive columns only.
    """
    if len(x) and x.min() < 0:  # a lone typing error says nothing of the others
        x = next((x[x >= others] for side, _, others in lonely(x) if side == "low"), x)
    if len(x) == 0 or x.min() < 0 or len(np.unique(x[:5000])) <= FEW_VALUES:
        return None
    heavy = (_inner_skewness(x) - HEAVY) / NEARLY
    if heavy <= LEAST_DUE:
        return None
    best = _steady_offset(x)
    cured = (CURED - abs(skewness(np.log(x + best))) / abs(skewness(x))) / NEARLY
    due = min(heavy, cured, 1.0)
    # Where it is hardly due, a large offset makes the logarithm hardly bend anything.
    return best + float(np.median(x[x > 0])) * (1 / due - 1) if due > LEAST_DUE else None


def _steady_offset(x: Floats) -> float:
    """The offset that leaves least skewness, found so that a few rows more or less hardly move it.

    Of those that do nearly as well as the best each has a say, the more the better it does: a
    choice among them would jump from one to another.
    """
    positive = x[x > 0]
    offsets, plain = np.quantile(positive, [0.05, 0.25, 0.5]), 1.0
    if len(positive) == len(x):
        offsets = np.append(0.0, offsets)
    left = np.array([abs(_inner_skewness(np.log(x + offset))) for offset in offsets])
    says = np.maximum(1 - (left - left.min()) / NEARLY, 0)
    if offsets[0] == 0:  # a plain logarithm bends nothing that was straight on its scale
        plain = min(max((left[0] - EVEN) / NEARLY, 0.0), 1.0)
    return float(plain * (says @ offsets) / says.sum())


def lonely(x: Floats) -> list[tuple[Side, Floats, float]]:
    """The values, at most one in a hundred at either end, that lie far from all others.

    They are ten times as far from the median as the outermost of the others. Returns the end, these
    values with the farthest first, and the outermost of the others, for each end that has any.

    >>> lonely(np.array([-900.0, 3, 4, 5, 6, 7, 8, 9, 9, 9]))
    [('low', array([-900.]), 3.0)]
    """
    ordered, median = np.sort(x), float(np.median(x))
    most = 1 + len(x) // 100
    high = _alone(ordered[::-1][: most + 1] - median)
    low = _alone(median - ordered[: most + 1])
    found: list[tuple[Side, Floats, float]] = []
    if high:
        found.append(("high", ordered[::-1][:high], float(ordered[-1 - high])))
    if low:
        found.append(("low", ordered[:low], float(ordered[low])))
    return found


def _alone(distances: Floats) -> int:
    """How many of the farthest lie ten times as far out as the next."""
    before, after = distances[:-1], distances[1:]
    gaps = np.flatnonzero((after > 0) & (before > LONELY * after))
    return int(gaps.max()) + 1 if len(gaps) else 0


def reach(x: Floats) -> tuple[float | None, float | None]:
    """The values beyond which one is unlike anybody's, by the same measure; None where all that
    are not lonely lie on the median.

    >>> reach(np.array([-900.0, 3, 4, 5, 6, 7, 8, 9, 9, 9]))
    (-28.5, 31.5)
    """
    ends = {side: others for side, _, others in lonely(x)}
    median = float(np.median(x))
    low, high = ends.get("low", float(x.min())), ends.get("high", float(x.max()))
    least = median - LONELY * (median - low) if low < median else None
    return least, median + LONELY * (high - median) if high > median else None


def _inner_skewness(x: Floats) -> float:
    limits = fences(x)
    return skewness(np.clip(x, *limits) if limits else x)
