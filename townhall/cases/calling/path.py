"""The path that a difficult case climbs: adviser, service champion or team manager, client service, senior manager."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.directory import PostEntry
from townhall.accounts.models import User
from townhall.accounts.queries import mail_of
from townhall.cases.calling.models import PathStep
from townhall.cases.models import OPEN_STATES, Case
from townhall.cases.operations.chasing import manager_for
from townhall.cases.operations.locking import locked, record
from townhall.cases.operations.telling import context_of
from townhall.cases.states import STEP_NEXT, Step
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, WrongState
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.workforce import queries as workforce

CLIMB: Final = "cases.chase"
LONGEST: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Way:
    """A step that comes next, and who would hold the case there."""

    step: Step
    holder_id: UUID | None
    post: PostEntry | None
    name: str

    @property
    def value(self) -> str:
        return f"{self.step.value}:{self.holder_id or ''}"


def ways_up(case: Case, *, by: Actor, at: datetime) -> list[Way]:
    """Where the case can go from where it is; a step that nobody holds here is left out. Three queries at most."""
    now = PathStep.objects.filter(case=case, until_at=None).first()
    steps = sorted(STEP_NEXT[Step(now.step) if now else Step.ADVISER], key=list(Step).index)
    found = [way for step in steps for way in _ways(step, case, by, at)]
    return found or [way for step in steps for after in STEP_NEXT[step] for way in _ways(after, case, by, at)]


def _ways(step: Step, case: Case, by: Actor, at: datetime) -> list[Way]:
    pack = catalogue.service(case.service_code)
    if step is Step.CHAMPION:
        return [
            Way(step=step, holder_id=one.user_id, post=None, name=one.name)
            for one in workforce.champions_of(case.service_code, on=council_date(at))
            if one.kind == "service" and str(one.user_id) != by.id
        ]
    post: PostEntry | None
    if step is Step.TEAM_MANAGER:
        post = next((found for team in sorted(by.teams) if (found := directory.manager_of(team))), None)
    elif step is Step.CLIENT_SERVICE:
        post = manager_for(case, case.doer_team_id)
    else:
        post = directory.post(pack.senior_manager)
    if post is None or post.id in by.posts:  # nobody sends it up to themselves
        return []
    return [Way(step=step, holder_id=None, post=post, name=post.title)]


@transaction.atomic
def climb(case_id: UUID, *, to: str, why: str, by: Actor, at: datetime) -> PathStep:
    """Hand a difficult case one step up, to a way of `ways_up`, with why. The first climb notes the adviser's own time too.

    Raises NotFound, NotAllowed, WrongState when it is over or was moved meanwhile, BadInput.
    """
    case = locked(case_id, by=by, to=CLIMB)
    if case.state not in OPEN_STATES:
        raise WrongState(_("This case is no longer open."))
    way = next((one for one in ways_up(case, by=by, at=at) if one.value == to), None)
    problems = {}
    if way is None:
        problems["to"] = _("Select who takes it up")
    if not why.strip() or len(why) > LONGEST:
        problems["why"] = _("Enter why, in 2,000 characters or fewer")
    if problems or way is None:
        raise BadInput(problems)
    before = PathStep.objects.select_for_update().filter(case=case, until_at=None).first()
    if before is None:
        before = PathStep(case=case, step=Step.ADVISER, holder_id=UUID(by.id), from_at=_began(case, by, at))
    before.until_at = at
    before.save()
    made = PathStep.objects.create(
        case=case,
        step=way.step,
        holder_id=way.holder_id,
        post_id=way.post.id if way.post else None,
        why=why.strip(),
        from_at=at,
    )
    record(case, "case.climbed", by=by, at=at, step=way.step.value, was=before.step)
    _mail(case, way, made, at=at)
    return made


def _began(case: Case, by: Actor, at: datetime) -> datetime:
    """Since when the adviser has had it: their own last contact about it, or since it was opened."""
    rows = case.contacts.filter(contact__adviser_id=by.id, contact__started_at__lte=at)
    return rows.order_by("-at").values_list("contact__started_at", flat=True).first() or case.opened_at


def _mail(case: Case, way: Way, made: PathStep, *, at: datetime) -> None:
    to = mail_of(way.post.id, on=council_date(at)) if way.post else []
    if way.holder_id:
        to = list(User.objects.filter(pk=way.holder_id).values_list("email", flat=True))
    context = {
        **context_of(case),
        "step": made.get_step_display(),
        "why": made.why,
        "work_link": f"{settings.PUBLIC_URL}/work/cases/{case.reference}",
    }
    for email in to:
        notifications.send(
            "staff/case_climbed",
            to=Recipient(name=way.name, email=email),
            about=case.subject,
            key=f"climbed-{made.pk}-{email}",
            context=context,
            at=at,
            case_id=case.pk,
        )
