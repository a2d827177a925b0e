from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from townhall.cases import digest
from townhall.cases.tests.makers import make_team
from townhall.connectors import delivering, records
from townhall.connectors.events import StatusEventReceived
from townhall.connectors.models import Connector, Delivery
from townhall.connectors.standins import Standin
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotFound
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.money import Pence
from townhall.notifications.models import Message
from townhall.payments import operations as payments
from townhall.payments.models import Charge
from townhall.payments.operations import Owed
from townhall.standing import kinds, operations, queries
from townhall.standing.kinds import Kind
from townhall.standing.models import LastKnown
from townhall.standing.tests.makers import NOON, make_tenant, systems  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOON + timedelta(hours=1)


def kind(code: str) -> Kind:
    found = kinds.kind_of(code)
    assert found is not None
    return found


def test_every_account_is_asked_at_once_and_said_to_be_as_of_now(systems: dict[str, Standin]) -> None:  # noqa: F811
    found = {one.kind.code: one for one in queries.look_at_all(make_tenant(), at=NOON)}
    assert set(found) == {one.code for one in kinds.every()}
    assert {"council-tax", "benefit", "rent", "waste", "permits"} < set(found)
    assert all(one.is_live and one.as_at == NOON for one in found.values())
    assert found["rent"].it.number == "R4410021"
    assert found["council-tax"].owed_pence > 0


def test_one_slow_system_holds_up_none_and_says_what_was_known_last(systems: dict[str, Standin]) -> None:  # noqa: F811
    tenant = make_tenant()
    before = queries.look(tenant, kind("rent"), at=NOON)[0]
    systems["housing"].book.change_mood({"delay": 3.0})
    systems["library"].book.change_mood({"outage": True})

    started = time.monotonic()
    found = {one.kind.code: one for one in queries.look_at_all(tenant, at=LATER, seconds=1.0)}

    assert time.monotonic() - started < 2.5
    assert (found["rent"].is_live, found["rent"].as_at, found["rent"].it) == (False, NOON, before.it)
    assert (found["library"].is_live, found["library"].it) == (False, None)  # never seen: nothing is made up
    assert found["council-tax"].is_live


def test_what_was_known_is_forgotten_after_a_day(systems: dict[str, Standin]) -> None:  # noqa: F811
    tenant = make_tenant(rent="R4410021")
    queries.look(tenant, kind("rent"), at=NOON)
    systems["housing"].book.change_mood({"outage": True})
    records.forget()

    assert queries.look(tenant, kind("rent"), at=NOON + timedelta(hours=25))[0].it is None
    assert operations.forget(NOON + timedelta(hours=23)) == 0
    assert operations.forget(NOON + timedelta(hours=24)) == 1
    assert not LastKnown.objects.exists()


def test_a_number_that_the_system_does_not_know_is_said_to_be_so(systems: dict[str, Standin]) -> None:  # noqa: F811
    [one] = queries.look(make_tenant(rent="0000000"), kind("rent"), at=NOON)
    assert (one.is_live, one.it) == (True, None)


def pay(tenant: UUID, pence: int, *, key: str = "once", number: str = "R4410021") -> Charge:
    return operations.pay(tenant, kind("rent"), number, pence=Pence(pence), key=key, by=SYSTEM, at=NOON)


def paid(charge: Charge) -> None:
    from townhall.payments.models import Method
    from townhall.payments.protocol import Found
    from townhall.payments.states import PaymentState

    payment = payments.start(charge.pk, method=Method.PHONE, by=SYSTEM, at=NOON)
    found = Found(
        provider_id=payment.provider_id,
        reference=charge.reference,
        state=PaymentState.SUCCESS,
        code="",
        amount_pence=payment.amount_pence,
    )
    for _time in range(2):  # the provider may say so twice
        payments.record(payment.pk, found, by=SYSTEM, at=LATER)


def test_what_is_paid_of_the_rent_is_told_to_the_housing_system_once(systems: dict[str, Standin]) -> None:  # noqa: F811
    tenant = make_tenant(rent="R4410021")
    before = queries.look(tenant, kind("rent"), at=NOON)[0].owed_pence
    systems["housing"].book.change_mood({"outage": True})
    charge = pay(tenant, 5_000)
    assert pay(tenant, 5_000) == charge  # a second click
    paid(charge)
    delivering.sweep(LATER)
    systems["housing"].book.change_mood({"outage": False})
    records.forget()
    delivering.sweep(LATER + timedelta(minutes=10))
    delivering.sweep(LATER + timedelta(minutes=20))

    assert Delivery.objects.get(kind="account.paid").state == "sent"
    assert before - queries.look(tenant, kind("rent"), at=LATER)[0].owed_pence == 5_000


def test_a_payment_that_the_system_refuses_is_in_its_owners_morning_mail(systems: dict[str, Standin]) -> None:  # noqa: F811
    team = make_team("housing")
    Connector.objects.filter(code="housing").update(owner_team_id=team.pk)
    systems["housing"].book.change_mood({"refuse": True})
    paid(pay(make_tenant(rent="R4410021"), 5_000))
    delivering.sweep(LATER)
    for _twice in range(2):
        digest.sweep(LATER + timedelta(hours=18))

    mail = Message.objects.get(template="staff/not_delivered")
    assert "account.paid" in mail.body_text
    assert "refused" in mail.body_text


def test_nobody_pays_on_somebody_elses_account_or_nothing(systems: dict[str, Standin]) -> None:  # noqa: F811
    tenant = make_tenant(rent="R4410021")
    with pytest.raises(NotFound):
        pay(tenant, 5_000, number="R4410022")
    with pytest.raises(BadInput):
        pay(tenant, 0)


def test_a_direct_debit_that_was_set_up_ends_the_reminders_of_that_account(db: Any) -> None:
    from townhall.payments.seeds import seed_reference_data

    seed_reference_data()
    charges = [
        payments.owe(
            Owed(
                kind="council-tax",
                reference=number,
                description="Instalment",
                amount_pence=Pence(14_520),
                due_on=date(2026, 4, 1),
                source="test",
                key=number,
            ),
            by=SYSTEM,
            at=NOON,
        )
        for number in ("7000 1234", "70001235")
    ]
    event = StatusEventReceived(
        event=uuid7(),
        source="revenues",
        external_id="RE-1",
        status="completed",
        happened_at=NOON,
        reason="",
        note="",
        delivery_id=uuid7(),
        subject_kind="branch",
        subject_id=uuid7(),
        case_id=None,
        data={"direct_debit": {"account": "70001234"}},
        at=NOON,
    )
    publish(event)
    publish(event)
    by_debit = dict(Charge.objects.values_list("pk", "by_direct_debit"))
    assert [by_debit[one.pk] for one in charges] == [True, False]
