"""What the desk brings up for whoever's record is open, at the site where this adviser works."""

from __future__ import annotations

from townhall.customers.queries import Record
from townhall.inclusion import applying
from townhall.inclusion.applying import AtDesk
from townhall.safety.models import Station


def desk_for(record: Record, *, by_id: str) -> AtDesk | None:
    """At most three queries, and none for somebody who needs nothing."""
    needs = [one.need for one in record.needs]
    if not needs and record.language == "en":
        return None
    station = Station.objects.filter(pk=by_id).first()
    return applying.at_desk(needs, record.language, site_code=station.site_id if station else None)
