"""Issuing a penalty notice, appealing against it, and deciding. An appeal stops the payment's clock; a rejection lets it run on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.clocks import operations as clocks
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import SYSTEM, Actor
from townhall.core.cards import has_card_number
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.money import Pence, pounds
from townhall.core.time import council_date
from townhall.documents import operations as documents
from townhall.documents.wording import worded
from townhall.files import operations as files
from townhall.inclusion import restricting
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, email_address
from townhall.payments import operations as payments
from townhall.payments.events import ChargePaid
from townhall.payments.operations import Owed
from townhall.payments.owed import reference_key
from townhall.penalties.models import Appeal, PenaltyNotice
from townhall.penalties.seeds import DECISION, PAYMENT
from townhall.penalties.states import AppealState, NoticeState, check_appeal_move, check_notice_move
from townhall.ui.words import long_date

LONGEST = 10_000  # characters of an appeal
MOST_FILES = 6
CHARGE_KIND = "penalty-notice"
SERVICE = "penalty-notices"


@dataclass(frozen=True, kw_only=True)
class NewNotice:
    """A notice as the officer or the parking system issues it. Dates are council dates, both last days included."""

    number: str
    mark: str
    contravention_code: str
    contravention: str
    place: str
    seen_at: datetime
    amount_pence: Pence
    discount_pence: Pence
    discount_until: date
    due_on: date
    customer_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class NewAppeal:
    """`file_ids`: evidence, stored before under a draft of `id`."""

    id: UUID
    ground: str
    words: str
    name: str
    email: str
    file_ids: Sequence[UUID] = ()
    channel: str = "web"
    customer_id: UUID | None = None  # whose conversation it is, when an adviser takes it down
    contact_id: UUID | None = None  # that conversation, logged by itself


@transaction.atomic
def issue(new: NewNotice, *, by: Actor, at: datetime) -> PenaltyNotice:
    """Issue a notice, with its charge and the clock of its payment. The same number again gives the first one. Raises BadInput."""
    earlier = PenaltyNotice.objects.filter(number_key=reference_key(new.number)).first()
    if earlier is not None:
        return earlier
    notice_id = uuid7()
    notice = PenaltyNotice(
        id=notice_id,
        number=new.number.strip(),
        number_key=reference_key(new.number),
        mark=new.mark.strip().upper(),
        mark_key=reference_key(new.mark),
        contravention_code=new.contravention_code,
        contravention=new.contravention,
        place=new.place,
        seen_at=new.seen_at,
        issued_on=council_date(at),
        amount_pence=new.amount_pence,
        discount_pence=new.discount_pence,
        discount_until=new.discount_until,
        due_on=new.due_on,
        customer_id=new.customer_id,
        created_at=at,
    )
    charge = payments.owe(
        Owed(
            kind=CHARGE_KIND,
            reference=notice.number,
            description=_("%(what)s, %(place)s") % {"what": new.contravention, "place": new.place},
            amount_pence=new.amount_pence,
            discount_pence=new.discount_pence,
            discount_until=new.discount_until,
            due_on=new.due_on,
            customer_id=new.customer_id,
            source="penalties",
            key=notice.number_key,
            subject=notice.subject,
        ),
        by=by,
        at=at,
    )
    notice.charge_id = charge.pk
    notice.save(force_insert=True)
    clocks.start(PAYMENT, about=notice.subject, at=at, due_on=new.due_on)
    _record("penalty.issued", notice, by=by, at=at, code=new.contravention_code)
    return notice


@transaction.atomic
def appeal(notice_id: UUID, new: NewAppeal, *, by: Actor, at: datetime) -> Appeal:
    """Say that a notice is wrong. Nothing has to be paid until the decision. Sent twice, it is one appeal.

    Raises NotFound, BadInput, ChannelClosed when appeals are not taken by that way, and WrongState when the notice is paid,
    cancelled or has been decided about.
    """
    check(new)
    restricting.check(SERVICE, new.channel, customer_id=new.customer_id, at=at)
    notice = _locked(notice_id)
    waiting = notice.appeals.filter(state=AppealState.RECEIVED).first()
    if waiting is not None:
        return waiting
    if notice.state != NoticeState.ISSUED or notice.appeals.filter(state=AppealState.REJECTED).exists():
        raise WrongState(_("You can no longer appeal to the council against this notice."))
    made = Appeal(
        id=new.id,
        notice=notice,
        ground=new.ground,
        words=new.words.strip(),
        name=new.name.strip(),
        email=email_address(new.email),
        in_discount=notice.discount_until is not None and council_date(at) <= notice.discount_until,
        received_at=at,
        decide_by=council_date(at),
    )
    made.decide_by = clocks.start(DECISION, about=made.subject, at=at)
    made.save(force_insert=True)
    files.attach(list(new.file_ids), about=made.subject, case_id=None, draft_id=new.id)
    _move(notice, NoticeState.APPEALED)
    clocks.pause(PAYMENT, about=notice.subject, at=at, reason="appeal", by=by)
    payments.hold(notice.charge_id, by=by, at=at)
    if new.contact_id is None:
        contacts.log(
            channel=new.channel,
            service_code=SERVICE,
            reason_code="dissatisfied",
            given=Given(name=made.name, email=made.email),
            by=by,
            at=at,
            customer_id=notice.customer_id,
        )
    _record("penalty.appealed", notice, by=by, at=at, appeal=str(made.pk), ground=made.ground)
    _tell("penalty/received", made, at=at, by_date=made.decide_by)
    return made


@transaction.atomic
def decide(appeal_id: UUID, *, accepted: bool, words: str, by: Actor, at: datetime) -> Appeal:
    """Accept an appeal, so that the notice is cancelled, or reject it, so that the clock of its payment runs on.

    words: the reasons, as the appellant reads them. Raises NotAllowed, NotFound, BadInput, WrongState when it was decided before.
    """
    require(by, "penalties.decide")
    if not words.strip():
        raise BadInput({"words": _("Enter the reasons for the decision")})
    made, notice = _locked_appeal(appeal_id)
    _end(made, AppealState.ACCEPTED if accepted else AppealState.REJECTED, by=by, at=at, words=words)
    if accepted:
        _cancel(notice, by=by, at=at)
    elif notice.state == NoticeState.APPEALED:
        _resume(notice, made, by=by, at=at)
    _record(f"appeal.{made.state}", notice, by=by, at=at, appeal=str(made.pk))
    _keep_decision(made, by=by, at=at)
    template = "penalty/accepted" if accepted else "penalty/rejected"
    _tell(template, made, at=at, words=made.decision_words, **_what_to_pay(notice))
    return made


@transaction.atomic
def withdraw(appeal_id: UUID, *, by: Actor, at: datetime) -> Appeal:
    """The appellant does not go on with it. Raises NotFound, WrongState."""
    made, notice = _locked_appeal(appeal_id)
    _end(made, AppealState.WITHDRAWN, by=by, at=at)
    if notice.state == NoticeState.APPEALED:
        _resume(notice, made, by=by, at=at)
    _record("appeal.withdrawn", notice, by=by, at=at, appeal=str(made.pk))
    return made


def heard_paid(event: ChargePaid) -> None:
    """A charge was paid: if it is a notice's, the notice is paid. In the transaction of the payment."""
    if event.subject_kind != "penalty" or event.subject_id is None:
        return
    notice = _locked(event.subject_id)
    if notice.state in (NoticeState.PAID, NoticeState.CANCELLED):
        return
    _move(notice, NoticeState.PAID)
    clocks.finish(PAYMENT, about=notice.subject, at=event.at)
    _record("penalty.paid", notice, by=SYSTEM, at=event.at, payment=str(event.payment_id))


def _cancel(notice: PenaltyNotice, *, by: Actor, at: datetime) -> None:
    """What was paid already is for the finance team to give back: the page of the appeal says so."""
    was_paid = notice.state == NoticeState.PAID
    _move(notice, NoticeState.CANCELLED)
    if not was_paid:
        payments.cancel_charge(notice.charge_id, by=by, at=at)
        clocks.stop(PAYMENT, about=notice.subject, at=at)


def _resume(notice: PenaltyNotice, made: Appeal, *, by: Actor, at: datetime) -> None:
    """The dates move by what the appeal took; the lower amount is offered again when the appeal came while it held."""
    _move(notice, NoticeState.ISSUED)
    notice.due_on = clocks.resume(PAYMENT, about=notice.subject, at=at, by=by)
    if made.in_discount and notice.discount_until is not None:
        notice.discount_until += timedelta(days=(council_date(at) - council_date(made.received_at)).days)
    notice.save(update_fields=["due_on", "discount_until"])
    payments.release(notice.charge_id, by=by, at=at)
    payments.change_charge(notice.charge_id, due_on=notice.due_on, discount_until=notice.discount_until, by=by, at=at)


def _end(made: Appeal, state: AppealState, *, by: Actor, at: datetime, words: str = "") -> None:
    check_appeal_move(AppealState(made.state), state)
    made.state, made.decided_at, made.decided_by, made.decision_words = state, at, by.id, words.strip()
    made.save(update_fields=["state", "decided_at", "decided_by", "decision_words"])
    clocks.finish(DECISION, about=made.subject, at=at)


def _move(notice: PenaltyNotice, state: NoticeState) -> None:
    check_notice_move(NoticeState(notice.state), state)
    notice.state = state
    notice.save(update_fields=["state"])


def _locked(notice_id: UUID) -> PenaltyNotice:
    """Its charge is locked first, as a payment does, so that paying and appealing at once wait for one another."""
    charge_id = PenaltyNotice.objects.filter(pk=notice_id).values_list("charge_id", flat=True).first()
    if charge_id is None:
        raise NotFound
    payments.lock(charge_id)
    return PenaltyNotice.objects.select_for_update().get(pk=notice_id)


def _locked_appeal(appeal_id: UUID) -> tuple[Appeal, PenaltyNotice]:
    notice_id = Appeal.objects.filter(pk=appeal_id).values_list("notice_id", flat=True).first()
    if notice_id is None:
        raise NotFound
    notice = _locked(notice_id)
    return Appeal.objects.get(pk=appeal_id), notice


def check(new: NewAppeal) -> None:
    """Raises BadInput for what is missing or too long; for a door that keeps files before the appeal is made."""
    problems = {}
    if new.ground not in Appeal.Ground.values:
        problems["ground"] = _("Select why you appeal")
    if has_card_number(new.words):
        problems["words"] = _("Take out the card number: never write one down")
    elif not new.words.strip():
        problems["words"] = _("Enter your reasons")
    elif len(new.words) > LONGEST:
        problems["words"] = _("Your reasons must be %(most)s characters or fewer") % {"most": f"{LONGEST:,}"}
    if not new.name.strip():
        problems["name"] = _("Enter your name")
    if not email_address(new.email):
        problems["email"] = _("Enter an email address in the correct format, like name@example.com")
    if len(new.file_ids) > MOST_FILES:
        problems["files"] = _("Choose at most %(most)s files") % {"most": MOST_FILES}
    if problems:
        raise BadInput(problems)


def _what_to_pay(notice: PenaltyNotice) -> dict[str, object]:
    return {
        "due_on": notice.due_on,
        "amount": Pence(notice.amount_pence),
        "lower": Pence(notice.amount_pence - notice.discount_pence),
        "discount_until": notice.discount_until,
        "pay_link": f"{settings.PUBLIC_URL}/pay/{notice.charge_id}",
        "was_paid": notice.state == NoticeState.PAID,
    }


def _keep_decision(made: Appeal, *, by: Actor, at: datetime) -> None:
    """The decision as a document, where we know whose notice it is."""
    notice = made.notice
    if notice.customer_id is None:
        return
    accepted = made.state == AppealState.ACCEPTED
    language = documents.language_of(notice.customer_id)
    with translation.override(language):
        title = _("Our decision on your appeal against penalty notice %(number)s") % {"number": notice.number}
        context = {
            "said": _("We accept your appeal. The notice is cancelled.")
            if accepted
            else _("We do not accept your appeal. The notice stands."),
            "facts": [
                (_("Penalty notice"), notice.number),
                (_("Vehicle"), notice.mark),
                (_("What happened"), f"{notice.contravention}, {notice.place}"),
                (_("Your appeal"), made.reference),
            ],
            "reasons": made.decision_words,
            "next": _what_next(notice, accepted=accepted),
        }
    documents.keep_document(
        customer_id=notice.customer_id,
        kind="decision",
        title=title,
        about=made.subject,
        key=f"appeal-decision-{made.pk}",
        html=worded("decision", context, language=language),
        reference=made.reference,
        language=language,
        by=by,
        at=at,
    )


def _what_next(notice: PenaltyNotice, *, accepted: bool) -> list[str]:
    was_paid = notice.state == NoticeState.PAID
    if accepted:
        return [_("What you paid is given back.") if was_paid else _("You do not need to do anything.")]
    appeal_on = _("If you do not agree, you can appeal to the independent tribunal within 28 days. It costs nothing.")
    if was_paid:
        return [_("The notice is paid. You do not need to do anything."), appeal_on]
    amount, until = pounds(Pence(notice.amount_pence)), long_date(notice.due_on)
    return [_("Pay %(amount)s by %(date)s.") % {"amount": amount, "date": until}, appeal_on]


def _tell(template: str, made: Appeal, *, at: datetime, **more: object) -> None:
    tell(template, made, key=f"{template}-{made.pk}", context=more, at=at)


def tell(template: str, made: Appeal, *, key: str, context: Mapping[str, object], at: datetime) -> None:
    """Write to the appellant, once for each key."""
    notice = made.notice
    notifications.send(
        template,
        to=Recipient(name=made.name, email=made.email, customer_id=notice.customer_id),
        about=made.subject,
        key=key,
        context={
            "number": notice.number,
            "mark": notice.mark,
            "reference": made.reference,
            "link": f"{settings.PUBLIC_URL}/penalty",
            "phone": settings.COUNCIL_PHONE,
            **context,
        },
        at=at,
    )


def _record(verb: str, notice: PenaltyNotice, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(verb, about=notice.subject, by=by, at=at, customer_id=notice.customer_id, data=data)
