"""The command line's way to the first administrator and to API keys."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts import commands, keys
from townhall.accounts.models import ApiKey, Role, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_team
from townhall.core.errors import BadInput
from townhall.core.time import now

pytestmark = pytest.mark.django_db


def test_the_first_administrator_comes_from_the_command_line(client: Client) -> None:
    said = commands.add_staff("Ann@example.org", "Ann Example", role="administrator", team="Digital")
    again = commands.add_staff("ann@example.org", "Ann Example", role="administrator", team="Digital")

    ann = User.objects.get()
    assert actor_for(ann, now()).roles == frozenset({Role.ADMINISTRATOR})
    assert "Ann Example is Administrator in Digital." in said
    assert client.get(_path(said)).status_code == 410, "a newer link takes the place of an older one"
    assert client.get(_path(again)).status_code == 200


def test_a_role_that_does_not_exist_is_said() -> None:
    with pytest.raises(BadInput, match="The roles are: adviser"):
        commands.add_staff("ann@example.org", "Ann", role="boss", team="Digital")


def test_keys_are_made_listed_and_revoked() -> None:
    said = commands.create_key("FixMyStreet", scopes=["open311.write"], rate_per_minute=100)
    key = said.splitlines()[0]
    keys.forget()

    assert keys.check(key, scope="open311.write", at=now()).scopes == frozenset({"open311.write"})
    assert "in use  FixMyStreet  [open311.write]" in commands.list_keys()
    assert key not in commands.list_keys()
    commands.revoke_key(UUID(str(ApiKey.objects.get().pk)))
    assert "revoked" in commands.list_keys()
    keys.forget()
    with pytest.raises(keys.KeyUnknown):
        keys.check(key, scope="", at=now())


def _path(said: str) -> str:
    return said[said.index("/staff/set-up/") :]


def test_a_key_may_belong_to_a_team() -> None:
    team = make_team(name="Clean Streets")
    commands.create_key("Their app", scopes=["contractor.work"], rate_per_minute=100, team="Clean Streets")
    assert ApiKey.objects.get().team_id == team.pk
    with pytest.raises(BadInput, match="no team"):
        commands.create_key("Their app", scopes=["contractor.work"], rate_per_minute=100, team="Nobody")
