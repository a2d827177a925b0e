"""Cleaning up an old backlog: chase or close many cases at once, with a preview, and a time in which it can be undone.

Messages wait until that time is over, so whatever is undone was never told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.permissions import require
from townhall.cases.access import cases_visible_to
from townhall.cases.models import OPEN_JOBS, OPEN_STATES, BulkAction, Case, ContractorJob, Follower, Handoff, Task
from townhall.cases.operations.finishing import close_telling, done_context, end_work
from townhall.cases.operations.locking import record
from townhall.cases.operations.telling import preview_to, who_hears
from townhall.cases.operations.updating import tell_news
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import Outcome, Update
from townhall.clocks import operations as clocks
from townhall.clocks import queries as clock_queries
from townhall.clocks.states import ClockState
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.operations import Rendered
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import Channel

MOST_AT_ONCE = 500
UNDO = timedelta(minutes=15)
CHASE, CLOSE = BulkAction.Kind.CHASE, BulkAction.Kind.CLOSE


@dataclass(frozen=True, kw_only=True)
class CleanUp:
    """What to do with all of them.

    chase: `words` go to the customers (none: only the teams are asked). close: with `outcome_code`, and `words` as what was done.
    """

    kind: str
    words: str = ""
    outcome_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Left:
    """A case that the clean-up would leave as it is, and why."""

    case_id: UUID
    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A message exactly as one follower would get it."""

    reference: str
    to: str
    update: Update
    message: Rendered


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would happen. `services`: how many cases of each; `samples`: every message to a customer, rendered.

    `told`: how many get which update by which channel ("screen": kept without an address); `teams`: how many cases each is asked about.
    """

    cases: int
    left: list[Left]
    services: dict[str, int]
    samples: list[Sample]
    told: dict[tuple[Update, Channel], int]
    teams: dict[str, int]

    @property
    def messages(self) -> int:
        """To customers, one each."""
        return len(self.samples)


@dataclass(frozen=True, kw_only=True)
class Undone:
    put_back: int
    messages_dropped: int
    left: list[Left]  # moved on meanwhile


def preview(case_ids: Collection[UUID], wanted: CleanUp, *, by: Actor, at: datetime) -> Preview:
    """What `clean_up` would do with the same arguments. Changes nothing; a few queries, then each message is rendered.

    Raises NotAllowed, BadInput for a clean-up without words or an outcome, or of more than MOST_AT_ONCE cases.
    """
    _check(case_ids, wanted, by=by)
    cases = list(cases_visible_to(by).filter(pk__in=list(case_ids)).order_by("pk"))
    left = _left(cases, wanted)
    going = _without(cases, left)
    services: dict[str, int] = {}
    for case in going:
        name = catalogue.service(case.service_code).name
        services[name] = services.get(name, 0) + 1
    samples = _samples(going, wanted, at=at) if wanted.kind == CLOSE or wanted.words.strip() else []
    return Preview(
        cases=len(going),
        left=left,
        services=services,
        samples=samples,
        told=dict(Counter((one.update, one.message.channel) for one in samples)),
        teams=_asked(going) if wanted.kind == CHASE else {},
    )


def shared_outcomes(service_codes: Collection[str]) -> list[Outcome]:
    """The outcomes that every one of these services has, in the order and words of the first."""
    packs = [catalogue.service(code) for code in sorted(set(service_codes))]
    if not packs:
        return []
    shared = set.intersection(*({one.code for one in pack.outcomes} for pack in packs))
    return [one for one in packs[0].outcomes if one.code in shared]


@transaction.atomic
def clean_up(
    case_ids: Collection[UUID], wanted: CleanUp, *, by: Actor, at: datetime, undo: timedelta = UNDO
) -> BulkAction:
    """Chase or close these cases now. Customers hear when the time to undo is over. Cases that cannot are left as they are.

    Chasing asks each team for an answer, once for all its cases. Raises as `preview`.
    """
    _check(case_ids, wanted, by=by)
    seen = cases_visible_to(by).filter(pk__in=list(case_ids)).values("pk")
    cases = list(Case.objects.select_for_update(of=("self",)).filter(pk__in=seen).order_by("pk"))
    left = _left(cases, wanted)
    going = _without(cases, left)
    if not going:
        raise WrongState(_("None of these cases can be cleaned up this way."))
    before = {str(case.pk): _as_it_was(case, clocks_) for case, clocks_ in _with_clocks(going)}
    undo_until = at + undo
    action = BulkAction.objects.create(
        id=uuid7(), kind=wanted.kind, by_id=by.id, at=at, undo_until=undo_until, case_states=before
    )
    for case in going:
        _do(case, wanted, by=by, at=at, held_until=undo_until)
        record(case, f"case.clean_up_{wanted.kind}", by=by, at=at, action=str(action.pk))
    if wanted.kind == CHASE:
        _ask_teams(going, action, at=at)
    action.detail = {"cases": len(going), "outcome": wanted.outcome_code, "left": len(cases) - len(going)}
    action.save(update_fields=["detail"])
    ledger.record(f"clean_up.{wanted.kind}", about=_subject(action), by=by, at=at, data=dict(action.detail))
    return action


@transaction.atomic
def undo(action_id: UUID, *, by: Actor, at: datetime) -> Undone:
    """Put every case back as it was and drop the messages that wait. Cases that moved on meanwhile stay, and are named.

    Raises WrongState when it was undone or the time for it is over.
    """
    require(by, "cases.clean_up")
    action = BulkAction.objects.select_for_update().filter(pk=action_id).first()
    if action is None:
        raise NotFound
    if action.undone_at is not None:
        raise WrongState(_("This was already undone."))
    if at >= action.undo_until:
        raise WrongState(_("It is too late to undo this: the messages have been sent."))
    dropped = notifications.withdraw_about(_subject(action), by=by, at=at)
    put_back, left = 0, []
    ids = [UUID(one) for one in action.case_states]
    for case in Case.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        if action.kind == CLOSE and (case.state != State.CLOSED or case.closed_at != action.at):
            left.append(Left(case_id=case.pk, reference=case.reference, reason=_("It has moved on since.")))
            continue
        dropped += notifications.withdraw(case_id=case.pk, made_at=action.at, by=by, at=at)
        _put_back(case, action, by=by, at=at)
        put_back += 1
    action.undone_at = at
    action.save(update_fields=["undone_at"])
    ledger.record(
        "clean_up.undone", about=_subject(action), by=by, at=at, data={"cases": put_back, "messages": dropped}
    )
    return Undone(put_back=put_back, messages_dropped=dropped, left=left)


def _check(case_ids: Collection[UUID], wanted: CleanUp, *, by: Actor) -> None:
    require(by, "cases.clean_up")
    problems = {}
    if not case_ids:
        problems["cases"] = _("Select at least one case")
    if len(case_ids) > MOST_AT_ONCE:
        problems["cases"] = _("Select at most %(most)s cases at a time") % {"most": MOST_AT_ONCE}
    if wanted.kind not in BulkAction.Kind.values:
        problems["kind"] = _("Select whether to chase or to close")
    if wanted.kind == CLOSE and not wanted.outcome_code:
        problems["outcome_code"] = _("Select what was done")
    if wanted.kind == CLOSE and not wanted.words.strip():
        problems["words"] = _("Enter what the customers are told")
    if problems:
        raise BadInput(problems)


def _left(cases: Sequence[Case], wanted: CleanUp) -> list[Left]:
    """The cases that are left as they are, and why. One query."""
    busy = _busy(cases) if wanted.kind == CLOSE else set()
    reasons = [(case, _why_not(case, wanted, busy=case.pk in busy)) for case in cases]
    return [Left(case_id=case.pk, reference=case.reference, reason=reason) for case, reason in reasons if reason]


def _without(cases: Sequence[Case], left: Sequence[Left]) -> list[Case]:
    out = {one.case_id for one in left}
    return [case for case in cases if case.pk not in out]


def _why_not(case: Case, wanted: CleanUp, *, busy: bool) -> str:
    """Why a case is left as it is; empty when it is not."""
    if case.state not in OPEN_STATES:
        return _("It is no longer open.")
    if wanted.kind == CHASE:
        return ""
    if busy:
        return _("A contractor, another service or another team has something of it open.")
    if wanted.outcome_code not in {one.code for one in catalogue.service(case.service_code).outcomes}:
        return _("Its service does not have that outcome.")
    if case.state == State.DONE and case.outcome_code != wanted.outcome_code:
        return _("Its work has ended with another outcome. Tell the customer from the case.")
    return ""


def _busy(cases: Sequence[Case]) -> set[UUID]:
    """Those of which a contractor, another service or an offered team has a part."""
    ids = [case.pk for case in cases]
    return set(
        ContractorJob.objects.filter(case_id__in=ids, state__in=OPEN_JOBS)
        .values_list("case_id")
        .union(
            Task.objects.filter(case_id__in=ids, state=Task.State.OPEN).values_list("case_id"),
            Handoff.objects.filter(case_id__in=ids, state=Handoff.State.OFFERED).values_list("case_id"),
        )
        .values_list("case_id", flat=True)
    )


def _samples(cases: Sequence[Case], wanted: CleanUp, *, at: datetime) -> list[Sample]:
    followers: dict[UUID, list[Follower]] = {}
    rows = Follower.objects.filter(case_id__in=[case.pk for case in cases], ended_at__isnull=True)
    for follower in rows.order_by("since", "id"):
        followers.setdefault(follower.case_id, []).append(follower)
    found = []
    update: Update = "done" if wanted.kind == CLOSE else "update"
    for case in cases:
        hear = followers.get(case.pk, [])
        if not catalogue.service(case.service_code).sends(update):  # switched off, or on trial with some
            hear = list(who_hears(case, update))
        context = _done(case, wanted, at=at) if wanted.kind == CLOSE else {"words": wanted.words.strip()}
        for follower in hear:
            message = preview_to(follower, case, update, context=context)
            to = follower.name or follower.email
            found.append(Sample(reference=case.reference, to=to, update=update, message=message))
    return found


def _asked(cases: Sequence[Case]) -> dict[str, int]:
    """The teams that are asked, by name, with how many of the cases are theirs."""
    return dict(Counter(directory.team_by_id(case.doer_team_id).name for case in cases))


def _done(case: Case, wanted: CleanUp, *, at: datetime) -> dict[str, object]:
    days = catalogue.service(case.service_code).clocks.reopen_days
    return done_context(
        case,
        words="",
        outcome_code=wanted.outcome_code,
        outcome_text=wanted.words.strip(),
        reopen_until=council_date(at) + timedelta(days=days),
    )


def _do(case: Case, wanted: CleanUp, *, by: Actor, at: datetime, held_until: datetime) -> None:
    if wanted.kind == CHASE:
        if wanted.words.strip():
            tell_news(case, wanted.words.strip(), by=by, at=at, not_before=held_until)
        return
    if case.state != State.DONE:
        end_work(case, outcome_code=wanted.outcome_code, outcome_text=wanted.words, by=by, at=at)
    close_telling(case, by=by, at=at, not_before=held_until)


def _ask_teams(cases: Sequence[Case], action: BulkAction, *, at: datetime) -> None:
    """One mail to each team, with the cases it has to answer for; held like the rest."""
    by_team: dict[UUID, list[Case]] = {}
    for case in cases:
        by_team.setdefault(case.doer_team_id, []).append(case)
    for team_id, theirs in sorted(by_team.items()):
        team = directory.team_by_id(team_id)
        notifications.send(
            "staff/chased",
            to=Recipient(name=team.name, email=team.email),
            about=_subject(action),
            key=f"chased-{action.pk}-{team_id}",
            context={
                "cases": [
                    {
                        "reference": case.reference,
                        "service": catalogue.service(case.service_code).name,
                        "opened_at": case.opened_at,
                    }
                    for case in theirs
                ],
            },
            at=at,
            not_before=action.undo_until,
        )


_KEPT = (
    "state",
    "accepted_at",
    "work_ended_at",
    "told_at",
    "closed_at",
    "outcome_code",
    "outcome_text",
    "no_message_reason",
    "scheduled_on",
    "due_on",
)


_FIELDS = {field.attname: field for field in Case._meta.concrete_fields if field.attname in _KEPT}


def _with_clocks(cases: Sequence[Case]) -> list[tuple[Case, list[clock_queries.ClockView]]]:
    running = clock_queries.running_for([case.pk for case in cases])
    return [(case, running.get(case.pk, [])) for case in cases]


def _as_it_was(case: Case, running: Sequence[clock_queries.ClockView]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: _plain(getattr(case, name)) for name in _KEPT}
    kept["clocks"] = {
        clock.kind: [clock.due_on.isoformat(), clock.state == ClockState.PAUSED]
        for clock in running
        if clock.about == case.subject
    }
    return kept


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _put_back(case: Case, action: BulkAction, *, by: Actor, at: datetime) -> None:
    """The row, its clocks and the notes as they were. The ledger keeps both the change and its undoing."""
    kept = action.case_states[str(case.pk)]
    case.notes.filter(at=action.at, kind="update").delete()
    if action.kind == CLOSE:
        for name in _KEPT:
            setattr(case, name, _FIELDS[name].to_python(kept[name]))
        case.updated_at = at
        case.save(update_fields=[*_KEPT, "updated_at"])
        clocks.stop("case.reopen_window", about=case.subject, at=at)
        for kind, (due_on, was_paused) in kept["clocks"].items():
            clocks.start(kind, about=case.subject, at=at, case_id=case.pk, due_on=date.fromisoformat(due_on))
            if was_paused:
                clocks.pause(kind, about=case.subject, at=at, reason="waiting_for_customer", by=by)
    record(case, "case.clean_up_undone", by=by, at=at, action=str(action.pk))


def _subject(action: BulkAction) -> Subject:
    return Subject(kind="bulk_action", id=action.pk)
