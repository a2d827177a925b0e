from __future__ import annotations

from datetime import date, datetime

import pytest

from townhall.clocks.calendars import WorkingCalendar
from townhall.clocks.ladder import first_rung_after, read_ladder
from townhall.clocks.tests.makers import london

EASTER = WorkingCalendar(code="EW", closed=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
DUE = london(2026, 4, 7, 23, 59, second=59)


@pytest.mark.parametrize(
    ("at", "rings"),
    [
        ("due", DUE),
        ("-1 working day", london(2026, 4, 2, 0)),
        ("-2 days", london(2026, 4, 5, 0)),
        ("-4 hours", london(2026, 4, 7, 19, 59, second=59)),
        ("+1 working days", london(2026, 4, 8, 23, 59, second=59)),
        ("+14 days", london(2026, 4, 21, 23, 59, second=59)),
        ("+0 days", DUE),
    ],
)
def test_when_a_rung_rings(at: str, rings: datetime) -> None:
    [rung] = read_ladder([{"at": at, "rung": "told"}])

    assert rung.rings_at(DUE, calendar=EASTER) == rings


@pytest.mark.parametrize("at", ["", "soon", "2 days", "-2 weeks", "-2 working days ", "+99999 days"])
def test_a_rung_that_cannot_be_read_is_named(at: str) -> None:
    with pytest.raises(ValueError, match="told"):
        read_ladder([{"at": at, "rung": "told"}])


def test_a_rung_needs_a_name_of_its_own() -> None:
    with pytest.raises(ValueError, match="needs a name"):
        read_ladder([{"at": "due"}])
    with pytest.raises(ValueError, match="one name"):
        read_ladder([{"at": "due", "rung": "told"}, {"at": "+1 day", "rung": "told"}])


def test_past_the_top_of_the_ladder_nothing_comes() -> None:
    ladder = read_ladder([{"at": "-2 days", "rung": "due_soon"}, {"at": "due", "rung": "due"}])

    assert first_rung_after(ladder, london(2026, 4, 1), due=DUE, calendar=EASTER) == (0, london(2026, 4, 5, 0))
    assert first_rung_after(ladder, london(2026, 4, 6), due=DUE, calendar=EASTER) == (1, DUE)
    assert first_rung_after(ladder, london(2026, 4, 8), due=DUE, calendar=EASTER) == (2, None)
