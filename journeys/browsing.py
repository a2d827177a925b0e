"""A resident with a browser: pages are looked at by axe as they are met, and nothing may scroll sideways."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Position

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
    "--use-gl=angle",
    "--use-angle=swiftshader",
]
PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
AXE = Axe()
ALL_PARTS_CAME = "[...document.querySelectorAll('[data-part]')].every(part => !part.querySelector(':scope > p > a'))"
SCREENSHOTS = os.environ.get("JOURNEY_SCREENSHOTS", "")  # a folder, to look at what was walked


@dataclass
class Resident:
    """Somebody's browser. `looked` counts the pages that were checked."""

    page: Page
    base: str
    has_script: bool = True
    complaints: list[str] = field(default_factory=list)
    looked: int = 0

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.base + path)

    def look(self, heading: str) -> None:
        """On the page whose heading begins so: no accessibility violation, no sideways scroll, nothing in the console."""
        begins = re.compile(rf"^\s*{re.escape(heading)}")  # "Sign in to your account" is not the page "Your account"
        self.page.get_by_role("heading", name=begins, level=1).wait_for()
        self.looked += 1
        self._keep(heading)
        if self.has_script:
            self.page.wait_for_load_state()
            self._wait_for_parts()
            found = AXE.run(self.page).response["violations"]
            assert not found, [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
            wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{self.page.url} scrolls {wide} pixels sideways"
        assert not self.complaints, self.complaints

    def _wait_for_parts(self) -> None:
        """Asked again and again from here: the page's own policy lets no script wait for it there."""
        for _look in range(600):
            if self.page.evaluate(ALL_PARTS_CAME):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"A part of {self.page.url} did not come.")

    def go(self, door: Locator, *, at: Position | None = None) -> None:
        """Click what leads to a page, and be there: on the new page once all of it has come, even if it is the same again."""
        with self.page.expect_navigation():
            door.click(position=at)

    def press(self, name: str, *, exact: bool = True) -> None:
        self.go(self.page.get_by_role("button", name=name, exact=exact))

    def follow(self, name: str) -> None:
        self.go(self.page.get_by_role("link", name=name).first)

    def sees(self, picture: Locator) -> None:
        """The picture has come whole. Asked from here: the page's policy lets no script wait for it there."""
        picture.scroll_into_view_if_needed()
        deadline = time.monotonic() + 60
        while not picture.evaluate("image => image.complete && image.naturalWidth > 0"):
            assert time.monotonic() < deadline, f"{picture} does not come on {self.page.url}"
            self.page.wait_for_timeout(100)

    def until(self, words: str, *, seconds: float = 120) -> None:
        """Open the page again until it says so: what the worker, or another system, has still to do."""
        deadline = time.monotonic() + seconds
        while words not in self.words():
            assert time.monotonic() < deadline, f"“{words}” is not on {self.page.url}: {self.words()[:2000]}"
            self.page.wait_for_timeout(500)
            self.page.reload()

    def words(self) -> str:
        return self.page.inner_text("main")

    def _keep(self, heading: str) -> None:
        if SCREENSHOTS:
            name = "".join(letter if letter.isalnum() else "-" for letter in heading.lower())[:40]
            self.page.screenshot(path=Path(SCREENSHOTS) / f"{self.looked:02d}-{name}.png", full_page=True)


def resident(browser: Browser, base: str, *, script: bool = True, width: dict[str, int] | None = None) -> Resident:
    """A fresh browser of somebody new, with a phone unless told otherwise."""
    size = width or PHONE
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, java_script_enabled=script, locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    made = Resident(page=page, base=base, has_script=script)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda message: _complain(made, message.type, message.text))
    return made


def _complain(made: Resident, kind: str, text: str) -> None:
    """A form sent back with a problem is answered 422, which the console calls an error."""
    if kind == "error" and "422" not in text:
        made.complaints.append(text)
