"""Rounds and their dates: what an officer sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.admissions import formats
from townhall.admissions.applying import MAY
from townhall.admissions.models import Round
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.ledger import operations as ledger


@dataclass(frozen=True, kw_only=True)
class Dates:
    """A round as it is set. Council dates; the last day is included."""

    code: str
    name: str
    kind: str
    opens_on: date | None
    closes_on: date | None = None
    late_until: date | None = None
    offers_on: date | None = None
    born_from: date | None = None
    born_until: date | None = None
    format_code: str = "townhall-1"


@transaction.atomic
def set_round(new: Dates, *, by: Actor, at: datetime) -> Round:
    """Make a round, or give it other dates. What was sent stays sent. Raises NotAllowed, BadInput."""
    require(by, MAY)
    problems = _problems(new)
    if problems:
        raise BadInput(problems)
    values = {name: getattr(new, name) for name in Dates.__dataclass_fields__ if name != "code"}
    made, is_new = Round.objects.update_or_create(code=new.code.strip(), defaults=values)
    verb = "admission_round.opened" if is_new else "admission_round.changed"
    ledger.record(verb, about=made.subject, by=by, at=at, data={"code": made.code})
    return made


def _problems(new: Dates) -> dict[str, str]:
    found = {}
    if not new.code.strip() or not new.code.strip().replace("-", "").isalnum():
        found["code"] = _("Enter a short code of letters, digits and dashes, like primary-2027")
    if not new.name.strip():
        found["name"] = _("Enter a name for the round")
    if new.kind not in Round.Kind.values:
        found["kind"] = _("Select which place it is for")
    if new.opens_on is None:
        found["opens_on"] = _("Enter the opening date")
    elif new.closes_on is not None and new.closes_on < new.opens_on:
        found["closes_on"] = _("The closing date must be after the opening date")
    if new.late_until is not None and (new.closes_on is None or new.late_until < new.closes_on):
        found["late_until"] = _("Late applications end after the closing date")
    if new.born_from is not None and new.born_until is not None and new.born_until < new.born_from:
        found["born_until"] = _("The last date of birth must be after the first")
    if new.format_code not in formats.codes():
        found["format_code"] = _("There is no such format")
    return found
