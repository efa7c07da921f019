"""Facts and pictures become one HTML file: offline, light and dark, printable.

Nothing is computed here.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.text.numbers import count
from shoal.types import Column, Evidence, Facts, Finding, Profile

if TYPE_CHECKING:
    import jinja2

TELLING = ("id", "order_id", "contact", "text")  # meanings of columns that name people
SEVERITIES = (("error", "Errors"), ("warning", "Warnings"), ("info", "Good to know"))

# measure, its heading in the table, how it is written, what it means
MEASURES = (
    (
        "silhouette",
        "Silhouette",
        "score",
        "how much nearer they are to their own segment than to the next: -1 to 1",
    ),
    ("separation", "Weakest dip", "score", "between the two closest segments: 0 no dip, 1 empty"),
    (
        "prediction_strength",
        "Prediction strength",
        "score",
        "do two halves of them agree? .8 and more is good (Tibshirani & Walther 2005)",
    ),
    (
        "worst_jaccard",
        "Least stable segment",
        "score",
        "bootstrap Jaccard similarity (Hennig 2007)",
    ),
    ("stability", "Agreement", "score", "adjusted Rand index between fits on resampled rows"),
    (
        "reference_gap",
        "Against no structure",
        "number",
        "compactness against a copy without structure, in standard errors",
    ),
    ("smallest_share", "Smallest segment", "percent", "its share of everybody"),
    (
        "fit_inertia",
        "Inertia while fitting",
        "number",
        "sum of squared distances to the centres, far-out values drawn in; falls with every k",
    ),
)


@dataclass(frozen=True)
class Image:
    """A picture as the page holds it; its room is known before it is loaded."""

    uri: str
    width: int  # of the page's pixels
    height: int


@dataclass(frozen=True)
class Pages:
    """The report, the same in one page to print or show, and the figures by name."""

    report: str
    summary: str
    images: dict[str, bytes]


@dataclass(frozen=True)
class Parts:
    """The report in pieces of HTML, for a page that shows them beside its own."""

    answer: str  # the first lines, and the table of segments
    cards: tuple[str, ...]  # a segment each, in id order
    compared: str  # every column, segment by segment; a place to compare two
    why: str  # the evidence
    data: str  # what was read, and what was noticed
    how: str  # how it was made
    block: str  # what the report's script works on, as JSON that is harmless inside HTML
    colours: tuple[str, ...]  # of the segments, as #rrggbb
    mapped: bool  # whether the block holds a map to point at


def parts(facts: Facts, *, show_ids: bool = False) -> Parts:
    """The pieces of the report, without pictures."""
    from shoal.output.plane import has_plane

    more = _of_report(facts, show_ids=show_ids)

    def piece(name: str, **own: Any) -> str:
        return _page(f"{name}.html", facts, None, **more, **own)

    cards = (piece("card", portrait=each, place=n) for n, each in enumerate(facts.portraits))
    return Parts(
        answer=piece("answer"),
        cards=tuple(cards),
        compared=piece("who"),
        why=piece("why"),
        data=piece("data"),
        how=piece("how"),
        block=more["block"],
        colours=facts.segmentation.colours,
        mapped=has_plane(facts),
    )


def render(
    facts: Facts,
    images: Mapping[str, bytes] | None = None,
    *,
    show_ids: bool = False,
    moves: str = "",
) -> str:
    """The report of a segmentation as one HTML page.

    Args:
        facts: all that was found.
        images: figures by name as PNG or SVG bytes; the page is whole without them.
        show_ids: whether ids of customers may stand in it.
        moves: a section on who moved between two periods, as HTML.
    """
    from shoal.output.report import live

    own = {"policy": live.policy(), "script": live.script(), "moves": moves}
    return _page("report.html", facts, images, **own, **_of_report(facts, show_ids=show_ids))


def _of_report(facts: Facts, *, show_ids: bool) -> dict[str, Any]:
    """What the report's templates need beside the facts."""
    from shoal.output import comparison
    from shoal.output.report import cards, live
    from shoal.sentences.reliability import KINDS

    lines = comparison.lines(facts)
    return {
        "show_ids": show_ids,
        "lines": lines,
        "block": live.block(facts, lines, show_ids=show_ids),
        "card": functools.partial(cards.card, facts),
        "typical_of": functools.partial(cards.typical, facts, show_ids=show_ids),
        "measures": measures(facts.choice.evidence),
        "findings": by_severity(facts.findings),
        "kinds": KINDS,
    }


def render_summary(facts: Facts, images: Mapping[str, bytes] | None = None) -> str:
    """The answer, the table of segments and the map on one page of A4, landscape."""
    from shoal.output.report import live

    return _page("summary.html", facts, images, policy=live.quiet_policy())


def _page(template: str, facts: Facts, images: Mapping[str, bytes] | None, **more: Any) -> str:
    """A page of a segmentation."""
    from shoal.output.answer import Answer
    from shoal.output.report import alt_text, words

    return (
        environment()
        .get_template(template)
        .render(
            facts=facts,
            model=facts.segmentation,
            choice=facts.choice,
            trust=facts.trust,
            profile=facts.profile,
            answer=Answer(facts),
            words=words,
            images=embedded(images),
            picture=functools.partial(alt_text.picture, facts),
            **more,
        )
    )


def illustrated(facts: Facts, *, show_ids: bool = False, moves: str = "") -> Pages:
    """The report and the summary as HTML, and the figures by name."""
    from shoal.output.figures import pictures

    images = pictures(facts)
    report = render(facts, images, show_ids=show_ids, moves=moves)
    return Pages(report, render_summary(facts, images), images)


def warm_up() -> None:
    """Load what figures and page are made with, fonts among it, before there are facts."""
    from shoal.output.figures import style
    from shoal.output.report import alt_text, cards, live  # noqa: F401

    for name in environment().list_templates(extensions=("html",)):
        if not name.startswith("notebook/"):
            environment().get_template(name)
    figure, axes = style.panel((2, 2), left=0.5, right=0.5, bottom=0.5, top=0.5)
    axes.set_title("warm")
    style.heading(figure, "A heading", "and a note")
    style.png(figure)
    style.svg(figure)


def render_profile(profile: Profile, images: Mapping[str, bytes] | None = None) -> str:
    """The data analysis of a table as one HTML page."""
    from shoal.output.report import alt_text, live

    return (
        environment()
        .get_template("profile.html")
        .render(
            profile=profile,
            policy=live.quiet_policy(),
            show_ids=False,
            unfolded=True,
            images=embedded(images),
            picture=functools.partial(alt_text.profile_picture, profile),
            findings=by_severity(profile.findings),
        )
    )


@functools.cache
def environment() -> jinja2.Environment:
    """The templates, with what they are filled by."""
    import jinja2

    from shoal.output import answer
    from shoal.output.identity import model_id
    from shoal.sentences.reliability import found_again
    from shoal.text import numbers as written

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("number", "short", "money", "percent", "score", "count", "listed", "spelled"):
        environment.filters[name] = getattr(written, name)
    environment.filters |= {"model_id": model_id, "index": _index}
    environment.globals |= {
        "bars": bars,
        "amount": answer.amount,
        "called": answer.called,
        "found_again": found_again,
        "main_outcome": answer.main_outcome,
        "size_of": size_of,
        "value_column": answer.value_column,
        "words_of_customers": words_of_customers,
    }
    return environment


def embedded(images: Mapping[str, bytes] | None) -> dict[str, Image]:
    """Pictures as data: addresses, so that the page needs no other file."""
    return {name: _image(data) for name, data in (images or {}).items()}


def _image(data: bytes) -> Image:
    from shoal.output.figures.style import size_of

    kind = "png" if data.startswith(b"\x89PNG") else "svg+xml"
    uri = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return Image(uri, *size_of(data))


def by_severity(findings: tuple[Finding, ...]) -> list[tuple[str, str, list[Finding]]]:
    """Findings by how grave they are, with a title each: the gravest first."""
    groups = [
        (severity, title, [f for f in findings if f.severity == severity])
        for severity, title in SEVERITIES
    ]
    return [group for group in groups if group[2]]


def measures(evidence: tuple[Evidence, ...]) -> list[tuple[str, str, str, str]]:
    """Those that were measured for some k."""
    return [m for m in MEASURES if any(getattr(e, m[0]) is not None for e in evidence)]


def size_of(profile: Profile) -> str:
    """Rows and columns of a table, and how many columns were made of them."""
    made = len(profile.made)
    given = count(len(profile.columns) - made, "column")
    size = f"{count(profile.rows, 'row')}, {given}"
    return f"{size} and {made} made of them" if made else size


def _index(shift: float | None) -> str:
    """A population stability index; far below .1 its digits say nothing.

    >>> _index(0.00002), _index(0.0513), _index(None)
    ('0.000', '0.051', '–')
    """
    return "–" if shift is None else f"{shift:.3f}"


def words_of_customers(column: Column) -> bool:
    """Whether a column's own cells tell who somebody is: ids, names, addresses, free text."""
    return column.role == "id" or column.kind == "text" or column.meaning in TELLING


def bars(column: Column) -> list[tuple[float, float, float]]:
    """A column's histogram as bars in a box of 100 × 24: (x, width, height)."""
    counts = column.histogram.counts if column.histogram else ()
    if not counts or not max(counts):
        return []
    width = 100 / len(counts)
    return [
        (round(i * width, 2), round(width * 0.9, 2), round(24 * n / max(counts), 2))
        for i, n in enumerate(counts)
    ]
