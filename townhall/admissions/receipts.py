"""Collecting the receipts: each marks one child, once; what is missing goes out again; what was refused has an owner."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from townhall.admissions import attention, exporting, formats
from townhall.admissions.applying import record
from townhall.admissions.exporting import MISSING_AFTER
from townhall.admissions.formats import NotReadable, Receipt
from townhall.admissions.models import Application, ExportItem, ExportRun
from townhall.admissions.sftp import Drop, Unreachable, drop
from townhall.admissions.states import RunState, State, check_move, check_run_move
from townhall.core.actors import SYSTEM
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

log = structlog.get_logger(__name__)


def sweep(at: datetime, *, to: Drop | None = None) -> int:
    """Look for receipts while any are awaited; how many were new. Nothing is locked while the other side is called."""
    where = to or drop()
    if where is None or not ExportRun.objects.filter(state=RunState.SENT).exists():
        return 0
    try:
        found = where.receipts()
        done = [name for name, content in found if take(name, content, at=at)]
        if done:
            where.forget(done)
    except Unreachable as error:
        log.warning("admissions.no_receipts", error=str(error))
        done = []
    finish(at)
    return len(done)


@transaction.atomic
def take(name: str, content: bytes, *, at: datetime) -> bool:
    """Mark the child of one receipt. False for what is not whole or not of ours: it stays where it is, and is looked at again."""
    receipt = _read(content)
    if receipt is None:
        log.warning("admissions.receipt_unreadable", file=name)
        return False
    items = ExportItem.objects.filter(record_id=receipt.record_id).order_by("-id")
    newest = items.first()
    if newest is None:
        log.warning("admissions.receipt_unknown", file=name)
        return False
    ExportRun.objects.select_for_update().get(pk=newest.run_id)
    application = Application.objects.select_for_update().get(pk=newest.application_id)
    item = items.select_for_update(of=("self",))[0]
    was = item.state
    if was == ExportItem.State.ACCEPTED or (was == ExportItem.State.REFUSED and receipt.outcome == "refused"):
        return True  # told twice
    item.state = ExportItem.State.ACCEPTED if receipt.outcome == "accepted" else ExportItem.State.REFUSED
    item.receipt, item.reason, item.at = receipt.number, receipt.reason, at
    item.save(update_fields=["state", "receipt", "reason", "at"])
    items.exclude(pk=item.pk).filter(state=ExportItem.State.WAITING).update(state=ExportItem.State.SENT_AGAIN)
    if application.version == item.version and application.state in (State.SENT, State.REFUSED):
        _mark(application, receipt, at=at)
    return True


def _read(content: bytes) -> Receipt | None:
    """As any of the formats has it."""
    for code in formats.codes():
        try:
            return formats.of(code).read_receipt(content)
        except NotReadable:
            continue
    return None


def _mark(application: Application, receipt: Receipt, *, at: datetime) -> None:
    to = State.TAKEN if receipt.outcome == "accepted" else State.REFUSED
    check_move(State(application.state), to)
    application.state = to
    application.receipt = receipt.number or application.receipt
    application.problem = receipt.reason[:500] if to is State.REFUSED else ""
    application.save(update_fields=["state", "receipt", "problem"])
    record(f"admission.{to.value}", application, at=at, version=application.version)
    if to is State.TAKEN:
        _tell_family(application, at=at)


def _tell_family(application: Application, *, at: datetime) -> None:
    notifications.send(
        "admissions/receipt",
        to=Recipient(
            name=application.applicant_name,
            email=application.applicant_email,
            phone=application.applicant_phone,
            customer_id=application.customer_id,
        ),
        about=application.subject,
        key=f"admission-receipt-{application.pk}-{application.version}",
        context={
            "child": application.child_name,
            "receipt": application.receipt,
            "reference": application.reference,
            "round": application.round.name,
            "offers_on": application.round.offers_on,
            "link": f"{settings.PUBLIC_URL}/r/{application.reference}",
            "council": settings.COUNCIL_NAME,
            "phone": settings.COUNCIL_PHONE,
        },
        at=at,
        case_id=application.case_id,
    )


def finish(at: datetime) -> None:
    """Files with every receipt are done; those that wait too long are sent again for the children that are missing."""
    for run in ExportRun.objects.filter(state=RunState.SENT).order_by("id"):
        if run.sent_at is not None and run.sent_at <= at - MISSING_AFTER:
            exporting.send_missing(run.pk, at=at)
        _end(run, at=at)


@transaction.atomic
def _end(run: ExportRun, *, at: datetime) -> None:
    kept = ExportRun.objects.select_for_update().get(pk=run.pk)
    if kept.state != RunState.SENT or kept.items.filter(state=ExportItem.State.WAITING).exists():
        return
    check_run_move(RunState(kept.state), RunState.DONE)
    kept.state = RunState.DONE
    kept.save(update_fields=["state"])
    ledger.record("admission_run.done", about=kept.subject, by=SYSTEM, at=at)
    if kept.items.filter(state__in=[ExportItem.State.REFUSED, ExportItem.State.MISSING]).exists():
        attention.tell(kept, at=at)
