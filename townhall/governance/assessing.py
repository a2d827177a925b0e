"""Nothing that shares or judges personal data is switched on before it was assessed and a second person signed that off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.time import council_date
from townhall.forms.typed import clean_line, clean_text
from townhall.governance.models import Assessment
from townhall.ledger import operations as ledger

SEE, RECORD, SIGN = "assessments.see", "assessments.record", "assessments.sign"
LONGEST = 5_000
LOOK_AT_WITHIN = timedelta(days=180)  # what was on before assessments were asked for
Kind = Assessment.Kind


class NotAssessed(WrongState):
    """It is not to be switched on yet."""


@transaction.atomic
def record(kind: str, code: str, *, purpose: str, risks: str, measures: str, by: Actor, at: datetime) -> Assessment:
    """Put down what it does with personal data, what could go wrong, and what is done against that. Raises NotAllowed, BadInput."""
    permissions.require(by, RECORD)
    words = {"purpose": clean_text(purpose), "risks": clean_text(risks), "measures": clean_text(measures)}
    problems: dict[str, str] = {name: _("Enter this part") for name, text in words.items() if not text}
    problems |= {
        name: _("Use at most %(most)s characters") % {"most": LONGEST}
        for name, text in words.items()
        if len(text) > LONGEST
    }
    if kind not in Kind.values:
        problems["kind"] = _("Select what it is about")
    if not clean_line(code):
        problems["code"] = _("Enter which one it is")
    if problems:
        raise BadInput(problems)
    made = Assessment.objects.create(
        kind=kind,
        code=clean_line(code)[:200],
        recorded_by=UUID(by.id) if by.is_staff else None,
        recorded_at=at,
        **words,
    )
    _note("assessment.recorded", made, by=by, at=at)
    return made


@transaction.atomic
def sign(assessment_id: UUID, *, is_approved: bool, said: str, by: Actor, at: datetime) -> Assessment:
    """Sign it off, or refuse it with a reason. Raises NotAllowed for who recorded it, NotFound, BadInput, WrongState when it is decided."""
    permissions.require(by, SIGN)
    row = Assessment.objects.select_for_update().filter(pk=assessment_id).first()
    if row is None:
        raise NotFound
    if row.is_approved is not None:
        raise WrongState
    if by.is_staff and row.recorded_by == UUID(by.id):
        raise NotAllowed(_("Somebody else has to sign what you recorded."))
    said = clean_text(said)[:LONGEST]
    if not is_approved and not said:
        raise BadInput({"said": _("Enter why it is refused")})
    row.is_approved, row.said, row.signed_at = is_approved, said, at
    row.signed_by = UUID(by.id) if by.is_staff else None
    row.save(update_fields=["is_approved", "said", "signed_at", "signed_by"])
    _note("assessment.signed" if is_approved else "assessment.refused", row, by=by, at=at)
    return row


def require(kind: str, code: str, *, by: Actor, at: datetime) -> None:
    """Raises NotAssessed unless the newest decision about it is a yes. What Townhall installs by itself is put down as there already."""
    if by.kind is ActorKind.SYSTEM:
        grandfather(kind, {code}, at=at)
        return
    latest = (
        Assessment.objects.filter(kind=kind, code=code, is_approved__isnull=False).order_by("-signed_at", "-id").first()
    )
    if latest is None:
        raise NotAssessed(
            _("It cannot be switched on before it was assessed and the lead of information security has signed that.")
        )
    if not latest.is_approved:
        raise NotAssessed(_("It cannot be switched on: its assessment was refused."))


@transaction.atomic
def grandfather(kind: str, codes: Collection[str], *, at: datetime) -> int:
    """An entry for each that was on before assessments were asked for, to be looked at within half a year; how many are new."""
    there = set(Assessment.objects.filter(kind=kind, code__in=codes).values_list("code", flat=True))
    fresh = sorted(set(codes) - there)
    for code in fresh:
        made = Assessment.objects.create(
            kind=kind,
            code=code,
            purpose=_("In use when assessments began."),
            risks=_("To be assessed."),
            measures=_("To be assessed."),
            recorded_at=at,
            is_approved=True,
            signed_at=at,
            was_there=True,
            review_on=council_date(at + LOOK_AT_WITHIN),
        )
        _note("assessment.recorded", made, by=SYSTEM, at=at)
    return len(fresh)


def waiting() -> QuerySet[Assessment]:
    """Those to be signed, oldest first."""
    return Assessment.objects.filter(is_approved=None).order_by("recorded_at", "id")


def listed(*, limit: int = 200) -> list[Assessment]:
    """All that were decided, newest first."""
    return list(Assessment.objects.exclude(is_approved=None).order_by("-signed_at", "-id")[:limit])


def _note(verb: str, row: Assessment, *, by: Actor, at: datetime) -> None:
    ledger.record(verb, about=row.subject, by=by, at=at, data={"kind": row.kind, "code": row.code})
