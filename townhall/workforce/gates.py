"""What asks for training before it opens: panels of the customer's page, kinds of waiting work, owning complaints.

Each is told of by whoever has it, with the module it comes with; a council may choose another, or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.workforce.models import Gate, Module

MANAGE = "training.administer"


@dataclass(frozen=True, kw_only=True)
class KnownGate:
    code: str  # "panel.money", "work.cases", "service.noise"
    title: StrOrPromise
    module: str = ""  # that it comes with


_known: dict[str, KnownGate] = {}


def register(gate: KnownGate) -> None:
    _known[gate.code] = gate


def known() -> list[KnownGate]:
    return sorted(_known.values(), key=lambda gate: gate.code)


def _load() -> dict[str, str]:
    return dict(Gate.objects.values_list("code", "module_id"))


_chosen: Refreshing[dict[str, str]] = Refreshing(_load)


def module_of(code: str, default: str = "") -> str:
    """The module that this asks for now, or "". From the process's memory."""
    chosen: Mapping[str, str | None] = _chosen.get()
    if code in chosen:
        return chosen[code] or ""
    return default or (_known[code].module if code in _known else "")


@transaction.atomic
def choose(code: str, module: str, *, by: Actor, at: datetime) -> None:
    """From now on this asks for that module; "" for none. Raises NotAllowed, NotFound, BadInput."""
    require(by, MANAGE)
    if code not in _known:
        raise NotFound
    if module and not Module.objects.filter(pk=module, is_active=True).exists():
        raise BadInput({code: _("Select a training module")})
    Gate.objects.update_or_create(code=code, defaults={"module_id": module or None, "set_by": by.id, "set_at": at})
    subject = Subject(kind="training_gate", id=uuid7())
    ledger.record("training_gate.chosen", about=subject, by=by, at=at, data={"gate": code, "module": module})
    _chosen.forget()
    transaction.on_commit(_chosen.forget)
