"""Acceptance scenario 5: the same fly-tip, five reporters, one case; and all five are told when it is done, with a photo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from journeys.browsing import Resident, resident
from journeys.council import Council, link_in, words_of
from journeys.test_report import describe, send

STREET, NUMBER = "harbour", "1 "

MERGE = """
cases.merge(Case.objects.get(reference=second).pk, into_id=Case.objects.get(reference=first).pk, by=officer, at=now())
"""
FINISH = """
from io import BytesIO
from PIL import Image
from django.core.files.uploadedfile import SimpleUploadedFile
from townhall.files import operations as files
content = BytesIO()
Image.new("RGB", (640, 480), "seagreen").save(content, "JPEG")
case = Case.objects.get(reference=first)
cases.accept(case.pk, by=officer, at=now())
photo = files.store(SimpleUploadedFile("after.jpg", content.getvalue()), about=case.subject, purpose="after", by=officer,
                    at=now(), case_id=case.pk)
files.approve(photo.pk, by=officer, at=now())
cases.complete(case.pk, outcome_code="cleared", outcome_text="All cleared and swept.", by=officer, at=now())
cases.tell(case.pk, by=officer, at=now())
"""


def say_where(who: Resident) -> None:
    """The fly-tipping journey as far as the place: the first address that a search for a street gives."""
    who.open("/report/fly-tipping")
    who.look("Where is it?")
    who.page.get_by_label("Postcode, address or street").fill("3 mill lane")
    who.press("Find it")
    who.page.locator("input[name=choice][value^=address]").first.check()
    who.press("Continue")


def report_it(who: Resident, *, name: str, email: str) -> str:
    if "/nearby" in who.page.url:
        who.page.get_by_role("button", name="No, mine is new").click()
    describe(who)
    who.press("Continue")
    return send(who, name=name, email=email)


@pytest.mark.capability("REPT-03", "REPT-05", "CASE-05")
def test_five_reporters_of_one_fly_tip(council: Council, browser: Browser) -> None:
    addresses = [f"{name}.five@example.org" for name in ("ada", "ben", "cat", "dev", "eve")]
    ada = resident(browser, council.url)
    say_where(ada)
    first = report_it(ada, name="Ada Five", email=addresses[0])

    # Three see it near by and follow it instead.
    for address in addresses[1:4]:
        neighbour = resident(browser, council.url)
        say_where(neighbour)
        neighbour.look("Is it one of these?")
        card = neighbour.page.locator(".th-card", has_text=first)
        form = card.locator("form")
        if not form.is_visible():
            card.locator("summary").click()
        form.get_by_label("Your email address").fill(address)
        form.get_by_role("button", name="Follow this report").click()
        neighbour.page.get_by_text("You follow this report. We have sent you an email.").wait_for()
        neighbour.look("Fly-tipping")

    # One slips through, and is merged by an officer.
    eve = resident(browser, council.url)
    say_where(eve)
    second = report_it(eve, name="Eve Five", email=addresses[4])
    assert second != first
    council.as_officer(MERGE, first=first, second=second)
    eve.open(f"/r/{second}")
    eve.look("Fly-tipping")
    assert first in eve.words()

    council.as_officer(FINISH, first=first)

    # Ada and her followers: received or following, accepted, done. Eve: received, joined, accepted, done.
    for address, count in zip(addresses, (3, 3, 3, 3, 4), strict=True):
        mails = council.mails_to(address, count=count)
        done = mails[-1]
        assert str(done["Subject"]).startswith("Done: ")
        assert "All cleared and swept." in words_of(done)
        told = resident(browser, council.url)
        told.open(link_in(done))
        told.look("Fly-tipping")
        assert "Done: Cleared" in told.words()
        photo = told.page.get_by_role("img", name="After the work")
        photo.scroll_into_view_if_needed()
        assert (
            told.page.evaluate("async () => (await fetch(document.querySelector('.th-photo img').src)).status") == 200
        )
        assert told.page.get_by_role("button", name="It is not fixed").is_visible()

    # The one who finds it again says so, and the same case is open again.
    ben = resident(browser, council.url)
    ben.open(link_in(council.mails_to(addresses[1], count=3)[-1]))
    ben.page.get_by_label("What is still wrong?").fill("A mattress is still there")
    ben.press("It is not fixed")
    ben.page.get_by_text("We have opened your report again.").wait_for()
    ben.look("Fly-tipping")
    assert "Opened again" in ben.words()
