"""A neighbour finds an application near home, sees where it is, says what they think, and is told how it was decided."""

from __future__ import annotations

import csv
import io
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from journeys.browsing import DESK, SMALL_PHONE, resident
from journeys.council import Council, words_of
from journeys.staff import Staff, said


def decided(council: Council, reference: str, folder: Path) -> Path:
    """The council's own open data of this application, with the department's decision in it."""
    with urllib.request.urlopen(f"{council.url}/planning.csv?kind=planning", timeout=30) as answer:
        rows = list(csv.DictReader(io.TextIOWrapper(answer, encoding="utf-8")))
    [row] = [row for row in rows if row["casereference"] == reference]
    path = folder / "decisions.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row))
        writer.writeheader()
        writer.writerow(
            {**row, "status": "Decided", "decision": "Granted with conditions", "decisiondate": "2026-03-02"}
        )
    return path


@pytest.mark.capability("FORM-11")
def test_an_application_is_found_commented_on_and_followed(
    council: Council, browser: Browser, staff: Staff, tmp_path: Path
) -> None:
    kit = resident(browser, council.url, width=SMALL_PHONE)
    kit.open("/")
    kit.follow("Bin days, planning, events and councillors near your address")
    kit.look("What is near me")
    kit.page.get_by_label("Postcode or address").fill("12 mill lane")
    kit.press("Find it")
    if "uprn=" not in kit.page.url:
        kit.look("What is near me")
        kit.follow("12 Mill Lane")
    kit.look("Near 12 Mill Lane")
    assert "metres away" in kit.words()
    assert "Your councillors" in kit.words()
    kit.page.get_by_role("img", name="Map of the applications above").wait_for()
    kit.follow("Search all applications")
    kit.page.get_by_label("Kind").select_option("planning")
    kit.page.get_by_label("Only those not decided yet").check()
    kit.press("Search")
    kit.look("Planning and licensing")
    kit.page.get_by_role("img", name="Map of the applications above").wait_for()
    kit.go(kit.page.locator(".th-card a").first)
    kit.page.get_by_role("heading", name="Progress").wait_for()
    heading = kit.page.get_by_role("heading", level=1).inner_text()
    kit.look(heading)
    reference = kit.page.locator(".govuk-summary-list__value").first.inner_text()

    kit.page.get_by_label("Email address").fill("kit.journey@example.org")
    kit.press("Follow")
    kit.page.get_by_text("You follow this application").wait_for()
    kit.press("Comment on this application")
    kit.look("Comment on this application")
    kit.press("Send my comment")
    assert kit.page.title().startswith("Error: ")
    kit.look("Comment on this application")
    kit.page.get_by_label("I object").check()
    kit.page.get_by_label("Your comment").fill("It would take the light from our garden.")
    kit.page.get_by_label("Your name").fill("Kit Journey")
    kit.page.get_by_label("Your address").fill("12 Mill Lane")
    kit.page.get_by_label("Publish my name").check()
    kit.press("Send my comment")
    kit.page.get_by_text("We have your comment").wait_for()
    item = kit.page.url.partition("?")[0]
    assert "light from our garden" not in kit.words()

    priya = staff("Priya Wherryman")
    priya.open("/work/comments")
    priya.look("Comments on applications")
    mine = priya.page.locator("section").filter(has_text="Kit Journey")
    priya.go(mine.get_by_role("button", name="Publish it"))
    said(priya, "The comment is published.")
    kit.open(item)
    kit.page.get_by_role("heading", name="Comments").wait_for()
    assert "light from our garden" in kit.words()

    council.run(
        "import", "planning", str(decided(council, reference, tmp_path)), "--errors", str(tmp_path / "errors.csv")
    )

    [mail] = council.mails_to("kit.journey@example.org", count=1, about=reference)
    assert "Granted with conditions" in words_of(mail)
    assert item in words_of(mail)
    kit.open(item)
    kit.look(heading)
    assert "Granted with conditions" in kit.words()
    assert "Comments on this application are closed" in kit.words()


def test_what_is_near_without_javascript_and_each_page_on_a_desk(council: Council, browser: Browser) -> None:
    plain = resident(browser, council.url, script=False)
    plain.open("/planning?q=extension")
    plain.look("Planning and licensing")
    plain.go(plain.page.locator(".th-card a").first)
    plain.page.get_by_role("heading", name="Progress").wait_for()
    plain.open("/near-me?q=mill+lane")
    plain.follow("2 Mill Lane")
    plain.look("Near ")
    plain.page.get_by_label("How far").select_option("1 mile")
    plain.press("Show")
    plain.look("Near ")

    desk = resident(browser, council.url, width=DESK)
    pages = {"/near-me": "What is near me", "/planning": "Planning and licensing", "/wards": "Wards and councillors"}
    for path, heading in pages.items():
        desk.open(path)
        desk.look(heading)
    desk.follow("Harbour")
    desk.look("Harbour ward")
    desk.go(desk.page.locator(".th-card a[href^='/planning/']").first)
    desk.page.get_by_role("heading", name="Progress").wait_for()
    desk.look(desk.page.get_by_role("heading", level=1).inner_text())
