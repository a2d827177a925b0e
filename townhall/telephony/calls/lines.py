"""Who is behind an agent's number, and what a queue is about: small, read for every event, seldom changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.queries import with_email
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.telephony.models import PhoneLine, PhoneQueue

MANAGE = "phone.manage"

_users = Refreshing(lambda: {(one.platform, one.agent): one.user_id for one in PhoneLine.objects.all()})
_queues = Refreshing(lambda: {one.code: one for one in PhoneQueue.objects.all()})


def user_of(platform: str, agent: str) -> UUID | None:
    return _users.get().get((platform, agent)) if agent else None


def queue(code: str) -> PhoneQueue | None:
    return _queues.get().get(code)


def queue_name(code: str) -> str:
    found = queue(code)
    return found.name if found else code


def all_queues() -> list[PhoneQueue]:
    return sorted(_queues.get().values(), key=lambda one: one.name)


@transaction.atomic
def connect_line(platform: str, agent: str, user_email: str, *, by: Actor, at: datetime) -> PhoneLine:
    """This agent of the platform is this person from now on. Raises BadInput, NotAllowed."""
    permissions.require(by, MANAGE)
    user = with_email(user_email)
    problems = {}
    if user is None:
        problems["email"] = _("Nobody on the staff has this email address")
    if not agent.strip():
        problems["agent"] = _("Enter the agent's number or name in the phone system")
    if problems or user is None:
        raise BadInput(problems)
    try:
        with transaction.atomic():
            made = PhoneLine.objects.create(platform=platform, agent=agent.strip(), user=user)
    except IntegrityError:
        raise BadInput({"agent": _("This agent is somebody's already")}) from None
    ledger.record("phone.line_connected", about=_line(made), by=by, at=at, data={"user": str(user.pk)})
    transaction.on_commit(forget)
    forget()
    return made


@transaction.atomic
def end_line(line_id: UUID, *, by: Actor, at: datetime) -> None:
    """Nobody is behind this agent any more. Raises NotFound, NotAllowed."""
    permissions.require(by, MANAGE)
    found = PhoneLine.objects.select_for_update().filter(pk=line_id).first()
    if found is None:
        raise NotFound
    ledger.record("phone.line_ended", about=_line(found), by=by, at=at, data={"user": str(found.user_id)})
    found.delete()
    transaction.on_commit(forget)
    forget()


def forget() -> None:
    _users.forget()
    _queues.forget()


def _line(one: PhoneLine) -> Subject:
    return Subject(kind="phone_line", id=one.pk)
