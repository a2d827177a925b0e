"""People of the staff with a browser each, signed in through the sign-in page with what the demo shows there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import Browser

from journeys.browsing import DESK, Resident, resident
from journeys.council import Council

PASSWORD = re.compile(r"password is (\S+?)\.\s")


@dataclass
class Staff:
    """Whoever is asked for signs in once, with their second code, and stays signed in for the other journeys."""

    council: Council
    browser: Browser
    here: dict[str, Resident] = field(default_factory=dict)

    def __call__(self, name: str) -> Resident:
        """The browser of, for example, "Priya Wherryman"."""
        if name not in self.here:
            self.here[name] = self._sign_in(name)
        return self.here[name]

    def _sign_in(self, name: str) -> Resident:
        who = resident(self.browser, self.council.url, width=DESK)
        who.open("/work/")
        who.look("Staff sign in")
        shown = PASSWORD.search(who.words())
        assert shown, "The demo's sign-in page shows its password."
        row = who.page.get_by_role("row").filter(has_text=name)
        who.page.get_by_label("Email address").fill(row.get_by_role("cell").first.inner_text())
        who.page.get_by_label("Password").fill(shown[1])
        who.press("Continue")
        who.look("Enter your sign-in code")
        code = who.page.get_by_role("row").filter(has_text=name).locator("code").inner_text()
        who.page.get_by_label("code").fill(code)
        who.press("Sign in")
        who.page.get_by_role("button", name="Sign out").wait_for()
        return who


def to_case(who: Resident, reference: str) -> None:
    """Find the case by its reference in the queue, and look at its page."""
    who.open("/work/")
    who.page.get_by_label("Find by reference").fill(reference)
    who.press("Find")
    at_case(who, reference)


def at_case(who: Resident, reference: str) -> None:
    """On the page of this case."""
    who.page.get_by_role("heading", name="What was asked").wait_for()
    assert reference in who.page.url
    who.look(heading_of(who))


def heading_of(who: Resident) -> str:
    return who.page.get_by_role("heading", level=1).inner_text()


def choose(who: Resident, move: str) -> None:
    """A next step of the case, which is a page of its own."""
    who.go(who.page.locator("section[aria-labelledby=next]").get_by_text(move, exact=True))
    who.look(move)


def said(who: Resident, words: str) -> None:
    """The page says that it was done."""
    who.page.get_by_role("alert").get_by_text(words).wait_for()
