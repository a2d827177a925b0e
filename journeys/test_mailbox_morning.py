"""A mailbox morning: two hundred mails are acknowledged and routed by themselves; the rest is read, sent on, answered and filed by hand."""

from __future__ import annotations

import base64
import json
import secrets
import time

from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, resident
from journeys.council import Council, words_of
from journeys.mails import BOX, morning
from journeys.staff import Staff

MANY = 200
_TAKE_IN = """
import base64, json, pathlib
from townhall.core.time import now
from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations import take_in
box = Mailbox.objects.get(address=address)
mails = json.loads(pathlib.Path(path).read_text())
print(sum(take_in(base64.b64decode(one), box, at=now()) for one in mails))
"""
_STANDING = """
from collections import Counter
from townhall.mailroom.models import Mail
print(dict(Counter(Mail.objects.filter(message_id__startswith="<" + mark).values_list("done", flat=True))))
"""


def standing(council: Council, mark: str) -> dict[str, int]:
    """What became of this morning's mails, once nothing of them waits for the worker."""
    deadline = time.monotonic() + 240
    while True:
        found: dict[str, int] = eval(council._python(_STANDING, mark=mark), {"__builtins__": {}})
        if not found.get("") or time.monotonic() > deadline:
            return found
        time.sleep(2)


def test_two_hundred_mails_of_a_morning(council: Council, browser: Browser, staff: Staff) -> None:
    mark = secrets.token_hex(3)
    raws = list(morning(MANY, mark=mark))
    kept = council.data / f"morning-{mark}.json"
    kept.write_text(json.dumps([base64.b64encode(one).decode() for one in raws]))
    taken = council._python(_TAKE_IN, address=BOX, path=str(kept))
    assert taken == str(MANY)
    found = standing(council, mark)
    machines = found["automatic"] + found["list"] + found["bounce"]
    assert sum(found.values()) == MANY
    assert machines == 19  # they get no answer
    assert found["case"] >= 75  # potholes go by the council's rule
    assert found["case"] + found["triage"] == MANY - machines

    amina = staff("Amina Larkspur")
    amina.open("/work/mail")
    amina.look("Mail")
    asked = amina.page.get_by_role("link", name=f"({mark}-2)")
    amina.open("/work/mail?done=all")
    while not asked.count():
        amina.follow("Older")
    subject = asked.first.inner_text()
    asked.first.click()
    amina.look(subject)
    ben = staff("Ben Thistlewood")
    ben.open(amina.page.url.removeprefix(council.url))
    ben.page.get_by_text("Amina Larkspur has this mail open").wait_for()

    amina.page.get_by_label("Service", exact=True).select_option("pothole")
    amina.press("Send it there")
    amina.page.get_by_text("The mail is with the service that it is for.").wait_for()
    amina.page.get_by_label("Your reply").fill("Hello, the form is attached.")
    amina.press("Send the reply")
    amina.look(subject)
    amina.page.get_by_text("Look again before it goes").wait_for()
    amina.page.get_by_label("Your reply").fill("Hello, our team for the road answers you about this within the week.")
    amina.page.get_by_label("I have looked at this").check()
    amina.press("Send the reply")
    amina.page.get_by_text("Your reply is on its way.").wait_for()
    amina.look(subject)
    acknowledged, moved, answered = council.mails_to(f"m2.{mark}@example.org", count=3)
    assert "within 2 working days" in words_of(acknowledged)
    assert str(answered["In-Reply-To"]) == f"<{mark}-2@example.org>"
    assert "our team for the road" in words_of(answered)
    assert words_of(moved) != words_of(answered)

    moira = staff("Moira Quillfeather")
    moira.open("/work/mail/boxes")
    moira.look("Mailboxes")
    moira.follow(BOX)
    moira.look(BOX)
    moira.open("/work/mail/routing")
    moira.look("How mail is routed")
    phone = resident(browser, council.url, width=SMALL_PHONE)
    phone.open("/services/pothole/ask")
    phone.look("Ask about pothole")
