"""Who answers, who covers, and who should be signed in and is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from townhall.accounts.models import PostHolder, Role, Team, User
from townhall.accounts.queries import holders_of, mail_of
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.models import Case, Follower
from townhall.cases.operations.telling import case_link
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.catalogue import queries as catalogue
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed
from townhall.notifications.models import Message
from townhall.telephony.calls import agents
from townhall.telephony.cover import contact, monitor, operations, week
from townhall.telephony.messages import AgentIn
from townhall.telephony.models import Absence, Duty, PhoneTeam
from townhall.telephony.tests.makers import PLATFORM, event, make_line, took
from townhall.workspace.views import phone_cover

pytestmark = pytest.mark.django_db
WEEK = date(2026, 3, 2)  # a Monday
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVERY_DAY = range(5)


@pytest.fixture(autouse=True)
def _council() -> None:
    seed_reference_data()
    make_council()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    kept = [MORNING]
    monkeypatch.setattr(phone_cover, "now", lambda: kept[0])
    return kept


@pytest.fixture
def team() -> Team:
    made = Team.objects.get(code="street-cleansing")
    operations.set_team(made.pk, service_code="fly-tipping", minimum=1, shows_names=True, by=SYSTEM, at=MORNING)
    return made


def person(name: str, role: Role = Role.OFFICER) -> User:
    by = make_staff(name, team="street-cleansing", role=role)
    return User.objects.get(pk=by.id)


def answers(team: Team, user: User, starts: time, ends: time, kind: str = "answers") -> None:
    operations.add_duties(
        team.pk,
        email=user.email,
        kind=kind,
        weekdays=EVERY_DAY,
        starts=starts,
        ends=ends,
        from_on=WEEK,
        by=SYSTEM,
        at=MORNING,
    )


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


@pytest.mark.capability("HOUR-03")
def test_gaps_show_in_advance_and_work_messages_and_the_customers_contact_pass_to_the_cover(
    team: Team, clock: list[datetime]
) -> None:
    """An officer's week: lunch is uncovered until it is diverted; on leave, everything of hers is her cover's, and hers again after."""
    priya, col = person("priya"), person("col", Role.TEAM_MANAGER)
    answers(team, priya, time(8, 30), time(17, 30))
    answers(team, priya, time(12, 30), time(13, 30), "break")
    [found] = week.weeks(WEEK)
    assert len(found.gaps) == 5
    assert (found.gaps[0][0].time(), found.gaps[0][1].time()) == (time(12, 30), time(13, 30))
    manager = signed_in(col)
    page = manager.get("/work/phone/rota?week=2026-03-04").content.decode()
    assert "Not covered" in page
    assert "12:30pm to 1:30pm" in page
    typed = {
        "to": "Contact centre",
        "from_on": "2026-03-02",
        "from_at": "12:00",
        "until_on": "2026-03-02",
        "until_at": "14:00",
    }
    manager.post(f"/work/phone/rota/{team.pk}/diverts", typed)
    assert len(week.weeks(WEEK)[0].gaps) == 4

    case = make_case()
    post = PostHolder.objects.get(user=priya).post
    Case.objects.filter(pk=case.pk).update(doer_post=post)
    assert asked(case) == ("Priya", "")
    away = {"away": priya.email, "away_from": "2026-03-04", "away_until": "2026-03-06"}
    refused = manager.post("/work/phone/absences", away)
    assert "Nobody else holds: Street Cleansing Officer. Select who covers" in refused.content.decode()
    manager.post("/work/phone/absences", away | {"cover": col.email})
    tuesday, wednesday, saturday = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 7)
    assert [names(post, on) for on in (tuesday, wednesday, saturday)] == [["Priya"], ["Col"], ["Priya"]]
    assert mail_of(post.pk, on=wednesday) == [col.email]
    assert asked(case, on=wednesday) == ("Col", "Priya")
    gaps = {since.date() for since, _until in week.weeks(WEEK)[0].gaps}
    assert {date(2026, 3, day) for day in (4, 5, 6)} <= gaps  # her own hours are open now
    assert "Col" in manager.get("/work/phone/absences").content.decode()

    clock[0] = datetime(2026, 3, 5, 9, tzinfo=UTC)  # she is back sooner
    manager.post(f"/work/phone/absences/{Absence.objects.get().pk}/end")
    assert [names(post, date(2026, 3, day)) for day in (4, 5, 9)] == [["Col"], ["Priya"], ["Priya"]]
    gaps = {since.date() for since, _until in week.weeks(WEEK)[0].gaps}
    assert date(2026, 3, 4) in gaps  # that she was away on the day that is over stays so


def test_a_duty_that_is_taken_away_still_held_on_the_days_that_are_over(team: Team, clock: list[datetime]) -> None:
    priya, col = person("priya"), person("col", Role.TEAM_MANAGER)
    answers(team, priya, time(9), time(12))
    clock[0] = datetime(2026, 3, 4, 9, tzinfo=UTC)
    manager = signed_in(col)
    for duty in Duty.objects.all():
        manager.post(f"/work/phone/duties/{duty.pk}/end")
    answering = {on: {name for slot in slots for name in slot.names} for on, slots in week.weeks(WEEK)[0].days}
    assert [answering[date(2026, 3, day)] for day in (2, 3, 4, 5)] == [{"Priya"}, {"Priya"}, set(), set()]
    assert [row.name for row in monitor.exceptions(date(2026, 3, 3), at=clock[0])] == ["Priya"]
    assert "Nobody is on this rota yet" in manager.get(f"/work/phone/rota/{team.pk}").content.decode()


def names(post: Any, on: date) -> list[str]:
    return [name for name, _email in holders_of(post.pk, on=on)]


def asked(case: Case, *, on: date = WEEK) -> tuple[str, str]:
    found = contact.ask_for(case.pk, on=on)
    assert found is not None
    return found.name, found.instead_of


def test_the_customer_reads_whom_to_ask_for_only_where_the_team_says_so(team: Team) -> None:
    priya = person("priya")
    case = make_case()
    Case.objects.filter(pk=case.pk).update(doer_post=PostHolder.objects.get(user=priya).post)
    follower = Follower.objects.get(case=case)
    link = case_link(case.reference, follower.pk).partition("/r/")
    assert "Ask for Priya" in Client().get("".join(link[1:])).content.decode()
    assert "Ask for" not in Client().get(f"/r/{case.reference}").content.decode()
    PhoneTeam.objects.update(shows_names=False)
    assert "Ask for" not in Client().get("".join(link[1:])).content.decode()


def test_who_may_name_a_cover(team: Team) -> None:
    priya, col, stranger = person("priya"), person("col"), make_user(roles=(Role.OFFICER,))
    days = {"from_on": WEEK, "until_on": WEEK, "at": MORNING}
    by = Actor(kind=make_staff("priya", team="street-cleansing", role=Role.OFFICER).kind, id=str(priya.pk))
    with pytest.raises(BadInput):  # not a colleague
        operations.be_away(priya.email, cover_email=stranger.email, by=by, **days)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):  # another's absence
        operations.be_away(col.email, cover_email=priya.email, by=by, **days)  # type: ignore[arg-type]
    operations.be_away(priya.email, cover_email=col.email, by=by, **days)  # type: ignore[arg-type]
    elsewhere = make_staff("mo", team="management", role=Role.TEAM_MANAGER)
    with pytest.raises(NotAllowed):  # a manager of another team
        operations.be_back(Absence.objects.get().pk, by=elsewhere, at=MORNING)
    with pytest.raises(BadInput):  # who is away cannot cover
        operations.be_away(col.email, cover_email=priya.email, by=SYSTEM, **days)  # type: ignore[arg-type]


@pytest.mark.capability("HOUR-04")
def test_rostered_staff_and_managers_who_are_not_signed_in_are_told_to_the_senior_manager(
    team: Team, clock: list[datetime]
) -> None:
    priya, col = person("priya"), person("col", Role.TEAM_MANAGER)
    senior = make_staff(
        "grace", team="management", role=Role.SENIOR_MANAGER, post=catalogue.service("fly-tipping").senior_manager
    )
    make_line(priya, "2041")
    make_line(col, "2050")
    answers(team, priya, time(9), time(12))
    answers(team, col, time(9), time(12))
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    tell(("2041", "available", at - timedelta(minutes=5)), ("2041", "signed_out", at + timedelta(hours=2)))
    took(
        event("offered", start=at, number="01632 960123"),
        event("offered", 10, start=at, agent="2041"),
        event("abandoned", 60, start=at),
    )

    clock[0] = at + timedelta(minutes=30)
    page = signed_in(User.objects.get(pk=senior.id)).get("/work/phone/signed-in").content.decode()
    assert page.index("Col") < page.index("Priya")  # those not signed in first
    assert "Not signed in" in page

    evening = at + timedelta(hours=9)
    monitor.send_daily(evening)
    monitor.send_daily(evening)
    [told] = Message.objects.filter(template="staff/not_signed_in")
    assert told.recipient_address == "grace@example.org"
    assert "Col (Street Cleansing): not signed in for 180 of 180 minutes" in told.body_text
    assert "Priya (Street Cleansing): not signed in for 60 of 180 minutes; 1 calls not answered" in told.body_text
    quiet = monitor.exceptions(WEEK + timedelta(days=5), at=evening + timedelta(days=6))  # Saturday
    assert quiet == []


def tell(*states: tuple[str, str, datetime]) -> None:
    told = [AgentIn(agent=agent, state=state, at=at) for agent, state, at in reversed(states)]  # type: ignore[arg-type]
    agents.take_in(told + told, platform=PLATFORM, at=MONDAY)
