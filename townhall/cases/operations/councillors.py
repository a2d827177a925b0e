"""A councillor writes in about a case: the case is marked, and a cause is needed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.cases.models import Note
from townhall.cases.operations.deciding import add_note
from townhall.cases.operations.locking import locked, record
from townhall.cases.reached import ReachedCouncillor
from townhall.core.actors import Actor
from townhall.core.errors import BadInput

LONGEST = 200  # characters of a name


@transaction.atomic
def reached_councillor(
    case_id: UUID, *, councillor: str, cause: str, words: str, by: Actor, at: datetime
) -> ReachedCouncillor:
    """Keep that a councillor had to write in, and why it came to that. `words`: what they wrote, a note. Raises BadInput, NotAllowed."""
    case = locked(case_id, by=by, to="cases.note")
    problems: dict[str, str] = {}
    if not (councillor := councillor.strip()[:LONGEST]):
        problems["councillor"] = _("Enter the councillor's name")
    if cause not in ReachedCouncillor.Cause.values:
        problems["cause"] = _("Select why it came to that")
    if problems:
        raise BadInput(problems)
    made = ReachedCouncillor.objects.create(case=case, councillor=councillor, cause=cause, at=at)
    record(case, "case.reached_councillor", by=by, at=at, cause=cause)
    if words.strip():
        add_note(case, Note.Kind.STAFF, f"{councillor}: {words.strip()}", by=by, at=at)
    return made
