"""How long somebody stays signed in, and what ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from townhall.accounts import operations, sessions
from townhall.accounts.models import PostHolder, Role, StaffSession
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import PASSWORD, make_post, make_team, make_user, sign_in
from townhall.core.actors import SYSTEM, ActorKind
from townhall.core.time import now
from townhall.ledger.models import Entry

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.capability("GOVN-03")
def test_a_quarter_of_an_hour_of_nothing_ends_a_session() -> None:
    session = sessions.start(make_user().pk, browser="", at=AT, by=SYSTEM)

    assert sessions.running(session.pk, AT + timedelta(minutes=15)) is not None
    assert sessions.running(session.pk, AT + timedelta(minutes=16)) is None
    sessions.seen(session.pk, AT + timedelta(minutes=16))
    assert sessions.running(session.pk, AT + timedelta(minutes=16)) is None, "what has ended is not revived"


def test_ten_hours_end_a_session_however_busy() -> None:
    session = sessions.start(make_user().pk, browser="", at=AT, by=SYSTEM)
    for minutes in range(0, 600, 10):
        sessions.seen(session.pk, AT + timedelta(minutes=minutes))

    assert sessions.running(session.pk, AT + timedelta(hours=9, minutes=59)) is not None
    assert sessions.running(session.pk, AT + timedelta(hours=10)) is None


def test_pages_count_down_to_whichever_end_comes_first(client: Client) -> None:
    session = sessions.start(make_user().pk, browser="", at=AT, by=SYSTEM)
    early = sessions.running(session.pk, AT)
    assert early is not None
    assert early.seconds_left == 15 * 60
    late = AT + timedelta(hours=9, minutes=50)
    StaffSession.objects.update(last_seen_at=late)
    found = sessions.running(session.pk, late)
    assert found is not None
    assert found.seconds_left == 10 * 60
    sign_in(client, make_user(), at=now() - timedelta(hours=9, minutes=50))
    StaffSession.objects.update(last_seen_at=now())
    page = client.get(reverse("accounts:sessions")).content.decode()
    shown = int(page.split('data-session-seconds="')[1].split('"')[0])
    assert 590 <= shown <= 600


def test_pages_keep_a_session_alive_and_write_it_down_now_and_then(
    client: Client, django_assert_num_queries: Any
) -> None:
    user = make_user(roles=(Role.ADMINISTRATOR,))
    session = sign_in(client, user, at=now() - timedelta(minutes=10))

    client.get(reverse("accounts:new_person"))

    seen = StaffSession.objects.get(pk=session.pk).last_seen_at
    assert now() - seen < timedelta(seconds=5)
    with django_assert_num_queries(0):  # the one there is passes Django's counter by (core.db)
        client.get(reverse("accounts:new_person"))
    assert StaffSession.objects.get(pk=session.pk).last_seen_at == seen


def test_a_session_that_this_process_has_seen_ends_with_either_of_its_halves(client: Client) -> None:
    user = make_user(roles=(Role.ADMINISTRATOR,))
    page = reverse("accounts:sessions")

    sign_in(client, user)
    assert client.get(page).status_code == client.get(page).status_code == 200
    Session.objects.all().delete()  # the browser's half
    assert client.get(page).status_code == 302

    sign_in(client, user)
    assert client.get(page).status_code == 200
    Session.objects.update(expire_date=now() - timedelta(seconds=1))
    assert client.get(page).status_code == 302

    session = sign_in(client, user)
    assert client.get(page).status_code == 200
    StaffSession.objects.filter(pk=session.pk).update(ended_at=now(), ended_because="signed_out")
    assert client.get(page).status_code == 302


def test_somebody_else_who_signs_in_on_the_same_browser_is_themselves(client: Client) -> None:
    first, second = make_user(roles=(Role.ADMINISTRATOR,)), make_user(roles=(Role.ADMINISTRATOR,))
    page = reverse("accounts:sessions")

    sign_in(client, first)
    client.get(page)
    sign_in(client, second)

    assert client.get(page).wsgi_request.user.pk == second.pk
    assert client.get(page).wsgi_request.user.pk == second.pk


def test_a_public_page_asks_nothing_of_the_session(client: Client, django_assert_num_queries: Any) -> None:
    client.cookies["sessionid"] = "whatever"
    with django_assert_num_queries(0), mock.patch("townhall.accounts.web._look_up") as look_up:
        answer = client.get(reverse("ui:session_ended"))

    assert answer.status_code == 200
    look_up.assert_not_called()


def test_whoever_was_signed_out_for_idleness_is_told_so(client: Client) -> None:
    sign_in(client, make_user(), at=now() - timedelta(minutes=20))

    page = client.get(reverse("accounts:sessions"), follow=True)

    assert page.redirect_chain[0][0] == "/staff/sign-in?next=%2Fstaff%2Fsessions&ended=1"
    assert "nothing had happened for a while" in page.content.decode()


def test_staying_signed_in_counts_and_says_when_it_is_too_late(client: Client) -> None:
    session = sign_in(client, make_user(), at=now() - timedelta(minutes=14))

    assert client.post(reverse("accounts:stay")).status_code == 204
    StaffSession.objects.filter(pk=session.pk).update(ended_at=now())
    assert client.post(reverse("accounts:stay")).status_code == 401


@pytest.mark.capability("GOVN-03")
def test_disabling_somebody_ends_what_they_have_open(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    assert client.get(reverse("accounts:sessions")).status_code == 200

    operations.disable(user.pk, by=SYSTEM, at=now())

    assert client.get(reverse("accounts:sessions")).status_code == 302


def test_a_new_password_ends_the_other_sessions_and_not_this_one(client: Client) -> None:
    user = make_user(password=PASSWORD)
    elsewhere = Client()
    sign_in(elsewhere, user)
    sign_in(client, user)
    path = reverse("accounts:password")

    wrong = client.post(path, {"present": "not this one at all", "password": "four brown otters"})
    assert "Your present password is not right" in wrong.content.decode()
    short = client.post(path, {"present": PASSWORD, "password": "short"})
    assert "at least 12 characters" in short.content.decode()
    council = client.post(path, {"present": PASSWORD, "password": "Aldermere2026"})
    assert "council&#39;s name" in council.content.decode()
    client.post(path, {"present": PASSWORD, "password": "four brown otters"})

    assert client.get(path).status_code == 200
    assert elsewhere.get(path).status_code == 302
    user.refresh_from_db()
    assert user.check_password("four brown otters")
    assert user.password.startswith("argon2")


def test_people_end_their_own_sessions_and_nobody_elses(client: Client) -> None:
    mine, theirs = make_user(), make_user()
    here = sign_in(client, mine)
    other = sessions.start(mine.pk, browser="Another", at=now(), by=SYSTEM)
    foreign = sessions.start(theirs.pk, browser="", at=now(), by=SYSTEM)
    assert "Another" in client.get(reverse("accounts:sessions")).content.decode()

    for session in (other, foreign):
        client.post(reverse("accounts:session_end", args=[session.pk]))

    assert sessions.running(other.pk, now()) is None
    assert sessions.running(foreign.pk, now()) is not None
    assert sessions.running(here.pk, now()) is not None
    client.post(reverse("accounts:other_sessions_end"))
    assert sessions.running(here.pk, now()) is not None


def test_an_actor_has_the_posts_held_that_day() -> None:
    team, user = make_team(), make_user()
    posts = {name: make_post(team=team, role=role) for name, role in [("now", Role.OFFICER), ("past", Role.ADVISER)]}
    later, closed = make_post(role=Role.AUDITOR), make_post(role=Role.ADMINISTRATOR, is_active=False)
    shut = make_post(role=Role.RECEPTIONIST, team=make_team(is_active=False))
    today = AT.date()
    for post, from_on, until_on in [
        (posts["now"], today, today),
        (posts["past"], today - timedelta(days=9), today - timedelta(days=1)),
        (later, today + timedelta(days=1), None),
        (closed, today, None),
        (shut, today, None),
    ]:
        PostHolder.objects.create(post=post, user=user, from_on=from_on, until_on=until_on)

    actor = actor_for(user, AT)

    assert (actor.kind, actor.id) == (ActorKind.STAFF, str(user.pk))
    assert actor.roles == frozenset({"officer"})
    assert actor.teams == frozenset({team.pk})
    assert actor.posts == frozenset({posts["now"].pk})


def test_old_sessions_are_tidied_away(client: Client) -> None:
    sign_in(client, make_user())
    assert sessions.tidy(now()) == 0
    assert sessions.tidy(now() + timedelta(days=31)) == 2
    assert StaffSession.objects.count() == 0
    assert Entry.objects.filter(verb="staff.signed_in").count() == 1
