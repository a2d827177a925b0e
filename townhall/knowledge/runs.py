"""Going through a script in a conversation: the answers so far, kept at every step, so that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.knowledge import scripts
from townhall.knowledge.models import Entry, Kind, Run, Version
from townhall.knowledge.permissions import SEE
from townhall.knowledge.scripts import Script, Walk
from townhall.ledger import operations as ledger


@dataclass(frozen=True, kw_only=True)
class Going:
    """A run with its script as it was in use when it began, and how far it is."""

    run: Run
    title: str
    code: str
    script: Script
    walk: Walk


def going(run: Run) -> Going:
    """One query, and one for the script."""
    version = Version.objects.select_related("entry").get(entry_id=run.entry_id, number=run.version)
    script = scripts.read(version.body)
    walk = scripts.walk(script, run.answers)
    return Going(run=run, title=version.title, code=version.entry.code, script=script, walk=walk)


def runs_of(about: Subject) -> list[Going]:
    """What was gone through in a conversation, the newest first."""
    rows = Run.objects.filter(about_kind=about.kind, about_id=about.id).order_by("-started_at", "-id")
    return [going(run) for run in rows]


@transaction.atomic
def begin(entry_id: UUID, *, about: Subject, by: Actor, at: datetime) -> Run:
    """Start a script, or go on with it when it was begun in this conversation. Raises NotAllowed, NotFound when it is not in use."""
    require(by, SEE)
    entry = Entry.objects.filter(pk=entry_id, kind=Kind.SCRIPT, version__gt=0, withdrawn_at=None).first()
    if entry is None:
        raise NotFound
    run, is_new = Run.objects.get_or_create(
        entry=entry,
        about_kind=about.kind,
        about_id=about.id,
        defaults={"version": entry.version, "by": by.id, "started_at": at, "changed_at": at},
    )
    if is_new:
        data: dict[str, object] = {"script": entry.code, "version": entry.version}
        ledger.record("knowledge.script_begun", about=run.subject, by=by, at=at, data=data)
    return run


@transaction.atomic
def answer(run_id: UUID, *, step: str, given: str, about: Subject, by: Actor, at: datetime) -> Going:
    """Answer one step, the one that is on or an earlier one again: what hung on its old answer is asked anew.

    step: its code. Raises NotAllowed, NotFound, BadInput.
    """
    require(by, SEE)
    run = Run.objects.select_for_update().filter(pk=run_id, about_kind=about.kind, about_id=about.id).first()
    if run is None:
        raise NotFound
    held = going(run)
    known = [one.step for one in held.walk.done] + [held.walk.at]
    asked = next((one for one in known if one.code == step), None)
    if asked is None or asked.end is not None:
        raise NotFound
    given = given.strip() if asked.ask else ""
    if asked.ask and not scripts.is_answer(asked, given):
        raise BadInput({"answer": asked.ask})
    refuse_card_numbers(answer=given)
    before = [[one.step.code, one.answer] for one in held.walk.done]
    place = next((index for index, one in enumerate(before) if one[0] == step), len(before))
    run.answers = [*before[:place], [step, given], *before[place + 1 :]]
    run.changed_at = at
    found = scripts.walk(held.script, run.answers)
    run.answers = [[one.step.code, one.answer] for one in found.done]
    run.ended_at = at if found.at.end is not None else None
    run.save(update_fields=["answers", "changed_at", "ended_at"])
    if run.ended_at is not None:
        data: dict[str, object] = {"end": str(found.at.end)}
        ledger.record("knowledge.script_ended", about=run.subject, by=by, at=at, data=data)
    return going(run)
