"""Findings of reading a table."""

from __future__ import annotations

from shoal.findings.code import Code

CODES = {
    "ambiguous-dates": Code(
        "warning", "No date of the column tells whether the day or the month comes first"
    ),
    "ambiguous-numbers": Code(
        "error", "It cannot be told whether 1.234 is a whole number or a fraction; say --decimal"
    ),
    "bad-cells": Code(
        "warning", "Some cells of a column of numbers or dates are neither; read as gaps"
    ),
    "codes": Code("info", "A column of digits was kept as text because its cells are codes"),
    "comment-lines": Code("info", "Lines that begin with # were left out"),
    "currency": Code("info", "Amounts carry a currency sign; it was taken off"),
    "damaged-numbers": Code(
        "warning", "A spreadsheet has damaged the numbers of the column; kept as text"
    ),
    "date-order": Code("info", "Dates were read with the day first, or with the month first"),
    "duplicate-names": Code("warning", "Column names come more than once; repeats were numbered"),
    "empty-columns-dropped": Code("info", "Columns without name and content were left out"),
    "empty-rows": Code("info", "Rows of separators alone were left out"),
    "encoding": Code("info", "The file is not UTF-8, or mixes encodings"),
    "footer-dropped": Code("warning", "Notes or totals below the table were left out"),
    "gap-words": Code("info", "Words such as NA, ? or - were read as gaps"),
    "header-repeated": Code(
        "warning", "The header comes again further down; those lines were left out"
    ),
    "header-several-rows": Code(
        "warning", "Several rows stand above the data; one was taken for the header"
    ),
    "index-column-dropped": Code("info", "A nameless first column numbers the rows; left out"),
    "long-numbers": Code("info", "Whole numbers beyond 64 bits were kept as text"),
    "mixed-currencies": Code(
        "error", "Amounts in several currencies stand in one column; kept as text"
    ),
    "mixed-dates": Code(
        "warning", "No order of day and month fits all dates of the column; kept as text"
    ),
    "months": Code("info", "Months were read as their first day"),
    "mostly-numbers": Code("warning", "Most cells are numbers but too many are not; kept as text"),
    "no-header": Code("warning", "The first row is data; columns were named column_1, column_2…"),
    "notes-beside-table": Code("warning", "Notes typed beside the table were left out"),
    "nul-bytes": Code("warning", "NUL bytes were left out"),
    "other-format": Code(
        "warning", "The file is something else than its name says; read as what it is"
    ),
    "percent": Code("info", "Cells carry a percent sign; 45 % was read as 45"),
    "quotes-unbalanced": Code("warning", "A quote never closes; it was taken off"),
    "ragged-rows": Code("warning", "Rows have more or fewer cells than the header"),
    "separator-mixed": Code("warning", "Rows use another separator than the rest; read with it"),
    "several-files": Code("info", "Several files were read as one table"),
    "sheet-chosen": Code("info", "The workbook has several sheets; the largest was read"),
    "short-years": Code("warning", "Years have two digits"),
    "stray-lines": Code("warning", "Lines inside the table hold a single text; left out"),
    "thousands-marks": Code(
        "info", "Numbers are written with thousands marks; they were taken off"
    ),
    "title-lines": Code("info", "Lines above the header were left out"),
    "type-changed": Code("info", "A type that is no number, text or date was read as text"),
    "unnamed-columns": Code("info", "Columns have no name in the header; they were given one"),
    "unpacked": Code("info", "The table was unpacked from an archive"),
}
