"""The worker's part of virus scanning: what was uploaded is held until it is scanned, and what is infected is never served.

Each file is claimed in a transaction of its own before the scanner is asked, so a scanner that hangs holds no lock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from townhall.core.actors import SYSTEM
from townhall.core.events import publish
from townhall.core.subjects import Subject
from townhall.files import clamd
from townhall.files.events import FileHeld, FileInfected
from townhall.files.models import Scan, StoredFile
from townhall.ledger.operations import record

log = structlog.get_logger(__name__)
BATCH = 5
LONGEST_WAIT = timedelta(minutes=10)
TOLD_AFTER = 5  # tries without an answer, some quarter of an hour, until the owner is told
QUARANTINE = "quarantine/"
QUARANTINE_DAYS = 30


def sweep(at: datetime) -> int:
    """Have what waits scanned; how many files the scanner answered about. While it is down they wait longer each time."""
    if not settings.CLAMD_ADDRESS:
        return 0
    return sum(_scan(file, at=at) for file in _claimed(at))


@transaction.atomic
def _claimed(at: datetime) -> list[StoredFile]:
    due = StoredFile.objects.select_for_update(skip_locked=True).filter(scan=Scan.WAITING, next_scan_at__lte=at)
    found = list(due.order_by("next_scan_at")[:BATCH])
    for file in found:
        file.next_scan_at = at + min(timedelta(minutes=2**file.scan_attempts), LONGEST_WAIT)
        file.scan_attempts += 1
        file.save(update_fields=["next_scan_at", "scan_attempts"])
    return found


def _scan(file: StoredFile, *, at: datetime) -> bool:
    try:
        with default_storage.open(file.storage_name) as kept:
            threat = clamd.scan(kept.read(), address=settings.CLAMD_ADDRESS)
    except (clamd.NoAnswer, clamd.BadAddress, OSError) as error:
        log.warning("files.not_scanned", file_id=str(file.pk), attempts=file.scan_attempts, error=str(error)[:300])
        if file.scan_attempts == TOLD_AFTER:
            _tell_held(file, at=at)
        return False
    if threat:
        _quarantine(file, threat, at=at)
    else:
        _clean(file, at=at)
    return True


@transaction.atomic
def _clean(file: StoredFile, *, at: datetime) -> None:
    StoredFile.objects.filter(pk=file.pk, scan=Scan.WAITING).update(scan=Scan.CLEAN, scanned_at=at, next_scan_at=None)


def _quarantine(file: StoredFile, threat: str, *, at: datetime) -> None:
    """From the moment the row says so nothing serves it; then its content is moved out of the way."""
    with transaction.atomic():
        now = StoredFile.objects.select_for_update().filter(pk=file.pk, scan=Scan.WAITING).first()
        if now is None:
            return
        before = now.storage_name
        now.scan, now.scanned_at, now.next_scan_at, now.threat = Scan.INFECTED, at, None, threat
        now.storage_name = f"{QUARANTINE}{before.replace('/', '-')}"
        now.save(update_fields=["scan", "scanned_at", "next_scan_at", "threat", "storage_name"])
        record("file.infected", about=_this(now), by=SYSTEM, at=at, case_id=now.case_id)
        publish(
            FileInfected(
                file_id=now.pk,
                about=Subject(kind=now.subject_kind, id=now.subject_id),
                case_id=now.case_id,
                name=now.original_name,
                threat=threat,
                at=at,
            )
        )
    with default_storage.open(before) as kept:
        default_storage.save(now.storage_name, ContentFile(kept.read()))
    default_storage.delete(before)
    default_storage.delete(file.thumbnail_name)


@transaction.atomic
def _tell_held(file: StoredFile, *, at: datetime) -> None:
    about = Subject(kind=file.subject_kind, id=file.subject_id)
    publish(FileHeld(file_id=file.pk, about=about, case_id=file.case_id, name=file.original_name, at=at))
    record("file.held", about=_this(file), by=SYSTEM, at=at, case_id=file.case_id)


def tidy(at: datetime) -> int:
    """Sweep: delete what was in quarantine long enough. That it was infected stays on its row."""
    gone = 0
    old = StoredFile.objects.filter(
        scan=Scan.INFECTED, scanned_at__lt=at - timedelta(days=QUARANTINE_DAYS), bytes__gt=0
    )
    for file in old.order_by("scanned_at")[:200]:
        default_storage.delete(file.storage_name)
        StoredFile.objects.filter(pk=file.pk).update(bytes=0)
        gone += 1
    return gone


def _this(file: StoredFile) -> Subject:
    return Subject(kind="file", id=file.pk)
