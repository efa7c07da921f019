"""What notebooks show: HTML of its own look that leaves the notebook's alone, and pictures."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from nbclient import NotebookClient

import shoal
from make_facts import make_facts
from shoal.output.figures.plots import Plots
from shoal.output.notebook import html, study_html, style
from shoal.study import Model
from shoal.types import Findings

BAD = "<script>alert(1)</script> & <b>"


def _shown() -> dict[str, Any]:
    facts = make_facts()
    named = (BAD, *facts.segmentation.names[1:])
    model = Model(dataclasses.replace(facts.segmentation, names=named), {"table": BAD})
    day = pd.Timestamp("2024-01-01")
    lines = pd.DataFrame({"customer": [BAD, "b"] * 3, "amount": [5.0, 9, 2, 7, 1, 3]})
    lines["date"] = day + pd.to_timedelta(range(6), "D")
    return {
        "choice": facts.choice,
        "trust": facts.trust,
        "reliability": facts.reliability,
        "profile": dataclasses.replace(facts.profile, name=BAD),
        "finding": dataclasses.replace(facts.findings[0], message=BAD),
        "findings": Findings(facts.findings),
        "orders": shoal.orders(lines),
        "model": model,
        "plots": Plots(facts),
    }


def _alive(folder: Path) -> dict[str, Any]:
    """What segments that stay alive are shown as: next month's table holds a strange name."""
    rng = np.random.default_rng(5)
    spent = np.repeat([10.0, 50.0, 90.0], 60) + rng.normal(0, 2, 180)
    table = pd.DataFrame({"id": range(180), "visits": spent, "spent": np.round(spent)})
    later = table.assign(visits=np.append(spent[60:], spent[:60])).iloc[5:]
    first = shoal.segment(table, id="id", by=["visits"], k=3, value="spent", out=folder / "1")
    study = first.renamed({1: BAD})
    refresh = study.refresh(later, old=table, refit=True, out=folder / "2")
    return {
        "refresh": refresh,
        "kept": study.refresh(table),
        "comparison": study.compare(later),
        "moves": study.moves(table, later),
        "history": shoal.history(folder),
    }


SHOWN = _shown()
ALIVE = ("refresh", "kept", "comparison", "moves", "history")


@pytest.fixture(scope="module")
def alive(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _alive(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("name", ALIVE)
def test_segments_that_stay_alive_have_a_page(alive: dict[str, Any], name: str) -> None:
    _has_a_page(alive[name])
    page = alive[name]._repr_html_()
    assert BAD not in page
    assert "&lt;script&gt;" in page


def test_their_pages_hold_the_facts(alive: dict[str, Any]) -> None:
    pages = {name: alive[name]._repr_html_() for name in ALIVE}
    assert "Fitted again" in pages["refresh"]
    assert "3 segments: 3 kept" in pages["kept"]
    assert "No need to refit" in pages["kept"]
    assert alive["comparison"].summary.text in pages["comparison"]
    assert alive["moves"].summary[0].text in pages["moves"]
    assert "2 runs, 3 segments" in pages["history"]
    assert not re.search(r">\d\.?\d*e-\d", pages["comparison"])
    for head in ("changed themselves", "model changed", "on the border"):
        of_rows, _, below = pages["moves"].partition("</table>")
        assert (f">{head}</th>" in of_rows) == (f"<em>{head}</em>" in below)


@pytest.mark.parametrize("name", SHOWN)
def test_every_thing_has_a_page_and_one_short_line(name: str) -> None:
    _has_a_page(SHOWN[name])


def _has_a_page(shown: Any) -> None:
    word = repr(shown)
    assert word.startswith("<shoal."), word
    assert len(word) < 300 * word.count("<shoal.")
    page = shown._repr_html_()
    assert page.startswith('<div class="shoal-view">')
    assert page.count("<div") == page.count("</div>")
    assert page.count("<style>") == 1
    body = page.partition("</style>")[2]
    assert "<script" not in body
    assert " id=" not in body
    assert "href=" not in body


def test_the_text_is_escaped_and_the_facts_are_there() -> None:
    assert "&lt;script&gt;" in SHOWN["finding"]._repr_html_()
    assert SHOWN["model"]._repr_html_().count("&lt;script&gt;") == 2
    assert "2 customers from 6 rows" in SHOWN["orders"]._repr_html_()
    assert BAD not in SHOWN["orders"]._repr_html_()
    facts = make_facts()
    page = study_html(facts)
    assert all(p.name in page and f"{p.size:,}" in page for p in facts.portraits)
    assert html(Findings(())).count("Nothing was noticed.") == 1
    assert repr(Findings(())) == "<shoal.Findings: none>"


def test_columns_are_told_as_people_write_them() -> None:
    """Years without commas; no range of words, no word of the code; columns apart from made ones."""
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "id": range(90),
            "Year_Birth": 1950 + rng.integers(0, 45, 90),
            "gender": rng.choice(["Female", "Male"], 90),
            "spent_wine": rng.gamma(2, 900, 90).round(2),
            "spent_meat": rng.gamma(2, 900, 90).round(2),
            "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, 90), "D"),
        }
    )
    page = shoal.inspect(table)._repr_html_().partition("</style>")[2]
    assert re.search(r"19[5-9]\d to 19\d\d", page)
    assert "Female to Male" not in page
    assert "money_in" not in page
    assert re.search(r"90 rows, 6 columns and \d made of them", page)


def test_a_theme_of_jupyterlab_is_followed() -> None:
    """Light and dark by its own attribute, whatever the system prefers."""
    sheet = style()
    for is_light, ink in (("true", "#1f2933"), ("false", "#e6ebf0")):
        colours = sheet.partition(f'[data-jp-theme-light="{is_light}"] & {{')[2].partition("}")[0]
        assert f"--ink: {ink};" in colours


def test_the_style_is_for_its_own_page_alone_light_and_dark() -> None:
    sheet = style()
    assert sheet.startswith(".shoal-view.shoal-view.shoal-view {")
    assert sheet.count("{") == sheet.count("}")
    depth = np.cumsum([{"{": 1, "}": -1}.get(letter, 0) for letter in sheet])
    assert (depth[:-1] > 0)[sheet.index("{") :].all()  # all of it is inside the one rule
    assert not re.search(r"(?m)^\s*(:root|html|body|@page)\b", sheet)
    assert "@media (prefers-color-scheme: dark) {\n  & {" in sheet


def test_a_figure_is_a_picture_without_a_word_to_the_notebook() -> None:
    figure = Plots(make_facts()).map()
    assert isinstance(figure, Figure)
    formats, about = DisplayFormatter().format(figure)
    assert formats["image/png"].startswith(b"\x89PNG")
    assert about["image/png"] == {"width": 768, "height": 480}  # 8 x 5 inches


def test_a_clean_kernel_shows_pages_and_pictures() -> None:
    made = (
        "import numpy as np, pandas as pd, shoal\n"
        "x = np.repeat([20.0, 60, 100], 20) + np.arange(60) % 7\n"
        "study = shoal.segment(pd.DataFrame({'spent': x, 'visits': x[::-1]}), k=3)"
    )
    cells = [nbformat.v4.new_code_cell(text) for text in (made, "study", "study.plot.map()")]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(book, timeout=100, kernel_name="python3").execute()
    kinds = [set(output["data"]) for cell in book.cells for output in cell.outputs]
    assert kinds == [{"text/html", "text/plain"}, {"image/png", "text/plain"}]
