"""The identity standard: which checks there are, what they prove, who may make them and how long they last.

The council's own rows (CheckRule) come before these; a row that is switched off takes the check away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.models import Role
from townhall.core.refreshing import Refreshing
from townhall.customers.accounts.models import CheckRule, Level

FRONT: Final = (Role.ADVISER.value, Role.RECEPTIONIST.value, Role.OFFICER.value, Role.TEAM_MANAGER.value)


ROLL: Final = _("Matched on the electoral roll, with their agreement")  # accepted only while they agree to it


@dataclass(frozen=True, kw_only=True)
class Rule:
    method: str
    name: StrOrPromise
    level: Level
    lasts_days: int
    roles: tuple[str, ...] = ()  # of the staff who may make it; empty: it is made by typing a code or a number
    evidence: tuple[StrOrPromise, ...] = ()


_OURS: Final = (
    Rule(method="letter", name=_("A code posted to the address"), level=Level.ADDRESS, lasts_days=1095),
    Rule(method="reference", name=_("A number on a record we hold"), level=Level.ADDRESS, lasts_days=1095),
    Rule(
        method="address-seen",
        name=_("Proof of address seen by staff"),
        level=Level.ADDRESS,
        lasts_days=1095,
        roles=FRONT,
        evidence=(
            _("Council tax bill"),
            _("Utility bill of the last 3 months"),
            _("Bank statement of the last 3 months"),
            _("Tenancy agreement"),
            ROLL,
        ),
    ),
    Rule(
        method="identity-seen",
        name=_("Photo identity and proof of address seen by staff"),
        level=Level.IDENTITY,
        lasts_days=1825,
        roles=FRONT,
        evidence=(_("Passport"), _("Driving licence"), _("Biometric residence permit")),
    ),
    Rule(method="provider", name=_("Identity proved online"), level=Level.IDENTITY, lasts_days=1825),
)


def _load() -> dict[str, Rule]:
    rules = {rule.method: rule for rule in _OURS}
    for row in CheckRule.objects.all():
        rules.pop(row.method, None)
        if row.is_active:
            rules[row.method] = Rule(
                method=row.method,
                name=row.name,
                level=Level(row.level),
                lasts_days=row.lasts_days,
                roles=tuple(row.roles),
                evidence=tuple(row.evidence),
            )
    return rules


_rules = Refreshing(_load)


def rules() -> dict[str, Rule]:
    """By method; at most a few seconds old."""
    return _rules.get()


def rule(method: str) -> Rule | None:
    return rules().get(method)
