from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from journeys.browsing import ARGUMENTS, CHROMIUM
from journeys.council import Council, running
from journeys.staff import Staff


@pytest.fixture(scope="session")
def council() -> Iterator[Council]:
    """One whole Townhall for all journeys. Every journey ends with the proofs, so each stands on a sound one.

    JOURNEY_URL and JOURNEY_DATA name a demo that is running already, for writing journeys.
    """
    if "JOURNEY_URL" in os.environ:
        yield Council(url=os.environ["JOURNEY_URL"], data=Path(os.environ["JOURNEY_DATA"]))
        return
    with (
        tempfile.TemporaryDirectory(prefix="townhall-journey-", ignore_cleanup_errors=True) as folder,
        running(Path(folder)) as made,
    ):
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("no Chromium here, and the journeys need one: set CHROMIUM or install it")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def staff(council: Council, browser: Browser) -> Staff:
    return Staff(council=council, browser=browser)


@pytest.fixture(autouse=True)
def _doors_closed(browser: Browser, staff: Staff) -> Iterator[None]:
    """Whoever came leaves with the journey: open pages go on drawing maps and asking the server. The staff stay signed in."""
    yield
    staying = [who.page.context for who in staff.here.values()]
    for context in browser.contexts:
        if context not in staying:
            context.close()
    for who in staff.here.values():
        who.page.goto("about:blank")


@pytest.fixture(autouse=True)
def _proofs(council: Council) -> Iterator[None]:
    yield
    council.prove()
