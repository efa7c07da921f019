"""Findings of the data analysis."""

from __future__ import annotations

from shoal.findings.code import Code

CODES = {
    "id-column": Code("info", "a column tells customers apart; it is kept and never clustered on"),
    "duplicate-ids": Code("warning", "the same id stands on several rows"),
    "duplicate-rows": Code("warning", "whole rows are repeated"),
    "looks-like-orders": Code(
        "warning", "ids repeat so often that rows look like orders, not customers"
    ),
    "constant": Code("info", "a column has one value only"),
    "nearly-empty": Code("warning", "most of a column is missing"),
    "gaps": Code("warning", "values are missing from a column that segments are formed on"),
    "row-number": Code("info", "a column merely counts the rows"),
    "already-segmented": Code("warning", "a column holds the labels of an earlier segmentation"),
    "doubles": Code("warning", "a column says the same as another one"),
    "strongly-correlated": Code("info", "two columns that form segments go together closely"),
    "heavy-tail": Code("info", "a few customers hold most of a column"),
    "far-out": Code("warning", "single values lie far outside everything else"),
    "infinite": Code("warning", "a column holds infinite numbers; they are treated as gaps"),
    "impossible": Code("warning", "values that cannot be, such as a negative age"),
    "sentinel": Code("warning", "a number that seems to stand for 'never' or 'unknown'"),
    "role-set": Code("warning", "a column was given a role that its values speak against"),
}
