"""People, posts and keys for tests."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.test import Client

from townhall.accounts import codes, key_operations, sessions
from townhall.accounts.models import Authenticator, Post, PostHolder, Role, StaffSession, Team, User
from townhall.accounts.web import SESSION_KEY
from townhall.core.actors import SYSTEM
from townhall.core.sealing import sealed
from townhall.core.time import now

PASSWORD = "seven green lanterns"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = itertools.count(1)


def make_team(*, kind: Team.Kind = Team.Kind.COUNCIL, **fields: Any) -> Team:
    number = next(_numbers)
    return Team.objects.create(**{"code": f"team-{number}", "name": f"Team {number}", "kind": kind, **fields})


def make_post(*, role: Role = Role.OFFICER, team: Team | None = None, **fields: Any) -> Post:
    number = next(_numbers)
    defaults = {"code": f"post-{number}", "title": f"Post {number}", "team": team or make_team()}
    return Post.objects.create(**{**defaults, "role": role, **fields})


def make_user(*, roles: tuple[Role, ...] = (), password: str = "", enrolled: bool = False, **fields: Any) -> User:
    """Somebody with a post for each role since 2020; with an app whose secret is SECRET when `enrolled`."""
    number = next(_numbers)
    user = User(**{"email": f"person{number}@example.org", "name": f"Person {number}", **fields})
    if password:
        user.set_password(password)
    user.save()
    for role in roles:
        PostHolder.objects.create(post=make_post(role=role), user=user, from_on=date(2020, 1, 1))
    if enrolled:
        Authenticator.objects.create(user=user, secret=sealed(SECRET), confirmed_at=now())
    return user


def code_now(at: datetime | None = None, *, step: int = 0) -> str:
    """What the app of somebody `enrolled` shows, `step` steps from the present one."""
    return codes.code_at(SECRET, codes.step_at((at or now()).timestamp()) + step)


def sign_in(client: Client, user: User, at: datetime | None = None) -> StaffSession:
    """Put a running session behind the client, past both factors (shown in test_signing_in)."""
    staff_session = sessions.start(user.pk, browser="Test", at=at or now(), by=SYSTEM)
    session = client.session
    session.cycle_key()  # as signing in does
    session[SESSION_KEY] = str(staff_session.pk)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return staff_session


def make_key(*scopes: str, rate_per_minute: int = 600) -> str:
    """The text of a new key."""
    return key_operations.create_key(
        name="A connector", scopes=scopes, by=SYSTEM, at=now(), rate_per_minute=rate_per_minute
    )[1]
