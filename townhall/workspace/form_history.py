"""The draft of a form, changed so that the change can be taken back; and who else has it open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.forms import operations
from townhall.forms.definition import Form
from townhall.forms.queries import Version
from townhall.forms.reading import from_builtins, to_builtins
from townhall.workspace import presence
from townhall.workspace.models import FormBefore

MOST = 50  # changes that can be taken back
LASTS = timedelta(minutes=10)  # since somebody opened a page of the draft


@transaction.atomic
def save(draft: Version, form: Form, *, by: Actor, at: datetime) -> None:
    """Raises WrongState when somebody saved the draft meanwhile."""
    row = operations.save_form(form, by=by, at=at, revision=draft.revision)
    if row.revision == draft.revision:
        return
    FormBefore.objects.create(
        code=draft.code, version=draft.version, revision=draft.revision, definition=to_builtins(draft.form), kept_at=at
    )
    FormBefore.objects.filter(code=draft.code).exclude(
        version=draft.version, revision__gt=draft.revision - MOST
    ).delete()


@transaction.atomic
def undo(draft: Version, *, by: Actor, at: datetime) -> None:
    """The draft as it stood before the last change. Raises NotFound when there is nothing to take back, WrongState as `save`."""
    before = _last(draft)
    if before is None:
        raise NotFound
    operations.save_form(from_builtins(before.definition), by=by, at=at, revision=draft.revision)
    before.delete()


def can_undo(draft: Version) -> bool:
    return _last(draft) is not None


def _last(draft: Version) -> FormBefore | None:
    return FormBefore.objects.filter(code=draft.code, version=draft.version).order_by("-revision").first()


def also_here(code: str, *, user_id: UUID, at: datetime) -> list[str]:
    """Somebody opens a page of the draft: the names of the others who did a short while ago."""
    place = uuid5(NAMESPACE_URL, f"form {code}")
    presence.here(place, user_id=user_id, doing="editing", at=at)
    return [one.name for one in presence.others(place, besides=user_id, at=at, within=LASTS)]
