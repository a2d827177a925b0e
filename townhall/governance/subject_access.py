"""Answering somebody who asks for everything that is held about them: one month, each entry about others judged, one safe answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.clocks import operations as clocks
from townhall.clocks import reference
from townhall.clocks.working_days import add_months
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date
from townhall.customers.merging.aliases import standing
from townhall.customers.models import Customer
from townhall.documents.models import Document, Kind
from townhall.documents.operations import keep_document, language_of
from townhall.documents.wording import worded
from townhall.forms.typed import clean_line
from townhall.governance import held, plain
from townhall.governance.held import Entry
from townhall.governance.models import Redaction, SubjectRequest
from townhall.governance.seeds import SUBJECT
from townhall.governance.states import SubjectState, check_subject
from townhall.ledger import operations as ledger

OPEN, ANSWER = "requests.open", "requests.answer"
LONGEST = 1_000


@transaction.atomic
def open_request(customer_id: UUID, *, by: Actor, at: datetime, received_at: datetime | None = None) -> SubjectRequest:
    """They ask for everything: the clock runs from the day it was received. Asked again while one is open, it is that one.

    From now on nothing of theirs is removed until it is answered. Raises NotAllowed, NotFound, BadInput for a day to come.
    """
    permissions.require(by, OPEN)
    received_at = received_at or at
    if received_at > at:
        raise BadInput({"received": _("The day it was received must not be in the future")})
    customer = Customer.objects.select_for_update().filter(pk=standing(customer_id) or customer_id).first()
    if customer is None:
        raise NotFound
    there = SubjectRequest.objects.filter(customer=customer, state=SubjectState.OPEN).first()
    if there is not None:
        return there
    made = SubjectRequest(customer=customer, received_at=received_at, opened_by=UUID(by.id))
    made.due_on = clocks.start(SUBJECT, about=made.subject, at=received_at)
    made.save(force_insert=True)
    ledger.record("subject_access.opened", about=made.subject, by=by, at=at, customer_id=customer.pk)
    return made


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """An entry with what was decided about it. `waits`: it is to be judged, or has changed since it was."""

    entry: Entry
    what: str
    reason: str
    waits: bool
    hidden: Sequence[str]


def review(request_id: UUID, *, by: Actor, at: datetime) -> tuple[SubjectRequest, list[Reviewed]]:
    """Everything that is held now, with the decisions; nothing once it is over, as what was given is in the answer.

    Written down as a look at the record. Raises NotAllowed, NotFound.
    """
    permissions.require(by, ANSWER)
    request = _request(request_id)
    ledger.looked(
        by=by, at=at, customer_id=request.customer_id, page="governance.subject_access", reason="subject_access"
    )
    return request, _reviewed(request) if request.state == SubjectState.OPEN else []


def _reviewed(request: SubjectRequest) -> list[Reviewed]:
    decided = {(one.section, one.key): one for one in request.redactions.all()}
    return [_with(entry, decided.get((entry.section, entry.key))) for entry in held.everything(request.customer_id)]


def given(request: SubjectRequest) -> str:
    """The answer as it was given, as safe HTML; empty before there is one."""
    if request.document_id is None:
        return ""
    return Document.objects.filter(pk=request.document_id).values_list("html", flat=True).first() or ""


def _with(entry: Entry, decision: Redaction | None) -> Reviewed:
    is_good = decision is not None and decision.seen == entry.seen
    return Reviewed(
        entry=entry,
        what=decision.what if decision else "",
        reason=decision.reason if decision else "",
        waits=(entry.is_to_review and not is_good) or (decision is not None and not is_good),
        hidden=decision.hidden if decision else [],
    )


@transaction.atomic
def decide(
    request_id: UUID,
    section: str,
    key: str,
    *,
    what: str,
    reason: str,
    by: Actor,
    at: datetime,
    hidden: Sequence[str] = (),
) -> Redaction:
    """Say what becomes of one entry. hidden: the words to take out. Raises NotAllowed, NotFound, WrongState, BadInput."""
    permissions.require(by, ANSWER)
    request = _request(request_id, lock=True)
    if request.state != SubjectState.OPEN:
        raise WrongState
    entry = next(
        (one for one in held.everything(request.customer_id, only=section) if (one.section, one.key) == (section, key)),
        None,
    )
    if entry is None:
        raise NotFound
    words = [clean_line(one)[:200] for one in hidden if clean_line(one)]
    problems: dict[str, str] = {}
    if what not in Redaction.What.values:
        problems["what"] = _("Select what becomes of it")
    if reason not in Redaction.Reason.values:
        problems["reason"] = _("Select the reason")
    if what == Redaction.What.HIDE and not words:
        problems["hidden"] = _("Enter the words to take out")
    elif what == Redaction.What.HIDE and held.without(dict(entry.values), words) == entry.values:
        problems["hidden"] = _("These words are not in it")
    if problems:
        raise BadInput(problems)
    made, _is_new = Redaction.objects.update_or_create(
        request=request,
        section=section,
        key=key,
        defaults={
            "what": what,
            "reason": reason,
            "hidden": words if what == Redaction.What.HIDE else [],
            "seen": entry.seen,
            "by_id": UUID(by.id),
            "at": at,
        },
    )
    data: dict[str, object] = {"section": section, "key": key, "what": what, "reason": reason}
    ledger.record(
        "subject_access.decided", about=request.subject, by=by, at=at, customer_id=request.customer_id, data=data
    )
    return made


def answer_of(reviewed: Sequence[Reviewed], *, in_words: bool = False) -> list[dict[str, Any]]:
    """What is given, section by section, as plain values: without the words taken out, and with reasons for what is withheld.

    in_words: as a letter says it (governance.plain), where a file keeps all.
    """
    sections = []
    for _table, group in groupby(reviewed, key=lambda one: one.entry.section):
        entries = list(group)
        shown = [(one, _given(one)) for one in entries]
        sections.append(
            {
                "section": str(entries[0].entry.title),
                "entries": [plain.told(one.entry.section, given) if in_words else given for one, given in shown],
            }
        )
    return sections


def _given(one: Reviewed) -> dict[str, Any]:
    if one.what == Redaction.What.WITHHOLD:
        return {"withheld": str(Redaction.Reason(one.reason).label)}
    if one.what == Redaction.What.HIDE:
        told: dict[str, Any] = held.without(dict(one.entry.values), one.hidden)
        told["words_taken_out"] = str(Redaction.Reason(one.reason).label)
        return told
    return dict(one.entry.values)


@transaction.atomic
def answer(request_id: UUID, *, by: Actor, at: datetime) -> SubjectRequest:
    """Give it: a document of theirs, read in their account or handed over in person, never sent by open mail.

    Raises NotAllowed, NotFound, WrongState while an entry waits to be judged. Twice is once.
    """
    permissions.require(by, ANSWER)
    request = _request(request_id, lock=True)
    if request.state == SubjectState.ANSWERED:
        return request
    check_subject(request.state, SubjectState.ANSWERED)
    reviewed = _reviewed(request)
    waiting = sum(one.waits for one in reviewed)
    if waiting:
        raise WrongState(_("%(count)s entries are still to be judged.") % {"count": waiting})
    language = language_of(request.customer_id)
    with translation.override(language):
        html = worded(
            "subject_access",
            {"sections": answer_of(reviewed, in_words=True), "received": request.received_at},
            language=language,
        )
        title = _("Everything we hold about you")
    document = keep_document(
        customer_id=request.customer_id,
        kind=Kind.LETTER,
        title=title,
        about=request.subject,
        key=f"subject-access-{request.pk}",
        html=html,
        language=language,
        by=by,
        at=at,
    )
    request.state, request.document_id = SubjectState.ANSWERED, document.pk
    request.answered_at, request.answered_by = at, UUID(by.id)
    request.save(update_fields=["state", "document_id", "answered_at", "answered_by"])
    clocks.finish(SUBJECT, about=request.subject, at=at)
    # Kept is what was judged and why; the words that were taken out are forgotten.
    request.redactions.update(hidden=[])
    counts: dict[str, object] = {
        "entries": len(reviewed),
        "withheld": sum(one.what == Redaction.What.WITHHOLD for one in reviewed),
        "changed": sum(one.what == Redaction.What.HIDE for one in reviewed),
    }
    ledger.record(
        "subject_access.answered", about=request.subject, by=by, at=at, customer_id=request.customer_id, data=counts
    )
    return request


def as_file(request_id: UUID, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The same as plain values, for a JSON file that is handed over. Raises NotAllowed, NotFound, WrongState before it is judged."""
    request, reviewed = review(request_id, by=by, at=at)
    if request.state != SubjectState.OPEN:
        raise WrongState(_("It was answered. The answer is among the customer's documents."))
    if any(one.waits for one in reviewed):
        raise WrongState(_("Some entries are still to be judged."))
    return {
        "council": settings.COUNCIL_NAME,
        "made_at": at.isoformat(),
        "asked_on": council_date(request.received_at).isoformat(),
        "held": answer_of(reviewed),
    }


@transaction.atomic
def extend(request_id: UUID, *, why: str, by: Actor, at: datetime) -> SubjectRequest:
    """Two months more, as it is complex: three from the day it was received. Once, and within the first month.

    Raises NotAllowed, NotFound, BadInput without a reason, WrongState when it is too late or done already.
    """
    permissions.require(by, ANSWER)
    request = _request(request_id, lock=True)
    why = clean_line(why)[:LONGEST]
    if not why:
        raise BadInput({"why": _("Enter why it is complex")})
    if request.state != SubjectState.OPEN or request.extended_why or council_date(at) > request.due_on:
        raise WrongState
    until = reference.calendar("CALENDAR").next_working_day(add_months(council_date(request.received_at), 3))
    request.due_on = clocks.extend(SUBJECT, about=request.subject, due_on=until, reason="complex", by=by, at=at)
    request.extended_why = why
    request.save(update_fields=["due_on", "extended_why"])
    ledger.record("subject_access.extended", about=request.subject, by=by, at=at, customer_id=request.customer_id)
    return request


@transaction.atomic
def end(request_id: UUID, *, to: str, why: str, by: Actor, at: datetime) -> SubjectRequest:
    """Refuse it, with the reason, or put down that they withdrew it. Raises NotAllowed, NotFound, BadInput, WrongState."""
    permissions.require(by, ANSWER)
    request = _request(request_id, lock=True)
    why = clean_line(why)[:LONGEST]
    if to not in (SubjectState.REFUSED, SubjectState.WITHDRAWN) or not why:
        raise BadInput({"why": _("Enter the reason")})
    check_subject(request.state, SubjectState(to))
    request.state, request.refused_why = to, why
    request.answered_at, request.answered_by = at, UUID(by.id)
    request.save(update_fields=["state", "refused_why", "answered_at", "answered_by"])
    (clocks.finish if to == SubjectState.REFUSED else clocks.stop)(SUBJECT, about=request.subject, at=at)
    ledger.record(f"subject_access.{to}", about=request.subject, by=by, at=at, customer_id=request.customer_id)
    return request


def requests(*, limit: int = 200) -> list[SubjectRequest]:
    """Open ones first, soonest due first, then the newest answered."""
    rows = SubjectRequest.objects.select_related("customer")
    still = list(rows.filter(state=SubjectState.OPEN).order_by("due_on", "id")[:limit])
    return [*still, *rows.exclude(state=SubjectState.OPEN).order_by("-answered_at", "-id")[: limit - len(still)]]


def _request(request_id: UUID, *, lock: bool = False) -> SubjectRequest:
    rows = SubjectRequest.objects.select_for_update() if lock else SubjectRequest.objects.select_related("customer")
    found = rows.filter(pk=request_id).first()
    if found is None:
        raise NotFound
    return found
