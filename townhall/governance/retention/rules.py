"""How long each type of record is kept: the council's own rules, each change a new version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.forms.typed import clean_line
from townhall.governance.models import RetentionRule
from townhall.governance.retention.records import BY_CODE, TYPES
from townhall.ledger import operations as ledger

SEE, MANAGE = "retention.see", "retention.manage"
LONGEST_MONTHS = 1_200
LONGEST = 500


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule in force. `outcome` is empty for every outcome without a rule of its own."""

    record_type: str
    outcome: str
    version: int
    months: int
    why: str
    made_at: datetime

    @property
    def action(self) -> str:
        return BY_CODE[self.record_type].action


def in_force() -> list[Rule]:
    """The newest version of each, by type. One query."""
    rows = RetentionRule.objects.order_by("record_type", "outcome", "-version").distinct("record_type", "outcome")
    return [
        Rule(
            record_type=row.record_type,
            outcome=row.outcome,
            version=row.version,
            months=row.months,
            why=row.why,
            made_at=row.made_at,
        )
        for row in rows
        if row.record_type in BY_CODE
    ]


@transaction.atomic
def set_rule(record_type: str, *, months: int, why: str, by: Actor, at: datetime, outcome: str = "") -> RetentionRule:
    """From the next night on these records are kept so many months after they are over. Raises NotAllowed, BadInput."""
    permissions.require(by, MANAGE)
    why, outcome = clean_line(why)[:LONGEST], clean_line(outcome)[:100]
    problems: dict[str, str] = {}
    if record_type not in BY_CODE:
        problems["record_type"] = _("Select what the rule is about")
    if not 1 <= months <= LONGEST_MONTHS:
        problems["months"] = _("Enter a number of months from 1 to %(most)s") % {"most": LONGEST_MONTHS}
    if not why:
        problems["why"] = _("Enter why they are kept so long")
    if problems:
        raise BadInput(problems)
    with_lock = RetentionRule.objects.select_for_update().filter(record_type=record_type, outcome=outcome)
    latest = with_lock.order_by("-version").first()
    rule = RetentionRule.objects.create(
        record_type=record_type,
        outcome=outcome,
        version=latest.version + 1 if latest else 1,
        months=months,
        why=why,
        made_by=UUID(by.id) if by.is_staff else None,
        made_at=at,
    )
    data: dict[str, object] = {"type": record_type, "outcome": outcome, "version": rule.version, "months": months}
    ledger.record("retention.ruled", about=Subject(kind="retention_rule", id=rule.pk), by=by, at=at, data=data)
    return rule


def seed() -> None:
    """What a council starts with. Loading it again changes nothing."""
    there = set(RetentionRule.objects.filter(outcome="").values_list("record_type", flat=True))
    at = now()
    for one in TYPES:
        if one.code not in there:
            set_rule(one.code, months=one.months, why=str(one.why), by=SYSTEM, at=at)
