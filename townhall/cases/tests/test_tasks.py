"""One case, several services: a task each, one lead, one reply (CASE-13)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from townhall.accounts.models import Role
from townhall.cases import operations
from townhall.cases.access import cases_visible_to
from townhall.cases.models import Case, Task
from townhall.cases.operations import Part
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.clocks import queries as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PARTS = [
    Part(service_code="pothole", title="Mend the kerb", days=3),
    Part(service_code="fly-tipping", title="Take the sofa away"),
]


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()


@pytest.fixture
def lead() -> Actor:
    return make_staff("olu", team="street-cleansing", role=Role.OFFICER)


@pytest.fixture
def highways() -> Actor:
    return make_staff("hal", team="highways", role=Role.OFFICER)


@pytest.fixture
def case() -> Case:
    return make_case()


@pytest.mark.capability("CASE-13")
def test_each_service_has_its_task_and_the_customer_one_reply_from_one_lead(
    case: Case, lead: Actor, highways: Actor
) -> None:
    kerb, sofa = operations.split(case.pk, PARTS, by=lead, at=MONDAY)
    assert kerb.due_on == date(2026, 3, 5)
    assert clocks.due_on("case.task", kerb.subject) == kerb.due_on
    assert case in cases_visible_to(highways)

    operations.end_task(kerb.pk, result="Kerb mended", by=highways, at=MONDAY + HOUR)
    with pytest.raises(WrongState):  # a part is still open
        operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=lead, at=MONDAY + HOUR)
    operations.end_task(sofa.pk, result="Taken away", by=lead, at=MONDAY + 2 * HOUR)
    operations.complete(case.pk, outcome_code="cleared", outcome_text="All done", by=lead, at=MONDAY + 2 * HOUR)
    operations.tell(case.pk, by=lead, at=MONDAY + 3 * HOUR)

    case.refresh_from_db()
    assert (case.state, case.doer_team.code, case.service_code) == (State.CLOSED, "street-cleansing", "fly-tipping")
    told = Message.objects.filter(case_id=case.pk, template__startswith="case/").values_list("template", flat=True)
    assert sorted(told) == ["case/done", "case/received"]


def test_only_the_team_of_a_part_or_the_lead_ends_it(case: Case, lead: Actor, highways: Actor) -> None:
    kerb, sofa = operations.split(case.pk, PARTS, by=lead, at=MONDAY)
    with pytest.raises(NotAllowed):
        operations.end_task(sofa.pk, result="", by=highways, at=MONDAY)
    operations.end_task(kerb.pk, result="", by=lead, at=MONDAY)
    with pytest.raises(WrongState):
        operations.end_task(kerb.pk, result="", by=highways, at=MONDAY)


def test_the_team_of_a_part_decides_nothing_of_the_whole(case: Case, lead: Actor, highways: Actor) -> None:
    kerb, _sofa = operations.split(case.pk, PARTS, by=lead, at=MONDAY)
    other = make_case(easting=530_900)
    for refused in (
        lambda: operations.decline(case.pk, reason_code="private-land", by=highways, at=MONDAY),
        lambda: operations.complete(case.pk, outcome_code="cleared", outcome_text="", by=highways, at=MONDAY),
        lambda: operations.withdraw(case.pk, by=highways, at=MONDAY),
        lambda: operations.split(case.pk, PARTS, by=highways, at=MONDAY),
        lambda: operations.post_update(case.pk, text="Soon", by=highways, at=MONDAY),
        lambda: operations.merge(other.pk, into_id=case.pk, by=highways, at=MONDAY),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            refused()
    operations.add_staff_note(case.pk, text="We look on Monday", by=highways, at=MONDAY)
    operations.end_task(kerb.pk, result="", by=highways, at=MONDAY)
    with pytest.raises(NotAllowed, match="part"):
        operations.accept(case.pk, by=highways, at=MONDAY)
    case.refresh_from_db()
    assert case.state == State.AWAITING_DECISION


def test_a_team_with_a_part_that_is_offered_the_case_answers_the_offer(
    case: Case, lead: Actor, highways: Actor
) -> None:
    operations.split(case.pk, PARTS[:1], by=lead, at=MONDAY)
    offer = operations.offer(case.pk, to_team_id=make_team("highways").pk, note="", by=lead, at=MONDAY)
    with pytest.raises(NotAllowed):
        operations.decline(case.pk, reason_code="private-land", by=highways, at=MONDAY)
    operations.accept_offer(offer.pk, by=highways, at=MONDAY)
    operations.decline(case.pk, reason_code="private-land", by=highways, at=MONDAY)


def test_a_part_that_is_not_needed_is_cancelled_with_a_reason(case: Case, lead: Actor) -> None:
    kerb, _sofa = operations.split(case.pk, PARTS, by=lead, at=MONDAY)
    with pytest.raises(BadInput):
        operations.cancel_task(kerb.pk, reason=" ", by=lead, at=MONDAY)
    operations.cancel_task(kerb.pk, reason="The kerb is sound", by=lead, at=MONDAY)
    kerb.refresh_from_db()
    assert (kerb.state, kerb.result) == (Task.State.CANCELLED, "The kerb is sound")
    assert clocks.due_on("case.task", kerb.subject) is None


def test_a_declined_case_ends_its_parts(case: Case, lead: Actor) -> None:
    operations.split(case.pk, PARTS, by=lead, at=MONDAY)
    operations.decline(case.pk, reason_code="private-land", by=lead, at=MONDAY)
    assert set(case.tasks.values_list("state", flat=True)) == {"cancelled"}
    assert clocks.running_for([case.pk]) == {}


@pytest.mark.parametrize(
    "part",
    [
        Part(service_code="pothole", title=" "),
        Part(service_code="nothing-of-ours", title="Dig"),
        Part(service_code="pothole", title="Dig", days=-1),
    ],
)
def test_a_part_names_a_service_and_what_is_to_be_done(case: Case, lead: Actor, part: Part) -> None:
    with pytest.raises(BadInput):
        operations.split(case.pk, [part], by=lead, at=MONDAY)
    assert not Task.objects.exists()
