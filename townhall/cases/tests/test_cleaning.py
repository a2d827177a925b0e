"""The backlog and its clean-up: preview, messages that wait, and undo (CASE-08); the forced decision (CASE-09)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.accounts.models import Role, Team
from townhall.cases import backlog, operations
from townhall.cases.models import Case, Note
from townhall.cases.operations import CleanUp
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.clocks import queries as clocks
from townhall.core.actors import PUBLIC, Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.notifications.sending import claim

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=40)
CLOSE = CleanUp(kind="close", outcome_code="cleared", words="We cleared this during the spring clean.")


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()


@pytest.fixture
def manager() -> Actor:
    return make_staff("mel", team="street-cleansing", role=Role.TEAM_MANAGER)


@pytest.fixture
def officer() -> Actor:
    return make_staff("olu", team="street-cleansing", role=Role.OFFICER)


def photograph(case: Case) -> dict[str, object]:
    """Everything of a case that undoing must bring back, clocks too."""
    case.refresh_from_db()
    row = {
        field.attname: getattr(case, field.attname)
        for field in Case._meta.concrete_fields
        if field.name != "updated_at"
    }
    running = clocks.running_for([case.pk]).get(case.pk, [])
    return row | {"clocks": sorted((one.kind, one.due_on, one.state) for one in running)}


@pytest.mark.capability("CASE-08")
def test_the_backlog_lists_what_is_open_past_the_age_oldest_first_with_owner_and_last_contact(officer: Actor) -> None:
    old, older = make_case(at=MONDAY + timedelta(days=2)), make_case(at=MONDAY)
    make_case(at=LATER)
    done = make_case(at=MONDAY)
    operations.decline(done.pk, reason_code="private-land", by=officer, at=MONDAY)

    first = backlog.open_longer_than(30, at=LATER, size=1)
    second = backlog.open_longer_than(30, at=LATER, size=1, after=first.after)

    assert [line.id for line in (*first.rows, *second.rows)] == [older.pk, old.pk]
    assert second.after == ""
    [line] = first.rows
    assert (line.team, line.last_told_at, line.days_open(LATER)) == ("Street Cleansing", MONDAY, 40)
    assert [row.id for row in backlog.open_longer_than(30, at=LATER, service_codes=["pothole"]).rows] == []


@pytest.mark.capability("CASE-08")
def test_a_preview_counts_and_shows_every_message_and_changes_nothing(manager: Actor) -> None:
    one, two = make_case(), make_case(service="pothole")
    operations.follow(one.pk, Recipient(name="Ada", email="ada@example.org"), by=PUBLIC, at=MONDAY)
    before = photograph(one)
    sent = Message.objects.count()

    shown = operations.preview([one.pk, two.pk], CLOSE, by=manager, at=LATER)

    assert (shown.cases, shown.services, shown.messages) == (1, {"Fly-tipping": 1}, 2)
    assert [(left.reference, left.reason) for left in shown.left] == [
        (two.reference, "Its service does not have that outcome.")
    ]
    assert [sample.to for sample in shown.samples] == ["Sam Resident", "Ada"]
    assert all("spring clean" in sample.message.body_text for sample in shown.samples)
    assert photograph(one) == before
    assert Message.objects.count() == sent


@pytest.mark.capability("CASE-08")
def test_closing_in_bulk_sends_exactly_what_was_previewed_once_the_time_to_undo_is_over(manager: Actor) -> None:
    cases = [make_case(reporter=Recipient(name=name, email=f"{name}@example.org")) for name in ("ada", "bo")]
    ids = [case.pk for case in cases]
    shown = operations.preview(ids, CLOSE, by=manager, at=LATER)
    action = operations.clean_up(ids, CLOSE, by=manager, at=LATER)

    held = Message.objects.filter(template="case/done").order_by("recipient_name")
    assert {message.next_attempt_at for message in held} == {action.undo_until}
    assert [message.body_text for message in held] == [sample.message.body_text for sample in shown.samples]
    assert "case/done" not in {one.template for one in claim(at=action.undo_until - timedelta(seconds=1))}
    assert [one.template for one in claim(at=action.undo_until)].count("case/done") == 2
    for case in cases:
        case.refresh_from_db()
        assert (case.state, case.outcome_text) == (State.CLOSED, CLOSE.words)


@pytest.mark.capability("CASE-08")
def test_undo_puts_every_case_back_and_nobody_ever_hears_of_it(manager: Actor, officer: Actor) -> None:
    fresh, accepted, asked, done = (make_case() for _ in range(4))
    operations.accept(accepted.pk, by=officer, at=MONDAY, scheduled_on=date(2026, 5, 1))
    operations.ask_customer(asked.pk, question="Where?", by=officer, at=MONDAY)
    operations.complete(done.pk, outcome_code="cleared", outcome_text=CLOSE.words, by=officer, at=MONDAY)
    cases = [fresh, accepted, asked, done]
    before = [photograph(case) for case in cases]

    action = operations.clean_up([case.pk for case in cases], CLOSE, by=manager, at=LATER)
    assert all(Case.objects.get(pk=case.pk).state == State.CLOSED for case in cases)
    undone = operations.undo(action.pk, by=manager, at=LATER + timedelta(minutes=5))

    assert (undone.put_back, undone.messages_dropped, undone.left) == (4, 4, [])
    assert [photograph(case) for case in cases] == before
    assert set(Message.objects.filter(template="case/done").values_list("state", flat=True)) == {"withdrawn"}
    with pytest.raises(WrongState):
        operations.undo(action.pk, by=manager, at=LATER + timedelta(minutes=6))


def test_undo_leaves_a_case_that_moved_on(manager: Actor) -> None:
    moved, still = make_case(), make_case()
    action = operations.clean_up([moved.pk, still.pk], CLOSE, by=manager, at=LATER)
    operations.not_fixed(moved.pk, text="No", by=PUBLIC, at=LATER + timedelta(minutes=1), is_reporter=True)

    undone = operations.undo(action.pk, by=manager, at=LATER + timedelta(minutes=5))

    assert [left.reference for left in undone.left] == [moved.reference]
    moved.refresh_from_db()
    still.refresh_from_db()
    assert (moved.state, still.state) == (State.ACCEPTED, State.AWAITING_DECISION)


def test_undo_is_refused_once_messages_have_gone(manager: Actor) -> None:
    case = make_case()
    action = operations.clean_up([case.pk], CLOSE, by=manager, at=LATER)
    with pytest.raises(WrongState):
        operations.undo(action.pk, by=manager, at=action.undo_until)


@pytest.mark.capability("CASE-08")
def test_chasing_in_bulk_asks_each_team_once_and_tells_the_customers(manager: Actor) -> None:
    Team.objects.filter(code="street-cleansing").update(email="street@example.org")
    cases = [make_case(), make_case(), make_case(service="pothole")]
    wanted = CleanUp(kind="chase", words="We are sorry. A manager is looking at it today.")

    action = operations.clean_up([case.pk for case in cases], wanted, by=manager, at=LATER)

    mail = Message.objects.get(template="staff/chased", recipient_address="street@example.org")
    assert all(case.reference in mail.body_text for case in cases[:2])
    assert cases[2].reference not in mail.body_text
    assert Message.objects.filter(template="case/update", next_attempt_at=action.undo_until).count() == 3
    operations.undo(action.pk, by=manager, at=LATER + timedelta(minutes=1))
    assert not Message.objects.filter(template__in=["staff/chased", "case/update"], state="pending").exists()
    assert not Note.objects.filter(kind="update").exists()


def test_a_case_that_others_work_on_is_left(manager: Actor, officer: Actor) -> None:
    make_team("cleaners", kind=Team.Kind.CONTRACTOR)
    sent, split, offered, free = (make_case() for _ in range(4))
    team = make_team("cleaners").pk
    operations.send_to_contractor(
        sent.pk, team_id=team, contract_ref="C1", obligations="Do it", days=2, by=officer, at=MONDAY
    )
    operations.split(split.pk, [operations.Part(service_code="pothole", title="Fill")], by=officer, at=MONDAY)
    operations.offer(offered.pk, to_team_id=make_team("highways").pk, note="", by=officer, at=MONDAY)

    action = operations.clean_up([sent.pk, split.pk, offered.pk, free.pk], CLOSE, by=manager, at=LATER)

    assert list(action.case_states) == [str(free.pk)]


def test_cleaning_up_needs_words_an_outcome_and_the_right(manager: Actor, officer: Actor) -> None:
    case = make_case()
    for wanted in (
        CleanUp(kind="close", outcome_code="", words="x"),
        CleanUp(kind="close", outcome_code="cleared"),
        CleanUp(kind="burn"),
    ):
        with pytest.raises(BadInput):
            operations.preview([case.pk], wanted, by=manager, at=LATER)
    with pytest.raises(NotAllowed):
        operations.clean_up([case.pk], CLOSE, by=officer, at=LATER)


@pytest.mark.capability("CASE-09")
def test_past_the_second_limit_a_case_is_an_exception_until_it_is_decided_or_extended(
    manager: Actor, officer: Actor
) -> None:
    waiting, extended, declined, closed = (make_case() for _ in range(4))
    at = MONDAY + timedelta(days=61)

    def exceptions() -> set[object]:
        return {line.id for line in backlog.needing_a_decision(at=at).rows}

    assert backlog.needing_a_decision(at=MONDAY + timedelta(days=59)).rows == []
    assert exceptions() == {waiting.pk, extended.pk, declined.pk, closed.pk}
    new_date = date(2026, 6, 1)
    operations.extend_decision(extended.pk, until_on=new_date, reason="The crane is booked", by=manager, at=at)
    operations.decline(declined.pk, reason_code="private-land", by=officer, at=at)
    operations.complete(closed.pk, outcome_code="cleared", outcome_text="", by=officer, at=at)
    operations.tell(closed.pk, by=officer, at=at)

    assert exceptions() == {waiting.pk}
    told = Message.objects.get(case_id=extended.pk, template="case/date_changed")
    assert "1 June 2026" in told.body_text
    assert "The crane is booked" in told.body_text
    with pytest.raises(NotAllowed):
        operations.extend_decision(waiting.pk, until_on=new_date, reason="Later", by=officer, at=at)


@pytest.mark.capability("CASE-03")
def test_cases_passed_too_often_are_counted_and_listed(officer: Actor) -> None:
    case, _calm = make_case(), make_case()
    highways = make_staff("hal", team="highways", role=Role.OFFICER)
    for hour in range(2):
        handoff = operations.offer(
            case.pk, to_team_id=make_team("highways").pk, note="", by=officer, at=MONDAY + timedelta(hours=2 * hour)
        )
        at = MONDAY + timedelta(hours=2 * hour + 1)
        operations.return_offer(handoff.pk, reason="Not a road", by=highways, at=at)

    assert [line.id for line in backlog.passed_more_than(1).rows] == [case.pk]
    assert backlog.passed_more_than(2).rows == []
    [count] = backlog.passed_report(1, since=MONDAY - timedelta(days=1), until=LATER)
    assert (count.service_code, count.passed, count.opened) == ("fly-tipping", 1, 2)
