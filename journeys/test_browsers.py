"""The browsers that visitors have (`townhall visitors --tested-set`): the pages most begin at, in each of their windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from journeys.council import Council

BROWSERS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "tested_set.json").read_text())["browsers"]
SIZES = {(one["width"], one["height"], one["has_touch"], one["has_script"]) for one in BROWSERS}
PAGES = {
    "/": "What do you need?",
    "/services/fly-tipping": "Fly-tipping",
    "/report/fly-tipping/where": "Where is it?",
    "/account/sign-in": "Sign in to your account",
}


@pytest.mark.capability("ACCT-06")
def test_pages_fit_the_windows_that_visitors_have(council: Council, browser: Browser) -> None:
    """The other journeys look at these pages with axe; here it is whether they fit, and whether one can begin."""
    for width, height, has_touch, has_script in sorted(SIZES):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=has_touch,
            java_script_enabled=has_script,
            locale="en-GB",
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        for path, heading in PAGES.items():
            page.goto(council.url + path)
            page.get_by_role("heading", name=heading, level=1, exact=True).wait_for()
            look(page, path, width=width, has_script=has_script)
        context.close()


def look(page: Page, path: str, *, width: int, has_script: bool) -> None:
    if has_script:
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, (
            f"{path} at {width} pixels"
        )
        return
    for part in page.locator("main input:visible, main button:visible, main a:visible").all()[:12]:
        box = part.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width, f"{path} is cut off at {width} pixels"
