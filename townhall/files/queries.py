"""What other code may read about files, and whose eyes they are for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.subjects import Subject
from townhall.files.models import Scan, State, StoredFile

_SALT = "files.own"
VIRUS = _("%(name)s holds a virus, so we did not keep it. Check your device, and upload another file.")
LINK_LASTS = timedelta(days=1)

# Higher apps say who else may see a private file of theirs, such as a contractor the photos of a job. One yes is enough.
_rules: list[Callable[[Actor, StoredFile], bool]] = []
# And whether an approved file stays from the public, such as the photos of a service that publishes none.
_withheld: list[Callable[[StoredFile], bool]] = []


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photo for a page."""

    id: UUID
    purpose: str
    state: str
    name: str
    width: int
    height: int

    @property
    def path(self) -> str:
        return reverse("files:file", args=[self.id])

    @property
    def thumbnail_path(self) -> str:
        return reverse("files:thumbnail", args=[self.id])


def also_seen_by(rule: Callable[[Actor, StoredFile], bool]) -> None:
    """Register a rule, in `config`."""
    if rule not in _rules:
        _rules.append(rule)


def withheld_by(rule: Callable[[StoredFile], bool]) -> None:
    """Register a rule, as `also_seen_by`."""
    if rule not in _withheld:
        _withheld.append(rule)


def is_public(file: StoredFile) -> bool:
    return file.state == State.APPROVED and file.is_served and not any(rule(file) for rule in _withheld)


def may_see(actor: Actor, file: StoredFile) -> bool:
    """Anybody sees approved photos that are not withheld; others are seen by the rules of the apps above, and a draft's by nobody."""
    return is_public(file) or any(rule(actor, file) for rule in _rules)


def files_of(about: Subject) -> list[StoredFile]:
    """Everything stored about a subject, the oldest first. One query."""
    return list(StoredFile.objects.filter(subject_kind=about.kind, subject_id=about.id).order_by("created_at", "id"))


_OF_CASES = """SELECT case_id, id, purpose, state, original_name, width, height FROM files_storedfile
    WHERE case_id = ANY(%s) AND content_type LIKE 'image/%%'"""
_PHOTOS = f"{_OF_CASES} ORDER BY created_at, id"
_APPROVED_PHOTOS = f"{_OF_CASES} AND state = 'approved' AND scan IN ('none', 'clean') ORDER BY created_at, id"


def photos_of_cases(case_ids: Iterable[UUID], *, only_approved: bool) -> dict[UUID, list[Photo]]:
    """Photos by case, the oldest first. One query. `only_approved` for everything the public sees."""
    rows = fetch_all(_APPROVED_PHOTOS if only_approved else _PHOTOS, (list(case_ids),), binary=True)
    found: dict[UUID, list[Photo]] = defaultdict(list)
    for case_id, file_id, purpose, state, name, width, height in rows:
        photo = Photo(id=file_id, purpose=purpose, state=state, name=name, width=width or 0, height=height or 0)
        found[case_id].append(photo)
    return dict(found)


def infected(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Which of these files hold a virus, each with the name its sender gave it. One query, where there are any."""
    ids = list(file_ids)
    if not ids:
        return {}
    rows = StoredFile.objects.filter(pk__in=ids, scan=Scan.INFECTED).values_list("pk", "original_name")
    return dict(rows)


def own_link(file_id: UUID, *, thumbnail: bool = True) -> str:
    """A path by which the person who has just uploaded a photo can see it, for a day."""
    path = reverse("files:thumbnail" if thumbnail else "files:file", args=[file_id])
    return f"{path}?key={signing.TimestampSigner(salt=_SALT).sign(str(file_id)).split(':', 1)[1]}"


def is_own_link(file_id: UUID, key: str) -> bool:
    try:
        signing.TimestampSigner(salt=_SALT).unsign(f"{file_id}:{key}", max_age=LINK_LASTS)
    except signing.BadSignature:
        return False
    return True
