"""What is near by, from files and signed feeds: bins, planning and licensing, events, councillors (docs/importing.md)."""

from townhall.neighbourhood.loading.bins import COLLECTIONS, ROUNDS
from townhall.neighbourhood.loading.councillors import COUNCILLORS
from townhall.neighbourhood.loading.events import EVENTS
from townhall.neighbourhood.loading.proposals import BUILDING_CONTROL, LICENSING, PLANNING

KINDS = (COLLECTIONS, ROUNDS, PLANNING, BUILDING_CONTROL, LICENSING, EVENTS, COUNCILLORS)
__all__ = ["BUILDING_CONTROL", "COLLECTIONS", "COUNCILLORS", "EVENTS", "KINDS", "LICENSING", "PLANNING", "ROUNDS"]
