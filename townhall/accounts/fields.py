"""Who sees which field of a record: one table of fields × roles × training, and the reason when a field is left out.

Somebody sees a field when one of their roles may and, where the field asks for training, their own training is in date. Several posts never
give more than their union: what each role sees by itself with the same training, and nothing besides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts.models import Role
from townhall.core.actors import Actor, ActorKind
from townhall.core.time import council_date, now

Record = TypeVar("Record")
_FRONT = frozenset({Role.ADVISER, Role.RECEPTIONIST})
_TEAM = frozenset({Role.OFFICER, Role.TEAM_MANAGER})
_DPO = frozenset({Role.DATA_PROTECTION_OFFICER})
_MANAGERS = frozenset({Role.TEAM_MANAGER, Role.SENIOR_MANAGER})


@dataclass(frozen=True)
class Field:
    """`roles`: who sees it. `training`: the module that has to be in date, empty for none. `scope`: of a key that may read it."""

    title: StrOrPromise
    roles: frozenset[Role]
    training: str = ""
    scope: str = "customers.see"


FIELDS: Final[Mapping[str, Field]] = {
    # Tells people of one name apart: for who deals with them.
    "customer.date_of_birth": Field(gettext_lazy("Date of birth"), _FRONT | _TEAM | _DPO),
    "customer.numbers": Field(
        gettext_lazy("Numbers that other systems know them by"), _FRONT | _TEAM | _DPO | frozenset({Role.FINANCE})
    ),
    "customer.link_evidence": Field(gettext_lazy("Evidence of who may act for them"), _FRONT | _TEAM | _DPO),
    "payment.bank_digits": Field(
        gettext_lazy("The last digits of a bank account"), _TEAM | _DPO | frozenset({Role.FINANCE}), scope=""
    ),
    "marker.facts": Field(gettext_lazy("What a marker is about"), _MANAGERS | _DPO, scope=""),
    "contact.notes": Field(
        gettext_lazy("Notes of a conversation"), _FRONT | _TEAM | _DPO | frozenset({Role.SENIOR_MANAGER}), scope=""
    ),
}


_asked: list[Callable[[str, str, date], bool]] = []


def trained_from(in_date: Callable[[str, str, date], bool]) -> None:
    """(user id, field, on) → whether they have what training the council asks for before this field is shown."""
    _asked[:] = [in_date]


def sees(actor: Actor, name: str, *, on: date | None = None) -> bool:
    """Whether `actor` may see this field, today or `on` that day. Raises KeyError for one that is not in the table."""
    field = FIELDS[name]
    if actor.kind is ActorKind.SYSTEM:
        return True
    if actor.kind is ActorKind.CONNECTOR:
        return bool(field.scope) and field.scope in actor.scopes
    if not actor.is_staff or not actor.roles & field.roles:
        return False
    return all(in_date(actor.id, name, on or council_date(now())) for in_date in _asked)


def why_not(name: str) -> str:
    return _("%(field)s is not shown to your role.") % {"field": FIELDS[name].title}


def only_seen(record: Record, actor: Actor, prefix: str, *, empty: Mapping[str, Any]) -> Record:
    """The same frozen record without the fields that `actor` does not see. empty: what stands in place of each field of the table."""
    hidden = {name: value for name, value in empty.items() if not sees(actor, f"{prefix}.{name}")}
    return replace(record, **hidden) if hidden else record  # type: ignore[type-var]
