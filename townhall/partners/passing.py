"""Referring a customer to a partner: only with their consent, in the wording of that day; with a receipt, and with an outcome.

Whether the consent holds is asked at every look and at every move, so that one that is taken back stops the referral at once, wherever
it was taken back: at the desk, or by the customer in their account.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import may, require
from townhall.clocks import operations as clocks
from townhall.contacts.models import Channel
from townhall.core.actors import SYSTEM, Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotAllowed, NotFound, refuse
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.customers.accounts import consents
from townhall.customers.permissions import customers_visible_to
from townhall.ledger import operations as ledger
from townhall.partners import bodies
from townhall.partners.errors import NoConsent
from townhall.partners.models import Partner, Passed, Shared
from townhall.partners.states import OPEN_PASSED, PassedState, check_passed

RECEIPT, OUTCOME = "partner.receipt", "partner.outcome"
REFER = "partners.refer"
LONGEST = 2_000
BATCH = 100


@transaction.atomic
def refer(
    partner_id: UUID,
    customer_id: UUID,
    *,
    need: str,
    shares: Collection[str],
    agreed_version: int,
    channel: str,
    by: Actor,
    at: datetime,
    contact_id: UUID | None = None,
    key: str = "",
) -> Passed:
    """Pass somebody on who agreed to it. agreed_version: of the wording that was read to them; 0 when they did not agree.

    Raises NotAllowed, NotFound, BadInput, WrongState when the wording has changed since.
    """
    require(by, REFER)
    partner = bodies.one(partner_id)
    if not customers_visible_to(by).filter(pk=customer_id).exists():
        raise NotFound
    refuse(
        {
            "need": "" if 0 < len(need.strip()) <= LONGEST else _("Enter what they need from the partner"),
            "shares": "" if set(shares) <= set(Shared.values) else _("Select from the list"),
            "agreed": ""
            if agreed_version
            else _("Nothing is passed on without their consent: read it to them, and ask"),
            "channel": "" if Channel.objects.filter(code=channel).exists() else _("Select how they agreed"),
        }
    )
    refuse_card_numbers(need=need)
    passed_id = uuid7()
    if key:
        request = (str(partner_id), str(customer_id), need, sorted(shares))
        if earlier := first_time("partner.refer", key=key, by=by, request=request, result=passed_id):
            return Passed.objects.get(pk=earlier)
    consents.give(customer_id, partner.purpose, version=agreed_version, channel=channel, by=by, at=at)
    passed = Passed.objects.create(
        id=passed_id,
        partner=partner,
        customer_id=customer_id,
        contact_id=contact_id,
        need=need.strip(),
        shares=sorted(set(shares)),
        consent_version=agreed_version,
        consent_channel=channel,
        sent_at=at,
        sent_by=by.id,
    )
    clocks.start(RECEIPT, about=passed.subject, at=at)
    _note("sent", passed, by=by, at=at)
    return passed


def _note(verb: str, passed: Passed, *, by: Actor, at: datetime, **data: object) -> None:
    said = {"partner": passed.partner.team.code, **data}
    ledger.record(
        f"partner_referral.{verb}", about=passed.subject, by=by, at=at, customer_id=passed.customer_id, data=said
    )


def receive(passed_id: UUID, *, by: Actor, at: datetime) -> Passed:
    """The partner has it, and will see to it. Raises NotAllowed, NotFound, WrongState, NoConsent."""
    return _move(passed_id, PassedState.RECEIVED, by=by, at=at)


def finish(passed_id: UUID, *, outcome: str, words: str, by: Actor, at: datetime) -> Passed:
    """What came of it. Raises NotAllowed, NotFound, BadInput, WrongState, NoConsent."""
    refuse({"outcome": "" if outcome in Passed.Outcome.values else _("Select what came of it"), **_said(words)})
    return _move(passed_id, PassedState.DONE, outcome=outcome, words=words, by=by, at=at)


def send_back(passed_id: UUID, *, words: str, by: Actor, at: datetime) -> Passed:
    """It is not theirs, and why. Raises NotAllowed, NotFound, BadInput, WrongState, NoConsent."""
    refuse({"words": "" if words.strip() else _("Enter why it is not yours"), **_said(words)})
    return _move(passed_id, PassedState.RETURNED, words=words, by=by, at=at)


def _said(words: str) -> dict[str, str]:
    refuse_card_numbers(words=words)
    return {"words": _("Use at most %(most)d characters") % {"most": LONGEST}} if len(words) > LONGEST else {}


def _move(passed_id: UUID, to: PassedState, *, by: Actor, at: datetime, outcome: str = "", words: str = "") -> Passed:
    """Stopped, and kept so, when the consent does not hold any more: then nothing else is done."""
    with transaction.atomic():
        passed = _locked(passed_id)
        if not _acts_for(passed.partner, by):
            raise NotFound
        stopped = _stop_unless_agreed(passed, by=SYSTEM, at=at)
        if not stopped:
            check_passed(passed.state, to)
            passed.state = to
            if to is PassedState.RECEIVED:
                passed.received_at, passed.received_by = at, by.id
                clocks.finish(RECEIPT, about=passed.subject, at=at)
                clocks.start(OUTCOME, about=passed.subject, at=at)
            else:
                passed.ended_at, passed.ended_by, passed.outcome, passed.words = at, by.id, outcome, words.strip()
                _end_clocks(passed, at=at)
            passed.save()
            _note(to.value, passed, by=by, at=at)
    if stopped:
        raise NoConsent
    return passed


def _locked(passed_id: UUID) -> Passed:
    found = Passed.objects.select_for_update(of=("self",)).select_related("partner__team").filter(pk=passed_id).first()
    if found is None:
        raise NotFound
    return found


def _acts_for(partner: Partner, by: Actor) -> bool:
    """The partner's own people, and those of ours who are named for its queue."""
    return bodies.may_see_queue(partner, by) and (may(by, bodies.WORK).allowed or may(by, bodies.SEE).allowed)


def _end_clocks(passed: Passed, *, at: datetime) -> None:
    clocks.stop(RECEIPT, about=passed.subject, at=at)
    clocks.finish(OUTCOME, about=passed.subject, at=at)


def _stop_unless_agreed(passed: Passed, *, by: Actor, at: datetime) -> bool:
    """Whether it is stopped now because the consent does not hold. Of a row that is locked."""
    if passed.state not in OPEN_PASSED:
        return False
    if passed.customer_id is not None and consents.agreed(passed.customer_id, passed.partner.purpose):
        return False
    passed.state, passed.ended_at, passed.ended_by = PassedState.STOPPED, at, by.id
    passed.save(update_fields=["state", "ended_at", "ended_by"])
    for kind in (RECEIPT, OUTCOME):
        clocks.stop(kind, about=passed.subject, at=at)
    _note("stopped", passed, by=by, at=at)
    return True


@transaction.atomic
def withdraw(passed_id: UUID, *, channel: str, by: Actor, at: datetime) -> int:
    """The customer takes back their consent: everything of theirs with this partner stops. How many stopped.

    Raises NotAllowed, NotFound, BadInput.
    """
    require(by, REFER)
    passed = Passed.objects.select_related("partner__team").filter(pk=passed_id).first()
    if passed is None or passed.customer_id is None:
        raise NotFound
    if not customers_visible_to(by).filter(pk=passed.customer_id).exists():
        raise NotFound
    if not Channel.objects.filter(code=channel).exists():
        raise BadInput({"channel": _("Select how they said so")})
    consents.withdraw(passed.customer_id, passed.partner.purpose, channel=channel, by=by, at=at)
    rows = Passed.objects.select_for_update(of=("self",)).select_related("partner__team")
    theirs = rows.filter(customer_id=passed.customer_id, partner=passed.partner, state__in=OPEN_PASSED)
    return sum(_stop_unless_agreed(one, by=by, at=at) for one in theirs.order_by("pk"))


_ENDED = """
    SELECT p.id FROM partners_passed p JOIN partners_partner b ON b.id = p.partner_id JOIN accounts_team t ON t.id = b.team_id
    WHERE p.state IN ('sent', 'received') AND NOT EXISTS (SELECT 1 FROM customers_consent c WHERE c.customer_id = p.customer_id
      AND c.purpose = 'partner-' || t.code AND c.withdrawn_at IS NULL) ORDER BY p.id LIMIT %s"""


@transaction.atomic
def stop_ended(at: datetime) -> int:
    """Sweep: stop what was agreed to and is not any more, such as by the customer in their account."""
    keys = [row[0] for row in fetch_all(_ENDED, (BATCH,))]
    rows = Passed.objects.select_for_update(of=("self",), skip_locked=True).select_related("partner__team")
    return sum(_stop_unless_agreed(one, by=SYSTEM, at=at) for one in rows.filter(pk__in=keys).order_by("pk"))


def require_queue(partner: Partner, by: Actor) -> None:
    """Raises NotAllowed for whoever is neither of the partner nor named for its queue."""
    if not _acts_for(partner, by):
        raise NotAllowed(_("Only the partner’s own people, and those named for its queue, see it."))
