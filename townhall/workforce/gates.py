"""What asks for training before it opens: panels of the customer's page, kinds of waiting work, owning complaints.

Each is told of by whoever has it, with the module it comes with; a council may choose another, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
_more: list[Callable[[], Iterable[KnownGate]]] = []


def register(gate: KnownGate) -> None:
    _known[gate.code] = gate


def more_from(source: Callable[[], Iterable[KnownGate]]) -> None:
    """Gates that change with the council's data, such as one for each service."""
    if source not in _more:
        _more.append(source)


def known() -> list[KnownGate]:
    """Every gate, by code."""
    found = [*_known.values(), *(gate for source in _more for gate in source())]
    return sorted(found, key=lambda gate: gate.code)


@dataclass(frozen=True)
class _Chosen:
    modules: frozenset[str]  # in use
    by_gate: Mapping[str, str | None]


def _load() -> _Chosen:
    modules = Module.objects.filter(is_active=True).values_list("code", flat=True)
    return _Chosen(frozenset(modules), dict(Gate.objects.values_list("code", "module_id")))


_chosen: Refreshing[_Chosen] = Refreshing(_load)


def module_of(code: str, default: str = "") -> str:
    """The module that this asks for now, or "". From the process's memory.

    A module that it comes with counts once the council has made that module: before that there is nothing to pass.
    """
    chosen = _chosen.get()
    own = default or (_known[code].module if code in _known else "")
    asked = chosen.by_gate.get(code, own) or ""
    return asked if asked in chosen.modules else ""


def modules_of(code: str, defaults: frozenset[str]) -> frozenset[str]:
    """As `module_of`, for what comes with several."""
    chosen = _chosen.get()
    asked = frozenset({chosen.by_gate[code] or ""}) if code in chosen.by_gate else defaults
    return asked & chosen.modules


def forget() -> None:
    """Modules or gates were changed."""
    _chosen.forget()
    transaction.on_commit(_chosen.forget)


@transaction.atomic
def choose(code: str, module: str, *, by: Actor, at: datetime) -> None:
    """From now on this asks for that module; "" for none. Raises NotAllowed, NotFound, BadInput."""
    require(by, MANAGE)
    if code not in {gate.code for gate in known()}:
        raise NotFound
    if module and not Module.objects.filter(pk=module, is_active=True).exists():
        raise BadInput({code: _("Select a training module")})
    Gate.objects.update_or_create(code=code, defaults={"module_id": module or None, "set_by": by.id, "set_at": at})
    subject = Subject(kind="training_gate", id=uuid7())
    ledger.record("training_gate.chosen", about=subject, by=by, at=at, data={"gate": code, "module": module})
    forget()
