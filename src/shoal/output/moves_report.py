"""Moves as one page of HTML, in the report's look; its section stands in the report as well."""

from __future__ import annotations

from pathlib import Path

from shoal.output.atomic import replace_file
from shoal.output.moves import told_flows, told_together
from shoal.types import Facts, MoveFacts

HEADS = {"customer": "changed themselves", "model": "model changed", "border": "on the border"}


def write_report(facts: MoveFacts, path: Path) -> Path:
    """Write the page, whole or not at all."""
    return replace_file(path, page(facts).encode())


def page(facts: MoveFacts) -> str:
    """The page."""
    return _rendered(facts, "moves.html")


def moves_since(facts: Facts) -> MoveFacts | None:
    """Who moved since an earlier segmentation, where one was given and they can be followed."""
    return None if facts.previous is None else facts.previous.moves


def section(facts: MoveFacts | None) -> str:
    """The section alone, for the report of a segmentation; nothing where nobody was followed."""
    return "" if facts is None else _rendered(facts, "moves_section.html")


def heads_of(facts: MoveFacts) -> list[str]:
    """What stands above the columns of causes."""
    return [HEADS[cause] for cause in facts.why or ()]


def _rendered(facts: MoveFacts, template: str) -> str:
    from shoal.output.figures.alluvial import alluvial
    from shoal.output.figures.style import svg
    from shoal.output.report import embedded, environment, live

    return (
        environment()
        .get_template(template)
        .render(
            facts=facts,
            policy=live.quiet_policy(),
            images=embedded({"alluvial": svg(alluvial(facts))}),
            alt=" ".join(said.text for said in facts.summary),
            heads=heads_of(facts),
            flows=told_flows(facts),
            together=told_together(facts),
        )
    )
