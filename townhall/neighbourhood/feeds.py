"""Local data that another system sends in signed messages: read as the files of an import are.

`{"kind": "planning.items", "items": […]}`, with each item as a record of such a file; docs/importing.md lists the kinds.
"""

from __future__ import annotations

import structlog
from django.utils.translation import gettext as _

from townhall.connectors.events import AnnouncementReceived
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput
from townhall.core.loading import Counts, Fault, load
from townhall.core.loading.records import of_feed
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.neighbourhood.loading import KINDS

log = structlog.get_logger()
FEEDS = {f"{kind.code}.items": kind for kind in KINDS}


def announced(event: AnnouncementReceived) -> None:
    """A signed message of another system, if it is a feed of ours; anything else is for others."""
    if event.kind in FEEDS:
        received(event)


def received(event: AnnouncementReceived) -> Counts:
    """Load what can come in; the others are counted in the ledger and named in the log.

    Raises BadInput when nothing can, so that the message stays listed with what is wrong.
    """
    items = event.data.get("items")
    if not isinstance(items, list):
        raise BadInput({"items": _("It is not a list.")})
    by = Actor(kind=ActorKind.CONNECTOR, id=event.source)
    faults: list[Fault] = []
    counts = load(of_feed(items, name=event.source), FEEDS[event.kind], by=by, at=event.at, refuse=faults.append)
    if items and counts.refused == len(items):
        first = faults[0]
        raise BadInput({"items": f"{first.row} {first.column}: {first.reason}"})
    if faults:
        for one in faults[:20]:
            log.warning("feed.item_refused", event_id=str(event.event), row=one.row, column=one.column)
        ledger.record(
            "feed.items_refused",
            about=Subject(kind="inbound_event", id=event.event),
            by=by,
            at=event.at,
            data={"kind": event.kind, "refused": counts.refused},
        )
    return counts
