"""Every page of the staff's own, as those who use it see it: nothing that axe complains of, nothing that scrolls sideways."""

from __future__ import annotations

import pytest

from journeys.browsing import DESK, SMALL_PHONE
from journeys.council import Council
from journeys.staff import Staff

PAGES = {
    "Priya Wherryman": {
        "/work/": "Team queue",
        "/work/?late=1": "Team queue",
        "/work/incidents": "Incidents",
    },
    "Amina Larkspur": {
        "/work/": "Team queue",
        "/work/customers?q=an": "Look up",
        "/work/hours": "Opening hours",
    },
    "Sade Ropewalker": {
        "/work/exceptions?all": "Exceptions",
        "/work/exceptions/ageing?all": "Open too long",
        "/work/exceptions/pairs": "Open on one side only",
    },
    "Piers Tallyman": {"/work/audit": "Who looked, and what was changed"},
    "Sam Switchwell": {
        "/work/systems": "Other systems",
        "/work/systems/waste": "Deliveries to waste",
        "/work/services": "Services",
        "/work/services/fly-tipping": "Fly-tipping",
        "/staff/people": "People",
    },
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of(name: str, council: Council, staff: Staff) -> None:
    who = staff(name)
    for width in (SMALL_PHONE, DESK):
        who.page.set_viewport_size({"width": width["width"], "height": width["height"]})
        for path, heading in PAGES[name].items():
            who.open(path)
            who.look(heading)
