"""A way in that is closed for a service, as the manager, the public, the phone line and the adviser meet it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_key, make_user, sign_in
from townhall.contacts.models import Contact
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.inclusion.models import ChannelException, ChannelRestriction
from townhall.inclusion.tests.makers import make_adviser, make_dana
from townhall.ledger.models import Entry
from townhall.penalties.models import Appeal
from townhall.penalties.tests.makers import make_notice

pytestmark = pytest.mark.django_db
REASON = "Advisers cannot see the pictures that an appeal turns on."
DRAFT = {
    "service": "penalty-notices",
    "channel": "phone",
    "reason": REASON,
    "alternative": "web",
    "alternative_words": "www.aldermere.example/penalty",
}
WHOLE = {
    **DRAFT,
    "impact": "Blind people cannot see the pictures: an adviser describes them, by exception.",
    "assessed_on": "2026-01-05",
    "review_on": "2099-01-05",
    "do": "live",
}


def at_work(user_id: str | UUID) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=user_id))
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def send(client: Client, path: str, data: dict[str, Any], *, status: int = 302) -> Any:
    answer = client.post(path, data)
    assert answer.status_code == status, (path, answer.status_code, answer.content.decode()[:3000])
    return answer


def call_from(client: Client, customer_id: object = "") -> str:
    send(client, "/work/desk/contacts/new", {"customer": str(customer_id), "channel": "phone"})
    return f"/work/desk/contacts/{Contact.objects.latest('started_at').pk}"


def close_by_phone(manager: Client, **fields: str) -> str:
    send(manager, "/work/inclusion/restrictions", {**DRAFT, **fields})
    path = f"/work/inclusion/restrictions/{ChannelRestriction.objects.latest('made_at').pk}"
    send(manager, path, {**WHOLE, **fields})
    forget_all()
    return path


@pytest.mark.capability("CHAN-10")
def test_a_blind_caller_is_granted_a_recorded_exception_to_the_closed_phone_route() -> None:
    """Acceptance scenario 8's exception: the adviser route is closed, a motorist appeals online, a blind caller by phone."""
    notice, at = make_notice(at=now()), now()
    adviser, manager = at_work(make_adviser(at).id), at_work(make_user(roles=(Role.TEAM_MANAGER,)).pk)
    send(manager, "/work/inclusion/restrictions", DRAFT)
    kept = f"/work/inclusion/restrictions/{ChannelRestriction.objects.get().pk}"
    refused = send(manager, kept, {**DRAFT, "do": "live"}, status=422).content.decode()
    for words in ("Write the equality impact record first", "Say when the impact was assessed", "Set a day to come"):
        assert words in refused
    send(manager, kept, WHOLE)
    forget_all()
    assert "Ways in that are closed" in page(manager, "/work/inclusion")
    assert adviser.get("/work/inclusion/restrictions").status_code == 403

    public = page(Client(), "/penalty")
    for words in ("Closed: Phone, with an adviser.", REASON, "You can use: Website, Phone, automated line"):
        assert words in public, words

    caller = {
        "ground": Appeal.Ground.values[0],
        "words": "The sign was covered.",
        "name": "Dana",
        "email": "d@example.org",
    }
    caller |= {"number": notice.number, "mark": notice.mark}
    blind = make_dana("braille", at=at)
    talk = call_from(adviser, blind.pk)
    here = page(adviser, talk)
    assert "Not by this way" in here
    assert REASON in here
    closed = f"{talk}/closed/penalty-notices"
    assert adviser.get(f"{talk}/penalty")["Location"] == closed
    assert send(adviser, f"{talk}/penalty", caller)["Location"] == closed
    assert not Appeal.objects.exists()
    assert "Braille" in page(adviser, closed)
    assert "Say why they cannot" in send(adviser, closed, {"why": ""}, status=422).content.decode()
    send(adviser, closed, {"why": "Blind: cannot see the pictures online"})
    granted = ChannelException.objects.get()
    assert (granted.customer_id, granted.contact_id) == (blind.pk, UUID(talk.rsplit("/", 1)[1]))
    send(adviser, f"{talk}/penalty", caller)
    assert Appeal.objects.get().notice_id == notice.pk
    assert Entry.objects.filter(verb="restriction.excepted", customer_id=blind.pk).exists()
    watched = page(manager, kept)
    assert "Blind: cannot see the pictures online" in watched
    assert "Braille: 1" in watched

    nobody = call_from(adviser)
    assert "an exception is granted to a customer" in page(adviser, f"{nobody}/closed/penalty-notices")
    assert send(adviser, f"{nobody}/penalty", caller)["Location"] == f"{nobody}/closed/penalty-notices"
    send(manager, f"{kept}/end", {})
    forget_all()
    assert "Number of the notice" in page(adviser, f"{nobody}/penalty")


def test_a_service_closed_online_says_why_takes_no_report_there_and_tells_the_phone_line() -> None:
    make_notice(at=now())
    adviser, manager = at_work(make_adviser(now()).id), at_work(make_user(roles=(Role.TEAM_MANAGER,)).pk)
    code = "parking-permit"
    close_by_phone(manager, service=code, channel="web", alternative="counter", alternative_words="Any centre")
    shown = page(Client(), f"/services/{code}")
    assert REASON in shown
    assert "Start now" not in shown
    assert "Any centre" in shown
    assert Client().get(f"/report/{code}").status_code in (302, 404)
    close_by_phone(manager, service=code, channel="phone", alternative="counter", alternative_words="Any centre")
    talk = call_from(adviser)
    assert adviser.get(f"{talk}/report/{code}")["Location"] == f"{talk}/closed/{code}"
    line = Client(headers={"Authorization": f"Bearer {make_key('payments.phone')}"})
    said = line.get("/api/v1/phone/route", {"service": code}).json()
    assert (said["is_open"], said["reason"], said["how"]) == (False, REASON, "Any centre")
    assert said["open"][0] == "Face to face"
    assert line.get("/api/v1/phone/route", {"service": code, "way": "counter"}).json()["is_open"] is True
