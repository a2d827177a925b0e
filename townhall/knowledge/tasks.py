"""Something we say is unclear, wrong or missing: a content task with an owner and a day, which a case can name as its cause."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.permissions import require
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor, ActorKind
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.knowledge import search
from townhall.knowledge.models import Citation, Task
from townhall.knowledge.permissions import FLAG, WRITE
from townhall.knowledge.states import TaskState, check_task
from townhall.knowledge.things import Listed
from townhall.ledger import operations as ledger

CLOCK = "knowledge.task"
CONTENT_OWNER = "customer-services-manager"  # the post that hears of what nobody else answers for
LONGEST = 1_000
MOST_WORDS = 8_000  # of all who flagged the same


@transaction.atomic
def flag(kind: str, key: str, *, why: str, words: str, by: Actor, at: datetime) -> Task:
    """Say that something is unclear or wrong; anybody may. What is flagged already gets the words added.

    Raises NotAllowed for staff who may not, NotFound, BadInput.
    """
    if by.kind is ActorKind.STAFF:
        require(by, FLAG)
    found = search.listed(kind, key)
    if by.kind is not ActorKind.STAFF and not found.is_public:
        raise NotFound
    words = words.strip()
    problems = {}
    if why not in (Task.Why.UNCLEAR, Task.Why.WRONG):
        problems["why"] = _("Select what is the matter")
    if not words or len(words) > LONGEST:
        problems["words"] = _("Enter what is unclear or wrong, in up to %(most)d characters") % {"most": LONGEST}
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(words=words)
    held = (
        Task.objects.select_for_update()
        .filter(about_kind=kind, about_key=key, why=why, state=TaskState.OPEN, change=None)
        .first()
    )
    if held is not None:
        return _add_words(held, words, by=by, at=at)
    return _open(found, why=why, words=words, by=by, at=at)


def _add_words(task: Task, words: str, *, by: Actor, at: datetime) -> Task:
    if len(task.words) + len(words) < MOST_WORDS:
        task.words = f"{task.words}\n\n{words}"
        task.save(update_fields=["words"])
    ledger.record("knowledge.flagged_again", about=task.subject, by=by, at=at)
    return task


def _open(found: Listed, *, why: str, words: str, by: Actor, at: datetime) -> Task:
    return begin(
        Task(
            about_kind=found.about_kind,
            about_key=found.key,
            title=found.title,
            path=found.path or found.staff_path,
            why=why,
            words=words,
            owner_post_id=found.owner_post_id,
        ),
        by=by,
        at=at,
    )


def begin(task: Task, *, by: Actor, at: datetime, due_on: date | None = None) -> Task:
    """Enter a task and start its clock, in the caller's transaction. due_on: working days from now when it is not given."""
    task.owner_post_id = task.owner_post_id or fallback_owner()
    task.opened_at, task.opened_by_kind, task.opened_by = at, by.kind.value, by.id
    task.due_on = clocks.start(CLOCK, about=task.subject, at=at, due_on=due_on)
    task.save(force_insert=True)
    data: dict[str, object] = {"about": task.about_kind, "why": str(task.why), "due_on": task.due_on.isoformat()}
    ledger.record("knowledge.task_opened", about=task.subject, by=by, at=at, data=data)
    return task


def fallback_owner() -> UUID | None:
    try:
        return directory.post(CONTENT_OWNER).id
    except directory.UnknownCode:
        return None


@transaction.atomic
def open_for_miss(words: str, *, by: Actor, at: datetime) -> Task:
    """Have something written about what people search for in vain. Raises NotAllowed."""
    require(by, WRITE)
    held = Task.objects.filter(about_kind="search", about_key=words, state=TaskState.OPEN).first()
    if held is not None:
        return held
    task = Task(about_kind="search", about_key=words, title=words, why=Task.Why.MISSING)
    return begin(task, by=by, at=at)


@transaction.atomic
def end(task_id: UUID, *, is_done: bool, answer: str, by: Actor, at: datetime) -> Task:
    """It was put right, or need not be, with a sentence. Raises NotAllowed, NotFound, BadInput, WrongState."""
    require(by, WRITE)
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise NotFound
    then = TaskState.DONE if is_done else TaskState.DROPPED
    check_task(task.state, then)
    answer = answer.strip()
    if not answer or len(answer) > LONGEST:
        raise BadInput({"answer": _("Enter what was done") if is_done else _("Enter why not")})
    refuse_card_numbers(answer=answer)
    task.state, task.ended_at, task.ended_by, task.answer = then, at, by.id, answer
    task.save(update_fields=["state", "ended_at", "ended_by", "answer"])
    (clocks.finish if is_done else clocks.stop)(CLOCK, about=task.subject, at=at)
    ledger.record(f"knowledge.task_{then.value}", about=task.subject, by=by, at=at)
    return task


@transaction.atomic
def give(task_id: UUID, *, owner_post: str, by: Actor, at: datetime) -> Task:
    """Have somebody else do it. Raises NotAllowed, NotFound, BadInput."""
    require(by, WRITE)
    task = Task.objects.select_for_update().filter(pk=task_id, state=TaskState.OPEN).first()
    if task is None:
        raise NotFound
    if owner_post not in {post.code for post in directory.all_posts()}:
        raise BadInput({"owner_post": _("Select a post")})
    task.owner_post_id = directory.post(owner_post).id
    task.save(update_fields=["owner_post_id"])
    ledger.record("knowledge.task_given", about=task.subject, by=by, at=at, data={"post": owner_post})
    return task


@transaction.atomic
def cite(
    task_id: UUID, *, about: Subject, reference: str, by: Actor, at: datetime, case_id: UUID | None = None
) -> Citation:
    """Name a task's fault as the cause of a case or complaint; once. The caller says that `by` may see the case.

    Raises NotAllowed, NotFound.
    """
    require(by, FLAG)
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise NotFound
    made, is_new = Citation.objects.get_or_create(
        task=task,
        subject_kind=about.kind,
        subject_id=about.id,
        defaults={"reference": reference, "cited_at": at, "cited_by": by.id},
    )
    if is_new:
        data: dict[str, object] = {"task": str(task.pk), "about": task.about_kind}
        ledger.record("knowledge.cited", about=about, by=by, at=at, case_id=case_id, data=data)
    return made


def cited_by(about: Subject) -> list[Citation]:
    """What a case names as its causes, the oldest first. One query."""
    rows = Citation.objects.filter(subject_kind=about.kind, subject_id=about.id)
    return list(rows.select_related("task").order_by("cited_at", "id"))


def open_tasks(*, post_ids: frozenset[UUID] = frozenset()) -> QuerySet[Task]:
    """What is to do, the soonest due first; only of these posts, when some are named."""
    rows = Task.objects.filter(state=TaskState.OPEN)
    return (rows.filter(owner_post_id__in=post_ids) if post_ids else rows).order_by("due_on", "id")
