from __future__ import annotations

import pytest

from townhall.accounts import keys
from townhall.accounts.key_operations import create_key
from townhall.accounts.models import Role
from townhall.cases.tests.makers import MONDAY, make_council, make_staff
from townhall.core.actors import SYSTEM, Actor
from townhall.open311.tests.asking import KEY


@pytest.fixture
def council() -> None:
    """Two services, and a reporting site with a key."""
    make_council()
    create_key(name="Reporting site", scopes=["open311.write"], by=SYSTEM, at=MONDAY, key=KEY)
    keys.forget()  # the key of the test before has another id


@pytest.fixture
def officer(council: None) -> Actor:
    return make_staff("olive", team="street-cleansing", role=Role.OFFICER)
