"""What is not told of segments, since too few customers stand behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shoal.findings import finding
from shoal.stats.few import too_few
from shoal.types import Finding, SegmentProfile, SegmentTotals


def not_shown(
    portraits: Sequence[SegmentProfile], totals: SegmentTotals, least: int
) -> Iterator[Finding]:
    """It is said once for all segments and columns; nothing where all is told."""
    tiny = too_few(totals.sizes, least)
    others = [p for p, few in zip(portraits, tiny, strict=True) if not few]
    rare = [
        name
        for name, words in totals.categories.items()
        if too_few(list(words.values()), least)[:, ~tiny].any()
    ]
    columns = dict.fromkeys([*(name for p in others for name in p.not_shown), *sorted(rare)])
    if tiny.any() or columns:
        segments = tuple(p.segment for p, few in zip(portraits, tiny, strict=True) if few)
        yield finding("few", least=least, segments=segments, columns=tuple(columns))
