"""Everything that changes a stored file."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import execute
from townhall.core.errors import NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.files.models import THUMBNAIL, Purpose, Scan, State, StoredFile
from townhall.files.sanitising import Upload, cleaned, shown_name
from townhall.ledger.operations import record

DRAFT = "draft"
DRAFTS_KEPT = timedelta(days=7)
TIDIED_AT_ONCE = 200
STRAYS_DAYS = 7


def store(
    upload: Upload,
    *,
    about: Subject,
    purpose: str,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
    field: str = "file",
    file_id: UUID | None = None,
) -> StoredFile:
    """Keep an upload, private. `about` may be a draft: Subject(kind="draft", id=…) until `attach`.

    Where there is a virus scanner nobody gets it before it was scanned (`scanning`).
    Raises BadInput under `field`, naming the file. The work on the picture (up to half a second) is done before the transaction.
    """
    clean = cleaned(upload, purpose=Purpose(purpose), field=field)
    file = StoredFile(
        id=file_id or uuid7(),
        subject_kind=about.kind,
        subject_id=about.id,
        case_id=case_id,
        purpose=purpose,
        content_type=clean.content_type,
        bytes=len(clean.content),
        sha256=hashlib.sha256(clean.content).hexdigest(),
        storage_name=f"{at:%Y/%m/%d}/{secrets.token_hex(16)}",
        width=clean.width,
        height=clean.height,
        uploaded_by_kind=by.kind.value,
        uploaded_by_id=by.id,
        original_name=clean.name,
        created_at=at,
        scan=Scan.WAITING if settings.CLAMD_ADDRESS else Scan.NONE,
        next_scan_at=at if settings.CLAMD_ADDRESS else None,
    )
    default_storage.save(file.storage_name, ContentFile(clean.content))
    if clean.thumbnail:
        default_storage.save(file.thumbnail_name, ContentFile(clean.thumbnail))
    with transaction.atomic():
        file.save(force_insert=True)
        record("file.stored", about=_this(file), by=by, at=at, case_id=case_id, data={"purpose": str(purpose)})
    return file


def keep_as_sent(
    content: bytes, *, name: str, content_type: str, about: Subject, by: Actor, at: datetime
) -> StoredFile:
    """Keep bytes as they came, for the file: the evidence behind what is shown of them. Private, and scanned for viruses as others are.

    The caller has made what is shown of them, and so seen that they are what they say; they are handed out as a download alone.
    """
    file = StoredFile(
        id=uuid7(),
        subject_kind=about.kind,
        subject_id=about.id,
        purpose=Purpose.ORIGINAL,
        content_type=content_type,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        storage_name=f"{at:%Y/%m/%d}/{secrets.token_hex(16)}",
        uploaded_by_kind=by.kind.value,
        uploaded_by_id=by.id,
        original_name=shown_name(name),
        created_at=at,
        scan=Scan.WAITING if settings.CLAMD_ADDRESS else Scan.NONE,
        next_scan_at=at if settings.CLAMD_ADDRESS else None,
    )
    default_storage.save(file.storage_name, ContentFile(content))
    with transaction.atomic():
        file.save(force_insert=True)
        record("file.stored", about=_this(file), by=by, at=at, data={"purpose": str(Purpose.ORIGINAL)})
    return file


def attach(file_ids: Sequence[UUID], *, about: Subject, case_id: UUID | None, draft_id: UUID | None = None) -> int:
    """Give a draft's files to what was made of it, inside the operation that makes it. How many were given.

    Files that already belong to something, or to another draft than `draft_id`, stay where they are.
    """
    if not file_ids:
        return 0
    query = (
        "UPDATE files_storedfile SET subject_kind = %s, subject_id = %s, case_id = %s "
        "WHERE id = ANY(%s) AND subject_kind = 'draft'"
    )
    values: list[object] = [about.kind, about.id, case_id, list(file_ids)]
    if draft_id is not None:
        return execute(f"{query} AND subject_id = %s", [*values, draft_id])
    return execute(query, values)


def approve(file_id: UUID, *, by: Actor, at: datetime) -> StoredFile:
    """Let anybody see a photo. Raises NotAllowed, NotFound, or WrongState when it is approved already or not a photo."""
    return _decide(file_id, State.APPROVED, by=by, at=at)


def reject(file_id: UUID, *, by: Actor, at: datetime) -> StoredFile:
    """Keep a photo from the public, or take it back. Raises NotAllowed, NotFound, or WrongState when it is rejected already."""
    return _decide(file_id, State.REJECTED, by=by, at=at)


@transaction.atomic
def _decide(file_id: UUID, state: State, *, by: Actor, at: datetime) -> StoredFile:
    permissions.require(by, "files.approve")
    file = StoredFile.objects.select_for_update().filter(pk=file_id).first()
    if file is None:
        raise NotFound
    if state is State.APPROVED and not file.is_served:
        raise WrongState(_("This photo is still being checked for viruses, or holds one."))
    if file.state == state or (state is State.APPROVED and not file.is_image):
        raise WrongState
    file.state, file.decided_at, file.decided_by = state, at, by.id
    file.save(update_fields=["state", "decided_at", "decided_by"])
    record(f"file.{state}", about=_this(file), by=by, at=at, case_id=file.case_id)
    return file


_still_wanted: list[Callable[[datetime], QuerySet[Any, UUID]]] = []


def kept_for(still_wanted: Callable[[datetime], QuerySet[Any, UUID]]) -> None:
    """Say which drafts, by id, are not over: an app above whose drafts may live longer than DRAFTS_KEPT."""
    _still_wanted.append(still_wanted)


def tidy(at: datetime) -> int:
    """Sweep: remove the files of drafts that came to nothing. The rows go first, so that no row is left without its file."""
    with transaction.atomic():
        old = StoredFile.objects.select_for_update(skip_locked=True).filter(
            subject_kind=DRAFT, created_at__lt=at - DRAFTS_KEPT
        )
        for still_wanted in _still_wanted:
            old = old.exclude(subject_id__in=still_wanted(at))
        files = list(old.order_by("created_at")[:TIDIED_AT_ONCE])
        for file in files:
            record("file.removed", about=_this(file), by=SYSTEM, at=at, data={"because": "draft_abandoned"})
        StoredFile.objects.filter(pk__in=[file.pk for file in files]).delete()
    for file in files:
        default_storage.delete(file.storage_name)
        default_storage.delete(file.thumbnail_name)
    return len(files)


def tidy_strays(at: datetime) -> int:
    """Sweep: remove what was written for a row that never came, as somebody previewed a move or a process died. How many files.

    Looks at what was written on the last STRAYS_DAYS days, but not today.
    """
    removed = 0
    for days in range(1, STRAYS_DAYS + 1):
        folder = f"{at - timedelta(days=days):%Y/%m/%d}"
        if not default_storage.exists(folder):
            continue
        names = {f"{folder}/{name}" for name in default_storage.listdir(folder)[1]}
        owners = {name.removesuffix(THUMBNAIL) for name in names}
        known = set(StoredFile.objects.filter(storage_name__in=owners).values_list("storage_name", flat=True))
        for name in names:
            if name.removesuffix(THUMBNAIL) not in known:
                default_storage.delete(name)
                removed += 1
    return removed


def _this(file: StoredFile) -> Subject:
    return Subject(kind="file", id=file.pk)
