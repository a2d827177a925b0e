"""What other apps know of a customer, each a part of the customer's page. An app's part is registered in `config/panels.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import may
from townhall.core.actors import Actor
from townhall.core.db import fetch_one
from townhall.customers import sharing
from townhall.workforce import gates
from townhall.workforce.gates import KnownGate
from townhall.workspace import training_gates


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`load` gives what `template` shows as `panel.shown`; nothing to show leaves the part out. It asks one query."""

    template: str
    capability: str
    load: Callable[[UUID, datetime], Any]
    opens: str = ""  # the capability that opens what it links to, where that is another
    service: str = ""  # whose it is: shown only to those with whom that service shares (customers.sharing)
    load_for: Callable[[UUID, Actor, datetime], Any] | None = None  # instead of `load`, where it depends on who looks
    asks: str = ""  # SQL for whether there is anything, in which `%(customer)s` is who: what all parts ask goes as one statement
    code: str = ""  # of a back-office system's part: what a council chooses its training module by (`workforce.gates`)
    title: StrOrPromise = ""  # of such a part, in a sentence about it
    training: str = ""  # the module that it comes with: whoever sees it must have passed it, and be in date


@dataclass(frozen=True, kw_only=True)
class Loaded:
    template: str
    shown: Any
    may_open: bool = True


HELD = "workspace/desk/held_panel.html"  # in place of a part that another service holds, with the service's name as what is shown
UNTRAINED = "workspace/desk/untrained_panel.html"  # in place of one for which a training pass is not in date


_panels: list[Panel] = []


def register(panel: Panel) -> None:
    if panel not in _panels:
        _panels.append(panel)
        if panel.code:
            title = format_lazy(_("Part of the customer's page: {title}"), title=panel.title)
            gates.register(KnownGate(code=f"panel.{panel.code}", title=title, module=panel.training))


def of_customer(customer_id: UUID, *, by: Actor, at: datetime) -> list[Loaded]:
    """The parts that this member of staff may see, in the order in which they were registered."""
    reach = sharing.reach_of(by, customer_id)
    allowed = [panel for panel in _panels if may(by, panel.capability).allowed]
    answers = _answers(customer_id, tuple(panel.asks for panel in allowed))
    loaded: list[Loaded] = []
    for panel, is_there in zip(allowed, answers, strict=True):
        if not is_there:
            continue
        if not reach.opens(panel.service):
            loaded.append(Loaded(template=HELD, shown=sharing.holder_of(panel.service), may_open=False))
        elif panel.code and (closed := training_gates.closed(f"panel.{panel.code}", panel.title, by=by, at=at)):
            loaded.append(Loaded(template=UNTRAINED, shown=closed, may_open=False))
        else:
            shown = panel.load_for(customer_id, by, at) if panel.load_for else panel.load(customer_id, at)
            if shown:
                may_open = not panel.opens or may(by, panel.opens).allowed
                loaded.append(Loaded(template=panel.template, shown=shown, may_open=may_open))
    return loaded


def _answers(customer_id: UUID, asked: tuple[str, ...]) -> Sequence[Any]:
    """Whether each part has anything to show, in one statement; one that does not ask may have."""
    row = fetch_one(_as_one(asked), {"customer": customer_id}) if any(asked) else None
    return row or (True,) * len(asked)


@lru_cache(maxsize=100)
def _as_one(asked: tuple[str, ...]) -> str:
    return "SELECT " + ", ".join(one or "true" for one in asked)
