"""Out of hours: the answering partner follows the script, the urgent part is paged, and the rest is on the right list in the morning."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import PostHolder, Role, User
from townhall.accounts.tests.makers import make_key, make_user, sign_in
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_council, make_post, make_staff
from townhall.catalogue import queries as catalogue
from townhall.clocks.models import ClosedDay
from townhall.connectors import inbound, signing
from townhall.connectors.models import Connector, InboundEvent
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.inclusion.models import ChannelRestriction
from townhall.notifications.models import Message
from townhall.places.models import OpeningHours
from townhall.telephony import views as on_call_page
from townhall.telephony.models import NightCall, NightPage, NightService
from townhall.telephony.night import paging, queries, receiving, report, rota
from townhall.workspace import previews
from townhall.workspace.views import phone_night

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 3, 3, 7, 20, tzinfo=UTC)
MINUTES = timedelta(minutes=1)


class Clock:
    at = TUESDAY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the pages take for now."""
    kept = Clock()
    for module in (phone_night, on_call_page):
        monkeypatch.setattr(module, "now", lambda: kept.at)
    return kept


@pytest.fixture(autouse=True)
def _council(settings: Any) -> None:
    settings.TEXT_PROVIDER = "demo"
    seed_reference_data()
    make_council()
    Connector.objects.create(code="partner", name="Partner", kind="answering", base_url="", created_at=TUESDAY)
    NightService.objects.create(
        service_code="fly-tipping", urgent_when="It blocks a road", script="Ask where it is and whether cars can pass."
    )


def on_call(name: str, position: int, phone: str) -> User:
    user = make_user(name=name)
    rota.add_turn(
        "fly-tipping",
        email=user.email,
        phone=phone,
        starts_at=TUESDAY - timedelta(days=1),
        ends_at=TUESDAY + timedelta(days=3),
        position=position,
        by=SYSTEM,
        at=TUESDAY,
    )
    return user


def tell(content: dict[str, Any], *, name: str, at: datetime) -> None:
    """A signed message of the partner."""
    body = json.dumps(content).encode()
    signed = signing.headers(signing.secret_of("partner"), message_id=name, at=at, body=body)
    inbound.receive_event("partner", name, signed["webhook-signature"], signed["webhook-timestamp"], body, at=at)
    assert not InboundEvent.objects.exclude(state="handled").exists()


def night_call(number: str, *, at: datetime, urgent: bool = False, words: str = "A sofa", **more: Any) -> None:
    one = {
        "call": number,
        "service": "fly-tipping",
        "started": at.isoformat(),
        "words": words,
        "urgent": urgent,
        **more,
    }
    tell({"kind": "night.calls", "calls": [one]}, name=f"m-{number}-{at.timestamp()}", at=at)


def signed_in(by: User) -> Client:
    client = Client()
    sign_in(client, by)
    return client


@pytest.mark.capability("HOUR-06", "HOUR-07")
def test_the_call_at_twenty_past_seven(clock: Clock) -> None:
    """Scenario 10: the partner follows the script, the urgent part is paged, the rest waits on the right list, and the half-hour shows."""
    first, second = on_call("Ada First", 1, "07700 900001"), on_call("Bo Second", 2, "07700 900002")
    partner = Client(headers={"Authorization": f"Bearer {make_key('answering')}"})
    [script] = partner.get("/api/v1/answering/services").json()
    assert (script["service"], script["urgent_when"]) == ("fly-tipping", "It blocks a road")
    assert "07700" not in json.dumps(script)

    answers = {"Can cars pass?": "No"}
    night_call(
        "n1", at=TUESDAY, urgent=True, words="Rubble on the road", answers=answers, name="Sam", phone="01632 960123"
    )
    night_call("n1", at=TUESDAY + MINUTES, urgent=True)  # told again
    night_call("n2", at=TUESDAY + 5 * MINUTES, words="A sofa on the verge")

    text = Message.objects.get(template="staff/paged")
    assert (text.channel, text.recipient_address) == ("text", "+447700900001")
    paging.sweep(TUESDAY + 9 * MINUTES)
    assert NightPage.objects.count() == 1
    paging.sweep(TUESDAY + 10 * MINUTES)  # the first did not answer
    paging.sweep(TUESDAY + 10 * MINUTES)
    assert list(NightPage.objects.order_by("at").values_list("user", flat=True)) == [first.pk, second.pk]
    paged = NightPage.objects.get(user=second)

    clock.at = TUESDAY + 12 * MINUTES
    link = f"/on-call/{paged.token}"
    assert link in Message.objects.get(recipient_address="+447700900002").body_text
    assert paged.token not in previews.without_token(text.body_text + link)  # nobody else answers from the case's page
    page = Client().get(link).content.decode()
    assert "Rubble on the road" in page
    assert "I have it" in page
    Client().post(link)
    assert "You have it" in Client().get(link).content.decode()
    assert (
        "Somebody else has it" in Client().get(f"/on-call/{NightPage.objects.get(user=first).token}").content.decode()
    )
    paging.sweep(TUESDAY + 60 * MINUTES)
    assert NightPage.objects.count() == 2  # nobody else is paged
    Client().post(link, {"outcome": "Coned off until the crew comes"})

    clock.at = TUESDAY + 70 * MINUTES  # half past eight
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    desk = signed_in(User.objects.get(pk=officer.id))
    listed = desk.get("/work/phone/night").content.decode()
    assert listed.index("Rubble on the road") < listed.index("A sofa on the verge")  # the urgent first
    assert "Coned off until the crew comes" in listed
    assert "Bo Second" in listed
    queue = desk.get("/work/").content.decode()
    for case in Case.objects.all():
        assert case.reference in queue
    assert [one.channel_id for one in Contact.objects.all()] == ["phone", "phone"]
    urgent = NightCall.objects.get(external_id="n1")
    assert urgent.contact.started_at == TUESDAY
    assert "Can cars pass?: No" in urgent.case.description
    assert urgent.case.priority > NightCall.objects.get(external_id="n2").case.priority

    rows = report.demand(first_on=TUESDAY.date(), last_on=TUESDAY.date())
    assert [(one.window, one.half_hour, one.outcome, one.calls) for one in rows] == [
        ("early", time(7), "morning", 1),
        ("early", time(7), "paged_settled", 1),
    ]
    committee = signed_in(make_user(roles=(Role.PORTFOLIO_HOLDER,)))
    shown = committee.get("/work/phone/night/report?month=2026-03").content.decode()
    assert "Early, 07:00 to 08:30: 2 calls" in shown
    file = b"".join(committee.get("/work/phone/night/report.csv?month=2026-03")).decode()
    assert '2026-03,"Early, 07:00 to 08:30",07:00,Fly-tipping,Left for the morning,1' in file


def test_nobody_on_call_and_nobody_who_answers_reach_the_senior_manager() -> None:
    senior = make_user(email="senior@example.org")

    post = make_post(catalogue.service("fly-tipping").senior_manager, team="management", role=Role.SENIOR_MANAGER)
    PostHolder.objects.create(post=post, user=senior, from_on="2020-01-01")
    night_call("n1", at=TUESDAY, urgent=True)
    assert Message.objects.get(template="staff/paged").recipient_address == "senior@example.org"
    one = on_call("Ada First", 1, "07700 900001")
    night_call("n2", at=TUESDAY, urgent=True)
    for round_ in range(1, 4):
        paging.sweep(TUESDAY + 10 * round_ * MINUTES)
    pages = NightPage.objects.filter(call__external_id="n2")
    assert pages.filter(user=one).count() >= 3  # again and again
    assert pages.filter(user=None).count() == 1  # once
    tell({"kind": "night.taken", "call": "n2", "by": one.name}, name="taken", at=TUESDAY + 31 * MINUTES)
    assert NightCall.objects.get(external_id="n2").taken_by_id == one.pk


def test_standby_hours_that_nobody_covers_are_flagged_and_only_managers_change_the_rota(clock: Clock) -> None:
    hours = [
        (4, time(16, 45), time(23, 59)),
        (5, time(0), time(23, 59)),
        (6, time(0), time(23, 59)),
        (0, time(0), time(8, 45)),
    ]
    for weekday, opens, closes in hours:
        OpeningHours.objects.create(
            service_code="fly-tipping", channel="standby", weekday=weekday, opens=opens, closes=closes
        )
    forget_all()
    on_call("Ada First", 1, "07700 900001")  # until Friday, 07:20
    friday = datetime(2026, 3, 6, 16, 45, tzinfo=UTC)
    gap = rota.gaps(at=TUESDAY)[0]
    assert (gap.since, gap.until) == (friday, datetime(2026, 3, 9, 8, 45, tzinfo=UTC))

    manager = signed_in(make_user(roles=(Role.TEAM_MANAGER,)))
    typed = {"service": "fly-tipping", "email": "nobody@example.org", "phone": "x", "from_on": "2026-03-06"}
    typed |= {"from_at": "16:45", "until_on": "2026-03-08", "until_at": "12:00", "position": "1"}
    assert "Nobody on the staff has this email address" in manager.post("/work/phone/on-call", typed).content.decode()
    good = typed | {"email": make_user().email, "phone": "07700 900003"}
    manager.post("/work/phone/on-call", good)
    assert rota.gaps(at=TUESDAY)[0].since == datetime(2026, 3, 8, 12, tzinfo=UTC)
    adviser = signed_in(make_user(roles=(Role.ADVISER,)))
    adviser.post("/work/phone/on-call", good)
    assert "Put on call" not in adviser.get("/work/phone/on-call").content.decode()
    assert rota.gaps(at=TUESDAY)[0].since == datetime(2026, 3, 8, 12, tzinfo=UTC)


def test_a_call_that_the_partner_took_is_kept_though_the_phone_is_closed_for_the_service() -> None:
    ChannelRestriction.objects.create(
        service_code="fly-tipping",
        channel="phone",
        reason="Photos are needed.",
        impact="Read and accepted",
        assessed_on=TUESDAY.date(),
        alternative="web",
        alternative_words="The website",
        review_on=TUESDAY.date(),
        state="live",
        made_by=UUID(int=1),
        made_at=TUESDAY,
        live_at=TUESDAY,
    )
    forget_all()
    night_call("n1", at=TUESDAY, name="Sam Okafor", address="12 Harbour Row")
    assert Case.objects.get().origin_channel == "phone"


def test_the_automated_line_hears_a_status_in_words_that_tell_nothing_of_anybody() -> None:
    night_call("n1", at=TUESDAY, name="Sam Okafor", address="12 Harbour Row")
    reference = Case.objects.get().reference
    line = Client(headers={"Authorization": f"Bearer {make_key('payments.phone')}"})
    told = line.get("/api/v1/phone/status", {"reference": reference.replace("-", " ").lower()}).json()
    assert told["words"].startswith("Fly-tipping: Awaiting decision. We expect to deal with it by ")
    assert "Harbour" not in str(told)
    assert "Sam" not in str(told)
    assert line.get("/api/v1/phone/status", {"reference": "TH-0000-0000"}).status_code == 404


def test_the_list_of_the_night_shows_an_officer_only_cases_that_they_see(clock: Clock) -> None:
    night_call("n1", at=TUESDAY, words="Rubble on the road, 4242 4242 4242 4242", name="Sam Okafor")
    assert "4242" not in NightCall.objects.get().words + Case.objects.get().description
    clock.at = TUESDAY + 70 * MINUTES
    stranger = signed_in(User.objects.get(pk=make_staff("eve", team="management", role=Role.OFFICER).id))
    adviser = signed_in(make_user(roles=(Role.ADVISER,)))
    assert "Rubble" not in stranger.get("/work/phone/night?whose=all").content.decode()
    assert "Rubble" in adviser.get("/work/phone/night?whose=all").content.decode()


def test_the_morning_s_list_begins_on_the_last_day_that_the_council_was_open() -> None:
    for on in (date(2026, 4, 3), date(2026, 4, 6)):  # Easter
        ClosedDay.objects.get_or_create(calendar_id="COUNCIL_OPEN", on=on, defaults={"title": "Closed"})
    forget_all()
    begins = {day: queries.since_last_evening(datetime(2026, 4, day, 7, tzinfo=UTC)).date().day for day in (2, 4, 7, 8)}
    assert begins == {2: 1, 4: 2, 7: 2, 8: 7}
    assert queries.since_last_evening(datetime(2026, 4, 13, 7, tzinfo=UTC)) == datetime(2026, 4, 10, 11, tzinfo=UTC)


@pytest.mark.capability("HOUR-07")
def test_the_late_window_stands_apart_for_the_committee() -> None:
    for number, minutes in (("n1", 17 * 60 + 20), ("n2", 17 * 60 + 40), ("n3", 18 * 60 + 50), ("n4", 19 * 60)):
        night_call(number, at=TUESDAY.replace(hour=0, minute=0) + minutes * MINUTES)
    rows = report.demand(first_on=TUESDAY.date(), last_on=TUESDAY.date())
    assert {(one.window, one.half_hour): one.calls for one in rows if one.window in ("late", "night")} == {
        ("late", time(17, 30)): 1,
        ("late", time(18, 30)): 1,
        ("night", time(19)): 1,
    }
    committee = signed_in(make_user(roles=(Role.PORTFOLIO_HOLDER,)))
    shown = committee.get("/work/phone/night/report?month=2026-03").content.decode()
    assert "Late, 17:30 to 19:00: 2 calls" in shown


def test_a_call_that_cannot_be_taken_in_now_holds_up_no_urgent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    on_call("Ada First", 1, "07700 900001")
    receive = receiving.receive

    def failing(one: Any, **more: Any) -> Any:
        if one.call == "n1" and more["at"] == TUESDAY:
            raise ValueError("not now")
        return receive(one, **more)

    monkeypatch.setattr(receiving, "receive", failing)
    calls = [
        {"call": name, "service": "fly-tipping", "started": TUESDAY.isoformat(), "urgent": name == "n2"}
        for name in ("n1", "n2")
    ]
    body = json.dumps({"kind": "night.calls", "calls": calls}).encode()
    signed = signing.headers(signing.secret_of("partner"), message_id="both", at=TUESDAY, body=body)
    inbound.receive_event("partner", "both", signed["webhook-signature"], signed["webhook-timestamp"], body, at=TUESDAY)
    assert NightPage.objects.get().call.external_id == "n2"
    inbound.sweep(TUESDAY + MINUTES)
    assert sorted(NightCall.objects.values_list("external_id", flat=True)) == ["n1", "n2"]
    assert not InboundEvent.objects.exclude(state="handled").exists()
