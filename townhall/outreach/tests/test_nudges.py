"""A nudge is chosen from memory by place, service and audience, and what it did is counted from the messages themselves."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_case, make_council
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given, WrapUp
from townhall.core.actors import PUBLIC
from townhall.core.errors import BadInput, WrongState
from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel
from townhall.outreach import assisting, counting, nudges, nudging
from townhall.outreach.assisting import More
from townhall.outreach.models import Nudge, Shown
from townhall.outreach.nudges import Written
from townhall.outreach.tests.makers import make_customer, make_nudge, make_reader, ready, staff

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=5)


def settled() -> datetime:
    return now() + LATER


def token_in(body: str) -> tuple[str, str]:
    found = re.search(r"/n/([a-z0-9-]+)/([\w-]+)", body)
    assert found is not None, body
    return found[1], found[2]


@pytest.mark.capability("ENGA-05")
def test_an_acknowledgement_ends_with_the_nudge_for_its_service_and_take_up_is_measured() -> None:
    make_council()
    manager = staff(Role.TEAM_MANAGER)
    nudge = make_nudge("for-all", by=manager)
    make_nudge("for-tips", by=manager, services=["fly-tipping"], words="Report the next one from your account:")
    since = now()
    case = make_case(reporter=Recipient(name="Sam", email="Sam@example.org"), at=now())
    body = Message.objects.get(case_id=case.pk).body_text
    assert "Report the next one from your account:" in body
    assert "quicker with an account" not in body
    make_case(reporter=Recipient(name="Kit", email="kit@example.org"), at=now())
    code, token = token_in(body)

    assert counting.count_shown(settled()) == 2
    assert counting.count_shown(settled()) == 0
    tips = Nudge.objects.get(code="for-tips")
    assert counting.results([tips.pk, nudge.pk]) == {tips.pk: counting.Result(shown=2)}
    assert Shown.objects.filter(mailbox__contains="@").count() == 0  # the address itself is not kept

    assert counting.followed(code, token, at=now()) == "/account/register"
    assert counting.followed(code, token[::-1], at=now()) == "/account/register"  # leads on, and counts for nobody
    make_reader("sam@example.org")  # opens an account; heard through the event
    result = counting.results([tips.pk])[tips.pk]
    assert (result.shown, result.followed, result.accounts, result.taken, result.percent) == (2, 1, 1, 1, 50.0)
    assert counting.by_service(tips.pk) == [("fly-tipping", "acknowledgement", 2, 1)]
    assert counting.forget_who(since + counting.KEEPS_WHO + timedelta(days=1)) == 2
    assert not Shown.objects.exclude(mailbox="").exists()


@pytest.mark.capability("ENGA-05")
def test_what_an_adviser_says_is_counted_at_the_wrap_up_and_so_is_who_comes_online_after_it() -> None:
    ready()
    manager, adviser = staff(Role.TEAM_MANAGER), staff(Role.ADVISER)
    nudge = make_nudge(by=manager)
    customer = make_customer(email="pat@example.org")
    contact = contacts.start(channel="phone", customer_id=customer, by=adviser, at=now())
    line = assisting.script_for(contact)
    assert line is not None
    assert line.code == "quicker"
    done = WrapUp(reason_code="report", outcome="resolved", avoidable=False, anything_else=False)
    assisting.wrap_up(contact.pk, done, More(said="quicker"), by=adviser, at=now())
    assert counting.results([nudge.pk])[nudge.pk].shown == 1
    contacts.log(
        channel="web",
        service_code="",
        reason_code="report",
        given=Given(email="pat@example.org"),
        customer_id=customer,
        by=PUBLIC,
        at=now() + timedelta(days=3),
    )
    assert counting.count_online(settled()) == 1
    assert counting.results([nudge.pk])[nudge.pk].online == 1


def test_choosing_asks_the_database_nothing_and_says_nothing_to_who_has_an_account() -> None:
    make_nudge(by=staff(Role.TEAM_MANAGER), share=50)
    nudging.live()
    told = 0
    with CaptureQueriesContext(connection) as asked:
        for _number in range(400):
            made = uuid7()
            line = nudging.closing(
                "case/received", Channel.EMAIL, to=Recipient(email="a@example.org"), context={}, about=made
            )
            told += bool(line)
            assert (nudging.choose("acknowledgement", about=made) is None) == (not line)
        known = Recipient(email="a@example.org", customer_id=uuid4(), has_account=True)
        assert not nudging.closing("case/received", Channel.EMAIL, to=known, context={}, about=uuid7())
        assert not nudging.closing("case/received", Channel.TEXT, to=known, context={}, about=uuid7())
        letters = [
            nudging.closing("case/accepted", Channel.LETTER, to=Recipient(name="A"), context={}, about=uuid7())
            for _number in range(40)
        ]
        assert nudging.closing("staff/escalated", Channel.LETTER, to=known, context={}, about=uuid7()) == ""
        assert nudging.closing("case/accepted", Channel.EMAIL, to=Recipient(), context={}, about=uuid7()) == ""
    assert any("/n/quicker/" in one for one in letters)
    assert len(asked) == 0
    assert 120 < told < 280  # half of them


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "Not a code"),
        ("words", "x" * 161),
        ("leads_to", "https://elsewhere.example"),
        ("leads_to", "//elsewhere.example"),
        ("places", ["the moon"]),
        ("share", 0),
        ("within_days", 91),
        ("audience", "somebody"),
        ("services", ["no-such"]),
    ],
)
def test_a_nudge_that_cannot_be_is_refused(field: str, value: Any) -> None:
    given: dict[str, Any] = {"code": "ok", "words": "Words", "leads_to": "/", "places": ["hold"]} | {field: value}
    with pytest.raises(BadInput) as refused:
        nudges.write(Written(**given), by=staff(Role.TEAM_MANAGER), at=now())
    assert field in refused.value.problems


def test_the_words_of_a_nudge_in_use_never_change() -> None:
    manager = staff(Role.TEAM_MANAGER)
    nudge = make_nudge(by=manager)
    with pytest.raises(WrongState):
        nudges.write(Written(code="quicker", words="Other", leads_to="/", places=["hold"]), by=manager, at=now())
    nudges.end(nudge.pk, by=manager, at=now())
    nudging.forget()
    assert nudging.choose("letter", about=uuid7()) is None
    with pytest.raises(WrongState):
        nudges.begin(nudge.pk, by=manager, at=now())
