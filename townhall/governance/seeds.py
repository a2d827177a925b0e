"""The clocks of requests, and how long things are kept to begin with. Loading them again keeps the council's changes."""

from __future__ import annotations

from townhall.clocks.calendars import Unit
from townhall.clocks.models import ClockKind
from townhall.core.time import now
from townhall.governance import switching
from townhall.governance.retention import rules

SUBJECT, FREEDOM, EXPLAIN = "access.subject", "access.freedom", "access.explain"
_SOON = {"at": "-5 working days", "rung": "due_soon"}
_DUE = {"at": "due", "rung": "due"}


def seed_reference_data() -> None:
    ClockKind.objects.bulk_create(
        [
            # UK GDPR, article 12: a month from the day of receipt, on to the next working day.
            ClockKind(
                code=SUBJECT,
                name="Answer to a request for one's own records",
                amount=1,
                unit=Unit.MONTHS.value,
                calendar_id="CALENDAR",
                rolls=True,
                ladder=[_SOON, _DUE],
            ),
            # Freedom of Information Act 2000, section 10.
            ClockKind(
                code=FREEDOM,
                name="Answer to a freedom-of-information request",
                amount=20,
                unit=Unit.WORKING_DAYS.value,
                calendar_id="UK_ANY",
                ladder=[_SOON, _DUE],
            ),
            ClockKind(
                code=EXPLAIN,
                name="Explanation of a look at a record",
                amount=5,
                unit=Unit.WORKING_DAYS.value,
                calendar_id="COUNCIL_OPEN",
                ladder=[_DUE],
            ),
        ],
        ignore_conflicts=True,
    )
    rules.seed()
    switching.put_down_what_is_on(now())
