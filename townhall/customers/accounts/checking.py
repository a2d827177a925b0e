"""Checks of who somebody is. One that was passed counts for every service until its time is over or the address changes."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from townhall.accounts.residents import limits
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.sealing import fingerprint
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers import operations
from townhall.customers.accounts import consents, levels, links, standard
from townhall.customers.accounts.models import AccountLink, AddressCode, Check
from townhall.customers.models import Customer, CustomerAddress, CustomerNumber
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked
from townhall.customers.typed import folded_name, normalised_number
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.places.text import compact_postcode

CODE_LASTS = timedelta(days=28)
MOST_TRIES = 5
BETWEEN_LETTERS = timedelta(days=1)
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 8


@transaction.atomic
def staff_checked(customer_id: UUID, method: str, *, evidence: str, by: Actor, at: datetime) -> Check:
    """Staff have seen proof. Raises NotAllowed for a check that is not theirs to make, BadInput without accepted evidence."""
    locked(customer_id, by=by)
    rule = standard.rule(method)
    if rule is None or not rule.roles or not by.roles & set(rule.roles):
        raise NotAllowed(_("This check is not yours to make."))
    accepted = [str(one) for one in rule.evidence]
    if evidence not in accepted:
        raise BadInput({"evidence": _("Select what you have seen")})
    if evidence == str(standard.ROLL) and not consents.agreed(customer_id, "electoral-roll"):
        raise BadInput(
            {"evidence": _("Ask them first whether the electoral roll may be used, and note that they agree")}
        )
    return _passed(customer_id, rule, evidence=str(accepted.index(evidence) + 1), by=by, at=at)


def _passed(customer_id: UUID, rule: standard.Rule, *, evidence: str = "", by: Actor, at: datetime) -> Check:
    until = council_date(at) + timedelta(days=rule.lasts_days)
    check = Check.objects.create(
        customer_id=customer_id,
        method=rule.method,
        level=rule.level,
        evidence=evidence,
        by_kind=by.kind.value,
        by_id=by.id,
        at=at,
        until_on=until,
    )
    record("checked", customer_id, by=by, at=at, method=rule.method, level=int(rule.level), until_on=until.isoformat())
    levels.settle(customer_id, at=at)
    return check


@transaction.atomic
def move(customer_id: UUID, uprn: str, *, by: Actor, at: datetime) -> CustomerAddress:
    """They live at this address now. What proved the earlier one proves nothing of it. Raises BadInput, AlreadyThere."""
    return operations.add_address(customer_id, uprn=uprn, from_on=council_date(at), moved=True, by=by, at=at)


@transaction.atomic
def post_code(customer_id: UUID, *, by: Actor, at: datetime) -> AddressCode:
    """Post a code to the present address. Raises BadInput without one, WrongState when a letter went out today."""
    customer = locked(customer_id, by=by, own=True)
    today = council_date(at)
    homes = CustomerAddress.objects.filter(customer_id=customer_id, until_on=None).exclude(uprn="")
    home = homes.exclude(from_on__gt=today).order_by("-from_on").first()
    if home is None:
        raise BadInput({"address": _("Choose your address first")})
    earlier = AddressCode.objects.filter(customer_id=customer_id, sent_at__gt=at - BETWEEN_LETTERS)
    if earlier.exists():
        raise WrongState(_("We posted a code to you today. Wait for it, or ask for another tomorrow."))
    AddressCode.objects.filter(customer_id=customer_id, ended_at=None).update(ended_at=at)
    code, code_id = _new_code(), uuid7()
    made = AddressCode.objects.create(
        id=code_id,
        customer_id=customer_id,
        address=home,
        code_hash=_hash(code_id, code),
        sent_at=at,
        expires_at=at + CODE_LASTS,
    )
    record("address_code_posted", customer_id, by=by, at=at, code=str(code_id))
    notifications.send(
        "account/address_code",
        to=Recipient(name=customer.name, postal=home.line),  # no inbox: only the letter brings the code
        about=Subject(kind="address_code", id=code_id),
        key=f"address-code-{code_id}",
        context={"code": f"{code[:4]}-{code[4:]}", "until": council_date(at + CODE_LASTS), "address": home.line},
        at=at,
        channel="letter",
    )
    return made


def whose_code(code_id: UUID) -> UUID | None:
    """Whose a posted code is: their letter is printed as they need it."""
    return AddressCode.objects.filter(pk=code_id).values_list("customer_id", flat=True).first()


def code_waiting(customer_id: UUID, *, at: datetime) -> AddressCode | None:
    """The letter whose code can still be typed. One query."""
    rows = AddressCode.objects.filter(customer_id=customer_id, ended_at=None, expires_at__gt=at, tries__lt=MOST_TRIES)
    return rows.select_related("address").first()


def type_code(customer_id: UUID, typed: str, *, by: Actor, at: datetime) -> Check:
    """The code of the letter. A try is counted before it is looked at. Raises BadInput."""
    waiting = code_waiting(customer_id, at=at)
    if waiting is None:
        raise BadInput({"code": _("This code has ended. Ask for another letter")})
    counted = AddressCode.objects.filter(pk=waiting.pk, ended_at=None, tries__lt=MOST_TRIES)
    if not counted.update(tries=F("tries") + 1):
        raise BadInput({"code": _("This code has ended. Ask for another letter")})
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())[:40]
    if not secrets.compare_digest(_hash(waiting.pk, plain), waiting.code_hash):
        raise BadInput({"code": _("This code is not right. Check it and try again")})
    rule = standard.rule("letter")
    if rule is None:
        raise NotFound
    with transaction.atomic():
        locked(customer_id, by=by, own=True)
        if not AddressCode.objects.filter(pk=waiting.pk, ended_at=None).update(ended_at=at):
            raise BadInput({"code": _("This code has ended. Ask for another letter")})
        return _passed(customer_id, rule, by=SYSTEM, at=at)


def match_record(
    account_id: UUID, *, kind: str, number: str, name: str, postcode: str, by: Actor, at: datetime
) -> Customer:
    """A number on a bill with the name and postcode it is held under: the account then opens that record.

    One sentence for every way it can fail. Raises TooManyAttempts, BadInput.
    """
    limits.count((limits.PROOF, str(account_id)), at=at)
    rule = standard.rule("reference")
    theirs = CustomerNumber.objects.filter(kind=kind, normalised=normalised_number(number)).select_related("customer")
    held = theirs.first() if number.strip() else None
    if rule is None or held is None or not _is_held_under(held.customer, name=name, postcode=postcode, at=at):
        problem = _("These details do not match what we hold. Check them against your bill or letter")
        raise BadInput({"number": problem})
    customer = held.customer
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        role = AccountLink.Role.BUSINESS if customer.kind == "organisation" else AccountLink.Role.SELF
        links.link(account_id, customer.pk, role=role, by=by, at=at)
        _passed(customer.pk, rule, by=SYSTEM, at=at)
    return customer


@transaction.atomic
def provider_proved(
    customer_id: UUID, *, family_names: Collection[str], born_on: date, provider_code: str, by: Actor, at: datetime
) -> Check:
    """An identity provider has proved who signed in there. It counts for this record only if it is the same person.

    Raises BadInput when the family name or the date of birth is another's, NotFound when the council does not take such proof.
    """
    customer = locked(customer_id, by=by, own=True)
    rule = standard.rule("provider")
    if rule is None:
        raise NotFound
    theirs = set(customer.search_name.split())
    same_name = any(set(folded_name(one).split()) <= theirs for one in family_names if folded_name(one))
    same_birth = customer.date_of_birth in (None, born_on)
    if not same_name or not same_birth or customer.kind != Customer.Kind.PERSON:
        problem = _(
            "The name or the date of birth that was proved is not the one on your account. Show us in person who you are"
        )
        raise BadInput({"identity": problem})
    if customer.date_of_birth is None:
        customer.date_of_birth = born_on
        customer.save(update_fields=["date_of_birth"])
    return _passed(customer_id, rule, evidence=provider_code, by=SYSTEM, at=at)


def _is_held_under(customer: Customer, *, name: str, postcode: str, at: datetime) -> bool:
    compact = compact_postcode(postcode)
    surname = folded_name(name).split()[-1:]
    if not compact or customer.merged_into_id or not surname or surname != customer.search_name.split()[-1:]:
        return False
    here = CustomerAddress.objects.filter(customer=customer, postcode=compact)
    return here.exclude(until_on__lte=council_date(at)).exists()


def _new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _place in range(_LENGTH))


def _hash(code_id: UUID, code: str) -> str:
    return fingerprint("customers.address_code", f"{code_id}:{code}")
