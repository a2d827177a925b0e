"""Cleaning up an old backlog: preview, messages that wait, and undo (CASE-08); extending the second limit (CASE-09)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from townhall.accounts.models import Role, Team
from townhall.cases import operations
from townhall.cases.models import Case, Note
from townhall.cases.operations import CleanUp, cleaning
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.catalogue import queries as catalogue
from townhall.catalogue.operations import edit
from townhall.clocks import queries as clocks
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.notifications.sending import claim

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=40)
CHASE = CleanUp(kind="chase", words="We have not forgotten this.")
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
    assert shown.told == {("done", "email"): 2}
    assert all("spring clean" in sample.message.body_text for sample in shown.samples)
    assert photograph(one) == before
    assert Message.objects.count() == sent


@pytest.mark.capability("CASE-08")
def test_a_preview_of_a_chase_says_who_is_told_and_which_teams_are_asked(manager: Actor) -> None:
    told, silent = make_case(), make_case(service="pothole", reporter=Recipient(name="Bo", phone=""))
    make_case(service="pothole")
    entry = catalogue.entry("fly-tipping")
    quiet = [one for one in entry.pack.updates if one.update != "update"]

    shown = operations.preview([told.pk, silent.pk], CHASE, by=manager, at=LATER)
    assert shown.told == {("update", "email"): 1, ("update", "screen"): 1}
    assert shown.teams == {"Street Cleansing": 1, "Highways": 1}

    changes = {"updates": [msgspec.to_builtins(one) for one in quiet]}
    edit("fly-tipping", changes, version=entry.version, by=SYSTEM, at=LATER)
    shown = operations.preview([told.pk, silent.pk], CHASE, by=manager, at=LATER)
    assert shown.told == {("update", "screen"): 1}  # the service has it switched off


def test_the_outcomes_that_services_share_are_those_that_all_of_them_have() -> None:
    assert [one.code for one in cleaning.shared_outcomes(["fly-tipping"] * 2)] == ["cleared", "nothing-found"]
    assert cleaning.shared_outcomes(["fly-tipping", "pothole"]) == []
    assert cleaning.shared_outcomes([]) == []


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
def test_an_approved_extension_moves_the_second_limit_and_is_told_with_its_reason(
    manager: Actor, officer: Actor
) -> None:
    case = make_case()
    at, new_date = MONDAY + timedelta(days=61), date(2026, 6, 1)
    with pytest.raises(NotAllowed):
        operations.extend_decision(case.pk, until_on=new_date, reason="Later", by=officer, at=at)

    operations.extend_decision(case.pk, until_on=new_date, reason="The crane is booked", by=manager, at=at)

    assert clocks.due_on("case.decision", case.subject) == new_date
    told = Message.objects.get(case_id=case.pk, template="case/date_changed")
    assert "1 June 2026" in told.body_text
    assert "The crane is booked" in told.body_text
