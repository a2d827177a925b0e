"""Paging whoever is on call: a text with a link, then the next on the rota, until somebody says that they have it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from townhall.accounts import directory
from townhall.accounts.models import User
from townhall.accounts.permissions import themselves
from townhall.accounts.queries import mail_of
from townhall.catalogue import queries as catalogue
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound
from townhall.core.subjects import Subject
from townhall.core.sweeps import each_by_itself
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.telephony.messages import NightTakenIn
from townhall.telephony.models import NightCall, NightPage, NightService, OnCallTurn
from townhall.telephony.states import NightState, check_night

BATCH = 50
LINK_LASTS = timedelta(days=2)
PAGE_MINUTES = 10  # where the service says nothing else


def begin(call: NightCall, *, at: datetime) -> None:
    """Page the first on the rota now. The call is locked, or new."""
    check_night(call.state, NightState.PAGING)
    call.state = NightState.PAGING
    _page_next(call, at=at)


def sweep(at: datetime) -> int:
    """Those that nobody has answered in time go to the next on the rota; how many."""
    due = NightCall.objects.filter(next_page_at__lte=at).order_by("next_page_at").values_list("pk", flat=True)[:BATCH]
    return each_by_itself(list(due), lambda call_id: _again(call_id, at=at))


@transaction.atomic
def _again(call_id: UUID, *, at: datetime) -> int:
    calls = NightCall.objects.select_for_update(skip_locked=True, of=("self",))
    call = calls.filter(pk=call_id, state=NightState.PAGING, next_page_at__lte=at).first()
    if call is None:
        return 0
    _page_next(call, at=at)
    return 1


def on_call(service_code: str, *, at: datetime) -> list[OnCallTurn]:
    """Who is on call for a service at a moment, in the order of paging."""
    turns = OnCallTurn.objects.filter(
        service_code=service_code, starts_at__lte=at, ends_at__gt=at, user__is_active=True
    )
    return list(turns.select_related("user").order_by("position", "starts_at", "id"))


def _page_next(call: NightCall, *, at: datetime) -> None:
    """The next who has not been paged yet; after the last the senior manager hears, and it begins again with the first."""
    turns = on_call(call.service_code, at=at)
    paged = list(call.pages.order_by("at", "id").values_list("user_id", flat=True))
    waiting = [turn for turn in turns if paged.count(turn.user_id) <= _rounds(paged, turns)]
    if waiting:
        turn = waiting[0]
        _page(call, turn.user.name, email=turn.user.email, phone=turn.phone, user_id=turn.user_id, at=at)
    if not turns or (paged and all(paged.count(turn.user_id) == 1 for turn in turns) and waiting == turns):
        _tell_senior(call, at=at)
    minutes = NightService.objects.filter(pk=call.service_code).values_list("page_minutes", flat=True).first()
    call.next_page_at = at + timedelta(minutes=minutes or PAGE_MINUTES)
    call.save(update_fields=["state", "next_page_at"])


def _rounds(paged: Sequence[UUID | None], turns: Sequence[OnCallTurn]) -> int:
    """How often everybody on call has been paged."""
    return min((paged.count(turn.user_id) for turn in turns), default=0)


def _tell_senior(call: NightCall, *, at: datetime) -> None:
    post = directory.post(catalogue.service(call.service_code).senior_manager)
    for email in mail_of(post.id, on=council_date(at)):
        _page(call, post.title, email=email, phone="", user_id=None, at=at)


def _page(call: NightCall, name: str, *, email: str, phone: str, user_id: UUID | None, at: datetime) -> None:
    page = NightPage.objects.create(
        call=call, user_id=user_id, to=name, phone=phone, at=at, token=secrets.token_urlsafe(18)
    )
    notifications.send(
        "staff/paged",
        to=Recipient(name=name, phone=phone, email=email, prefers="text" if phone else None),
        about=Subject(kind="night_call", id=call.pk),
        key=f"page-{page.pk}",
        context={
            "service": catalogue.service(call.service_code).name,
            "address": call.address,
            "started_at": call.started_at,
            "link": f"{settings.PUBLIC_URL}/on-call/{page.token}",
        },
        at=at,
        case_id=call.case_id,
        channel="text" if phone else None,
    )
    about = Subject(kind="night_call", id=call.pk)
    ledger.record(
        "night_call.paged", about=about, by=SYSTEM, at=at, case_id=call.case_id, data={"user": str(user_id or "")}
    )


def page_of(token: str, *, at: datetime) -> NightPage:
    """What a link in a page leads to. Raises NotFound when it is over."""
    found = NightPage.objects.select_related("call__case").filter(token=token, at__gt=at - LINK_LASTS).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def answer(token: str, *, at: datetime) -> NightCall:
    """Whoever was paged has it: nobody else is paged. Twice is once; the first counts. Raises NotFound."""
    page = page_of(token, at=at)
    call = NightCall.objects.select_for_update().get(pk=page.call_id)
    if page.answered_at is None:
        NightPage.objects.filter(pk=page.pk).update(answered_at=at)
    if call.state == NightState.PAGING:
        _take(call, page.user_id, by=themselves(page.user_id) if page.user_id else SYSTEM, at=at)
    return call


@transaction.atomic
def taken_by_partner(said: NightTakenIn, *, source: str, by: Actor, at: datetime) -> None:
    """The officer told the partner by phone. Raises NotFound for a call that did not come yet, so that it is tried again."""
    call = NightCall.objects.select_for_update().filter(source=source, external_id=said.call).first()
    if call is None:
        raise NotFound
    if call.state == NightState.PAGING:
        user = User.objects.filter(name=said.by, is_active=True).values_list("pk", flat=True).first()
        _take(call, user, by=by, at=at)


def _take(call: NightCall, user_id: UUID | None, *, by: Actor, at: datetime) -> None:
    check_night(call.state, NightState.TAKEN)
    call.state, call.taken_by_id, call.taken_at, call.next_page_at = NightState.TAKEN, user_id, at, None
    call.save(update_fields=["state", "taken_by", "taken_at", "next_page_at"])
    about = Subject(kind="night_call", id=call.pk)
    ledger.record("night_call.taken", about=about, by=by, at=at, case_id=call.case_id)


@transaction.atomic
def settle(token: str, *, outcome: str, at: datetime) -> NightCall:
    """What was done about it in the night, by whoever was paged. The case stays open for the team to close. Raises NotFound, WrongState."""
    page = page_of(token, at=at)
    call = NightCall.objects.select_for_update().get(pk=page.call_id)
    check_night(call.state, NightState.SETTLED)
    call.state, call.outcome, call.settled_at = NightState.SETTLED, outcome.strip()[:1_000], at
    call.save(update_fields=["state", "outcome", "settled_at"])
    by = themselves(page.user_id) if page.user_id else SYSTEM
    ledger.record(
        "night_call.settled", about=Subject(kind="night_call", id=call.pk), by=by, at=at, case_id=call.case_id
    )
    return call
