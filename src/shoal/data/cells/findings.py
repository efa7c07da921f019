"""What was found in a text column, in words."""

from __future__ import annotations

from shoal.data.cells.infer import Meaning
from shoal.types import Finding


def told(
    name: str,
    meaning: Meaning,
    filled: int,
    gaps: int,
    words: tuple[str, ...],
    bad: int,
    example: tuple[str, int] | None,
) -> list[Finding]:
    """The findings of one column."""
    out = [*_trouble(name, meaning), *_format(name, meaning), *_dates(name, meaning)]
    if gaps:
        shown = ", ".join(f'"{w}"' for w in words[:5])
        out.append(
            Finding(
                "gap-words",
                "info",
                f"{gaps:,} of {filled:,} cells of {name} say {shown}; they were read as gaps.",
                name,
            )
        )
    if bad:
        what = {"date": "no date"}.get(meaning.kind, "no number")
        seen = f', for example "{_short(example[0])}" in row {example[1]:,}' if example else ""
        text = f"{bad:,} of {filled:,} cells of {name} {'is' if bad == 1 else 'are'} {what}{seen}; read as {'a gap' if bad == 1 else 'gaps'}."
        out.append(Finding("bad-cells", "warning", text, name))
    return out


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else cell[:39] + "…"


def _trouble(name: str, meaning: Meaning) -> list[Finding]:
    if meaning.trouble == "damaged":
        text = (
            f"The numbers of {name} are damaged: {meaning.why}. This happens when a spreadsheet reads them with another decimal mark. "
            f"{name} was kept as text and takes no part; export the table again, or say --decimal if you are sure of the mark."
        )
        return [Finding("damaged-numbers", "warning", text, name)]
    if meaning.trouble == "ambiguous":
        text = (
            f"It cannot be told whether {meaning.why} in {name} is a whole number with a thousands mark or one with decimals. "
            f"{name} was kept as text; say --decimal . or --decimal , to have it read."
        )
        return [Finding("ambiguous-numbers", "error", text, name)]
    if meaning.trouble == "currencies":
        text = f"{name} holds amounts in several currencies ({', '.join(meaning.currencies)}); it was kept as text. Bring them to one currency first."
        return [Finding("mixed-currencies", "error", text, name)]
    if meaning.trouble == "mixed-dates":
        text = f"{name} holds dates with the day first and dates with the month first; no order fits them all, so it was kept as text."
        return [Finding("mixed-dates", "warning", text, name)]
    if meaning.trouble == "mostly-numbers":
        text = f"Most cells of {name} are numbers, but too many are not; it was kept as text."
        return [Finding("mostly-numbers", "warning", text, name)]
    if meaning.trouble == "codes":
        return [
            Finding(
                "codes", "info", f"{name} was kept as text, to the letter: {meaning.why}.", name
            )
        ]
    return []


def _format(name: str, meaning: Meaning) -> list[Finding]:
    if meaning.kind not in ("whole", "number"):
        return []
    out = []
    if meaning.currencies:
        out.append(
            Finding(
                "currency",
                "info",
                f"{name} is money in {meaning.currencies[0]}; the sign was taken off.",
                name,
            )
        )
    if meaning.percent:
        out.append(
            Finding("percent", "info", f"{name} has percent signs; 45 % was read as 45.", name)
        )
    if meaning.marks.thousands:
        mark = "dot" if meaning.marks.decimal == "," else "comma"
        out.append(
            Finding(
                "thousands-marks",
                "info",
                f"{name} is written with thousands marks ({mark}, blank or '); they were taken off.",
                name,
            )
        )
    return out


def _dates(name: str, meaning: Meaning) -> list[Finding]:
    dating = meaning.dating
    if meaning.kind != "date" or dating is None:
        return []
    out = []
    order = {"dmy": "day, month, year", "mdy": "month, day, year"}.get(dating.order, "")
    if dating.doubt == "ambiguous":
        text = f"No date of {name} tells whether the day or the month comes first; read as {order}."
        out.append(Finding("ambiguous-dates", "warning", text, name))
    elif order:
        out.append(Finding("date-order", "info", f"Dates of {name} were read as {order}.", name))
    if dating.months:
        out.append(
            Finding(
                "months",
                "info",
                f"{name} holds months; each was read as the first day of its month.",
                name,
            )
        )
    if dating.short_years:
        out.append(
            Finding(
                "short-years",
                "warning",
                f"Years of {name} have two digits; 00 to 68 were read as 2000 to 2068.",
                name,
            )
        )
    return out
