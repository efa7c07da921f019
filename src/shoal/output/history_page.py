"""Many runs as one page of HTML, in the report's look."""

from __future__ import annotations

from pathlib import Path

from shoal.output.atomic import replace_file
from shoal.types import HistoryFacts


def write_page(facts: HistoryFacts, path: Path) -> Path:
    """Write the page, whole or not at all."""
    return replace_file(path, page(facts).encode())


def page(facts: HistoryFacts) -> str:
    """The page: the figure, and a table of shares by run."""
    from shoal.output.figures.history import history
    from shoal.output.figures.style import svg
    from shoal.output.report import embedded, environment, live

    return (
        environment()
        .get_template("history.html")
        .render(
            facts=facts,
            policy=live.quiet_policy(),
            images=embedded({"history": svg(history(facts))}),
        )
    )
