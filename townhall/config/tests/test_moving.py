"""One form of moving home reaches five branches over real HTTP, each on its own (FORM-06): one is down, and catches up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

import townhall.catalogue
from townhall.accounts.models import Team
from townhall.cases import digest
from townhall.cases.models import Branch, Case
from townhall.cases.operations.branching import Passed, passed_on
from townhall.cases.operations.from_form import FromForm, SentForm, open_from_form
from townhall.cases.operations.telling import sign_follower
from townhall.cases.states import State
from townhall.cases.tests.makers import make_council
from townhall.connectors import delivering, operations, registry, signing
from townhall.connectors.models import Delivery
from townhall.connectors.standins import Standin, Standins
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.refreshing import forget_all
from townhall.core.tests.keepsakes import kept
from townhall.core.time import now
from townhall.forms.operations.loading import load_forms
from townhall.notifications.models import Message
from townhall.payments.models import Charge
from townhall.places.models import Area

pytestmark = pytest.mark.django_db(transaction=True)
PACKS = Path(townhall.catalogue.__file__).parent / "packs"
SYSTEMS = ("revenues", "electoral", "admissions")
MOVE: dict[str, Any] = {
    "kind": "in",
    "moved_on": "2026-11-01",
    "old_address": {"line1": "1 Far Row", "town": "Elsewhere", "postcode": "ZZ9 9ZZ"},
    "new_address": {"uprn": "100001", "line": "12 Mill Lane, Aldermere"},
    "tenure": "own",
    "who": {"name": "Noor New"},
    "email": "noor@example.org",
    "has_children": "yes",
    "children": [{"child_name": "Kim New", "born_on": "2019-05-02"}],
    "children__more": "no",
}


@pytest.fixture
def borough(transactional_db: None) -> None:
    make_moving()
    forget_all()


@kept
def make_moving() -> None:
    """The borough with every service and form, and a permit zone."""
    from townhall.portal.tests.makers import make_borough

    make_borough()
    make_council(PACKS)
    ring = [[530_000, 180_000], [531_000, 180_000], [531_000, 181_000], [530_000, 181_000]]
    Area.objects.create(kind="zone", code="A", name="Zone A", rings=[ring])
    load_forms(PACKS, by=SYSTEM, at=now())


@pytest.fixture
def systems(borough: None) -> Iterator[dict[str, Standin]]:
    """Each back-office system over real HTTP. What they say comes in through our own door (`hear`)."""
    registry.forget()
    every = [Standin(code, secret=signing.secret_of(code), tell_url="") for code in SYSTEMS]
    server = Standins(every)
    server.start()
    for one in every:
        operations.set_connector(one.code, name=one.code, kind="records", base_url=server.url(one.code), at=now())
    yield server.systems
    server.stop()
    registry.forget()


def send(**changed: Any) -> FromForm:
    version = forms_version()
    new = SentForm(
        form_code="council-tax-move",
        version=version,
        answers={**MOVE, "moved_on": now().date().isoformat(), **changed},
        channel="web",
        key=str(uuid4()),
    )
    return open_from_form(new, by=PUBLIC, at=now())


def forms_version() -> int:
    from townhall.forms import queries

    return queries.published_version("council-tax-move")


def branches(case: FromForm) -> dict[str, Passed]:
    return {one.code: one for one in passed_on(case.case_id)}


def hear(system: Standin, *, twice: bool = False) -> None:
    """What the stand-in has to tell is told at our door, signed as it signs it."""
    for event in list(system.book.events):
        system.book.events.remove(event)
        body = json.dumps(event.body).encode()
        for _time in range(2 if twice else 1):
            headers = signing.headers(system.secret, message_id=event.id, at=now(), body=body)
            answer = Client().post(
                f"/connectors/{system.code}/events", body, content_type="application/json", headers=headers
            )
            assert answer.status_code == 200


@pytest.mark.capability("FORM-06")
def test_five_branches_each_with_its_state_and_owner_and_the_last_one_ends_the_case(
    systems: dict[str, Standin],
) -> None:
    systems["revenues"].book.change_mood({"outage": True})
    made = send()
    delivering.sweep(now())
    found = branches(made)
    assert list(found) == ["bill", "electoral", "permit", "school", "account"]
    assert {code: one.delivery for code, one in found.items()} == {
        "bill": "pending",
        "electoral": "sent",
        "permit": "",
        "school": "sent",
        "account": "",
    }
    assert len({one.team for one in found.values()}) == 5
    assert found["bill"].error
    for code in ("electoral", "admissions"):
        hear(systems[code])
    assert [one.code for one in branches(made).values() if one.state == "done"] == ["electoral", "permit", "school"]
    case = Case.objects.get(pk=made.case_id)
    assert case.state == State.AWAITING_DECISION

    systems["revenues"].book.change_mood({"outage": False, "duplicate_events": True})
    later = now() + timedelta(hours=1)
    delivering.sweep(later)
    hear(systems["revenues"], twice=True)
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert "council tax account" in case.outcome_text
    bill = Charge.objects.get()
    assert bill.kind.pk == "council-tax"
    assert bill.amount_pence > 0
    assert len(systems["revenues"].book.jobs()) == 1
    told = set(Message.objects.filter(case_id=case.pk).values_list("template", flat=True))
    assert told == {"case/received", "case/branch", "case/done"}


def test_each_system_gets_what_it_needs_and_no_more(systems: dict[str, Standin]) -> None:
    send()
    delivering.sweep(now())
    school = systems["admissions"].book.jobs()[0].content["answers"]
    assert set(school) == {"moved_on", "new_address", "children"}
    assert school["children"][0]["born_on"] == "2019-05-02"
    assert "children" not in systems["revenues"].book.jobs()[0].content["answers"]


def test_only_the_branches_that_the_answers_ask_for(systems: dict[str, Standin]) -> None:
    made = send(kind="out", new_address=MOVE["old_address"], old_address=MOVE["new_address"])
    assert list(branches(made)) == ["bill"]


def test_a_refusal_leaves_the_case_open_with_its_team_and_a_broken_answer_makes_nothing_twice(
    systems: dict[str, Standin],
) -> None:
    systems["admissions"].book.change_mood({"broken": True})
    systems["electoral"].book.change_mood({"refuse": True})
    made = send()
    delivering.sweep(now())
    systems["admissions"].book.change_mood({"broken": False})
    delivering.sweep(now() + timedelta(hours=1))
    assert len(systems["admissions"].book.jobs()) == 1
    for one in systems.values():
        hear(one)
    found = branches(made)
    assert (found["electoral"].delivery, found["electoral"].state) == ("failed", "open")
    assert found["school"].state == "done"
    assert Case.objects.get(pk=made.case_id).state == State.AWAITING_DECISION
    systems["electoral"].book.change_mood({"refuse": False})
    delivery = Delivery.objects.get(target="electoral")
    operations.resend([delivery.pk], by=SYSTEM, at=now())
    delivering.sweep(now() + timedelta(hours=2))
    hear(systems["electoral"])
    assert Case.objects.get(pk=made.case_id).state == State.CLOSED


def test_opening_the_account_ends_its_branch_and_opens_no_case_to_it(systems: dict[str, Standin]) -> None:
    from townhall.portal.tests.residents import customer_of, make_account

    made = send()
    account = make_account("Noor New", email="noor@example.org")
    assert branches(made)["account"].state == Branch.State.DONE
    assert Case.objects.get(pk=made.case_id).customer_id != customer_of(account)


@pytest.mark.capability("FORM-05")
def test_each_morning_the_team_of_a_branch_hears_what_did_not_arrive(systems: dict[str, Standin]) -> None:
    systems["revenues"].book.change_mood({"outage": True})
    systems["electoral"].book.change_mood({"refuse": True})
    Team.objects.update(email="team@example.org")
    made = send()
    delivering.sweep(now())
    morning = now() + timedelta(days=2)
    digest.sweep(morning)
    digest.sweep(morning)
    mails = {mail.recipient_name: mail.body_text for mail in Message.objects.filter(template="staff/not_delivered")}
    found = branches(made)
    assert set(mails) == {found["bill"].team, found["electoral"].team}
    assert made.reference in mails[found["bill"].team]
    assert "still waiting" in mails[found["bill"].team]
    assert "refused" in mails[found["electoral"].team]


def test_the_pages_of_a_form_do_not_call_it_a_report(borough: None) -> None:
    service = Client().get("/services/council-tax-move").content.decode()
    assert "the date of the move" in service
    assert 'href="/forms/council-tax-move?now"' in service

    case = Case.objects.get(pk=send().case_id)
    token = sign_follower(case.follower_rows.get().pk)
    shown = Client().get(f"/r/{case.reference}?me={token}&said=added").content.decode().partition("<main")[2]
    shown = shown.partition("</main>")[0]
    assert "We have added that to what you sent" in shown
    assert "Add something to what you sent" in shown
    assert "You follow this." in shown
    assert "Who has been told" in shown
    assert "this report" not in shown
    assert "Tell me about this street" not in shown
