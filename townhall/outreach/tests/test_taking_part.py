"""Consultations, forums and focus groups."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from townhall.accounts.models import Role
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.engagement import newsletter
from townhall.outreach import participation
from townhall.outreach.participation import NoPlaceLeft, Written
from townhall.outreach.states import ActivityState
from townhall.outreach.tests.makers import make_reader, staff
from townhall.registers import operations as registers
from townhall.registers.seeds import seed_reference_data as seed_registers

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FORUM = Written(
    kind="forum",
    title="Library hours",
    about="Which evenings?",
    how="Town hall, 7pm",
    closes_on=date(2026, 3, 20),
    places=1,
)


@pytest.mark.capability("ENGA-07")
def test_a_forum_from_its_opening_to_what_the_council_does_about_it() -> None:
    seed_clocks(at=NOON)
    seed_registers(at=NOON)
    manager = staff(Role.TEAM_MANAGER, at=NOON)
    first, second = make_reader(at=NOON), make_reader(at=NOON)
    me, you = (Actor(kind=ActorKind.CUSTOMER, id=str(one)) for one in (first, second))
    row = participation.write(FORUM, by=manager, at=NOON)
    with pytest.raises(NotFound):
        participation.public_one(row.pk)
    with pytest.raises(WrongState):
        participation.volunteer(row.pk, first, by=me, at=NOON)
    participation.move(row.pk, ActivityState.OPEN, by=manager, at=NOON)
    assert [one.title for one in participation.open_now(at=NOON)] == ["Library hours"]

    issue = newsletter.write(date(2026, 3, 1), subject_line="March", sections={"news": "News"}, by=manager, at=NOON)
    sections = dict(newsletter.context_of(issue, stop="", at=NOON)["sections"])
    assert f"/taking-part/{row.pk}" in sections["Have your say"]
    assert "Have your say" not in dict(newsletter.context_of(issue, stop="", at=NOON + 30 * DAY)["sections"])

    participation.volunteer(row.pk, first, by=me, at=NOON)
    participation.volunteer(row.pk, first, by=me, at=NOON)
    with pytest.raises(NoPlaceLeft):
        participation.volunteer(row.pk, second, by=you, at=NOON)
    assert participation.withdraw(row.pk, first, by=me, at=NOON)
    assert not participation.withdraw(row.pk, first, by=me, at=NOON)
    participation.volunteer(row.pk, second, by=you, at=NOON)
    assert [one[0] for one in participation.volunteers_of(row.pk, by=manager, at=NOON)] == [second]
    with pytest.raises(NotAllowed):
        participation.volunteers_of(row.pk, by=me, at=NOON)

    with pytest.raises(WrongState):
        participation.publish_findings(row.pk, "Thursdays", by=manager, at=NOON)
    participation.move(row.pk, ActivityState.CLOSED, by=manager, at=NOON)
    with pytest.raises(BadInput):
        participation.publish_findings(row.pk, " ", by=manager, at=NOON)
    participation.publish_findings(row.pk, "Most want Thursdays.", by=manager, at=NOON)
    action = participation.promise(
        row.pk,
        title="Open until 8 on Thursdays",
        by_on=date(2026, 9, 1),
        public_words="From September",
        by=manager,
        at=NOON,
    )
    assert (action.about_id, action.actions.get().due_on) == (row.pk, date(2026, 9, 1))
    registers.end_action(action.actions.get().pk, is_done=True, words="Open since 3 September", by=manager, at=NOON)
    registers.close_row(action.pk, outcome="done", words="", by=manager, at=NOON)
    (shown,) = participation.improvements(participation.public_one(row.pk))
    assert (shown.title, shown.outcome) == ("Open until 8 on Thursdays", "done")
