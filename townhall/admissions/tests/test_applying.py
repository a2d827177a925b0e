"""One application for each child and round, changed until the closing date, with who helped and where (FORM-08)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from townhall.accounts.models import Team
from townhall.admissions import applying, queries
from townhall.admissions.applying import NotTaken
from townhall.admissions.models import Application, Round, Version
from townhall.admissions.rounds import Dates, set_round
from townhall.admissions.tests.makers import (
    AFTER,
    CHILD,
    HARBOUR,
    MILL_LANE,
    OPEN,
    ORCHARD,
    a_customer,
    apply,
    make_rounds,
    send,
)
from townhall.cases.models import Case
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.core.actors import PUBLIC, Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.forms import queries as forms
from townhall.ledger.models import Entry

pytestmark = pytest.mark.django_db
OFFICER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000aa", roles=frozenset({"officer"}))
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000ab", roles=frozenset({"adviser"}))


def officer(team: str = "school-admissions") -> Actor:
    return replace(OFFICER, teams=frozenset(Team.objects.filter(code=team).values_list("pk", flat=True)))


@pytest.fixture(autouse=True)
def primary(tmp_path: Path) -> Round:
    return make_rounds(tmp_path)


def change(application: Application, *, at: Any = OPEN, **changed: Any) -> None:
    """By the link of whoever sent it in: the form is opened again, and sent with other answers."""
    token = applying.begin_change(application.pk, by=PUBLIC, at=at)
    draft = forms.draft(token, at=at)
    new = SentForm(
        form_code="school-place",
        version=draft.form_version,
        answers={**draft.answers, **changed},
        channel="web",
        key=str(draft.pk),
        draft_id=draft.pk,
    )
    open_from_form(new, by=PUBLIC, at=at)


def test_what_a_family_says_is_kept_in_order_with_siblings_and_priority() -> None:
    made = apply(priority=["care", "plan"])
    version = made.versions.get()
    assert [one["name"] for one in version.preferences] == ["Harbour Primary School", "Mill Lane Primary School"]
    assert (version.preferences[1]["sibling"], version.preferences[1]["sibling_born"]) == ("Lou New", "2019-05-02")
    assert version.details["priority"] == ["care", "plan"]
    assert (made.round.code, made.state, made.is_late) == ("primary-2027", "received", False)
    assert list(Entry.objects.filter(subject_id=made.pk).values_list("verb", flat=True)) == ["admission.received"]


def test_at_a_school_its_member_of_staff_is_kept_and_at_a_desk_the_adviser_is() -> None:
    at_school = apply(where="school", building="Mill Lane Primary School", helper="Ms Teacher").versions.get()
    assert (at_school.made_at_place, at_school.helper_name, at_school.helper_place) == (
        "school",
        "Ms Teacher",
        "Mill Lane Primary School",
    )
    from townhall.accounts.models import Role
    from townhall.cases.tests.makers import make_staff

    adviser = make_staff("amina", team="desk", role=Role.ADVISER)
    at_desk = apply(child_name="Lou New", by=adviser).versions.get()
    assert (at_desk.made_at_place, at_desk.helper_name) == ("council", "Amina")


def test_until_the_closing_date_a_change_is_a_new_version_and_the_old_one_is_kept() -> None:
    made = apply()
    change(made, schools=[{"school": MILL_LANE}, {"school": HARBOUR}])
    change(made, schools=[{"school": MILL_LANE}, {"school": HARBOUR}])  # the same again

    made.refresh_from_db()
    assert Application.objects.count() == 1
    assert (made.version, made.versions.count()) == (2, 2)
    old, new = made.versions.order_by("number")
    assert [one["school"] for one in old.preferences] == [HARBOUR, MILL_LANE]
    assert [one["school"] for one in new.preferences] == [MILL_LANE, HARBOUR]
    assert (old.is_current, new.is_current) == (False, True)
    assert Case.objects.filter(state="merged", merged_into_id=made.case_id).count() == 2
    with pytest.raises(WrongState, match="closing date is over"):
        applying.begin_change(made.pk, by=PUBLIC, at=AFTER)
    with pytest.raises(NotTaken, match="another child"):
        change(made, child_name="Somebody Else")


def test_the_same_account_may_send_it_again_and_anybody_else_is_looked_at_first() -> None:
    customer = a_customer()
    made = apply(customer_id=customer)
    send(customer_id=customer, schools=[{"school": ORCHARD}])
    made.refresh_from_db()
    assert made.version == 2

    send(child_name="KIM NEW", email="other@example.org", schools=[{"school": HARBOUR}])
    made.refresh_from_db()
    (other,) = queries.contested()
    assert (made.version, other.application_id, other.is_current) == (2, made.pk, False)
    with pytest.raises(NotAllowed):
        applying.settle(other.pk, use=True, by=ADVISER, at=OPEN)
    with pytest.raises(NotAllowed):
        applying.settle(other.pk, use=True, by=OFFICER, at=OPEN)  # of no team
    made = applying.settle(other.pk, use=True, by=officer(), at=OPEN)
    assert (made.version, made.applicant_email) == (3, "other@example.org")
    with pytest.raises(WrongState):
        applying.settle(other.pk, use=False, by=officer(), at=OPEN)
    assert queries.contested() == []


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"schools": [{"school": HARBOUR}, {"school": HARBOUR}]}, "named a school twice"),
        ({"child_born": "2015-01-01"}, "does not start"),
        ({"at": OPEN - timedelta(days=200)}, "open on 1 September 2026"),
        ({"at": AFTER + timedelta(days=100)}, "are closed"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_kept(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(NotTaken, match=why):
        send(**changed)
    assert (Application.objects.count(), Case.objects.count()) == (0, 0)


def test_after_the_closing_date_it_is_late_and_marked() -> None:
    made = apply(at=AFTER)
    assert (made.is_late, made.versions.get().is_late) == (True, True)
    assert apply(child_name="Lou", at=AFTER - timedelta(days=1)).is_late is False


def test_a_round_has_dates_in_order_and_only_officers_set_them(primary: Round) -> None:
    dates = Dates(code="x-1", name="X", kind="primary", opens_on=date(2026, 1, 1))
    with pytest.raises(NotAllowed):
        set_round(dates, by=ADVISER, at=OPEN)
    for field, value in (
        ("closes_on", date(2025, 1, 1)),
        ("late_until", date(2026, 2, 1)),
        ("kind", "nursery"),
        ("format_code", "none"),
        ("code", "a b"),
    ):
        with pytest.raises(BadInput) as refused:
            set_round(replace(dates, **dict[str, Any]({field: value})), by=officer(), at=OPEN)
        assert list(refused.value.problems) == [field]
    set_round(replace(dates, code="primary-2027", name="Renamed"), by=officer(), at=OPEN)
    primary.refresh_from_db()
    assert primary.name == "Renamed"


@pytest.mark.django_db(transaction=True)
def test_four_forms_for_one_child_at_once_are_one_application() -> None:
    gate, customer = threading.Barrier(4), a_customer()

    def one(_number: int) -> object:
        try:
            gate.wait()
            return send(customer_id=customer).case_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(4)))) == 4
    assert (Application.objects.count(), Version.objects.count()) == (1, 1)
    assert Case.objects.filter(state="merged").count() == 3


def test_the_form_has_nothing_for_paper() -> None:
    from townhall.catalogue import queries as catalogue

    assert "letter" not in catalogue.service("school-place").channels
    assert CHILD["where"] == "home"
