"""An administrator looks after who works here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from townhall.accounts import operations, queries
from townhall.accounts.errors import LinkOver
from townhall.accounts.models import PostHolder, Role, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import PASSWORD, make_post, make_user, sign_in
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.time import now
from townhall.ledger.models import Entry

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(roles=(Role.ADMINISTRATOR,))
    sign_in(client, user)
    return user


@pytest.mark.capability("GOVN-03")
def test_an_administrator_adds_somebody_and_gives_them_a_post(client: Client, administrator: User) -> None:
    post = make_post(role=Role.OFFICER, title="Duty officer")
    page = client.post(reverse("accounts:new_person"), {"name": "Tom Example", "email": "Tom@Example.org"})
    tom = User.objects.get(email="tom@example.org")
    assert page["Location"] == reverse("accounts:person", args=[tom.pk])

    client.post(reverse("accounts:post_held", args=[tom.pk]), {"post": str(post.pk)})
    link_page = client.post(reverse("accounts:set_up_link", args=[tom.pk]))

    assert actor_for(tom, now()).roles == frozenset({"officer"})
    assert "Duty officer" in client.get(reverse("accounts:people"), {"q": "tom"}).content.decode()
    link = link_page.content.decode().split('id="set-up-link">')[1].split("<")[0]
    assert Client().get(link).status_code == 200
    entries = Entry.objects.filter(subject_id=tom.pk).order_by("at", "id")
    assert [entry.verb for entry in entries] == ["staff.added", "staff.post_given", "staff.set_up_link_made"]
    assert {(entry.actor_kind, entry.actor_id) for entry in entries} == {("staff", str(administrator.pk))}
    assert entries[1].data == {
        "post": str(post.pk),
        "role": "officer",
        "team": str(post.team_id),
        "from_on": str(now().date()),
    }


@pytest.mark.parametrize(
    ("name", "email", "said"),
    [
        ("", "", "Enter their full name"),
        ("Ann", "not an email", "in the correct format"),
        ("Ann", "\0@example.org", "in the correct format"),
        ("Ann\0", "ann@example.org", "Null characters"),
        ("x" * 300, "ann@example.org", "at most 200"),
    ],
)
def test_what_cannot_be_used_is_said_and_kept(
    client: Client, administrator: User, name: str, email: str, said: str
) -> None:
    page = client.post(reverse("accounts:new_person"), {"name": name, "email": email})

    assert page.status_code == 200
    assert said in page.content.decode()


def test_nobody_is_added_twice_whatever_the_case() -> None:
    operations.create_user(email="ann@example.org", name="Ann", by=SYSTEM, at=AT)

    with pytest.raises(BadInput) as refusal:
        operations.create_user(email=" ANN@example.org", name="Another Ann", by=SYSTEM, at=AT)
    assert "already" in refusal.value.problems["email"]
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Mixed@example.org", name="")


def test_only_administrators_change_who_works_here() -> None:
    manager = actor_for(make_user(roles=(Role.TEAM_MANAGER, Role.SENIOR_MANAGER)), AT)
    user, post = make_user(), make_post()

    for refused in (
        lambda: operations.create_user(email="x@example.org", name="X", by=manager, at=AT),
        lambda: operations.hold_post(user.pk, post.pk, from_on=AT.date(), by=manager, at=AT),
        lambda: operations.disable(user.pk, by=manager, at=AT),
        lambda: operations.make_set_up_link(user.pk, by=manager, at=AT),
        lambda: operations.set_password(user.pk, PASSWORD, by=manager, at=AT),
    ):
        with pytest.raises(NotAllowed, match="administrator"):
            refused()


def test_a_post_left_gives_nothing_from_that_moment() -> None:
    user, post = make_user(), make_post()
    operations.hold_post(user.pk, post.pk, from_on=AT.date() - timedelta(days=30), by=SYSTEM, at=AT)
    with pytest.raises(WrongState):
        operations.hold_post(user.pk, post.pk, from_on=AT.date(), by=SYSTEM, at=AT)

    operations.leave_post(user.pk, post.pk, by=SYSTEM, at=AT)

    assert actor_for(user, AT).roles == frozenset()
    assert PostHolder.objects.get().until_on == AT.date() - timedelta(days=1)
    operations.hold_post(user.pk, post.pk, from_on=AT.date(), by=SYSTEM, at=AT)
    assert actor_for(user, AT).roles == frozenset({"officer"})
    operations.leave_post(user.pk, post.pk, by=SYSTEM, at=AT)
    assert actor_for(user, AT).roles == frozenset()


def test_an_administrator_cannot_close_their_own_door(client: Client, administrator: User) -> None:
    page = client.post(reverse("accounts:disabled", args=[administrator.pk]), follow=True)

    assert "cannot close your own" in page.content.decode()
    assert User.objects.get(pk=administrator.pk).is_active


def test_a_set_up_link_ends_with_time_use_a_newer_one_or_the_sign_in() -> None:
    user = make_user()
    first = operations.make_set_up_link(user.pk, by=SYSTEM, at=AT)
    second = operations.make_set_up_link(user.pk, by=SYSTEM, at=AT)

    for token, at in [(first, AT), (second, AT + operations.LINK_LASTS), ("", AT), ("nothing", AT)]:
        with pytest.raises(LinkOver):
            operations.choose_password(token, PASSWORD, at=at)
    operations.disable(user.pk, by=SYSTEM, at=AT)
    with pytest.raises(LinkOver):
        operations.choose_password(second, PASSWORD, at=AT)


@pytest.mark.parametrize(
    "password",
    ["short", "passwordpassword", "qwertyuiop123", "123456789012", "Aldermere2026!", "councilcouncil1", "x" * 4_001],
)
def test_weak_passwords_are_refused(password: str) -> None:
    user = make_user()

    with pytest.raises(BadInput):
        operations.set_password(user.pk, password, by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    "password", ["three random words", "x7$kQ9!mZ2@w", "correct😀horse😀battery", "y" * 30 + "abcd" * 30]
)
def test_long_odd_and_pasted_passwords_are_welcome(password: str) -> None:
    user = make_user()

    operations.set_password(user.pk, password, by=SYSTEM, at=AT)

    user.refresh_from_db()
    assert user.check_password(password)


def test_the_list_is_read_page_by_page() -> None:
    for number in range(5):
        make_user(email=f"p{number}@list.example.org", name=f"Listed {number}", roles=(Role.ADVISER,))

    first = queries.people(on=AT.date(), words="listed", size=2)
    rest = queries.people(on=AT.date(), words="listed", after=first[1].email, size=10)

    assert [row.name for row in first] == ["Listed 0", "Listed 1", "Listed 2"], "one more tells that there are more"
    assert [row.name for row in rest] == ["Listed 2", "Listed 3", "Listed 4"]
    assert len(rest[0].posts) == 1
