"""What other apps know of a customer, each a part of the customer's page. An app's part is registered in `config/panels.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from townhall.accounts.permissions import may
from townhall.core.actors import Actor


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`load` gives what `template` shows as `panel.shown`; nothing to show leaves the part out. It asks one query."""

    template: str
    capability: str
    load: Callable[[UUID, datetime], Any]
    opens: str = ""  # the capability that opens what it links to, where that is another


@dataclass(frozen=True, kw_only=True)
class Loaded:
    template: str
    shown: Any
    may_open: bool = True


_panels: list[Panel] = []


def register(panel: Panel) -> None:
    if panel not in _panels:
        _panels.append(panel)


def of_customer(customer_id: UUID, *, by: Actor, at: datetime) -> list[Loaded]:
    """The parts that this member of staff may see, in the order in which they were registered."""
    seen = [(panel, panel.load(customer_id, at)) for panel in _panels if may(by, panel.capability).allowed]
    return [
        Loaded(template=panel.template, shown=shown, may_open=not panel.opens or may(by, panel.opens).allowed)
        for panel, shown in seen
        if shown
    ]
