"""The back office closes its item, and the customer hears; a nightly look finds the pairs that drifted apart (CASE-07)."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.cases import operations, reconciling
from townhall.cases.models import Case, ContractorJob, Mismatch
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, PACKS, make_case, make_council, make_staff, make_team
from townhall.connectors import delivering, signing
from townhall.connectors.models import Delivery
from townhall.connectors.protocol import LookUpFailed
from townhall.connectors.standins import Standin
from townhall.connectors.tests.conftest import nothing_kept, waste, waste_server  # noqa: F401 - fixtures
from townhall.connectors.tests.makers import SECRET, make_delivery
from townhall.core.actors import PUBLIC
from townhall.core.time import now
from townhall.neighbourhood.models import CrewEvent
from townhall.neighbourhood.tests.makers import ROUND, make_place
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db(transaction=True)
LATER = MONDAY + timedelta(hours=1)
NIGHT = MONDAY + timedelta(hours=17)


@pytest.fixture
def delivered(waste: Standin) -> tuple[Case, Delivery]:  # noqa: F811
    """A case whose work the waste system has."""
    make_council()
    case = make_case()
    delivery = make_delivery(case_id=case.pk, at=MONDAY)
    delivering.sweep(MONDAY)
    return case, Delivery.objects.get(pk=delivery)


def says(delivery: Delivery, status: str, *, event_id: str = "", **more: Any) -> int:
    """The waste system tells us something, signed, at our own door."""
    at = "2026-03-02T14:00:00Z"
    body = json.dumps({"job_id": delivery.external_id, "status": status, "at": at} | more).encode()
    headers = signing.headers(SECRET, message_id=event_id or f"e-{status}", at=now(), body=body)
    return Client().post("/connectors/waste/events", body, content_type="application/json", headers=headers).status_code


def told(case: Case) -> list[str]:
    rows = Message.objects.filter(case_id=case.pk).order_by("created_at", "id")
    return list(rows.values_list("template", flat=True))


@pytest.mark.capability("CASE-07", "INTG-02")
def test_an_item_closed_in_the_back_office_closes_the_case_and_the_customer_is_told(
    delivered: tuple[Case, Delivery],
) -> None:
    case, delivery = delivered

    assert says(delivery, "completed", note="Taken by the night crew") == 200
    assert says(delivery, "completed", note="Taken by the night crew") == 200  # it may repeat itself

    case.refresh_from_db()
    assert (case.state, case.outcome_code, case.outcome_text) == (State.CLOSED, "cleared", "Taken by the night crew")
    assert told(case) == ["case/received", "case/done"]
    assert "Taken by the night crew" in Message.objects.get(template="case/done").body_text


def test_progress_in_the_back_office_reaches_the_customer(delivered: tuple[Case, Delivery]) -> None:
    case, delivery = delivered
    day = (now() + timedelta(days=3)).date().isoformat()

    says(delivery, "accepted")
    says(delivery, "scheduled", scheduled_on=day)
    says(delivery, "started", note="The crew is there")

    case.refresh_from_db()
    assert (case.state, str(case.scheduled_on)) == (State.ACCEPTED, day)
    assert told(case) == ["case/received", "case/accepted", "case/scheduled", "case/update"]


def test_a_machines_no_decides_nothing_but_tells_the_team(delivered: tuple[Case, Delivery]) -> None:
    case, delivery = delivered
    says(delivery, "refused", note="Not on our list")
    case.refresh_from_db()
    assert case.state == State.AWAITING_DECISION
    assert "Not on our list" in Message.objects.get(template="staff/back_office_refused").body_text


def test_the_end_in_the_back_office_ends_the_contractors_job(delivered: tuple[Case, Delivery]) -> None:
    case, delivery = delivered
    officer = make_staff("olu", team="street-cleansing", role="officer")  # type: ignore[arg-type]
    cleaners = make_team("cleaners", kind="contractor").pk
    operations.send_to_contractor(
        case.pk, team_id=cleaners, contract_ref="C1", obligations="Do it", days=2, by=officer, at=MONDAY
    )
    says(delivery, "completed")
    assert ContractorJob.objects.get(case=case).state == ContractorJob.State.DONE
    case.refresh_from_db()
    assert case.state == State.CLOSED


@pytest.fixture
def with_waste(waste: Standin, tmp_path: Path) -> Case:  # noqa: F811
    """A case of a service whose work goes to the waste system, which has it."""
    packs = tmp_path / "packs"
    shutil.copytree(PACKS, packs)
    with (packs / "fly-tipping" / "service.yaml").open("a") as pack:
        pack.write("\nconnector:\n  target: waste\n  kind: job.create\n")
    make_council(packs)
    case = make_case()
    delivering.sweep(MONDAY)
    return case


@pytest.mark.parametrize("end", ["merged", "declined", "withdrawn", "referred"])
@pytest.mark.capability("CASE-07", "INTG-02")
def test_work_that_is_not_wanted_any_more_is_called_off_there(waste: Standin, with_waste: Case, end: str) -> None:  # noqa: F811
    case, officer = with_waste, make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    match end:
        case "merged":
            operations.merge(case.pk, into_id=make_case().pk, by=officer, at=LATER)
        case "declined":
            operations.decline(case.pk, reason_code="private-land", by=officer, at=LATER)
        case "withdrawn":
            operations.withdraw(case.pk, by=officer, at=LATER)
        case _:
            operations.refer(case.pk, body="The river authority", by=officer, at=LATER)

    delivering.sweep(LATER)

    job = next(one for one in waste.book.jobs() if one.content["reference"] == case.reference)
    assert [(one["kind"], one["reason"]) for one in job.updates] == [("job.cancel", end)]
    assert not job.is_open


def test_a_case_that_is_open_again_is_sent_again_and_its_newest_job_is_called_off(
    waste: Standin,  # noqa: F811
    with_waste: Case,
) -> None:
    case, officer = with_waste, make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    into = make_case()
    for hours in (1, 3):
        operations.merge(case.pk, into_id=into.pk, by=officer, at=MONDAY + timedelta(hours=hours))
        delivering.sweep(MONDAY + timedelta(hours=hours))
        operations.unmerge(case.pk, by=officer, at=MONDAY + timedelta(hours=hours + 1))
        delivering.sweep(MONDAY + timedelta(hours=hours + 1))

    jobs = [one for one in waste.book.jobs() if one.content["reference"] == case.reference]
    assert [(one.is_open, len(one.updates)) for one in jobs] == [(False, 1), (False, 1), (True, 0)]
    assert jobs[2].content["description"] == case.description


def test_work_said_to_be_done_that_was_not_is_sent_again(waste: Standin, with_waste: Case) -> None:  # noqa: F811
    case = with_waste
    says(Delivery.objects.get(case_id=case.pk), "completed")
    operations.not_fixed(case.pk, text="Still there", by=PUBLIC, at=now(), is_reporter=True)
    delivering.sweep(now())

    assert [one.content["reference"] for one in waste.book.jobs()] == [case.reference] * 2


def test_a_job_there_that_nobody_ended_is_not_doubled(waste: Standin, with_waste: Case) -> None:  # noqa: F811
    case, officer = with_waste, make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=officer, at=LATER)
    operations.reopen(case.pk, reason="It is still there", by=officer, at=LATER + timedelta(hours=1))

    assert Delivery.objects.filter(case_id=case.pk).count() == 1


def test_what_comes_after_the_end_changes_nothing(delivered: tuple[Case, Delivery]) -> None:
    case, delivery = delivered
    says(delivery, "completed")
    says(delivery, "started")
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert told(case) == ["case/received", "case/done"]


@pytest.mark.capability("CASE-07")
def test_the_nightly_look_lists_pairs_that_drifted_apart_until_they_agree(
    delivered: tuple[Case, Delivery],
    waste: Standin,  # noqa: F811
) -> None:
    case, delivery = delivered
    assert reconciling.reconcile("waste", at=NIGHT) == []

    waste.book.move(delivery.external_id, "completed", tell=False)  # the message got lost
    reconciling.sweep(NIGHT)
    reconciling.sweep(NIGHT + timedelta(days=1))
    [pair] = reconciling.mismatches()
    assert (pair.case, pair.reason, pair.status_there) == (case, Mismatch.Reason.OPEN_HERE, "completed")
    assert (pair.found_at, pair.seen_at) == (NIGHT, NIGHT + timedelta(days=1))

    says(delivery, "completed")
    assert reconciling.reconcile("waste", at=now() + timedelta(days=1)) == []
    assert reconciling.mismatches() == []


def test_a_case_finished_here_and_open_there_is_listed(
    delivered: tuple[Case, Delivery],
    waste: Standin,  # noqa: F811
) -> None:
    case, _delivery = delivered
    officer = make_staff("olu", team="street-cleansing", role="officer")  # type: ignore[arg-type]
    operations.decline(case.pk, reason_code="private-land", by=officer, at=MONDAY)

    assert reconciling.reconcile("waste", at=MONDAY) == []  # it may still be on its way
    reconciling.reconcile("waste", at=NIGHT)

    [pair] = reconciling.mismatches(target="waste")
    assert pair.reason == Mismatch.Reason.OPEN_THERE


def test_an_item_that_the_back_office_does_not_know_is_listed(delivered: tuple[Case, Delivery]) -> None:
    _case, delivery = delivered
    Delivery.objects.filter(pk=delivery.pk).update(external_id="lost-in-a-restart")
    [found] = reconciling.reconcile("waste", at=NIGHT)
    assert found.reason == Mismatch.Reason.UNKNOWN_THERE


def test_a_back_office_that_does_not_answer_keeps_the_list_as_it_was(
    delivered: tuple[Case, Delivery],
    waste: Standin,  # noqa: F811
) -> None:
    _case, delivery = delivered
    waste.book.move(delivery.external_id, "completed", tell=False)
    reconciling.sweep(NIGHT)
    waste.book.change_mood({"outage": True})

    with pytest.raises(LookUpFailed):
        reconciling.reconcile("waste", at=NIGHT + timedelta(days=1))
    assert reconciling.sweep(NIGHT + timedelta(days=1)) == 0
    [pair] = reconciling.mismatches()
    assert pair.seen_at == NIGHT


@pytest.mark.capability("REPT-07", "CASE-14")
def test_a_crews_report_comes_signed_and_counts_once(waste: Standin) -> None:  # noqa: F811
    make_place()
    body = json.dumps(
        {"kind": "crew.event", "crew": {"round": ROUND, "on": "2026-03-02", "kind": "breakdown", "detail": "Flat tyre"}}
    ).encode()
    for _ in range(2):
        headers = signing.headers(SECRET, message_id="crew-1", at=now(), body=body)
        answer = Client().post("/connectors/waste/events", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
    assert CrewEvent.objects.get().detail == "Flat tyre"

    forged = signing.headers(b"guess", message_id="crew-2", at=now(), body=body)
    answer = Client().post("/connectors/waste/events", body, content_type="application/json", headers=forged)
    assert answer.status_code in (401, 403)
    assert CrewEvent.objects.count() == 1
