"""A register is data: what falls due rings, whoever keeps it says so, and others only look."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.accounts.models import Role
from townhall.clocks.events import ClockRang
from townhall.clocks.models import Clock
from townhall.clocks.sweeps import ring_due
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.events import subscribe
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.registers import operations, queries, ringing, sources
from townhall.registers.definition import BadDefinition, read, read_folder
from townhall.registers.models import Row
from townhall.registers.sources import Thing
from townhall.registers.tests.makers import LEAFLETS, MONDAY, make_leaflet, make_leaflets, somebody_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def open_actions(row: Row) -> dict[str, date]:
    return dict(row.actions.filter(state="open").values_list("due", "due_on"))


def test_every_register_that_comes_with_townhall_can_be_read() -> None:
    codes = {one.code for one in read_folder()}
    assert {"standard-messages", "forward-calendar", "awareness-campaigns", "improvement-actions"} <= codes


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("group_by: topic", "group_by: colour", "no field colour"),
        ("on_field: out_on", "on_field: cost", "no field with a date"),
        ("kind: number", "kind: colour", "register.yaml:"),
        ("code: order,", "code: read,", "there twice"),
        ("after_days: 30,", "", "either after_days or on_field"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_and_says_why(was: str, now: str, said: str) -> None:
    with pytest.raises(BadDefinition, match=said):
        read(LEAFLETS.replace(was, now, 1))


def test_a_row_from_its_entry_to_its_end() -> None:
    keeper = make_leaflets()
    row = make_leaflet(keeper, cost="£1,250.50", printed="3,000", out_on="2026-11-01")
    assert row.values == {"topic": "bins", "cost": 125_050, "printed": 3_000, "out_on": "11-01"}
    assert open_actions(row) == {"read": date(2026, 4, 1), "order": date(2026, 10, 18)}

    row = operations.change_row(
        row.pk, title="Your bins", given={"topic": "tax", "out_on": "12-01"}, version=1, by=keeper, at=MONDAY
    )
    assert open_actions(row)["order"] == date(2026, 11, 17)
    with pytest.raises(WrongState):  # somebody else had it open since before
        operations.change_row(row.pk, title="Mine", given={"topic": "bins"}, version=1, by=keeper, at=MONDAY)

    first = row.actions.get(due="read")
    with pytest.raises(BadInput):
        operations.end_action(first.pk, is_done=True, words=" ", by=keeper, at=MONDAY + 10 * DAY)
    operations.end_action(first.pk, is_done=True, words="The web address was added.", by=keeper, at=MONDAY + 10 * DAY)
    row.refresh_from_db()
    assert (open_actions(row)["read"], row.next_due_on) == (date(2026, 9, 8), date(2026, 9, 8))
    assert row.actions.get(state="done").words == "The web address was added."

    mine = operations.set_action(row.pk, title="Ask the printer", due_on=date(2026, 3, 20), by=keeper, at=MONDAY)
    with pytest.raises(WrongState):
        operations.close_row(row.pk, outcome="withdrawn", words="", by=keeper, at=MONDAY)
    operations.end_action(mine.pk, is_done=False, words="There is none any more", by=keeper, at=MONDAY)
    with pytest.raises(BadInput):
        operations.close_row(row.pk, outcome="lost", words="", by=keeper, at=MONDAY)
    operations.close_row(row.pk, outcome="withdrawn", words="Minute 12 of the panel", by=keeper, at=MONDAY)
    assert row.evidence.get().words == "Minute 12 of the panel"
    assert not Clock.objects.filter(state="running").exists()
    verbs = list(Entry.objects.filter(subject_kind="register_row").order_by("at", "id").values_list("verb", flat=True))
    assert set(verbs) >= {"register_row.opened", "register_row.changed", "register_row.closed"}
    assert open_actions(operations.reopen_row(row.pk, by=keeper, at=MONDAY + DAY))


def test_what_is_not_done_is_told_to_its_owner_and_then_to_the_manager() -> None:
    subscribe(ClockRang, ringing.clock_rang)
    keeper = make_leaflets()
    manager = somebody_in("leaflet-team", role=Role.TEAM_MANAGER)
    row = make_leaflet(keeper)
    action = row.actions.get()
    told = []
    for days in (23, 31, 40):  # a week before, on the day, and five working days later
        while ring_due(MONDAY + days * DAY):
            pass
        told.append(set(Message.objects.values_list("subject_line", "recipient_address")))
    soon, due, late = told[0], told[1] - told[0], told[2] - told[1]
    assert [words for words, _to in soon] == ["Leaflets: Read it again is due soon"]
    assert [words for words, _to in due] == ["Leaflets: Read it again is due"]
    assert len(late) == 2
    assert {to for _words, to in late} > {to for _words, to in soon}
    action.refresh_from_db()
    assert action.escalated_at is not None
    assert manager.is_staff
    (line,) = queries.registers_seen_by(keeper, at=MONDAY + 40 * DAY)
    assert (line.open, line.overdue) == (1, 1)
    operations.end_action(action.pk, is_done=True, words="Read.", by=keeper, at=MONDAY + 41 * DAY)
    found = queries.report(line.definition, at=MONDAY + 41 * DAY)
    assert (found.open, found.overdue, found.done_late, found.groups) == (1, 0, 1, [("bins", 1, 0)])


def test_teams_see_and_keep_as_the_register_says() -> None:
    keeper = make_leaflets()
    reader, stranger = somebody_in("reading-team"), somebody_in("leaflet-team", role=Role.CONTRACTOR)
    row = make_leaflet(keeper)
    assert queries.whole(row.pk, by=reader).row == row
    with pytest.raises(NotAllowed):
        operations.set_action(row.pk, title="Mine", due_on=date(2026, 4, 1), by=reader, at=MONDAY)
    with pytest.raises(NotAllowed):
        make_leaflet(stranger)
    with pytest.raises(NotFound):
        queries.whole(row.pk, by=stranger)


def test_rows_come_from_a_source_and_what_it_changed_is_looked_at_again() -> None:
    make_leaflets()
    definition = read(LEAFLETS.replace("group_by", "source: shelf\ngroup_by"))
    operations.load([definition], at=MONDAY)
    shelf = [
        Thing(key="a", title="A", digest="1", given={"topic": "bins"}),
        Thing(key="b", title="B", given={"topic": "tax"}),
    ]
    sources.register("shelf", lambda: shelf)
    assert sources.fill_all(MONDAY) == 2
    assert sources.fill_all(MONDAY + DAY) == 0
    row = Row.objects.get(key="a")
    operations.end_action(
        row.actions.get().pk, is_done=True, words="Read.", by=somebody_in("leaflet-team"), at=MONDAY + DAY
    )
    shelf[:] = [Thing(key="a", title="A", digest="2", given={"topic": "bins"})]
    assert sources.fill_all(MONDAY + 2 * DAY) == 2
    assert open_actions(row) == {"read": date(2026, 4, 1)}  # 28 days from then, not 180 days after it was read
    assert Row.objects.get(key="b").state == "closed"
    shelf.append(Thing(key="b", title="B", given={"topic": "tax"}))
    assert sources.fill_all(MONDAY + 3 * DAY) == 1
    operations.close_row(
        Row.objects.get(key="b").pk, outcome="withdrawn", words="", by=somebody_in("leaflet-team"), at=MONDAY
    )
    assert sources.fill_all(MONDAY + 4 * DAY) == 0  # what somebody closed stays closed


def test_a_list_is_read_a_page_at_a_time_in_order_of_what_is_due() -> None:
    keeper = make_leaflets()
    rows = [make_leaflet(keeper, title=f"Leaflet {number}", at=MONDAY + number * DAY) for number in range(3)]
    for action in rows[0].actions.all():
        operations.end_action(action.pk, is_done=False, words="Not needed", by=keeper, at=MONDAY)
    first = queries.rows_of("leaflets", size=2)
    then = queries.rows_of("leaflets", size=2, after=first.after)
    assert [row.title for row in (*first.rows, *then.rows)] == ["Leaflet 1", "Leaflet 2", "Leaflet 0"]
    assert [line[0] for line in queries.exported(queries.definition_of("leaflets"))] == [
        "Leaflet", "Leaflet 0", "Leaflet 1", "Leaflet 2"
    ]  # fmt: skip
