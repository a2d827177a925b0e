"""A change of law, or a new service: linked tasks with one readiness date, and a check before it goes live."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date, start_of
from townhall.knowledge import queries, tasks
from townhall.knowledge.errors import NotReady
from townhall.knowledge.models import Change, Entry, Kind, Part, Task
from townhall.knowledge.permissions import WRITE
from townhall.knowledge.states import ChangeState, TaskState, check_change
from townhall.ledger import operations as ledger

CLOCK = "knowledge.change"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A change as somebody writes it down. owners: the post for each part it touches, by code."""

    title: str
    why: str
    words: str = ""
    service_codes: tuple[str, ...] = ()
    owner_post: str
    ready_on: date
    owners: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Something that is not ready. path: where it is put right, empty when that is elsewhere."""

    words: str
    path: str = ""


Check = Callable[[Change], Iterable[Missing]]
_checks: list[Check] = []


def checked_by(check: Check) -> None:
    """An app above says what else a change needs, in `config`: forms published, pages reviewed, training passed."""
    if check not in _checks:
        _checks.append(check)


@transaction.atomic
def plan(planned: Planned, *, by: Actor, at: datetime) -> Change:
    """Write down a change; a task for each part that it touches, all due on the readiness date. Raises NotAllowed, BadInput."""
    require(by, WRITE)
    _refuse(planned, at=at)
    change = Change.objects.create(
        title=" ".join(planned.title.split()),
        why=planned.why,
        words=planned.words.strip(),
        service_codes=list(planned.service_codes),
        owner_post_id=directory.post(planned.owner_post).id,
        ready_on=planned.ready_on,
        opened_at=at,
        opened_by=by.id,
    )
    clocks.start(CLOCK, about=change.subject, at=at, due_on=planned.ready_on)
    data: dict[str, object] = {"why": planned.why, "ready_on": planned.ready_on.isoformat()}
    ledger.record("knowledge.change_opened", about=change.subject, by=by, at=at, data=data)
    for part, post in planned.owners.items():
        task = Task(
            about_kind="change",
            about_key=str(change.pk),
            title=f"{change.title}: {Part(part).label}",
            why=Task.Why.CHANGE,
            words=change.words,
            change=change,
            part=part,
            owner_post_id=directory.post(post).id,
        )
        tasks.begin(task, by=by, at=at, due_on=planned.ready_on)
    return change


@transaction.atomic
def move(change_id: UUID, *, ready_on: date, by: Actor, at: datetime) -> Change:
    """Another readiness date, for it and all that is still to do. Raises NotAllowed, NotFound, WrongState, BadInput."""
    require(by, WRITE)
    change = _locked(change_id)
    if change.state != ChangeState.PREPARING:
        raise WrongState
    if ready_on < council_date(at):
        raise BadInput({"ready_on": _("The day must be today or later")})
    change.ready_on = ready_on
    change.save(update_fields=["ready_on"])
    clocks.stop(CLOCK, about=change.subject, at=at)
    clocks.start(CLOCK, about=change.subject, at=at, due_on=ready_on)
    for task in change.tasks.select_for_update().filter(state=TaskState.OPEN):
        task.due_on = ready_on
        task.save(update_fields=["due_on"])
        clocks.stop(tasks.CLOCK, about=task.subject, at=at)
        clocks.start(tasks.CLOCK, about=task.subject, at=at, due_on=ready_on)
    ledger.record("knowledge.change_moved", about=change.subject, by=by, at=at, data={"ready_on": ready_on.isoformat()})
    return change


def missing(change: Change) -> list[Missing]:
    """The go-live check: everything that is not ready, in words."""
    found = [
        Missing(words=_("%(what)s is still to do") % {"what": task.title}, path=f"/work/knowledge/tasks/{task.pk}")
        for task in change.tasks.filter(state=TaskState.OPEN).order_by("part", "id")
    ]
    parts = set(change.tasks.filter(state=TaskState.DONE).values_list("part", flat=True))
    for code in change.service_codes:
        found += _of_service(change, code, parts)
    return [*found, *(one for check in _checks for one in check(change))]


def _of_service(change: Change, code: str, parts: set[str]) -> list[Missing]:
    """What a service must have by then: live itself, a script where scripts were touched, and words written since the change."""
    try:
        pack = catalogue.service(code)
    except NotFound:
        return [Missing(words=_("The service %(code)s is not there") % {"code": code})]
    found = []
    if not pack.live:
        found.append(Missing(words=_("%(service)s is not switched on") % {"service": pack.name}))
    if Part.SCRIPTS in parts and not queries.scripts_for(code):
        found.append(Missing(words=_("%(service)s has no script in use") % {"service": pack.name}))
    old = Entry.objects.filter(
        service_codes__contains=[code],
        kind__in=[Kind.PROCEDURE, Kind.TRAINING, Kind.SCRIPT],
        version__gt=0,
        withdrawn_at=None,
        changed_at__lt=start_of(council_date(change.opened_at)),
    ).exclude(reviewed_at__gte=change.opened_at)
    for entry in old.order_by("title"):
        words = _("“%(title)s” was neither changed nor read again since") % {"title": entry.title}
        found.append(Missing(words=words, path=f"/work/knowledge/{entry.code}"))
    in_hand = Entry.objects.filter(
        service_codes__contains=[code], versions__state__in=["draft", "offered"], withdrawn_at=None
    )
    for entry in in_hand.order_by("title").distinct():
        words = _("A version of “%(title)s” is not approved yet") % {"title": entry.title}
        found.append(Missing(words=words, path=f"/work/knowledge/{entry.code}"))
    return found


@transaction.atomic
def go_live(change_id: UUID, *, by: Actor, at: datetime) -> Change:
    """It holds from now on. Raises NotAllowed, NotFound, WrongState, NotReady while the check finds something."""
    require(by, WRITE)
    change = _locked(change_id)
    check_change(change.state, ChangeState.LIVE)
    if missing(change):
        raise NotReady
    return _end(change, ChangeState.LIVE, by=by, at=at)


@transaction.atomic
def drop(change_id: UUID, *, by: Actor, at: datetime) -> Change:
    """It does not come; what was to do for it is no longer needed. Raises NotAllowed, NotFound, WrongState."""
    require(by, WRITE)
    change = _locked(change_id)
    check_change(change.state, ChangeState.DROPPED)
    for task in change.tasks.filter(state=TaskState.OPEN):
        tasks.end(task.pk, is_done=False, answer=_("The change does not come."), by=by, at=at)
    return _end(change, ChangeState.DROPPED, by=by, at=at)


def _end(change: Change, state: ChangeState, *, by: Actor, at: datetime) -> Change:
    change.state, change.ended_at, change.ended_by = state, at, by.id
    change.save(update_fields=["state", "ended_at", "ended_by"])
    (clocks.finish if state is ChangeState.LIVE else clocks.stop)(CLOCK, about=change.subject, at=at)
    ledger.record(f"knowledge.change_{state.value}", about=change.subject, by=by, at=at)
    return change


def _locked(change_id: UUID) -> Change:
    change = Change.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise NotFound
    return change


def _refuse(planned: Planned, *, at: datetime) -> None:
    problems = {}
    posts = {post.code for post in directory.all_posts()}
    if not planned.title.strip() or len(planned.title) > 200:
        problems["title"] = _("Enter what changes")
    if planned.why not in Change.Why.values:
        problems["why"] = _("Select what kind of change it is")
    if planned.ready_on < council_date(at):
        problems["ready_on"] = _("The day must be today or later")
    if planned.owner_post not in posts:
        problems["owner_post"] = _("Select who answers for it")
    if not planned.owners:
        problems["parts"] = _("Select what it touches")
    for part, post in planned.owners.items():
        if part not in Part.values or post not in posts:
            problems[f"post-{part}"] = _("Select who does this")
    if strangers := catalogue.unknown(planned.service_codes):
        problems["services"] = _("There is no service %(code)s") % {"code": strangers[0]}
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(title=planned.title, words=planned.words)
