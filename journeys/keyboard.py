"""Somebody who has no mouse: everything is reached by Tab and the arrows, and pressed by Enter or Space."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator
from playwright.sync_api import TimeoutError as NotInTime

from journeys.browsing import Resident

MOST_TABS = 200  # more than any page has places to stop at
HAS_FOCUS = "element => element === document.activeElement"
IN_GROUP = "name => document.activeElement.type === 'radio' && document.activeElement.name === name"
CHOSEN = "box => box.selectedOptions[0].text.trim()"
IS_SEEN = """element => { const box = element.getBoundingClientRect();
    return box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth }"""


def reach(who: Resident, wanted: Locator) -> None:
    """Go there by Tab. Wherever it goes, it is in sight."""
    wanted.wait_for()
    for _ in range(MOST_TABS):
        if wanted.evaluate(HAS_FOCUS):
            break
        who.page.keyboard.press("Tab")
    assert wanted.evaluate(HAS_FOCUS), f"{wanted} cannot be reached by Tab on {who.page.url}"
    assert wanted.evaluate(IS_SEEN), f"{wanted} has the focus out of sight on {who.page.url}"


def enter(who: Resident, role: str, name: str) -> None:
    """Reach a button or a link and press it."""
    found = who.page.get_by_role("button" if role == "button" else "link", name=name, exact=role == "button")
    reach(who, found.first)
    submit(who)


def submit(who: Resident) -> None:
    """Enter, in a box or on what has the focus; and be on the page that it leads to."""
    with who.page.expect_navigation():
        who.page.keyboard.press("Enter")


def type_into(who: Resident, label: str, words: str) -> None:
    """The box whose label begins so. What stands in it is replaced."""
    reach(who, who.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")))
    who.page.keyboard.press("Control+A")
    who.page.keyboard.type(words)


def pick(who: Resident, radio: Locator) -> None:
    """A radio button: Tab reaches its group, the arrows the one that is wanted."""
    name = radio.get_attribute("name")
    for _ in range(MOST_TABS):
        if who.page.evaluate(IN_GROUP, name):
            break
        who.page.keyboard.press("Tab")
    for _ in range(MOST_TABS):
        if radio.evaluate(HAS_FOCUS):
            break
        who.page.keyboard.press("ArrowDown")
    if not radio.is_checked():
        who.page.keyboard.press("Space")
    assert radio.is_checked(), f"{name} cannot be chosen by keyboard on {who.page.url}"


def pick_in(who: Resident, group: str, answer: str) -> None:
    pick(who, who.page.get_by_role("group", name=group).get_by_label(answer, exact=True))


def tick(who: Resident, label: str) -> None:
    box = who.page.get_by_label(label)
    reach(who, box)
    who.page.keyboard.press("Space")
    assert box.is_checked()


def give_file(who: Resident, file: FilePayload) -> None:
    """The script shows a button in the place of the browser's own field, once it has loaded."""
    button = who.page.locator(".govuk-file-upload-button")
    button.wait_for()
    reach(who, button)
    try:
        _choose(who, file, within=15_000)
    except NotInTime:  # the browser opened the window of the desktop before it was told that we choose: press again
        _choose(who, file, within=60_000)


def _choose(who: Resident, file: FilePayload, *, within: float) -> None:
    """within: milliseconds. Raises NotInTime."""
    with who.page.expect_file_chooser(timeout=within) as chooser:
        who.page.keyboard.press("Enter")
    chooser.value.set_files([file])


def shortcut(who: Resident, key: str) -> None:
    """The key after `g` that leads somewhere."""
    who.page.keyboard.press("g")
    with who.page.expect_navigation():
        who.page.keyboard.press(key)


def jump(who: Resident, key: str, to: Locator) -> None:
    """The key after `g` that goes to a part of the page."""
    who.page.keyboard.press("g")
    who.page.keyboard.press(key)
    to.wait_for()
    assert to.evaluate(HAS_FOCUS), f"g {key} does not lead to {to} on {who.page.url}"


def choose(who: Resident, label: str, option: str) -> None:
    """A list to choose from: the arrows reach the option that begins so."""
    box = who.page.get_by_role("combobox", name=re.compile(rf"^\s*{re.escape(label)}"))
    reach(who, box)
    who.page.keyboard.press("Home")
    for _ in range(MOST_TABS):
        if box.evaluate(CHOSEN).startswith(option):
            return
        who.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{option} cannot be chosen by keyboard on {who.page.url}: {box.evaluate(CHOSEN)}")
