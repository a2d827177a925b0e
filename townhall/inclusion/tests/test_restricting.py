"""No way in is closed without its equality impact record, another way and a review; an exception opens it to one customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.inclusion import restricting
from townhall.inclusion.models import ChannelException, ChannelRestriction
from townhall.inclusion.restricting import ChannelClosed, New
from townhall.inclusion.tests.makers import MONDAY, make_adviser, make_dana
from townhall.ledger.models import Entry

pytestmark = pytest.mark.django_db
SERVICE = "penalty-notices"
PHONE = New(
    service_code=SERVICE,
    channel="phone",
    reason="Advisers cannot see the pictures that an appeal turns on.",
    impact="Blind people cannot see the pictures online: an adviser describes them, by exception.",
    assessed_on=date(2026, 2, 1),
    alternative="web",
    alternative_words="www.aldermere.example/penalty",
    review_on=date(2026, 9, 1),
)


def manager() -> Actor:
    return actor_for(make_user(roles=(Role.TEAM_MANAGER,)), MONDAY)


def close(new: New = PHONE, *, by: Actor, at: datetime = MONDAY) -> ChannelRestriction:
    made = restricting.prepare(new, by=by, at=at)
    restricting.go_live(made.pk, by=by, at=at)
    return made


def test_a_way_cannot_be_closed_without_impact_record_alternative_and_review() -> None:
    by = manager()
    for missing in (
        {"impact": ""},
        {"assessed_on": None},
        {"alternative": ""},
        {"alternative_words": ""},
        {"review_on": None},
        {"review_on": MONDAY.date()},
    ):
        made = restricting.prepare(replace(PHONE, **missing), by=by, at=MONDAY)
        with pytest.raises(BadInput) as said:
            restricting.go_live(made.pk, by=by, at=MONDAY)
        assert set(said.value.problems) == set(missing)
        restricting.check(SERVICE, "phone", customer_id=None, at=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChannelRestriction.objects.filter(impact="").update(state="live")
    with pytest.raises(BadInput):
        restricting.prepare(replace(PHONE, alternative="phone"), by=by, at=MONDAY)
    with pytest.raises(NotAllowed):
        restricting.prepare(PHONE, by=make_adviser(), at=MONDAY)


def test_the_way_that_a_closure_names_instead_cannot_be_closed_and_an_ended_one_is_open() -> None:
    by = manager()
    first = close(by=by)
    for other, field in (
        (replace(PHONE, channel="web", alternative="counter"), "channel"),
        (replace(PHONE, channel="counter", alternative="phone"), "alternative"),
        (PHONE, "channel"),
    ):
        made = restricting.prepare(other, by=by, at=MONDAY)
        with pytest.raises(BadInput) as said:
            restricting.go_live(made.pk, by=by, at=MONDAY)
        assert set(said.value.problems) == {field}
    with pytest.raises(ChannelClosed) as told:
        restricting.check(SERVICE, "phone", customer_id=None, at=MONDAY)
    assert told.value.closed.reason == PHONE.reason
    assert told.value.closed.open[0] == "Website"
    assert "Phone, with an adviser" not in told.value.closed.open
    restricting.end(first.pk, by=by, at=MONDAY)
    restricting.check(SERVICE, "phone", customer_id=None, at=MONDAY)
    with pytest.raises(WrongState):
        restricting.go_live(first.pk, by=by, at=MONDAY)


def test_an_exception_is_for_one_customer_with_a_reason_until_its_last_day() -> None:
    adviser, made = make_adviser(), close(by=manager())
    dana, other = make_dana("braille"), make_dana(name="Olu Other", email="olu@example.org")
    given: dict[str, Any] = {"customer_id": dana.pk, "until_on": date(2026, 3, 2), "by": adviser, "at": MONDAY}
    with pytest.raises(BadInput):
        restricting.grant(made.pk, why=" ", **given)
    once = restricting.grant(made.pk, why="Cannot see the pictures", **given)
    assert restricting.grant(made.pk, why="Again", **given) == once
    restricting.check(SERVICE, "phone", customer_id=dana.pk, at=datetime(2026, 3, 2, 23, tzinfo=UTC))
    for who, at in ((dana, MONDAY + timedelta(days=1)), (other, MONDAY)):
        with pytest.raises(ChannelClosed):
            restricting.check(SERVICE, "phone", customer_id=who.pk, at=at)
    assert ChannelException.objects.get().granted_by.hex == adviser.id.replace("-", "")
    assert Entry.objects.filter(verb="restriction.excepted", customer_id=dana.pk).count() == 1
    assert restricting.needs_of_excepted(made.pk) == [("braille", 1)]
