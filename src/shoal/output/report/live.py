"""What the page's script works on: one block of JSON, bounded, and harmless inside HTML."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoal.output.answer import met, value_column, worth
from shoal.output.comparison import Line
from shoal.text.numbers import percent
from shoal.types import Facts, SegmentProfile

DOTS = 2000  # of the map
SHARP = 2  # decimals of an effect


@functools.cache
def template(name: str) -> str:
    """A file of the templates as it is."""
    return (Path(__file__).parent / "templates" / name).read_text("utf-8")


def script() -> str:
    """The report's one script, which works on the block of JSON in the same page."""
    return template("report.js")


def style() -> str:
    """The report's style sheet, for pages that show parts of it."""
    return template("report.css")


@functools.cache
def policy() -> str:
    """What the page may do: run this one script, use its own styles and pictures, nothing else."""
    digest = hashlib.sha256(script().encode()).digest()
    mine = f"'sha256-{base64.b64encode(digest).decode()}'"
    return f"{quiet_policy()}; script-src {mine}"


def quiet_policy() -> str:
    """What a page without a script may do."""
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def explorable(facts: Facts, lines: Sequence[Line], *, show_ids: bool = False) -> dict[str, Any]:
    """What a person can point at: segments, columns and the map, as plain JSON types."""
    from shoal.output.dots import dots

    shades = facts.segmentation.colours
    return {
        "segments": [_segment(facts, *each) for each in zip(facts.portraits, shades, strict=True)],
        "columns": [_column(line) for line in lines],
        "map": dots(facts, DOTS, show_ids=show_ids),
    }


def block(facts: Facts, lines: Sequence[Line], *, show_ids: bool = False) -> str:
    """The same as JSON text that cannot end the element it stands in."""
    told = explorable(facts, lines, show_ids=show_ids)
    return harmless(json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def harmless(text: str) -> str:
    r"""JSON that holds no letter that means something in HTML.

    >>> harmless('{"name": "</script><!--"}')
    '{"name": "\\u003c/script\\u003e\\u003c!--"}'
    """
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _segment(facts: Facts, portrait: SegmentProfile, shade: str) -> dict[str, Any]:
    said = {facts.noun.many: f"{portrait.size:,} ({percent(portrait.share)})"}
    column = value_column(facts)
    if column is not None:
        said[column.label or column.name] = worth(portrait)
    for rate in portrait.outcomes[:1]:
        said[rate.column] = met(rate)
    said["do"] = portrait.action.title
    return {"no": portrait.segment, "name": portrait.name, "colour": shade, "said": said}


def _column(line: Line) -> dict[str, Any]:
    return {
        "label": line.label,
        "measure": line.measure,
        "everybody": line.everybody,
        "texts": [cell.text for cell in line.cells],
        "effects": [round(cell.effect, SHARP) for cell in line.cells],
    }
