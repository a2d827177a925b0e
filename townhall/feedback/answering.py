"""Answering a survey, once; a dissatisfied answer has a reason, stands with the request, and opens a task to put it right."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Role
from townhall.accounts.permissions import require
from townhall.accounts.queries import mail_of
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.cards import REFUSAL, has_card_number
from townhall.core.errors import NotAllowed, NotFound, WrongState, refuse
from townhall.core.time import council_date
from townhall.feedback import counting
from townhall.feedback.models import Answer, Asked, Recovery
from townhall.feedback.seeds import RECOVERY
from townhall.feedback.states import RecoveryState, check_recovery
from townhall.forms.typed import clean_text
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

SEE, RECOVER, MANAGE = "surveys.see", "surveys.recover", "surveys.manage"
LONGEST = 2_000  # characters of a comment


@transaction.atomic
def answer(asked_id: UUID, *, score: int | None, reason: str, comment: str, by: Actor, at: datetime) -> Answer:
    """Raises NotFound, WrongState when it was answered or its time is over, BadInput."""
    asked = Asked.objects.select_for_update().filter(pk=asked_id).first()
    if asked is None:
        raise NotFound
    if Answer.objects.filter(asked=asked).exists():
        raise WrongState(_("You have answered this survey already. Thank you."))
    if at > asked.until_at:
        raise WrongState(_("This survey is over. You can still tell us what you think."))
    words = clean_text(comment).strip()
    is_poor = score in (Answer.Score.POOR, Answer.Score.VERY_POOR)
    found = {
        "score": "" if score in Answer.Score.values else _("Select how satisfied you are"),
        "reason": _("Select why") if is_poor and reason not in Answer.Reason.values else "",
        "comment": _("Use %(most)s characters or fewer") % {"most": f"{LONGEST:,}"} if len(words) > LONGEST else "",
    }
    if has_card_number(words):
        found["comment"] = str(REFUSAL)
    refuse(found)
    assert score is not None
    made = Answer.objects.create(
        asked=asked,
        customer_id=asked.customer_id,
        score=score,
        reason=reason if is_poor else "",
        comment=words,
        case_id=_case_of(asked),
        at=at,
    )
    ledger.record(
        "survey.answered",
        about=made.subject,
        by=by,
        at=at,
        case_id=made.case_id,
        customer_id=made.customer_id,
        data={
            "score": score,
            "reason": made.reason,
            "service": asked.service_code,
            "channel": asked.channel,
            "on": str(Answer.Score(score).label),
        },
    )
    counting.count(asked.point, asked.service_code, asked.channel, at=at, score=score)
    if is_poor:
        _open_recovery(made, asked, by=by, at=at)
    return made


def _case_of(asked: Asked) -> UUID | None:
    return asked.about_id if asked.about_kind == "case" else None


def _open_recovery(made: Answer, asked: Asked, *, by: Actor, at: datetime) -> None:
    post = owner_of(asked.service_code)
    recovery = Recovery(
        answer=made,
        customer_id=made.customer_id,
        service_code=asked.service_code,
        owner_post_id=post.id,
        opened_at=at,
        due_on=council_date(at),
    )
    recovery.due_on = clocks.start(RECOVERY, about=recovery.subject, at=at, case_id=made.case_id)
    recovery.save(force_insert=True)
    data: dict[str, object] = {
        "post": str(post.id),
        "service": asked.service_code,
        "due_on": recovery.due_on.isoformat(),
    }
    ledger.record(
        "recovery.opened",
        about=recovery.subject,
        by=by,
        at=at,
        case_id=made.case_id,
        customer_id=made.customer_id,
        data=data,
    )
    for email in mail_of(post.id, on=council_date(at)):
        notifications.send(
            "staff/recovery",
            to=Recipient(name=post.title, email=email),
            about=recovery.subject,
            key=f"recovery-{recovery.pk}-{email}",
            context={
                "reason": made.get_reason_display(),
                "reference": asked.reference,
                "due_on": recovery.due_on,
                "link": f"{settings.PUBLIC_URL}/work/surveys/recoveries/{recovery.pk}",
            },
            at=at,
        )


def owner_of(service_code: str) -> directory.PostEntry:
    """The manager of the service's team, else of customer services' advisers, else any manager: never nobody."""
    try:
        team = directory.team(catalogue.entry(service_code).pack.owner_team) if service_code else None
    except (NotFound, directory.UnknownCode):
        team = None
    if team and (manager := directory.manager_of(team.id)):
        return manager
    posts = directory.all_posts()
    front = {one.team_id for one in posts if one.role == Role.ADVISER}
    ranked = sorted(
        (one for one in posts if one.role in (Role.TEAM_MANAGER, Role.SENIOR_MANAGER)),
        key=lambda one: (one.role != Role.TEAM_MANAGER or one.team_id not in front, one.code),
    )
    return ranked[0] if ranked else posts[0]


@transaction.atomic
def put_right(recovery_id: UUID, *, words: str, by: Actor, at: datetime) -> Recovery:
    """What was done. By holders of the post that owns it, and managers. Raises NotFound, NotAllowed, WrongState, BadInput."""
    require(by, RECOVER)
    found = Recovery.objects.select_for_update().filter(pk=recovery_id).first()
    if found is None:
        raise NotFound
    if not is_theirs(found, by):
        raise NotAllowed(_("The post that it was given to does that."))
    check_recovery(found.state, RecoveryState.DONE)
    said = clean_text(words).strip()
    refuse({"words": "" if said and len(said) <= LONGEST else _("Say what was done, in at most 2,000 characters")})
    found.state, found.words, found.done_at, found.done_by = RecoveryState.DONE, said, at, UUID(by.id)
    found.save(update_fields=["state", "words", "done_at", "done_by"])
    clocks.finish(RECOVERY, about=found.subject, at=at)
    data: dict[str, object] = {"service": found.service_code}
    ledger.record("recovery.done", about=found.subject, by=by, at=at, customer_id=found.customer_id, data=data)
    return found


def is_theirs(recovery: Recovery, by: Actor) -> bool:
    return recovery.owner_post_id in by.posts or bool(by.roles & {Role.TEAM_MANAGER, Role.SENIOR_MANAGER})
