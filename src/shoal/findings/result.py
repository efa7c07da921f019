"""Findings about the choice of k, stability, and placing customers."""

from __future__ import annotations

from shoal.findings.code import Code

CODES = {
    "no-natural-groups": Code(
        "warning", "the table holds no groups to speak of: segments are slices through a continuum"
    ),
    "several-k": Code("info", "other numbers of segments can be defended as well"),
    "k-at-the-edge": Code(
        "warning", "the largest number allowed was taken: more segments may be there"
    ),
    "segment-not-stable": Code(
        "warning", "A segment does not come back on resampled customers: do not rely on it."
    ),
    "segment-with-care": Code(
        "info",
        "A segment comes back, but not reliably enough to be found again on other customers.",
    ),
    "one-column": Code("warning", "only one column forms segments: they are ranges of it"),
    "set-aside": Code(
        "warning",
        "customers without any value in the columns that form segments could not be placed",
    ),
    "unknown-words": Code("warning", "new customers carry words that the model has never seen"),
}
