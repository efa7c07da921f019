"""What a notebook shows of facts: a piece of HTML in the report's look, that styles itself alone.

Its colours follow `prefers-color-scheme`, and JupyterLab's own theme where there is one; it holds
no script, no link and no id.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from shoal.output import report
from shoal.output.answer import Answer
from shoal.output.moves import told_flows, told_together
from shoal.output.moves_report import heads_of
from shoal.output.report import live
from shoal.rfm.types import Customers
from shoal.sentences.reliability import KINDS
from shoal.types import (
    Choice,
    Comparison,
    Facts,
    Finding,
    Findings,
    HistoryFacts,
    MoveFacts,
    Profile,
    Refresh,
    Reliability,
    Segmentation,
    Trust,
)


@functools.singledispatch
def html(shown: Any) -> str:
    """The HTML of a study's facts, escaped.

    >>> html(Finding("duplicates", "info", "3 rows are <twice> there.")).count("&lt;twice&gt;")
    1
    """
    raise TypeError(f"There is no page of a {type(shown).__name__}.")


@html.register
def _choice(choice: Choice) -> str:
    measures = report.measures(choice.evidence)
    searched = f"{choice.sample_size:,} rows"
    return _view("choice", choice=choice, measures=measures, kinds=KINDS, searched=searched)


@html.register
def _trust(trust: Trust) -> str:
    return _view("trust", trust=trust)


@html.register
def _reliability(known: Reliability) -> str:
    return _view("reliability", known=known, kinds=KINDS)


@html.register
def _profile(profile: Profile) -> str:
    found = report.by_severity(profile.findings)
    return _view("profile", profile=profile, findings=found, show_ids=False)


@html.register
def _customers(made: Customers) -> str:
    return _view("orders", made=made, findings=report.by_severity(made.findings))


@html.register
def _finding(finding: Finding) -> str:
    return _view("findings", findings=report.by_severity((finding,)))


@html.register
def _findings(findings: Findings) -> str:
    return _view("findings", findings=report.by_severity(findings))


@html.register
def _refresh(refresh: Refresh) -> str:
    facts, since = refresh.study.facts, refresh.succession
    now = {portrait.segment: portrait for portrait in facts.portraits}
    model = facts.segmentation
    counts = Counter(each.fate for each in since.segments)
    return _view(
        "refresh",
        facts=facts,
        since=since,
        fates=[(each, now.get(each.id)) for each in since.segments],
        outlived=refresh.outlived,
        told=[f"{count} {fate}" for fate, count in counts.items()],
        shades=dict(zip(model.ids, model.colours, strict=True)),
        findings=[group for group in report.by_severity(facts.findings) if group[0] != "info"],
    )


@html.register
def _comparison(found: Comparison) -> str:
    findings = report.by_severity(found.findings)
    return _view("comparison", found=found, findings=findings)


@html.register
def _moves(facts: MoveFacts) -> str:
    return _view(
        "moves",
        facts=facts,
        heads=heads_of(facts),
        flows=told_flows(facts),
        together=told_together(facts),
        findings=report.by_severity(facts.findings),
    )


@html.register
def _history(facts: HistoryFacts) -> str:
    return _view("history", facts=facts, findings=report.by_severity(facts.findings))


def study_html(facts: Facts) -> str:
    """The answer and the table of segments."""
    return _view(
        "study",
        facts=facts,
        answer=Answer(facts),
        choice=facts.choice,
        model=facts.segmentation,
        trust=facts.trust,
    )


def model_html(model: Segmentation, about: Mapping[str, Any]) -> str:
    """The segments of a saved model, and what it needs to place somebody."""
    sizes = zip(model.ids, model.names, model.colours, model.sizes, strict=True)
    return _view("model", model=model, segments=list(sizes), about=about)


def plots_html(said: Mapping[str, str]) -> str:
    """The figures by name, with what each shows."""
    return _view("plots", said=said)


def _view(name: str, **shown: Any) -> str:
    page = report.environment().get_template(f"notebook/{name}.html")
    return page.render(style=style(), **shown)


@functools.cache
def style() -> str:
    """The report's style for what stands inside `.shoal-view`, and for nothing else.

    Rules are nested below a class that is named thrice, or the notebook's own would win.
    """
    rules = re.sub(r"^@page.*$", "", live.style(), flags=re.MULTILINE)
    inside = re.sub(r"^(\s*)(?::root|html|body)(?= \{)", r"\1&", rules, flags=re.MULTILINE)
    own = live.template("notebook/notebook.css")
    return f".shoal-view.shoal-view.shoal-view {{\n{inside}\n{own}{_themes(rules)}}}"


def _themes(rules: str) -> str:
    """The light colours and the dark ones by the theme of JupyterLab, whatever the system's is."""
    light, dark = re.findall(r":root \{\n(.*?)\}", rules, flags=re.DOTALL)[:2]
    return "".join(
        f'[data-jp-theme-light="{is_light}"] & {{\n{colours}}}\n'
        for is_light, colours in (("true", light), ("false", dark))
    )
