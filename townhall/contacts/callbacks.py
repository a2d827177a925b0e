"""Everything that changes a call-back: asked for, tried, reached or not. Its deadline is a clock, its owner a post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory, permissions
from townhall.accounts.queries import mail_of
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.clocks.events import ClockRang
from townhall.clocks.models import Clock
from townhall.contacts.callback_queries import reads
from townhall.contacts.models import CallBack, CallBackTry
from townhall.contacts.states import OPEN_CALL_BACKS, CallBackState, check_call_back
from townhall.core.actors import SYSTEM, Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers.typed import normalised_phone
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

CLOCK = "contact.call_back"
MAY = "contacts.log"
TRIES = 3  # after so many without reaching them it may be given up
LONGEST_WORDS = 2_000


@dataclass(frozen=True, kw_only=True)
class NewCallBack:
    """A message. Without `owner_post` it is the service's teller's, or the manager's of the team."""

    phone: str
    name: str = ""
    email: str = ""
    about: str = ""
    service_code: str = ""
    team_id: UUID | None = None
    owner_post_id: UUID | None = None
    contact_id: UUID | None = None
    customer_id: UUID | None = None
    source: str = CallBack.Source.MESSAGE
    key: str | None = None


@transaction.atomic
def ask(new: NewCallBack, *, by: Actor, at: datetime) -> CallBack:
    """Have somebody called back within the time of the clock; they are told by when. The same key again gives the first.

    Raises BadInput without a number that can be called or somebody to call, NotAllowed.
    """
    if by.is_staff:
        permissions.require(by, MAY)
    if new.key and (earlier := CallBack.objects.filter(key=new.key).first()):
        return earlier
    phone = normalised_phone(new.phone)
    problems: dict[str, str] = {}
    if not phone:
        problems["phone"] = _("Enter the number to call them back on")
    if len(new.about) > LONGEST_WORDS:
        problems["about"] = _("What it is about must be %(most)d characters or fewer") % {"most": LONGEST_WORDS}
    owner = _owner(new)
    if owner is None:
        problems["owner"] = _("Select who calls them back")
    if problems or owner is None:
        raise BadInput(problems)
    refuse_card_numbers(about=new.about)
    team_id, post_id = owner
    call_back_id = uuid7()
    if new.key and (first := first_time("call_back.ask", key=new.key, by=by, request=new.key, result=call_back_id)):
        return CallBack.objects.get(pk=first)
    made = CallBack(
        id=call_back_id,
        source=new.source,
        contact_id=new.contact_id,
        customer_id=new.customer_id,
        name=new.name.strip(),
        phone=phone,
        email=new.email.strip(),
        about=new.about.strip(),
        service_code=new.service_code,
        team_id=team_id,
        owner_post_id=post_id,
        asked_at=at,
        due_at=at,
        key=new.key,
    )
    clocks.start(CLOCK, about=_subject(made), at=at)
    made.due_at = Clock.objects.get(kind=CLOCK, subject_kind="call_back", subject_id=made.pk).due_at
    made.save(force_insert=True)
    _record("call_back.asked", made, by=by, at=at, source=made.source, post=str(post_id))
    _tell(made, "asked", at=at)
    return made


def _owner(new: NewCallBack) -> tuple[UUID, UUID] | None:
    """Team and post that call back; None when neither a post, a service nor a team with a manager is named."""
    if new.owner_post_id is not None:
        return directory.post_by_id(new.owner_post_id).team_id, new.owner_post_id
    if new.team_id is None and new.service_code:
        try:
            pack = catalogue.entry(new.service_code).pack
            return directory.team(pack.owner_team).id, directory.post(pack.teller).id
        except (NotFound, directory.UnknownCode):
            return None
    manager = directory.manager_of(new.team_id) if new.team_id else None
    return (manager.team_id, manager.id) if manager else None


@transaction.atomic
def tried(
    call_back_id: UUID, result: str, *, note: str = "", by: Actor, at: datetime, seen: int | None = None
) -> CallBack:
    """What came of calling them. Spoken to: it is done. Else they hear that we tried, and it stays owed.

    seen: the tries that there were when `by` began to say so; the same said again since then is no further try.
    Raises BadInput for a result that there is none of, NotFound, WrongState, NotAllowed.
    """
    call_back = _open(call_back_id, by=by)
    if result not in CallBackTry.Result.values:
        raise BadInput({"result": _("Select what came of it")})
    user = UUID(by.id) if by.is_staff else None
    since = [] if seen is None else list(call_back.attempts.order_by("at", "id").values_list("by_id", "result")[seen:])
    if (user, result) in since:
        return call_back
    refuse_card_numbers(note=note)
    to = CallBackState.DONE if result == CallBackTry.Result.SPOKE else CallBackState.TRIED
    if not (call_back.state == to == CallBackState.TRIED):
        check_call_back(call_back.state, to)
    CallBackTry.objects.create(call_back=call_back, at=at, by_id=user, result=result, note=note.strip())
    call_back.tries += 1
    call_back.taken_by_id = call_back.taken_by_id or user
    _move(call_back, to, by=by, at=at, result=result)
    if to == CallBackState.TRIED and result != CallBackTry.Result.WRONG_NUMBER:
        _tell(call_back, "tried", at=at)
    return call_back


@transaction.atomic
def give_up(call_back_id: UUID, *, by: Actor, at: datetime) -> CallBack:
    """They could not be reached after TRIES tries, or the number was wrong; they are told how to reach us. Raises WrongState before."""
    call_back = _open(call_back_id, by=by)
    was_wrong = call_back.attempts.filter(result=CallBackTry.Result.WRONG_NUMBER).exists()
    if call_back.tries < TRIES and not was_wrong:
        raise BadInput({"result": _("Try %(tries)d times before giving up") % {"tries": TRIES}})
    check_call_back(call_back.state, CallBackState.FAILED)
    _move(call_back, CallBackState.FAILED, by=by, at=at)
    _tell(call_back, "failed", at=at)
    return call_back


@transaction.atomic
def withdraw(call_back_id: UUID, *, by: Actor, at: datetime) -> CallBack:
    """They no longer want to be called: they got through, or said so."""
    call_back = _open(call_back_id, by=by)
    check_call_back(call_back.state, CallBackState.WITHDRAWN)
    _move(call_back, CallBackState.WITHDRAWN, by=by, at=at)
    return call_back


@transaction.atomic
def give_to(call_back_id: UUID, post_id: UUID, *, by: Actor, at: datetime) -> CallBack:
    """Another post owns it from now on; the deadline stays."""
    call_back = _open(call_back_id, by=by)
    try:
        post = directory.post_by_id(post_id)
    except directory.UnknownCode:
        raise BadInput({"owner": _("Select who calls them back")}) from None
    call_back.owner_post_id, call_back.team_id, call_back.taken_by_id = post.id, post.team_id, None
    call_back.save(update_fields=["owner_post", "team", "taken_by"])
    _record("call_back.given", call_back, by=by, at=at, post=str(post.id))
    return call_back


def clock_rang(event: ClockRang) -> None:
    """The time is over: it counts as missed, and the manager of its team is told once."""
    if event.kind != CLOCK or event.rung != "due":
        return
    call_back = CallBack.objects.select_for_update().filter(pk=event.subject.id).first()
    if call_back is None or call_back.state != CallBackState.DUE or call_back.missed_at is not None:
        return  # somebody has called: what was promised is kept, reached or not
    call_back.missed_at = event.at
    call_back.save(update_fields=["missed_at"])
    _record("call_back.missed", call_back, by=SYSTEM, at=event.at)
    manager = directory.manager_of(call_back.team_id)
    post = manager or directory.post_by_id(call_back.owner_post_id)
    for email in mail_of(post.id, on=council_date(event.at)):
        notifications.send(
            "staff/call_back_missed",
            to=Recipient(name=post.title, email=email),
            about=_subject(call_back),
            key=f"call-back-missed-{call_back.pk}-{email}",
            context={
                "asked_at": call_back.asked_at,
                "due_at": call_back.due_at,
                "tries": call_back.tries,
                "team": directory.team_by_id(call_back.team_id).name,
                "link": f"{settings.PUBLIC_URL}/work/call-backs/{call_back.pk}",
            },
            at=event.at,
        )


def _open(call_back_id: UUID, *, by: Actor) -> CallBack:
    if by.is_staff:
        permissions.require(by, MAY)
    found = CallBack.objects.select_for_update().filter(pk=call_back_id).first()
    if found is None or not reads(by, found):
        raise NotFound
    return found


def _move(call_back: CallBack, to: CallBackState, *, by: Actor, at: datetime, **data: object) -> None:
    call_back.state = to
    if to not in OPEN_CALL_BACKS:
        call_back.finished_at = at
        if to == CallBackState.WITHDRAWN:
            clocks.stop(CLOCK, about=_subject(call_back), at=at)
        else:
            clocks.finish(CLOCK, about=_subject(call_back), at=at)
    call_back.save()
    _record(f"call_back.{to.value}", call_back, by=by, at=at, **data)


def _tell(call_back: CallBack, what: str, *, at: datetime) -> None:
    """To whoever left the message, by the way they gave; each of these once for each try."""
    notifications.send(
        f"call-back/{what}",
        to=Recipient(
            name=call_back.name, email=call_back.email, phone=call_back.phone, customer_id=call_back.customer_id
        ),
        about=_subject(call_back),
        key=f"call-back-{what}-{call_back.pk}-{call_back.tries}",
        context={"due_at": call_back.due_at, "at": at, "phone": settings.COUNCIL_PHONE},
        at=at,
    )


def _subject(call_back: CallBack) -> Subject:
    return Subject(kind="call_back", id=call_back.pk)


def _record(verb: str, call_back: CallBack, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(verb, about=_subject(call_back), by=by, at=at, customer_id=call_back.customer_id, data=data)
