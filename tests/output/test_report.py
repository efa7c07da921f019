"""The page: whole, safe, accessible, and saying plainly when there are no groups."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html.parser
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from browser import CHROMIUM, Browser, browser
from make_facts import make_facts, make_profile
from shoal.output import comparison
from shoal.output.answer import Answer
from shoal.output.figures import PROFILE_FIGURES, image, pictures
from shoal.output.report import bars, render, render_profile, render_summary
from shoal.sentences import say
from shoal.types import Facts, Noun, OutcomeRate, Structure

VOID = {"meta", "img", "br", "link", "rect", "hr", "input"}


class Page(html.parser.HTMLParser):
    """What a reader of the page meets, in order; unbalanced tags are collected.

    Words are those that are seen: neither folded nor hidden nor of scripts and styles.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.words: list[str] = []
        self.cells: list[tuple[dict[str, str | None], list[str]]] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("td", "th"):
            self.cells.append((dict(attrs), []))
        if tag == "script":
            self.scripts.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        if {"script", "style", "head"} & set(self.open):
            return
        if {"td", "th"} & set(self.open):
            self.cells[-1][1].extend(data.split())
        if "details" not in self.open:
            self.words.extend(data.split())

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
    made_by_the_script = 1
    assert len(page.all("caption")) + made_by_the_script == len(page.all("table")) > 3
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for a in page.all("a")} <= set(ids)


def test_the_page_needs_no_network_and_is_small(big):
    page = Page(big)
    assert len(big.encode()) < 3_000_000
    assert page.all("link") == []
    assert all("src" not in script for script in page.all("script"))
    uris = [img["src"].partition(";base64,")[0] for img in page.all("img")]
    assert set(uris) == {"data:image/png", "data:image/svg+xml"}
    rest = re.sub(r"base64,[^\"]*", "", big).replace("http://www.w3.org/2000/svg", "")
    assert "http:" not in rest
    assert "https:" not in rest


def test_words_from_data_are_escaped():
    bad = "<script>alert('x')</script>"
    facts = make_facts(k=3, first_name=bad, region='<img src=x onerror="x">')
    text = render(facts, pictures(facts))
    assert text.count("<script") == 2  # the page's own
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
            "Your 200 customers fall into three segments; each returns in 55 % to 97 % of re-runs.",
        ),
        (
            Structure.constructed,
            4,
            "No groups found: these are four convenient slices of your 200 customers.",
        ),
        (Structure.none, 1, "No groups found: your 200 customers are best treated as one."),
    ],
)
def test_the_page_starts_with_the_answer(structure, k, said):
    facts = make_facts(k=k, structure=structure)
    assert Answer(facts).found.text == said
    text = render(facts, None)
    assert text.index(said) < text.index('id="segments"')


def test_every_segment_and_every_finding_is_on_the_page():
    facts = make_facts(k=5)
    text = render(facts, None)
    for portrait in facts.portraits:
        title = f'<span class="no">{portrait.segment}</span> {portrait.name}</h3>'
        assert text.count(title) == 1
    for finding in facts.findings:
        assert f"<code>{finding.code}</code>" in text
    assert "203 rows read = 200 labelled + 3 set aside." in text
    assert "shoal segment mall.csv --out results" in text
    said = (
        "97 % of those it catches are in the segment, it finds 95 % of the segment; "
        "measured on 80 customers not used to make it"
    )
    assert said in " ".join(text.split())
    made = portrait.rule
    none_held = dataclasses.replace(
        made, held_out=0, measured=say("rule-measured", precision=1.0, coverage=1.0, held_out=0)
    )
    portraits = tuple(dataclasses.replace(p, rule=none_held) for p in facts.portraits)
    text = render(dataclasses.replace(facts, portraits=portraits), None)
    assert "measured on the customers it was made from" in text
    assert not re.search(r"\b0 customers", text)
    assert "12,300" in text


def test_without_money_nothing_is_said_of_money():
    with_money, without = render(make_facts(k=3), None), render(make_facts(k=3, value=False), None)
    assert "Of spend" in with_money
    assert "Value is spend" in with_money
    assert "Of spend" not in without
    assert "Value is" not in without
    assert "index 100" not in without


def test_rows_are_called_by_their_noun_everywhere():
    facts = make_facts(k=3, structure=Structure.reproducible)
    profile = dataclasses.replace(facts.profile, noun=Noun("session", "sessions"))
    facts = dataclasses.replace(facts, profile=profile)
    text = render(facts, pictures(facts))
    shown = re.sub(r"<script.*?</script>|<style.*?</style>|base64,[^\"]*", "", text, flags=re.S)
    assert "{many}" not in text
    said = re.findall(r"[^.<>\"]*[Cc]ustomer[^.<>\"]*", shown)
    given = ["Mall &lt;customers&gt;", "CustomerID", "They are", "is above 80 %"]  # by the facts
    given += ["not used to make it", "100 resamples of 200 customers"]
    assert [each for each in said if not any(words in each for words in given)] == []


def test_a_page_without_pictures_has_no_empty_frames():
    assert "<figure" not in render(make_facts(k=3), {})


def test_the_same_facts_give_the_same_page():
    assert render(make_facts(k=3), None) == render(make_facts(k=3), None)


def test_the_data_analysis_has_a_page_of_its_own():
    profile = make_profile(basis=3, region="<i>Region</i>")
    text = render_profile(
        profile, {name: image(draw(profile), name) for name, draw in PROFILE_FIGURES.items()}
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


# --- the first screen ----------------------------------------------------------------------------


def told(k: int = 3, **more) -> Facts:
    """Facts with all that a page may show: who they are, an outcome, an index."""
    facts = make_facts(k=k, **more)
    rates = [0.48, 0.27, 0.1, 0.2, 0.3, 0.31, 0.05, 0.06, 0.5, 0.4]
    portraits = []
    for p in facts.portraits:
        rate = rates[p.segment - 1]
        churn = OutcomeRate(
            "churn", "yes", rate, rate - 0.05, rate + 0.05, 0.27, p.size, rate != 0.27, "bad", True
        )
        who = say("found-none", n=3, k=1)  # any sentence
        index = 100.0 * (p.value_share or 0) / p.share
        portraits.append(dataclasses.replace(p, outcomes=(churn,), who=who, value_index=index))
    return dataclasses.replace(facts, portraits=tuple(portraits))


def rows_of(text: str) -> list[dict[str, str]]:
    """The first table's rows: the words of each labelled cell."""
    table = re.search(r'<table class="overview">.*?</table>', text, re.S)
    assert table is not None
    rows = []
    for row in re.findall(r"<tr>.*?</tr>", table[0], re.S)[1:]:
        cells = Page(row).cells
        rows.append({(a.get("data-label") or "Segment"): " ".join(w) for a, w in cells})
    return rows


def test_every_number_of_the_first_table_is_a_fact():
    facts = told(k=3)
    *rows, everybody = rows_of(render(facts, None))
    spend = np.asarray(facts.sample.rows["spend"])
    for s, row in enumerate(rows):
        own = spend[facts.labels == s]
        share = int(100 * len(own) / 200 + 0.5)
        worth = int(100 * own.sum() / spend.sum() + 0.5)
        index = round(100 * (own.sum() / spend.sum()) / (len(own) / 200))
        assert row["Segment"] == f"{s + 1} {facts.portraits[s].name}"
        assert row["Customers"] == f"{share} % {len(own)}"
        assert row["Of spend"].startswith(f"{worth} % ")
        assert row["Spend each"].endswith(f"index {index}")
        mean = float(row["Spend each"].split()[0].replace(",", ""))
        assert mean == pytest.approx(own.mean(), rel=0.005)
        assert row["Do this"] == "Win over"
    assert rows[0]["churn"] == "48 % 43 % to 53 %"
    assert rows[1]["churn"] == "27 % 22 % to 32 % may be chance"
    assert rows[0]["How sure"].endswith("found again in 99 % of re-runs")
    assert everybody["Customers"] == "100 % 200"
    assert everybody["churn"] == "27 %"
    assert everybody["Spend each"].endswith("index 100")


def test_the_terminal_shows_the_same_numbers():
    facts = told(k=3)
    heads, *rows = Answer(facts).table
    assert heads == ("", "Segment", "Customers", "Of spend", "churn", "Do this", "How sure")
    for row, shown in zip(rows[:-1], rows_of(render(facts, None)), strict=False):
        assert shown["Segment"] == f"{row[0]} {row[1]}"
        assert shown["Customers"].startswith(row[2])
        assert shown["Of spend"].startswith(row[3].partition(" (")[0])
        assert row[3].rstrip(")").split()[-1] == shown["Spend each"].split()[-1]
    assert rows[0][4] == "48 %"
    assert rows[1][4] == "(27 %: may be chance)"
    assert rows[0][6] == "act on it: found again in 99 % of re-runs"


def test_what_to_do_first_is_said_with_its_numbers():
    facts = told(k=3)
    first = Answer(facts).first
    assert len(first) == 2
    values = first[0].values
    portrait = facts.portraits[values["segment"] - 1]
    assert values["share"] == portrait.share
    assert values["value_share"] == portrait.value_share
    assert f"Segment {portrait.segment} ({portrait.name}) is " in first[0].text
    assert portrait.segment == 3  # as much is at stake in each of them; it brings most
    assert "of spend; churn: 10 % (everybody: 27 %)." in first[0].text
    assert first[0].text.endswith("Do: Win over.")


def test_segments_that_may_not_come_back_are_not_what_to_do_first():
    facts = make_facts(k=3, structure=Structure.reproducible)
    assert facts.trust.segments[2].verdict == "do not rely on it"
    assert 3 not in {each.values["segment"] for each in Answer(facts).first}


def test_a_segment_like_everybody_is_not_said_to_differ():
    """The segments differ as a whole; this one's interval holds everybody's rate."""
    facts = told(k=5)
    near = dataclasses.replace(facts.portraits[4].outcomes[0], rate=0.3, low=0.25, high=0.35)
    assert near.differs
    last = dataclasses.replace(facts.portraits[4], outcomes=(near,))
    facts = dataclasses.replace(facts, portraits=(*facts.portraits[:4], last))
    assert rows_of(render(facts, None))[4]["churn"] == "30 % 25 % to 35 % may be chance"
    assert Answer(facts).table[5][4] == "(30 %: may be chance)"
    assert all("30 %" not in each.text for each in Answer(facts).first)


# --- who they are --------------------------------------------------------------------------------


def test_a_word_is_the_same_across_its_row():
    facts = make_facts(k=3)
    from shoal.output.comparison import lines

    region = next(line for line in lines(facts) if line.column == "Region")
    words = np.array(facts.sample.rows["Region"].to_pylist())
    word = region.measure.removeprefix("share “").removesuffix("”")
    assert region.everybody == f"{round(100 * float((words == word).mean()))} %"
    for s, cell in enumerate(region.cells):
        share = float((words[facts.labels == s] == word).mean())
        assert cell.text == f"{int(100 * share + 0.5)} %"


def test_a_median_that_hides_a_difference_gives_way_to_the_mean():
    facts = told(k=2)
    first, second = facts.portraits
    hidden = dataclasses.replace(
        first.traits[0], effect=0.9, segment_value=3.0, everybody_value=3.0
    )
    name = hidden.column
    portraits = (dataclasses.replace(first, traits=(hidden, *first.traits[1:])), second)
    (line,) = (
        line
        for line in comparison.lines(dataclasses.replace(facts, portraits=portraits))
        if line.column == name
    )
    counts, sums, _ = facts.groups.of(name)
    assert line.measure == "mean"
    assert [cell.value for cell in line.cells] == pytest.approx((sums / counts).tolist())
    overall = sums.sum() / counts.sum()
    for cell in line.cells:
        assert not cell.mark or (cell.value - overall) * cell.effect > 0


def test_codes_are_counted_and_never_averaged():
    facts = make_facts(k=3, basis=3, flags=0)
    name = facts.segmentation.basis[1]
    columns = tuple(
        dataclasses.replace(c, meaning="code") if c.name == name else c
        for c in facts.profile.columns
    )
    facts = dataclasses.replace(facts, profile=dataclasses.replace(facts.profile, columns=columns))
    from shoal.output.comparison import lines
    from shoal.output.report.cards import card

    line = next(line for line in lines(facts) if line.column == name)
    assert line.measure.startswith("share “")
    assert line.everybody.endswith(" %")
    for portrait in facts.portraits:
        assert all(not bar.label.startswith(name) for bar in card(facts, portrait).bars)


def test_every_column_that_tells_of_customers_is_compared():
    facts = told(k=3, basis=5)
    from shoal.output.comparison import lines

    found = {line.column for line in lines(facts)}
    assert found == {"churn", "Region", *facts.segmentation.basis}
    assert lines(facts)[0].column == "churn"  # what matters most


# --- words ---------------------------------------------------------------------------------------


def test_a_page_of_ten_segments_is_short():
    facts = told(k=10, basis=25, long_names=True, n=500)
    page = Page(render(facts, None))
    assert len(page.words) <= 3000
    cards = re.findall(r'<article class="card".*?</article>', render(facts, None), re.S)
    assert len(cards) == 10
    assert max(len(Page(each).words) for each in cards) <= 60


def test_an_ordinary_page_has_at_most_1200_words():
    assert len(Page(render(told(k=5, basis=6), None)).words) <= 1200


def test_statistics_words_stand_in_the_folded_part_only():
    seen = " ".join(Page(render(told(k=4, basis=6), None)).words).lower()
    for word in ("silhouette", "jaccard", "bootstrap", "inertia", "k-means", "resample", "rand"):
        assert not re.search(rf"\b{word}\b", seen), word


# --- safety --------------------------------------------------------------------------------------


def test_the_policy_names_the_one_script(big):
    page = Page(big)
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv"))
    data, script = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert len(script.splitlines()) < 400
    assert set(json.loads(data)) == {"segments", "columns", "map"}


def test_data_cannot_end_the_block_it_stands_in():
    bad = "</script><script>alert(1)</script><!-- <b>"
    facts = make_facts(k=3, first_name=bad)
    text = render(facts, None)
    assert text.count("</script>") == 2
    assert "<!--" not in text
    assert json.loads(Page(text).scripts[0])["segments"][0]["name"] == bad


def test_the_data_of_the_page_is_bounded():
    facts = make_facts(k=3, n=3000)
    block = json.loads(Page(render(facts, None)).scripts[0])
    assert sum(len(flat) // 2 for flat in block["map"]["points"]) == 2000
    assert "2,000 of them are drawn" in block["map"]["note"]


def test_no_ids_of_customers_unless_they_are_asked_for():
    facts = make_facts(k=3)
    ids = facts.sample.rows["CustomerID"].to_pylist()
    quiet, open_ = render(facts, None), render(facts, None, show_ids=True)
    assert not [each for each in ids if each in quiet]
    assert not [each for each in ids if each in render_summary(facts, None)]
    assert "Typical customers: C0" in open_
    assert json.loads(Page(open_).scripts[0])["map"]["ids"]


def test_the_range_of_ids_is_not_shown():
    facts = make_facts(k=3)
    first = dataclasses.replace(
        facts.profile.columns[0],
        name="CustomerID",
        role="id",
        kind="text",
        min="C0000",
        max="C0199",
    )
    profile = dataclasses.replace(facts.profile, columns=(first, *facts.profile.columns))
    facts = dataclasses.replace(facts, profile=profile)
    assert "C0199" not in render(facts, None)
    assert "C0199" in render(facts, None, show_ids=True)


def test_pictures_keep_their_room(big):
    for img in Page(big).all("img"):
        assert int(img["width"]) > 500
        assert int(img["height"]) > 200


# --- in a browser --------------------------------------------------------------------------------

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (make system)")


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    facts = told(k=6, basis=8)
    folder = tmp_path_factory.mktemp("page")
    images = pictures(facts)
    (folder / "report.html").write_text(render(facts, images), encoding="utf-8")
    (folder / "summary.html").write_text(render_summary(facts, images), encoding="utf-8")
    return folder


FIRST_COLUMN = "[...document.querySelectorAll('.overview tbody th .no')].map(e => +e.textContent)"


@needs_browser
def test_nothing_is_forbidden_and_nothing_fails(tab, written):
    for name in ("report.html", "summary.html"):
        tab.open(written / name)
        assert tab.complaints == []


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_its_window(tab, written, width):
    for name in ("report.html", "summary.html"):
        tab.open(written / name, width=width)
        assert tab.run("document.documentElement.scrollWidth") <= width


@needs_browser
def test_the_first_screen_holds_every_segment(tab, written):
    tab.open(written / "report.html", width=1280, height=800)
    bottom = "Math.max(...[...document.querySelectorAll('.overview tbody tr')]"
    assert tab.run(f"{bottom}.map(r => r.getBoundingClientRect().bottom))") <= 800


@needs_browser
def test_the_table_is_sorted_by_keyboard(tab, written):
    tab.open(written / "report.html")
    assert tab.run(FIRST_COLUMN) == [1, 2, 3, 4, 5, 6]
    tab.run("document.querySelectorAll('.overview thead button')[0].focus()")
    tab.press("Enter", "Enter")
    assert tab.run(FIRST_COLUMN) == [6, 5, 4, 3, 2, 1]
    sorted_by = "document.querySelector('.overview th[aria-sort]').getAttribute('aria-sort')"
    assert tab.run(sorted_by) == "descending"
    tab.press("Tab", "Tab", "Enter")  # to the customers
    sizes = tab.run(
        "[...document.querySelectorAll('.overview tbody tr')].map(r => +r.cells[2].dataset.v)"
    )
    assert sizes == sorted(sizes, reverse=True)
    assert tab.run("document.querySelectorAll('.overview th[aria-sort]').length") == 1


@needs_browser
def test_segments_and_columns_are_found(tab, written):
    tab.open(written / "report.html")
    tab.run("document.getElementById('find').focus()")
    tab.press(*"region")
    assert tab.run("document.querySelectorAll('#who [data-find]:not(.away)').length") == 1
    assert tab.run("document.getElementById('found').textContent").startswith("")


@needs_browser
def test_two_segments_are_compared_by_their_differences(tab, written):
    tab.open(written / "report.html")
    tab.run(
        "(() => { const s = document.getElementById('other'); s.value = '4';"
        " s.dispatchEvent(new Event('change')); })()"
    )
    widths = tab.run(
        "[...document.querySelectorAll('#pair .apart')].map(e => parseFloat(e.style.width))"
    )
    assert len(widths) == 10  # eight columns of the basis, a region, an outcome
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 100


@needs_browser
def test_the_map_is_met_by_keyboard(tab, written):
    tab.open(written / "report.html")
    tab.run("document.querySelector('#live-map g').focus()")
    tab.press("Tab")
    told_of = tab.run("document.querySelector('#live-map [aria-live]').textContent")
    assert told_of.startswith("Segment 2 ")
    tab.press("Enter")
    pressed = "document.querySelector('#live-map g[aria-pressed=true]').getAttribute('aria-label')"
    assert tab.run(pressed) == told_of


@needs_browser
def test_without_the_script_all_content_is_there(tab, written):
    tab.open(written / "report.html", script=False)
    try:
        text = tab.run("document.body.innerText")
        assert tab.run("document.querySelector('#figure-map').offsetHeight") > 100
        assert tab.run("document.querySelector('#live-map').offsetHeight") == 0
        assert tab.run("document.querySelectorAll('.live').length") > 2
        shown = "[...document.querySelectorAll('.live')].some(e => e.offsetHeight)"
        assert tab.run(shown) is False
        for part in ("Who they are", "Win over", "Region", "Everybody"):
            assert part in text
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


@needs_browser
def test_print_is_short(tab, written, tmp_path):
    tab.open(written / "report.html")
    assert pages(tab.pdf(tmp_path / "report.pdf")) <= 10
    tab.open(written / "summary.html")
    assert pages(tab.pdf(tmp_path / "summary.pdf")) == 1


def pages(file: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))


AXE = Path(sys.prefix) / "axe" / "node_modules" / "axe-core" / "axe.min.js"


@needs_browser
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not there (make system)")
@pytest.mark.parametrize("dark", [False, True])
def test_no_serious_fault_of_accessibility(tab, written, dark):
    tab.dark(dark)
    for name, width in (("report.html", 1280), ("report.html", 390), ("summary.html", 1280)):
        tab.open(written / name, width=width)
        tab.run("document.querySelectorAll('details').forEach(d => d.open = true)")
        tab.run(AXE.read_text("utf-8") + "; 0")
        found = tab.run(
            "axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes[0].html]))"
        )
        assert [v for v in found if v[0] in ("serious", "critical")] == []
    tab.dark(False)


def test_where_a_gap_led_to_the_segments_no_starts_are_counted() -> None:
    facts = make_facts(k=5)
    once = tuple(dataclasses.replace(row, starts=1, reached=1) for row in facts.choice.evidence)
    choice = dataclasses.replace(facts.choice, evidence=once)
    page = render(dataclasses.replace(facts, choice=choice), None)
    assert "For k = 5 k-means began once, from fewer segments of which a gap parts one." in page
    assert "starts was reached" not in page
    assert "starts was reached" in render(facts, None)
