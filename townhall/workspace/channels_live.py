"""Which channels people can really use: what is switched on, and whether anybody was dealt with by it; and the name that they earn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.models import ApiKey
from townhall.catalogue import names
from townhall.connectors.models import Connector
from townhall.contacts.models import Channel
from townhall.core.actors import SYSTEM
from townhall.core.db import fetch_all
from townhall.core.turns import take_turn
from townhall.knowledge import tasks
from townhall.knowledge.models import Task
from townhall.mailroom.models import Mailbox
from townhall.mailroom.states import BoxState
from townhall.ui import naming

LOOKED_AT: Final = timedelta(days=28)
_USED = """
    SELECT k.channel, max(k.started_at) FROM contacts_contact k WHERE k.id >= %s::uuid GROUP BY k.channel"""
ABOUT: Final = "council-name"

# What must be set up beside the channel being in use. A channel that is not here needs nothing more.
_SET_UP: Final[Mapping[str, Callable[[], bool]]] = {
    "email": lambda: Mailbox.objects.filter(state=BoxState.OPEN).exists(),
    "text": lambda: bool(settings.TEXT_PROVIDER),
    "phone_automated": lambda: _has_connector("phone"),
    "api": lambda: ApiKey.objects.filter(is_active=True).exists(),
}


def _has_connector(kind: str) -> bool:
    return Connector.objects.filter(kind=kind, is_enabled=True).exists()


@dataclass(frozen=True, kw_only=True)
class Live:
    """A channel of the checklist. used_at: the last contact by it in LOOKED_AT, or None."""

    code: str
    name: str
    is_on: bool  # among the council's channels
    is_set_up: bool
    used_at: datetime | None
    is_needed: bool

    @property
    def is_live(self) -> bool:
        return self.is_on and self.is_set_up and self.used_at is not None


def checklist(*, at: datetime) -> list[Live]:
    """Every channel, as it stands now, in the council's order."""
    used = dict(fetch_all(_USED, (_first_id(at - LOOKED_AT),)))
    needed = names.needed()
    return [
        Live(
            code=one.code,
            name=one.name,
            is_on=one.is_active,
            is_set_up=_SET_UP[one.code]() if one.code in _SET_UP else True,
            used_at=used.get(one.code),
            is_needed=one.code in needed,
        )
        for one in Channel.objects.order_by("order", "code")
    ]


def _first_id(at: datetime) -> str:
    """The least id of anything made from then on: ids begin with the time (RFC 9562, version 7)."""
    return f"{int(at.timestamp() * 1000):012x}{'0' * 20}"


def is_earned(found: list[Live]) -> bool:
    """Whether every channel that the wider name needs is live."""
    wanted = set(names.needed())
    return bool(wanted) and wanted <= {one.code for one in found if one.is_live}


def prompt(at: datetime) -> int:
    """Sweep: when the wider name is earned and not yet used, a task for whoever answers for what we say; once for each name."""
    wider = names.chosen().get(names.WIDER, "")
    if not wider or naming.name(naming.OPERATION) == wider:
        return 0
    with transaction.atomic():
        take_turn("council names")
        if Task.objects.filter(about_kind=ABOUT, about_key=wider).exists():
            return 0
        if not is_earned(checklist(at=at)):
            return 0
        title = _("Every channel that it needs is live: decide whether we are called “%(name)s”") % {"name": wider}
        tasks.begin(
            Task(about_kind=ABOUT, about_key=wider, title=title, path="/work/names", why=Task.Why.CHANGE),
            by=SYSTEM,
            at=at,
        )
    return 1
