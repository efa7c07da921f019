"""The whole way through the page in a real browser: tables of every kind, keyboard, no script."""

from __future__ import annotations

import csv
import io
import itertools
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

import shoal
from page_kit import CHROMIUM, chromium, held, served, write
from shoal.cli.main import app as command_line

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not here (make system)")
AXE = Path(sys.prefix) / "axe" / "node_modules" / "axe-core" / "axe.min.js"
LONG = 60_000  # milliseconds that a run may take on a busy machine
expect.set_options(timeout=LONG)
WAITING = "Waiting: one other table is being worked on\xa0…"
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture(scope="module")
def at() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@contextmanager
def tab(browser: Browser, **more: object) -> Iterator[Page]:
    """A tab of somebody new; nothing may be wrong in its console."""
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | more))
    page = context.new_page()
    page.set_default_timeout(LONG)
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
    try:
        yield page
    finally:
        context.close()
    assert [w for w in wrong if "404" not in w] == []


def give(page: Page, at: str, file: Path) -> None:
    """Send a file, and wait until it has been looked at."""
    page.goto(at)
    page.set_input_files("#file", file)
    page.locator("#drop button").click()
    page.wait_for_url("**/columns")


def find(page: Page) -> str:
    """Find the segments; the address that all screens of the table begin with."""
    page.get_by_role("button", name="Find the segments").click()
    page.wait_for_url("**/segments")
    return page.url.removesuffix("/segments")


def taken(page: Page, here: str, name: str) -> bytes:
    """A file that is taken away."""
    page.goto(f"{here}/take")
    with page.expect_download() as coming:
        page.get_by_role("link", name=name).click()
    return coming.value.path().read_bytes()


def check(page: Page) -> None:
    """Nothing sticks out to the right, and axe-core finds no serious fault."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, page.url
    if not AXE.exists():
        return
    page.evaluate(AXE.read_text("utf-8") + "; 0")
    found = page.evaluate(
        "axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes[0].html]))"
    )
    assert [v for v in found if v[0] in ("serious", "critical")] == [], page.url


@pytest.fixture(scope="module")
def found(at, browser, mall) -> tuple[str, StorageState]:
    """The segments of the mall: their address, and the cookie of who has found them."""
    with tab(browser) as page:
        give(page, at, mall)
        expect(page.get_by_role("heading", level=1)).to_have_text("What was understood")
        return find(page), page.context.storage_state()


SCREENS = ("/columns", "/segments", "/segments/2", "/compare", "/customer?id=17", "/k", "/take")


def test_the_whole_way_with_names_and_colours(found, browser, mall, tmp_path) -> None:
    """What people change stands in report, workbook, labels and model; labels are the shell's."""
    here, somebody = found
    with tab(browser, storage_state=somebody) as page:
        plain = taken(page, here, "customers.csv")

        page.goto(f"{here}/segments/2")
        expect(page.locator("main")).to_contain_text("20 of 39 customers; the labelled customers")
        page.fill("#name", HOSTILE[:60])
        page.fill("#colour", "#aa3377")
        page.select_option("#play", label="Win over")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("Changed")
        expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE[:60])

        report = taken(page, here, "report.html").decode()
        book = openpyxl.load_workbook(io.BytesIO(taken(page, here, "segments.xlsx")))
        labels = taken(page, here, "customers.csv").decode()
        (tmp_path / "model.json").write_bytes(taken(page, here, "model.json"))
        with zipfile.ZipFile(io.BytesIO(taken(page, here, "segments.zip"))) as parts:
            sent = [csv.reader(io.StringIO(parts.read(n).decode())) for n in parts.namelist()]
        one_page = taken(page, here, "summary.html").decode()
        columns = taken(page, here, "columns.toml").decode()

    assert "&lt;img src=x onerror=alert(1)&gt;" in report
    assert "<img src=x" not in report + one_page
    assert "#aa3377" in report
    cells = [str(cell.value) for sheet in book for row in sheet for cell in row]
    assert HOSTILE[:60] in cells
    assert sum(row["name"] == HOSTILE[:60] for row in csv.DictReader(io.StringIO(labels))) == 39
    model = shoal.load(tmp_path / "model.json")
    assert (model.names[1], model.colours[1]) == (HOSTILE[:60], "#aa3377")
    assert sorted(len(list(rows)) - 1 for rows in sent) == [22, 23, 35, 39, 81]
    assert '["Annual Income (k$)"]' in columns

    command_line(["segment", str(mall), "--out", str(tmp_path / "r")], standalone_mode=False)
    assert (tmp_path / "r" / "customers.csv").read_bytes() == plain


def test_every_screen_is_accessible_at_every_size(at, found, browser) -> None:
    """Light and dark, wide and narrow; 640 pixels are what 200 % zoom leaves of 1280."""
    with tab(browser) as page:
        page.goto(at)
        check(page)
    here, somebody = found
    with tab(browser, storage_state=somebody) as page:
        for width, scheme in ((1280, "light"), (390, "dark"), (640, "light")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.goto(here + SCREENS[0])
            assert page.locator(".steps").bounding_box()["height"] < 45  # one line, on phones too
            for screen in SCREENS if width != 640 else SCREENS[:2]:
                page.goto(here + screen)
                check(page)
        page.goto(at)
        check(page)


def test_what_is_said_of_a_customer_can_be_read_aloud(found, browser) -> None:
    here, somebody = found
    with tab(browser, storage_state=somebody) as page:
        page.goto(f"{here}/customer?id=17")
        expect(page.get_by_role("heading", level=2)).to_have_text(
            "Customer 17 is in segment 4: Low income, low spending score"
        )
        expect(page.locator("main")).to_contain_text(
            "The next nearest is segment 1, Middle of the road."
        )
        page.goto(f"{here}/segments/2")
        told = page.locator(".members tbody tr").first.locator("td").nth(1)
        expect(told).to_have_text("0.92")  # two digits, as on the screen of one customer


def test_an_earlier_run_stands_beside_the_new_one(found, browser, tmp_path) -> None:
    """Its model tells drift, its labelled customers tell who has moved; any other file is told."""
    here, somebody = found
    with tab(browser, storage_state=somebody) as page:
        for name in ("model.json", "customers.csv"):
            (tmp_path / name).write_bytes(taken(page, here, name))
        (tmp_path / "other.json").write_text("{}", "utf-8")
        shown = {
            "model.json": "No drift",
            "customers.csv": "200 customers are in both tables: 200 stayed in their segment, 0 moved.",
            "other.json": 'A model is the model.json under "Take away".',
        }
        for name, said in shown.items():
            page.goto(f"{here}/earlier")
            page.set_input_files("#file", tmp_path / name)
            page.get_by_role("button", name="Compare").click()
            page.wait_for_url("**/earlier")
            expect(page.locator("main")).to_contain_text(said)
            assert page.locator("table").count() == page.locator("caption").count()
            check(page)
        expect(page.locator(".told.bad")).to_contain_text("other.json is not")
        sql = taken(page, here, "segments-postgres.sql").decode()
        assert 'FROM "customers"' in sql


def test_marketing_table_is_corrected_and_compared(at, browser, shared) -> None:
    """Corrections are those of columns.toml; another k stands beside the first, and is taken."""
    table = shared / "ifood_marketing_campaign" / "ifood_marketing_campaign.csv"
    with tab(browser) as page:
        give(page, at, table)
        page.get_by_label("Role of Recency").select_option("ignore")
        page.get_by_role("button", name="Look again").click()
        page.wait_for_url("**/progress")
        page.wait_for_url("**/columns")
        expect(page.get_by_label("Role of Recency")).to_have_value("ignore")
        for said in ("1893 to 1996", "0 to 1,493"):  # years and amounts
            expect(page.locator("tbody")).to_contain_text(said)
        toml = page.request.get(f"{page.url}.toml").text()
        assert '["Recency"]' in toml or "[Recency]" in toml
        here = find(page)
        assert "Recency" not in page.locator("#answer + nav, #answer p.quiet").last.inner_text()
        page.goto(f"{here}/k")
        page.fill("#k", "3")
        page.get_by_role("button", name="See what it changes").click()
        take = page.get_by_role("button", name="Take 3 segments")
        expect(take).to_be_visible()
        narrow = "cells => Math.min(...cells.map(c => c.clientWidth))"
        assert page.locator(".two td:last-child").evaluate_all(narrow) > 100  # no word a line
        expect(page.locator(".tried .chip")).to_have_text("now")
        take.click()
        page.wait_for_url("**/segments")
        expect(page.locator(".card")).to_have_count(3)
        page.reload()
        expect(page.locator(".card")).to_have_count(3)
        page.go_back()
        page.go_forward()
        expect(page.locator(".card")).to_have_count(3)


def test_orders_are_asked_about_and_summed_up(at, browser, shared) -> None:
    with tab(browser) as page:
        give(page, at, shared / "rfm_data_orders" / "rfm_data_orders.csv")
        page.get_by_label("One order, or a line of one").check()
        page.get_by_role("button", name="Look again").click()
        page.wait_for_url("**/progress")
        page.wait_for_url("**/columns")
        expect(page.locator(".told")).to_contain_text("summed up to customers when")
        find(page)
        expect(page.locator("#answer")).to_contain_text("995")


def test_tables_that_are_none_and_without_groups(at, browser, tmp_path) -> None:
    """A broken file says why; a table without groups says that it has none."""
    rows = "".join(f"{i},{(i * 37) % 101},{(i * 53) % 97}\n" for i in range(101 * 3))
    with tab(browser) as page:
        page.goto(at)
        page.set_input_files("#file", write(tmp_path / "broken.csv", "\n\n"))
        page.locator("#drop button").click()
        page.wait_for_url("**/trouble")
        expect(page.get_by_role("alert")).to_contain_text("broken.csv")
        check(page)
        give(page, at, write(tmp_path / "one.csv", "income\n" + "5\n9\n7\n" * 40))
        find(page)
        expect(page.locator("#where img")).to_be_visible()  # a picture, where there is no plane
        give(page, at, write(tmp_path / "even.csv", "id,a,b\n" + rows))
        find(page)
        expect(page.locator("#answer")).to_contain_text("No groups")


def test_what_is_too_large_is_said_before_it_is_sent(browser, tmp_path) -> None:
    with served(max_upload=10**6) as at, tab(browser) as page:
        page.goto(at)
        page.set_input_files("#file", write(tmp_path / "large.csv", "id,a\n" + "1,2\n" * 300_000))
        page.locator("#drop button").click()
        said = page.locator("#file").evaluate("field => field.validationMessage")
        assert said == "This is larger than the 1 MB that the page takes."
        assert page.url == f"{at}/"
        page.set_input_files("#file", write(tmp_path / "small.csv", "id,a\n1,2\n"))
        assert page.locator("#file").evaluate("field => field.validity.valid")


def test_names_that_mean_harm_are_shown_as_they_are(at, browser, tmp_path) -> None:
    """In file names, headers and cells."""
    head = f'id,"{HOSTILE}","word{HOSTILE}",spent\n'
    rows = "".join(
        f'{i},{5 + 60 * (i % 2) + i % 5},"{HOSTILE if i % 2 else "a"}",{9 + 50 * (i % 2) + i % 7}\n'
        for i in range(120)
    )
    with tab(browser) as page:
        give(page, at, write(tmp_path / "a'b&amp;.csv", head + rows))
        expect(page.locator("tbody")).to_contain_text(HOSTILE)
        here = find(page)
        for screen in SCREENS:
            page.goto(here + screen)
            assert page.locator("img:not(.picture)").count() == 0, screen


def test_by_keyboard_alone(at, browser) -> None:
    with tab(browser) as page:
        page.goto(at)
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the content")
        press_until(page, "Take the sample")
        page.wait_for_url("**/columns")
        press_until(page, "Find the segments")
        page.wait_for_url("**/segments")
        while page.evaluate("document.activeElement.tagName") != "g":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#live-map p[aria-live]")).to_contain_text("Segment 1")
        press_until(page, "Who is in it; rename, recolour, act: 1", part=True)
        page.wait_for_url("**/segments/1")


def press_until(page: Page, words: str, *, part: bool = False) -> None:
    """Go on with the Tab key to what bears these words, and press Enter."""
    for _ in range(200):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.textContent.trim()")
        if text == words or (part and text.startswith(words)):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way to {words}")


def test_without_a_script(at, browser, mall) -> None:
    with tab(browser, java_script_enabled=False) as page:
        give(page, at, mall)
        here = find(page)
        expect(page.locator(".card")).to_have_count(5)
        expect(page.locator("img.picture")).to_be_visible()
        page.goto(f"{here}/compare?one=2&other=4")
        expect(page.locator("thead")).to_contain_text("High income, high spending score")
        page.goto(f"{here}/segments/1?order=border")
        expect(page.locator("tbody tr")).to_have_count(20)
        page.fill("#name", "The middle")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("The middle")


def test_stop_and_turns(at, browser, tmp_path) -> None:
    """Two at once take turns and are told so; stop ends a run within a second."""
    rows = "".join(f"{i},{i % 9973},{(i * 7) % 8111},{(i * 31) % 613}\n" for i in range(150_000))
    table = write(tmp_path / "large.csv", "id,visits,spent,age\n" + rows)
    with tab(browser) as page, tab(browser) as other:
        give(page, at, table)
        page.get_by_role("button", name="Find the segments").click()
        page.wait_for_url("**/progress")
        other.goto(at)
        other.get_by_role("button", name="Take the sample").click()
        expect(other.locator("#step")).to_contain_text("one other table")
        stop = page.get_by_role("button", name="Stop")
        with page.expect_navigation(timeout=5000):
            stop.click()
        page.wait_for_url("**/columns")
        expect(page.get_by_role("status")).to_contain_text("Stopped")
        other.wait_for_url("**/columns")
        assert other.context.cookies() != page.context.cookies()
        assert other.request.get(page.url).status == 404


def under_way(page: Page, at: str) -> None:
    """Begin to read the sample, while all processes of tables are held."""
    page.goto(at)
    page.get_by_role("button", name="Take the sample").click()
    page.wait_for_url("**/progress")


def test_a_run_under_way_is_accessible_and_stands_still_where_that_is_asked(at, browser) -> None:
    """Wide and narrow, light and dark; who waits for another table is told so there."""
    with tab(browser, reduced_motion="reduce") as page, tab(browser) as other:
        page.goto(at)
        with held():
            under_way(page, at)
            under_way(other, at)
            expect(other.locator("#step")).to_have_text(WAITING)
            for width, scheme in itertools.product((1280, 390), ("light", "dark")):
                for each in (page, other):
                    each.set_viewport_size({"width": width, "height": 800})
                    each.emulate_media(color_scheme=scheme)
                    check(each)
            meter = page.locator("#meter")
            assert meter.get_attribute("value") is None  # nobody knows how long it will take
            first = meter.screenshot()
            expect(page.locator("#spent")).not_to_have_text(page.locator("#spent").inner_text())
            assert meter.screenshot() == first
            press_until(page, "Stop")
            page.wait_for_url("**/trouble")
            expect(page.get_by_role("status")).to_contain_text("Stopped")
            expect(page).to_have_title("sample_customers.csv has not been read · shoal")
        other.wait_for_url("**/columns")


def test_a_run_under_way_without_a_script(at, browser) -> None:
    """The screen comes again by itself, whatever was pressed; four keys stop the run."""
    with tab(browser, java_script_enabled=False) as page:
        page.goto(at)
        with held():
            under_way(page, at)
            spent = page.locator("#spent").inner_text()
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")  # skip to the content
            expect(page.locator("#spent")).not_to_have_text(spent)
            while "/progress" in page.url:
                for key in ("Tab", "Enter", "Tab", "Enter"):
                    page.keyboard.press(key)
                page.wait_for_timeout(1000)
            expect(page.get_by_role("status")).to_contain_text("Stopped")
