"""Take the pictures of docs/app.md: the whole way on the sample that ships with shoal."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from page_kit import chromium, served  # noqa: E402

GOAL = ROOT / "docs" / "app"
LONG = 120_000  # milliseconds that a run may take


def main() -> None:
    """Walk through the page, and take a picture of each screen."""
    GOAL.mkdir(exist_ok=True)
    with served(max_upload=500 * 10**6) as at, chromium() as browser:
        page = browser.new_page(viewport={"width": 960, "height": 620})
        page.set_default_timeout(LONG)

        def taken(name: str) -> None:
            page.wait_for_load_state("networkidle")
            page.screenshot(path=GOAL / f"{name}.png")

        page.goto(at)
        taken("start")
        page.get_by_role("button", name="Take the sample").click()
        page.wait_for_url("**/columns")
        taken("understood")
        page.get_by_role("button", name="Find the segments").click()
        page.wait_for_url("**/segments")
        taken("segments")
        here = page.url
        page.goto(f"{here}/2")
        taken("segment")
        page.set_viewport_size({"width": 390, "height": 700})
        page.emulate_media(color_scheme="dark")
        page.goto(here)
        taken("phone")


if __name__ == "__main__":
    main()
