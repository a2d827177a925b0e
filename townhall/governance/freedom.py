"""Requests for information the council holds: 20 working days of the whole UK, exemptions with reasons, and a log of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.cases.access import cases_visible_to
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.idempotency import first_time, request_hash
from townhall.core.references import new_reference
from townhall.core.time import council_date
from townhall.forms.typed import clean_line, clean_text
from townhall.governance.models import Exemption, FreedomRequest
from townhall.governance.seeds import FREEDOM
from townhall.governance.states import FreedomState, check_freedom
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

OPEN, ANSWER = "requests.open", "freedom.answer"
LONGEST = 10_000


@transaction.atomic
def open_request(
    *,
    words: str,
    name: str,
    by: Actor,
    at: datetime,
    email: str = "",
    received_at: datetime | None = None,
    customer_id: UUID | None = None,
    case_reference: str = "",
) -> FreedomRequest:
    """It has its own clock from the day it was received, also inside a case: that goes on by itself, and they stay linked.

    The same words of the same person on the same day are the same request.

    Raises NotAllowed, NotFound for a case that `by` may not see, BadInput.
    """
    permissions.require(by, OPEN)
    words, name, email = clean_text(words), clean_line(name), clean_line(email)
    received_at = received_at or at
    problems: dict[str, str] = {}
    if not words or len(words) > LONGEST:
        problems["words"] = _("Enter what they ask for, in at most %(most)s characters") % {"most": LONGEST}
    if not name:
        problems["name"] = _("Enter the name of who asks")
    if email and "@" not in email:
        problems["email"] = _("Enter an email address like name@example.com")
    if received_at > at:
        problems["received"] = _("The day it was received must not be in the future")
    if problems:
        raise BadInput(problems)
    case = None
    if case_reference:
        case = cases_visible_to(by).filter(reference=case_reference).first()
        if case is None:
            raise NotFound
    made = FreedomRequest(
        reference=f"FOI{new_reference().removeprefix('TH')}",
        words=words,
        name=name,
        email=email,
        customer_id=customer_id or (case.customer_id if case else None),
        case=case,
        received_at=received_at,
        opened_by=UUID(by.id),
    )
    given = [words, name, email, council_date(received_at).isoformat(), case_reference]
    earlier = first_time("freedom.open", key=request_hash(given), by=by, request=given, result=made.pk)
    if earlier is not None:
        return FreedomRequest.objects.get(pk=earlier)
    made.due_on = clocks.start(FREEDOM, about=made.subject, at=received_at)
    made.save(force_insert=True)
    ledger.record(
        "freedom.opened",
        about=made.subject,
        by=by,
        at=at,
        case_id=made.case_id,
        customer_id=made.customer_id,
        data={"reference": made.reference, "due_on": made.due_on.isoformat()},
    )
    if email:
        _tell(made, "freedom/received", at=at)
    return made


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`exemptions`: section → why. `publish`: into the log of answers, under `title`, which says nothing of who asked."""

    words: str
    title: str
    exemptions: Mapping[str, str]
    publish: bool = True


@transaction.atomic
def answer(request_id: UUID, given: Answer, *, by: Actor, at: datetime) -> FreedomRequest:
    """Raises NotAllowed, NotFound, WrongState, BadInput for an exemption without a reason, or words in the log that name who asked."""
    permissions.require(by, ANSWER)
    request = _locked(request_id)
    check_freedom(request.state, FreedomState.ANSWERED)
    words, title = clean_text(given.words), clean_line(given.title)
    exemptions = {section: clean_text(why) for section, why in given.exemptions.items()}
    _check(request, words, title, exemptions, publish=given.publish)
    request.state, request.answer, request.title, request.is_published = (
        FreedomState.ANSWERED,
        words,
        title,
        given.publish,
    )
    request.answered_at, request.answered_by, request.was_late = at, UUID(by.id), council_date(at) > request.due_on
    request.save()
    Exemption.objects.bulk_create(
        Exemption(request=request, section=section, why=why) for section, why in exemptions.items()
    )
    clocks.finish(FREEDOM, about=request.subject, at=at)
    ledger.record(
        "freedom.answered",
        about=request.subject,
        by=by,
        at=at,
        case_id=request.case_id,
        customer_id=request.customer_id,
        data={"late": request.was_late, "exemptions": sorted(exemptions), "published": given.publish},
    )
    if request.email:
        _tell(request, "freedom/answered", at=at)
    return request


def _check(request: FreedomRequest, words: str, title: str, exemptions: Mapping[str, str], *, publish: bool) -> None:
    problems: dict[str, str] = {}
    if not words or len(words) > LONGEST:
        problems["words"] = _("Enter the answer, in at most %(most)s characters") % {"most": LONGEST}
    if set(exemptions) - set(Exemption.Section.values):
        problems["exemptions"] = _("Select exemptions of the Act")
    elif not all(exemptions.values()):
        problems["exemptions"] = _("Enter the reason for each exemption")
    if publish and not title:
        problems["title"] = _("Enter what it is about, for the log of answers")
    shown = " ".join((words, title, *exemptions.values())).casefold()
    if publish and any(one and one.casefold() in shown for one in (request.name, request.email)):
        problems["words"] = _("The log of answers is public: take out the name and address of who asked")
    if problems:
        raise BadInput(problems)


@transaction.atomic
def withdraw(request_id: UUID, *, by: Actor, at: datetime) -> FreedomRequest:
    """They do not ask for it any more. Raises NotAllowed, NotFound, WrongState."""
    permissions.require(by, ANSWER)
    request = _locked(request_id)
    check_freedom(request.state, FreedomState.WITHDRAWN)
    request.state = FreedomState.WITHDRAWN
    request.save(update_fields=["state"])
    clocks.stop(FREEDOM, about=request.subject, at=at)
    ledger.record(
        "freedom.withdrawn",
        about=request.subject,
        by=by,
        at=at,
        case_id=request.case_id,
        customer_id=request.customer_id,
    )
    return request


def open_requests() -> QuerySet[FreedomRequest]:
    """Soonest due first."""
    return FreedomRequest.objects.filter(state=FreedomState.OPEN).select_related("case").order_by("due_on", "id")


def of_case(case_id: UUID) -> QuerySet[FreedomRequest]:
    return FreedomRequest.objects.filter(case_id=case_id).order_by("received_at")


def published() -> QuerySet[FreedomRequest]:
    """The log of answers, newest first: title, answer, exemptions and dates are for everybody; nothing else of it is."""
    rows = FreedomRequest.objects.filter(state=FreedomState.ANSWERED, is_published=True)
    return (
        rows.prefetch_related("exemptions")
        .only("reference", "title", "answer", "received_at", "answered_at", "was_late")
        .order_by("-answered_at", "-id")
    )


def _locked(request_id: UUID) -> FreedomRequest:
    found = FreedomRequest.objects.select_for_update().filter(pk=request_id).first()
    if found is None:
        raise NotFound
    return found


def _tell(request: FreedomRequest, template: str, *, at: datetime) -> None:
    notifications.send(
        template,
        to=Recipient(name=request.name, email=request.email, customer_id=request.customer_id),
        about=request.subject,
        key=f"{template}-{request.pk}",
        context={
            "reference": request.reference,
            "due_on": request.due_on,
            "answer": request.answer,
            "exemptions": [(one.get_section_display(), one.why) for one in request.exemptions.all()],
        },
        at=at,
        case_id=request.case_id,
    )
