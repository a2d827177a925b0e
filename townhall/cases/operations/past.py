"""Cases of the past in bulk, as an earlier system kept them. Nobody is told of anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.models import CaseContact
from townhall.cases.operations.deciding import DECIDED_CLOCKS
from townhall.cases.states import OPEN, State
from townhall.catalogue.pack import ServicePack
from townhall.clocks import past as past_clocks
from townhall.clocks.past import PastClock
from townhall.contacts import operations as contacts
from townhall.core.actors import Actor
from townhall.core.db import copy_rows
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.core.references import new_reference
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.ledger import operations as ledger
from townhall.places.place import Place

CHANNEL = "import"  # of a case; the channel that people used is its contact's
STATES: Final = frozenset(
    {State.AWAITING_DECISION, State.ACCEPTED, State.CLOSED, State.DECLINED, State.REFERRED, State.WITHDRAWN}
)


@dataclass(frozen=True, kw_only=True)
class PastCase:
    """A case as its source had it. The service's own team does it."""

    id: UUID
    pack: ServicePack
    place: Place
    opened_at: datetime
    state: State = State.AWAITING_DECISION
    ended_at: datetime | None = None
    outcome_code: str = ""  # closed: one of the service's
    outcome_text: str = ""
    decline_reason: str = ""  # declined: one of the service's
    referred_to: str = ""  # referred: the other body's name
    description: str = ""
    channel: str = ""  # code of the channel somebody used; empty when nobody got in touch
    external_ref: str = ""
    is_public: bool = True
    customer_id: UUID | None = None  # who reported it, where that is known

    @property
    def subject(self) -> Subject:
        return Subject(kind="case", id=self.id)


def problems(case: PastCase, *, at: datetime) -> dict[str, str]:
    """What does not hold together, by field; empty for a case that can be loaded."""
    return dict(_problems(case, at=at))


def _problems(case: PastCase, *, at: datetime) -> Iterator[tuple[str, str]]:
    if case.opened_at > at:
        yield "opened", _("It is in the future.")
    if case.state not in STATES:
        yield "state", _("A report cannot come in as “%(state)s”.") % {"state": case.state.label}
    if case.state in OPEN and case.ended_at is not None:
        yield "closed", _("There is a closing date, but the report is open.")
    if case.state not in OPEN and case.ended_at is None:
        yield "closed", _("The report is over, but there is no closing date.")
    if case.ended_at is not None and case.ended_at < case.opened_at:
        yield "closed", _("It was closed before it was opened.")
    if case.ended_at is not None and case.ended_at > at:
        yield "closed", _("It is in the future.")
    service = {"service": case.pack.code}
    if case.state == State.CLOSED and case.outcome_code not in {outcome.code for outcome in case.pack.outcomes}:
        yield "state", _("The service %(service)s has no such outcome.") % service
    if case.state == State.DECLINED and case.pack.refusal(case.decline_reason) is None:
        yield "state", _("The service %(service)s has no such reason to decline.") % service


@transaction.atomic
def load_past(cases: Sequence[PastCase], *, source: str, by: Actor, at: datetime) -> None:
    """Write cases with owner, promise, contact and history, all or none: a few COPYs. `at` is now.

    Raises BadInput for the first that does not hold together, UnknownCode when a pack names a team or post that does not exist.
    """
    for case in cases:
        if wrong := problems(case, at=at):
            raise BadInput(wrong)
    promised = _load_clocks(cases, at=at)
    copy_rows("cases_case", [_row(case, due_on) for case, due_on in zip(cases, promised, strict=True)])
    _load_contacts([case for case in cases if case.channel])
    ledger.record_past(
        [entry for case, due_on in zip(cases, promised, strict=True) for entry in _history(case, due_on)],
        by=by,
        source=source,
        at=at,
    )


def _load_clocks(cases: Sequence[PastCase], *, at: datetime) -> list[date]:
    """The promise of each case and both its limits; the dates promised."""
    clocks = [
        PastClock(
            kind=kind,
            about=case.subject,
            case_id=case.id,
            started_at=case.opened_at,
            calendar=calendar,
            days=days,
            ended_at=case.ended_at,
            was_stopped=case.state != State.CLOSED,
        )
        for case in cases
        for kind, calendar, days in _limits(case.pack)
    ]
    return past_clocks.load(clocks, at=at)[:: len(DECIDED_CLOCKS)]


def _limits(pack: ServicePack) -> list[tuple[str, str | None, int]]:
    promise, referral, decision = DECIDED_CLOCKS
    return [
        (promise, pack.published.calendar, pack.published.days),
        (referral, None, pack.clocks.referral_days),
        (decision, None, pack.clocks.decision_days),
    ]


def _row(case: PastCase, due_on: date) -> dict[str, object]:
    pack, place = case.pack, case.place
    ended_at = aware(case.ended_at) if case.ended_at else None
    closed = case.state == State.CLOSED
    accepted_at = ended_at if closed else aware(case.opened_at) if case.state == State.ACCEPTED else None
    return {
        "id": case.id,
        "reference": new_reference(),
        "service_code": pack.code,
        "doer_team_id": directory.team(pack.owner_team).id,
        "doer_post_id": None,
        "teller_post_id": directory.post(pack.teller).id,
        "state": case.state.value,
        "customer_id": case.customer_id,
        "origin_channel": CHANNEL,
        "priority": 0,
        "due_on": due_on,
        "description": case.description,
        "attributes": {},
        "public_note": case.referred_to,
        "easting": place.easting,
        "northing": place.northing,
        "lat": place.lat,
        "lng": place.lng,
        "place_source": place.source.value,
        "address": place.address,
        "place_words": place.words,
        "uprn": place.uprn,
        "usrn": place.usrn,
        "ward_code": place.ward_code,
        "opened_at": aware(case.opened_at),
        "updated_at": ended_at or aware(case.opened_at),
        "accepted_at": accepted_at,
        "work_ended_at": ended_at if closed else None,
        "no_message_reason": _("Closed in an earlier system, before it came here") if closed else "",
        "closed_at": ended_at,
        "outcome_code": case.outcome_code if closed else "",
        "outcome_text": case.outcome_text,
        "decline_reason": case.decline_reason if case.state == State.DECLINED else "",
        "followers": 0,
        "chasers": 0,
        "hops": 0,
        "external_ref": case.external_ref,
        "is_public": case.is_public and pack.public.listed,
    }


def _load_contacts(cases: Sequence[PastCase]) -> None:
    ids = [uuid7() for _case in cases]
    contacts.log_past(
        contacts.Past(
            id=contact_id,
            channel=case.channel,
            service_code=case.pack.code,
            reason_code="report",
            at=case.opened_at,
            customer_id=case.customer_id,
        )
        for case, contact_id in zip(cases, ids, strict=True)
    )
    copy_rows(
        "cases_casecontact",
        [
            {
                "id": uuid7(),
                "case_id": case.id,
                "contact_id": contact_id,
                "kind": CaseContact.Kind.ORIGIN.value,
                "at": aware(case.opened_at),
            }
            for case, contact_id in zip(cases, ids, strict=True)
        ],
    )


def _history(case: PastCase, due_on: date) -> Iterator[ledger.Past]:
    """Its opening, and how it ended, under the same verbs as our own work: `imported_from` tells them apart."""
    opened = {"service": case.pack.code, "channel": CHANNEL, "team": case.pack.owner_team, "due_on": due_on.isoformat()}
    yield ledger.Past(
        verb="case.opened",
        about=case.subject,
        case_id=case.id,
        customer_id=case.customer_id,
        at=case.opened_at,
        data=opened,
    )
    if case.ended_at is not None:
        steps = (State.DONE, State.CLOSED) if case.state == State.CLOSED else (case.state,)
        for step in steps:
            yield ledger.Past(
                verb=f"case.{step.value}",
                about=case.subject,
                case_id=case.id,
                customer_id=case.customer_id,
                at=case.ended_at,
            )
