from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import make_council, make_staff


@pytest.fixture(autouse=True)
def _council(db: Any) -> None:
    make_council()


def signed_in_as(name: str, *, team: str, role: Role) -> Client:
    """A browser behind which somebody with this post is signed in."""
    by = make_staff(name, team=team, role=role)
    client = Client(raise_request_exception=True)
    sign_in(client, User.objects.get(pk=by.id))
    return client


@pytest.fixture
def officer() -> Client:
    return signed_in_as("olu", team="street-cleansing", role=Role.OFFICER)
