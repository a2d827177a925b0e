"""The browsers that visitors have (`townhall visitors --tested-set`): the pages most begin at, in each of their windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from journeys.browsing import Resident
from journeys.council import Council

BROWSERS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "tested_set.json").read_text())["browsers"]
SIZES = {(one["width"], one["height"], one["has_touch"], one["has_script"]) for one in BROWSERS}
PAGES = {
    "/": "What do you need?",
    "/services/fly-tipping": "Fly-tipping",
    "/report/fly-tipping/where": "Where is it?",
    "/account/sign-in": "Sign in",
}


@pytest.mark.capability("ACCT-06")
@pytest.mark.parametrize("window", sorted(SIZES), ids=str)
def test_pages_fit_the_windows_that_visitors_have(
    council: Council, browser: Browser, window: tuple[int, int, bool, bool]
) -> None:
    width, height, has_touch, has_script = window
    context = browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=has_touch,
        java_script_enabled=has_script,
        locale="en-GB",
    )
    visitor = Resident(page=context.new_page(), base=council.url, has_script=has_script)
    for path, heading in PAGES.items():
        visitor.open(path)
        visitor.look(heading)
        field = visitor.page.locator("main input:visible, main a:visible").first
        box = field.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width, f"{path} is cut off at {width} pixels"
    context.close()
