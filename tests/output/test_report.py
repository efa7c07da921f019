"""The page: whole, safe, accessible, and saying plainly when there are no groups."""

from __future__ import annotations

import html.parser
import re

import pytest

from make_facts import make_facts, make_profile
from shoal.output.figures import PROFILE_FIGURES, pictures, png
from shoal.output.report import bars, render, render_profile
from shoal.output.report.words import headline, reading
from shoal.types import Structure

VOID = {"meta", "img", "br", "link", "rect", "hr"}


class Page(html.parser.HTMLParser):
    """What a reader of the page meets, in order; unbalanced tags are collected."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def big():
    facts = make_facts(k=10, basis=12, flags=3, n=400, long_names=True)
    return render(facts, pictures(facts))


def test_the_page_is_well_formed_and_accessible(big):
    page = Page(big)
    assert page.wrong == []
    assert page.open == []
    assert page.headings.count(1) == 1
    assert page.headings[0] == 1
    assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.all("main")) == len(page.all("nav")) == len(page.all("footer")) == 1
    assert page.all("html")[0]["lang"] == "en"
    assert all(len(image["alt"]) > 40 for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) > 3
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a")} <= set(ids)


def test_the_page_needs_no_network_and_is_small(big):
    page = Page(big)
    assert len(big.encode()) < 3_000_000
    assert page.all("script") == page.all("link") == []
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert "http:" not in re.sub(r"base64,[^\"]*", "", big)
    assert "https:" not in re.sub(r"base64,[^\"]*", "", big)


def test_words_from_data_are_escaped():
    bad = "<script>alert('x')</script>"
    facts = make_facts(k=3, first_name=bad, region='<img src=x onerror="x">')
    text = render(facts, pictures(facts))
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "<b>east" not in text
    assert "&lt;script&gt;" in text
    assert "Mall &lt;customers&gt;" in text


@pytest.mark.parametrize(
    ("structure", "k", "said"),
    [
        (Structure.natural, 5, "Your 200 customers form five clearly separated segments."),
        (
            Structure.reproducible,
            3,
            "Your 200 customers fall into three segments, two of which can be found again.",
        ),
        (
            Structure.constructed,
            4,
            "No natural groups: these are four convenient slices of your 200 customers.",
        ),
        (Structure.none, 1, "No natural groups: your 200 customers are best treated as one."),
    ],
)
def test_the_page_starts_with_the_answer(structure, k, said):
    facts = make_facts(k=k, structure=structure)
    assert headline(facts) == said
    text = render(facts, None)
    assert text.index(said) < text.index('id="segments"')


def test_every_segment_and_every_finding_is_on_the_page():
    facts = make_facts(k=5)
    text = render(facts, None)
    for portrait in facts.portraits:
        assert text.count(f'<h3 id="name-{portrait.segment}">{portrait.name}</h3>') == 1
    for finding in facts.findings:
        assert f"<code>{finding.code}</code>" in text
    assert "203 rows read = 200 labelled + 3 set aside." in text
    assert "shoal segment mall.csv --out results" in text
    assert "97 % of those it catches are in the segment; it finds 95 % of the segment." in " ".join(
        text.split()
    )
    assert "12,300" in text


def test_without_money_nothing_is_said_of_money():
    text = render(make_facts(k=3, value=False), None)
    assert "<dt>of spend</dt>" not in text
    assert "<dt>of spend</dt>" in render(make_facts(k=3), None)


def test_a_page_without_pictures_has_no_empty_frames():
    assert "<figure" not in render(make_facts(k=3), {})


def test_the_same_facts_give_the_same_page():
    assert render(make_facts(k=3), None) == render(make_facts(k=3), None)


@pytest.mark.parametrize(
    ("jaccard", "words"),
    [
        (0.85, "very stable"),
        (0.75, "stable"),
        (0.6, "a pattern, but who belongs to it is doubtful"),
        (0.59, "doubtful"),
        (0.5, "dissolved"),
        (float("nan"), "not measured"),
    ],
)
def test_jaccard_is_read_as_published(jaccard, words):
    assert reading(jaccard) == words


def test_the_data_analysis_has_a_page_of_its_own():
    profile = make_profile(basis=3, region="<i>Region</i>")
    text = render_profile(
        profile, {name: png(draw(profile)) for name, draw in PROFILE_FIGURES.items()}
    )
    page = Page(text)
    assert page.wrong == page.open == []
    assert page.headings.count(1) == 1
    assert "<i>" not in text
    assert len(page.all("img")) == 2
    assert "200 rows" in text


def test_small_histograms_reach_the_top():
    column = make_profile().columns[0]
    heights = [height for _, _, height in bars(column)]
    assert max(heights) == 24
    assert len(heights) == len(column.histogram.counts)
