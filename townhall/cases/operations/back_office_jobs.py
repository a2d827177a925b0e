"""The work that a back-office system has for a case: called off when the case is over without it, and sent again when it is open again."""

from __future__ import annotations

from datetime import datetime

from townhall.cases.models import Case, ContractorJob
from townhall.cases.operations.locking import record
from townhall.cases.operations.parts import open_job
from townhall.catalogue import queries as catalogue
from townhall.connectors import operations as connectors
from townhall.connectors import queries as connector_queries
from townhall.connectors.protocol import CANCEL
from townhall.core.actors import Actor
from townhall.ledger import queries as ledger

OVER_THERE = frozenset({"completed", "refused"})  # what a system says of a job that it has no more


def call_off(case: Case, *, by: Actor, at: datetime) -> None:
    """Tell the system that has the work of a locked case that it is not wanted any more: `reason` is the state the case ended in.

    Nothing is sent when it was never asked, would not take it, or has said that it is over.
    """
    for target in connector_queries.targets_at_work(case.pk):
        if _last_said(case, target) in OVER_THERE:
            continue
        connectors.deliver(
            target,
            kind=CANCEL,
            payload={"reference": case.reference, "reason": str(case.state)},
            about=case.subject,
            key=f"case-{case.pk}-cancel-{target}-{at.isoformat()}",
            at=at,
            case_id=case.pk,
        )
        record(case, "case.job_called_off", by=by, at=at, target=target)


def send_again(case: Case, *, by: Actor, at: datetime) -> None:
    """A locked case is open again: the system that did the work, or was told that it is not wanted, gets it once more.

    One that still has the earlier job is not asked twice.
    """
    connector = catalogue.service(case.service_code).connector
    if connector is None:
        return
    target = connector.target
    if target in connector_queries.targets_at_work(case.pk) and _last_said(case, target) not in OVER_THERE:
        return
    connectors.deliver(
        target,
        kind=connector.kind,
        payload=_job(case, open_job(case)),
        about=case.subject,
        key=f"case-{case.pk}-again-{at.isoformat()}",
        at=at,
        case_id=case.pk,
    )
    record(case, "case.job_sent_again", by=by, at=at, target=target)


def _last_said(case: Case, target: str) -> str:
    """What a system last said of its newest job for a case: a status of its own, or nothing."""
    for entry in ledger.latest_of_case(case.pk, verbs=("case.job_sent_again", "case.back_office_said")):
        if entry.verb == "case.job_sent_again" and entry.data.get("target") == target:
            return ""
        if entry.verb == "case.back_office_said" and entry.data.get("source") == target:
            return str(entry.data.get("status", ""))
    return ""


def _job(case: Case, job: ContractorJob | None) -> dict[str, object]:
    """What a back-office system needs to do the work: no names or contact details. As when the case was opened."""
    return {
        "reference": case.reference,
        "service": case.service_code,
        "description": case.description,
        "attributes": case.attributes,
        "address": case.address,
        "place_words": case.place_words,
        "uprn": case.uprn,
        "usrn": case.usrn,
        "easting": case.easting,
        "northing": case.northing,
        "due_on": case.due_on.isoformat(),
        "contract": job.contract_ref if job else "",
        "obligations": job.obligations if job else "",
    }
