"""Facts and pictures become one HTML file: offline, light and dark, printable.

Nothing is computed here.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.types import Column, Evidence, Facts, Finding, Profile

if TYPE_CHECKING:
    import jinja2

SEVERITIES = (("error", "Errors"), ("warning", "Warnings"), ("info", "Good to know"))

# measure, its heading in the table, how it is written, what it means
MEASURES = (
    (
        "silhouette",
        "Silhouette",
        "score",
        "how much nearer customers are to their own segment than to the next: -1 to 1",
    ),
    ("separation", "Weakest dip", "score", "between the two closest segments: 0 no dip, 1 empty"),
    (
        "prediction_strength",
        "Prediction strength",
        "score",
        "do two halves of the customers agree? .8 and more is good (Tibshirani & Walther 2005)",
    ),
    (
        "worst_jaccard",
        "Least stable segment",
        "score",
        "bootstrap Jaccard similarity (Hennig 2007)",
    ),
    ("stability", "Agreement", "score", "adjusted Rand index between fits on resampled customers"),
    (
        "reference_gap",
        "Against no structure",
        "number",
        "compactness against a copy without structure, in standard errors",
    ),
    ("smallest_share", "Smallest segment", "percent", "share of customers"),
    ("inertia", "Inertia", "number", "sum of squared distances to the centres; falls with every k"),
)


def render(facts: Facts, images: Mapping[str, bytes] | None = None) -> str:
    """The report of a segmentation as one HTML page.

    Args:
        facts: all that was found.
        images: figures by name as PNG or SVG bytes; the page is whole without them.
    """
    from shoal.output.figures.style import colour
    from shoal.output.report import alt_text, words

    return (
        _environment()
        .get_template("report.html")
        .render(
            facts=facts,
            model=facts.segmentation,
            choice=facts.choice,
            trust=facts.trust,
            profile=facts.profile,
            words=words,
            colour=colour,
            images=_uris(images),
            picture=functools.partial(alt_text.picture, facts),
            measures=_measures(facts.choice.evidence),
            findings=_by_severity(facts.findings),
            describing=_describing(facts),
            kind=words.KINDS[facts.choice.structure],
        )
    )


def illustrated(facts: Facts) -> tuple[str, dict[str, bytes]]:
    """The report as HTML, and its figures as PNG by name."""
    from shoal.output.figures import pictures

    images = pictures(facts)
    return render(facts, images), images


def warm_up() -> None:
    """Load what figures and page are made with, fonts among it, before there are facts."""
    from shoal.output.figures import style
    from shoal.output.report import alt_text  # noqa: F401

    for name in _environment().list_templates():
        _environment().get_template(name)
    figure, axes = style.panel((2, 2), left=0.5, right=0.5, bottom=0.5, top=0.5)
    axes.set_title("warm")
    style.heading(figure, "A heading", "and a note")
    style.png(figure)


def render_profile(profile: Profile, images: Mapping[str, bytes] | None = None) -> str:
    """The data analysis of a table as one HTML page."""
    from shoal.output.report import alt_text

    return (
        _environment()
        .get_template("profile.html")
        .render(
            profile=profile,
            images=_uris(images),
            picture=functools.partial(alt_text.profile_picture, profile),
            findings=_by_severity(profile.findings),
        )
    )


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2

    from shoal.text import numbers as written

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("number", "money", "percent", "score", "count", "listed", "spelled"):
        environment.filters[name] = getattr(written, name)
    environment.globals["bars"] = bars
    return environment


def _uris(images: Mapping[str, bytes] | None) -> dict[str, str]:
    """Pictures as data: addresses, so that the page needs no other file."""
    kinds = {
        name: "png" if data.startswith(b"\x89PNG") else "svg+xml"
        for name, data in (images or {}).items()
    }
    return {
        name: f"data:image/{kinds[name]};base64,{base64.b64encode(data).decode()}"
        for name, data in (images or {}).items()
    }


def _by_severity(findings: tuple[Finding, ...]) -> list[tuple[str, str, list[Finding]]]:
    groups = [
        (severity, title, [f for f in findings if f.severity == severity])
        for severity, title in SEVERITIES
    ]
    return [group for group in groups if group[2]]


def _measures(evidence: tuple[Evidence, ...]) -> list[tuple[str, str, str, str]]:
    """Those that were measured for some k."""
    return [m for m in MEASURES if any(getattr(e, m[0]) is not None for e in evidence)]


def _describing(facts: Facts) -> list[tuple[str, list[Any]]]:
    """Describing columns with each segment's trait, None where it has none."""
    names = dict.fromkeys(
        t.column for p in facts.portraits for t in p.traits if t.role == "describe"
    )
    tables = [{t.column: t for t in p.traits} for p in facts.portraits]
    return [(name, [table.get(name) for table in tables]) for name in names]


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
