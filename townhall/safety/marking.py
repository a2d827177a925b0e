"""A marker's own life: proposed, decided by a second person, renewed, removed. Every step is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.clocks import operations as clocks
from townhall.clocks.working_days import add_months
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date
from townhall.customers.permissions import customers_visible_to
from townhall.safety import lapsing, letters, nominating, states, telling
from townhall.safety.errors import NotNominated, SamePerson
from townhall.safety.models import Appeal, Incident, Marker, Nominee, Renewal, Share
from townhall.safety.recording import optional, record, user_of, words
from townhall.safety.states import IN_FORCE, MarkerState
from townhall.safety.wording import refuse_labels

LONGEST_MONTHS = 12  # standards.md 9.5: never longer without being looked at again, and never without an end
REVIEW_BEFORE_DAYS = 30
PROPOSE, DECIDE, DETAIL = "markers.propose", "markers.decide", "markers.detail"
EXPIRY, NOT_TOLD = "marker.expiry", "marker.not_told"
_RESTRICTING = frozenset(
    {Marker.Precaution.SINGLE_CONTACT, Marker.Precaution.WRITING_ONLY, Marker.Precaution.PHONE_ONLY}
)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """kind, category and precautions by code; severity 1 to 3. facts: what was done and said, by whom it was seen."""

    customer_id: UUID
    category: str
    severity: int
    precautions: Sequence[str]
    facts: str
    evidence: str
    kind: str = Marker.Kind.WARNING
    single_contact: str = ""
    place_uprn: str = ""
    incident_id: UUID | None = None


@transaction.atomic
def propose(new: Proposal, *, by: Actor, at: datetime) -> Marker:
    """A manager puts a marker forward; it is seen by nobody who deals with the person until a second one approves it.

    Raises NotAllowed, NotFound, BadInput.
    """
    permissions.require(by, PROPOSE)
    user_id = user_of(by)
    customer = customers_visible_to(by).select_for_update().filter(pk=new.customer_id).first()
    if customer is None:
        raise NotFound
    incident = Incident.objects.filter(pk=new.incident_id).first() if new.incident_id else None
    facts, evidence = _checked(new, incident)
    marker = Marker.objects.create(
        customer=customer,
        kind=new.kind,
        category=new.category,
        severity=new.severity,
        precautions=list(new.precautions),
        single_contact=new.single_contact.strip(),
        facts=facts,
        evidence=evidence,
        place_uprn=new.place_uprn,
        incident=incident,
        proposed_by=user_id,
        proposed_at=at,
    )
    _record("marker.proposed", marker, by=by, at=at, category=new.category, severity=new.severity)
    _tell_approvers(marker, at=at)
    return marker


def _tell_approvers(marker: Marker, *, at: datetime) -> None:
    """The posts that may approve it. The mail names nobody."""
    telling.tell_posts(
        "staff/marker_due",
        telling.named_for(Nominee.Duty.APPROVE),
        about=marker.subject,
        key=f"marker-proposed-{marker.pk}",
        context={"why": "proposed", "due_on": None},
        path=f"/work/safety/markers/{marker.pk}",
        at=at,
    )


def _checked(new: Proposal, incident: Incident | None) -> tuple[str, str]:
    """The words of it. Raises BadInput with everything that is wrong."""
    problems = _not_chosen(new)
    if new.kind == Marker.Kind.WARNING and incident is None:
        problems["incident"] = _("A warning marker is raised from an incident report. Report the incident first.")
    for field, text, missing in (
        ("facts", new.facts, _("Write what was done and said")),
        ("evidence", new.evidence, _("Write what shows it, for example who saw it, a recording or a police reference")),
    ):
        try:
            refuse_labels(words(text, field, missing), field)
        except BadInput as error:
            problems |= error.problems
    if problems:
        raise BadInput(problems)
    return words(new.facts, "facts", ""), words(new.evidence, "evidence", "")


def _not_chosen(new: Proposal) -> dict[str, str]:
    precautions = set(new.precautions)
    single = Marker.Precaution.SINGLE_CONTACT in precautions and not new.single_contact.strip()
    reaches = new.kind != Marker.Kind.RESTRICTION or bool(precautions & _RESTRICTING)
    found = {
        "kind": "" if new.kind in Marker.Kind.values else _("Select a warning marker or a contact restriction"),
        "category": "" if new.category in Marker.Category.values else _("Select what it is about"),
        "severity": "" if new.severity in (1, 2, 3) else _("Select how serious it was, from 1 to 3"),
        "single_contact": _("Say who their one contact is") if single else "",
    }
    if not precautions or not precautions <= set(Marker.Precaution.values):
        found["precautions"] = _("Select what staff have to do")
    elif not reaches:
        found["precautions"] = _("A contact restriction says by which way they may reach us")
    return {field: words for field, words in found.items() if words}


@dataclass(frozen=True, kw_only=True)
class Approval:
    """decision: why. The person is told by letter, or `not_told_reason` says what substantial risk telling them would create."""

    decision: str
    months: int = LONGEST_MONTHS
    not_told_reason: str = ""


@transaction.atomic
def approve(marker_id: UUID, given: Approval, *, by: Actor, at: datetime) -> Marker:
    """A nominated senior officer, who neither proposed it nor was the victim, puts it in force for at most 12 months.

    Raises NotFound, NotAllowed (NotNominated, SamePerson), BadInput, WrongState.
    """
    marker = locked(marker_id)
    states.check_marker(marker.state, MarkerState.LIVE)
    user_id, rank = decider(marker, by, Nominee.Duty.APPROVE)
    if not 1 <= given.months <= LONGEST_MONTHS:
        raise BadInput({"months": _("Enter from 1 to 12 months")})
    today = council_date(at)
    marker.state, marker.decided_by, marker.decided_at, marker.decided_rank = MarkerState.LIVE, user_id, at, rank
    marker.decision = words(given.decision, "decision", _("Write why"))
    _set_end(marker, add_months(today, given.months), today=today)
    reason = optional(given.not_told_reason, "not_told_reason")
    if reason:
        refuse_labels(reason, "not_told_reason")
        marker.told, marker.not_told_reason = Marker.Told.NOT_TOLD, reason
        marker.not_told_review_on = clocks.start(NOT_TOLD, about=marker.subject, at=at)
    else:
        marker.told, marker.letter_id = Marker.Told.LETTER, letters.of_marker(marker, by=by, at=at)
    marker.save()
    assert marker.expires_on is not None
    clocks.start(EXPIRY, about=marker.subject, at=at, due_on=marker.expires_on)
    _record("marker.approved", marker, by=by, at=at, expires_on=marker.expires_on.isoformat(), told=marker.told)
    return marker


@transaction.atomic
def reject(marker_id: UUID, *, decision: str, by: Actor, at: datetime) -> Marker:
    """It does not come into force, and the reason is kept. Raises as `approve`."""
    marker = locked(marker_id)
    states.check_marker(marker.state, MarkerState.REJECTED)
    marker.decided_by, marker.decided_rank = decider(marker, by, Nominee.Duty.APPROVE)
    marker.state, marker.decided_at, marker.ended_at = MarkerState.REJECTED, at, at
    marker.decision = marker.ended_reason = words(decision, "decision", _("Write why"))
    marker.save()
    _record("marker.rejected", marker, by=by, at=at)
    return marker


@transaction.atomic
def renew(marker_id: UUID, *, reason: str, months: int = LONGEST_MONTHS, by: Actor, at: datetime) -> Marker:
    """Looked at again, and still needed: for another 12 months at most, from today. Without this it lapses.

    Raises as `approve`.
    """
    marker = in_force(marker_id, at)
    user_id, _rank = decider(marker, by, Nominee.Duty.APPROVE)
    if not 1 <= months <= LONGEST_MONTHS:
        raise BadInput({"months": _("Enter from 1 to 12 months")})
    today = council_date(at)
    until = add_months(today, months)
    why = words(reason, "reason", _("Write why it is still needed"))
    refuse_labels(why, "reason")
    Renewal.objects.create(marker=marker, by=user_id, at=at, reason=why, until_on=until)
    _set_end(marker, until, today=today)
    marker.save(update_fields=["expires_on", "review_on"])
    clocks.finish(EXPIRY, about=marker.subject, at=at)
    clocks.start(EXPIRY, about=marker.subject, at=at, due_on=until)
    _record("marker.renewed", marker, by=by, at=at, expires_on=until.isoformat())
    return marker


@transaction.atomic
def remove(marker_id: UUID, *, reason: str, by: Actor, at: datetime) -> Marker:
    """The threat has passed. Raises as `approve`, but whoever proposed it may take it away."""
    marker = in_force(marker_id, at)
    permissions.require(by, DECIDE)
    end(marker, MarkerState.REMOVED, reason=words(reason, "reason", _("Write why")), by=by, at=at)
    return marker


@transaction.atomic
def tell_now(marker_id: UUID, *, by: Actor, at: datetime) -> Marker:
    """The reason for not telling them is over: the letter goes. Raises NotAllowed, NotFound, WrongState."""
    permissions.require(by, DECIDE)
    marker = in_force(marker_id, at)
    if marker.told == Marker.Told.LETTER:
        return marker
    marker.told, marker.letter_id, marker.not_told_review_on = (
        Marker.Told.LETTER,
        letters.of_marker(marker, by=by, at=at),
        None,
    )
    marker.save(update_fields=["told", "letter_id", "not_told_review_on"])
    clocks.finish(NOT_TOLD, about=marker.subject, at=at)
    _record("marker.told", marker, by=by, at=at)
    return marker


@transaction.atomic
def keep_untold(marker_id: UUID, *, reason: str, by: Actor, at: datetime) -> Marker:
    """The reason for not telling them was looked at and still holds. Raises NotAllowed, NotFound, BadInput, WrongState."""
    permissions.require(by, DECIDE)
    marker = in_force(marker_id, at)
    why = words(reason, "not_told_reason", _("Write what substantial risk telling them would create"))
    refuse_labels(why, "not_told_reason")
    if marker.told == Marker.Told.NOT_TOLD:
        clocks.finish(NOT_TOLD, about=marker.subject, at=at)
        marker.not_told_reason, marker.not_told_review_on = why, clocks.start(NOT_TOLD, about=marker.subject, at=at)
        marker.save(update_fields=["not_told_reason", "not_told_review_on"])
        _record("marker.still_not_told", marker, by=by, at=at)
    return marker


@transaction.atomic
def share(marker_id: UUID, *, with_whom: str, reason: str, by: Actor, at: datetime) -> Share:
    """The precautions, not the words, are given to somebody outside who has to meet the person. Raises as `remove`."""
    permissions.require(by, DECIDE)
    marker = in_force(marker_id, at)
    made = Share.objects.create(
        marker=marker,
        with_whom=words(with_whom, "with_whom", _("Say who is told")),
        reason=words(reason, "reason", _("Say why they need it")),
        by=user_of(by),
        at=at,
    )
    _record("marker.shared", marker, by=by, at=at, share=str(made.pk))
    return made


def end(
    marker: Marker, state: MarkerState, *, reason: str, by: Actor, at: datetime, decided: Appeal | None = None
) -> None:
    """Out of force, with what still ran about it; the marker is locked. decided: the appeal that ends it."""
    states.check_marker(marker.state, state)
    for appeal in marker.appeals.filter(decided_at=None):
        if appeal != decided:
            lapsing.appeal_lapsed(appeal, marker, at=at)
    marker.state, marker.ended_at, marker.ended_reason = state, at, reason
    marker.save(update_fields=["state", "ended_at", "ended_reason"])
    for kind in (EXPIRY, NOT_TOLD):
        clocks.finish(kind, about=marker.subject, at=at)
    _record(f"marker.{state.value}", marker, by=by, at=at)


def locked(marker_id: UUID) -> Marker:
    """Raises NotFound."""
    found = (
        Marker.objects.select_for_update(of=("self",))
        .select_related("customer", "incident")
        .filter(pk=marker_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def in_force(marker_id: UUID, at: datetime) -> Marker:
    """Locked. Raises NotFound, WrongState: also for one whose last day is over and that no worker has ended yet."""
    marker = locked(marker_id)
    if marker.state not in IN_FORCE or (marker.expires_on or date.min) < council_date(at):
        raise WrongState
    return marker


def decider(marker: Marker, by: Actor, duty: str) -> tuple[UUID, int]:
    """Who decides, and the rank they do it with. Raises NotAllowed, NotNominated, SamePerson."""
    permissions.require(by, DECIDE)
    user_id = user_of(by)
    rank = nominating.rank_of(by, duty)
    if not rank:
        raise NotNominated
    victims = marker.incident.victims if marker.incident else []
    if user_id == marker.proposed_by or user_id in victims:
        raise SamePerson
    return user_id, rank


def _set_end(marker: Marker, until: date, *, today: date) -> None:
    marker.expires_on = until
    marker.review_on = max(today, date.fromordinal(until.toordinal() - REVIEW_BEFORE_DAYS))


def _record(verb: str, marker: Marker, *, by: Actor, at: datetime, **data: object) -> None:
    record(verb, about=marker.subject, by=by, at=at, customer_id=marker.customer_id, **data)
