"""What other apps may ask about training, champions and who may own what. Every answer is for a council date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q

from townhall.core.actors import Actor
from townhall.workforce.models import Champion, Module, Pass
from townhall.workforce.states import PassState

_COUNTS = (PassState.HELD, PassState.LAPSED)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How somebody stands with one module that they passed once."""

    module: str
    name: str
    expires_on: date | None  # the last day it holds

    def is_in_date(self, on: date) -> bool:
        return self.expires_on is None or self.expires_on >= on


@dataclass(frozen=True, kw_only=True)
class ChampionLine:
    user_id: UUID
    name: str
    kind: str
    service_code: str


def standings_of(user_id: UUID | str, *, on: date) -> dict[str, Standing]:
    """By module: each that this person has passed by that day and that was not withdrawn. One query."""
    rows = Pass.objects.filter(user_id=user_id, passed_on__lte=on, state__in=_COUNTS).select_related("module")
    return {
        row.module_id: Standing(module=row.module_id, name=row.module.name, expires_on=row.expires_on) for row in rows
    }


def in_date(user_id: UUID | str, module: str, on: date) -> bool:
    """Whether this person has passed the module and the pass holds on that day. One query."""
    holds = Q(expires_on=None) | Q(expires_on__gte=on)
    rows = Pass.objects.filter(holds, user_id=user_id, module_id=module, passed_on__lte=on, state__in=_COUNTS)
    return rows.exists()


def skills_of(user_id: UUID | str, on: date) -> frozenset[str]:
    """The modules that this person has passed and that hold on that day. One query."""
    return frozenset(code for code, one in standings_of(user_id, on=on).items() if one.is_in_date(on))


def may_own_complaints(user_id: UUID | str, on: date) -> bool:
    """Whether this person is trained in complaints. True for everybody where no module of the council's is about them. Two queries."""
    codes = list(Module.objects.filter(for_complaints=True, is_active=True).values_list("code", flat=True))
    return not codes or bool(skills_of(user_id, on) & set(codes))


def trained_in_complaints(on: date) -> frozenset[UUID] | None:
    """Everybody who may own a complaint on that day; None for anybody, where no module of the council's is about them. Two queries."""
    codes = list(Module.objects.filter(for_complaints=True, is_active=True).values_list("code", flat=True))
    if not codes:
        return None
    holds = Q(expires_on=None) | Q(expires_on__gte=on)
    rows = Pass.objects.filter(holds, module_id__in=codes, passed_on__lte=on, state__in=_COUNTS)
    return frozenset(rows.values_list("user_id", flat=True))


def champions_of(service_code: str, *, on: date | None = None) -> list[ChampionLine]:
    """Who champions a service, its experts first; with `on` only those of that day. One query."""
    rows = Champion.objects.filter(service_code=service_code, user__is_active=True)
    rows = rows.filter(until_on=None) if on is None else rows.filter(on_duty(on))
    return [
        ChampionLine(user_id=row.user_id, name=row.user.name, kind=row.kind, service_code=row.service_code)
        for row in rows.select_related("user").order_by(F("kind").desc(), "user__name")
    ]


def on_duty(on: date) -> Q:
    """Champions of that day."""
    return Q(from_on__lte=on) & (Q(until_on=None) | Q(until_on__gte=on))


def modules() -> list[Module]:
    """Those in use, by name. One query."""
    return list(Module.objects.filter(is_active=True).order_by("name"))


def skills_of_actor(by: Actor, on: date) -> frozenset[str]:
    return skills_of(by.id, on) if by.is_staff else frozenset()


def names(codes: Sequence[str]) -> dict[str, str]:
    """Modules by code. One query."""
    return dict(Module.objects.filter(pk__in=list(codes)).values_list("code", "name"))
