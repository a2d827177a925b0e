"""Calls to the back office with a manager's authority first, and the path of a difficult case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from townhall.accounts.models import Role
from townhall.cases.calling import operations, path, queries
from townhall.cases.calling.models import BackOfficeCall, PathStep
from townhall.cases.models import Case
from townhall.cases.states import CallState
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound, WrongState
from townhall.core.refreshing import forget_all
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.workforce import champions
from townhall.workforce.champions import Named

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(db: None) -> Case:
    make_council()
    return make_case()


def adviser() -> Actor:
    return make_staff("amy", team="desk", role=Role.ADVISER)


def manager(team: str = "desk") -> Actor:
    made = make_staff(f"mo-{team}", team=team, role=Role.TEAM_MANAGER)
    forget_all()
    return made


def test_a_call_outside_the_agreed_process_waits_for_the_team_manager_and_goes_on_after_a_yes(case: Case) -> None:
    mo, amy = manager(), adviser()

    inside = operations.ask(case.pk, reason="Which crew?", is_inside=True, by=amy, at=MONDAY)
    assert (inside.state, inside.needs_authority) == (CallState.CLEARED, False)
    operations.made(inside.pk, spoke_with="Col", outcome="The blue crew", by=amy, at=MONDAY)

    asked = operations.ask(case.pk, reason="They want a date today", is_inside=False, by=amy, at=MONDAY)
    assert operations.ask(case.pk, reason="Again", is_inside=False, by=amy, at=MONDAY) == asked
    assert queries.number_waiting(mo, at=MONDAY) == 1
    assert [one.pk for one in queries.asked(mo, at=MONDAY)] == [asked.pk]
    with pytest.raises(WrongState):
        operations.made(asked.pk, spoke_with="Col", outcome="Said no", by=amy, at=MONDAY)
    with pytest.raises(NotAllowed):
        operations.answer(asked.pk, yes=True, reason="Mine", by=amy, at=MONDAY)
    with pytest.raises(NotAllowed):
        operations.answer(asked.pk, yes=True, reason="Other team", by=manager("else"), at=MONDAY)
    with pytest.raises(BadInput):
        operations.answer(asked.pk, yes=True, reason=" ", by=mo, at=MONDAY)

    operations.answer(asked.pk, yes=True, reason="She has rung three times", by=mo, at=MONDAY + MINUTE)
    with pytest.raises(WrongState):
        operations.answer(asked.pk, yes=False, reason="No", by=mo, at=MONDAY + MINUTE)
    operations.made(asked.pk, spoke_with="Priya", outcome="Tomorrow at ten", by=amy, at=MONDAY + 3 * MINUTE)

    line = queries.of_case(case.pk)[0]
    assert (line.state, line.answer, line.outcome) == (CallState.MADE, "She has rung three times", "Tomorrow at ten")
    assert queries.by_service(since=MONDAY)[0].outside == 1
    verbs = list(Entry.objects.filter(case_id=case.pk, verb__startswith="case.call").values_list("verb", flat=True))
    assert verbs.count("case.call_asked") == 2
    assert queries.number_waiting(mo, at=MONDAY) == 0


def test_a_service_may_ask_for_authority_for_every_call_or_none_and_a_refusal_ends_it(case: Case) -> None:
    mo, amy = manager(), adviser()
    rule: dict[str, Any] = {
        "agreed": "Ring only for a death",
        "number": "01632 960110",
        "minutes": 5,
        "by": mo,
        "at": MONDAY,
    }

    operations.set_rule(case.service_code, needs="all", **rule)
    asked = operations.ask(case.pk, reason="Why?", is_inside=True, by=amy, at=MONDAY)
    operations.answer(asked.pk, yes=False, reason="Look in the script first", by=mo, at=MONDAY)
    assert queries.of_case(case.pk)[0].state == CallState.REFUSED
    with pytest.raises(WrongState):
        operations.made(asked.pk, spoke_with="Col", outcome="Rang anyway", by=amy, at=MONDAY)

    operations.set_rule(case.service_code, needs="none", **rule)
    assert operations.ask(case.pk, reason="Why?", is_inside=False, by=amy, at=MONDAY).state == CallState.CLEARED
    with pytest.raises(NotAllowed):
        operations.set_rule(case.service_code, needs="none", **{**rule, "by": amy})
    with pytest.raises(NotFound):
        operations.set_rule("no-such-service", needs="none", **rule)


def test_without_an_answer_in_time_nothing_is_authorised_and_the_adviser_may_ask_again(case: Case) -> None:
    mo, amy = manager(), adviser()
    asked = operations.ask(case.pk, reason="Why?", is_inside=False, by=amy, at=MONDAY)

    assert operations.time_out(MONDAY + 9 * MINUTE) == 0
    late = MONDAY + 11 * MINUTE
    with pytest.raises(WrongState):
        operations.answer(asked.pk, yes=True, reason="Late", by=mo, at=late)
    assert (operations.time_out(late), operations.time_out(late)) == (1, 0)

    again = operations.ask(case.pk, reason="Why?", is_inside=False, by=amy, at=late)
    assert again.pk != asked.pk
    assert BackOfficeCall.objects.get(pk=asked.pk).state == CallState.TIMED_OUT


def test_a_difficult_case_climbs_step_by_step_with_its_holder_and_time_at_each(case: Case) -> None:
    amy = adviser()
    manager()
    owners = manager(case.doer_team.code)
    expert = make_staff("priya", team=case.doer_team.code, role=Role.OFFICER)
    named = Named(
        user_id=UUID(expert.id),
        kind="service",
        service_code=case.service_code,
        terms="Answers what the script does not",
        in_job_description=True,
        from_on=MONDAY.date(),
    )
    champions.name(named, by=owners, at=MONDAY)

    ways = path.ways_up(case, by=amy, at=MONDAY)
    assert [way.step.value for way in ways] == ["champion", "team_manager"]
    with pytest.raises(BadInput):
        path.climb(case.pk, to="senior_manager:", why="Now", by=amy, at=MONDAY)
    path.climb(case.pk, to=ways[0].value, why="Not in the script", by=amy, at=MONDAY + MINUTE)
    assert Message.objects.get(template="staff/case_climbed").recipient_address == "priya@example.org"

    for hours, step in enumerate(("client_service", "senior_manager"), start=1):
        way = next(one for one in path.ways_up(case, by=amy, at=MONDAY) if one.step.value == step)
        path.climb(case.pk, to=way.value, why="Still stuck", by=amy, at=MONDAY + timedelta(hours=hours))

    steps = list(PathStep.objects.filter(case=case).order_by("from_at"))
    assert [one.step for one in steps] == ["adviser", "champion", "client_service", "senior_manager"]
    assert [one.until_at for one in steps[:-1]] == [one.from_at for one in steps[1:]]
    assert str(steps[0].holder_id) == amy.id
    assert path.ways_up(case, by=amy, at=MONDAY) == []
