"""Private photos of a case: whoever may see the case sees them, and no other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.core.actors import PUBLIC
from townhall.files import operations as files
from townhall.files.tests.makers import picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def council(settings: Any, tmp_path: Any) -> None:
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": kept}
    make_council()


def a_private_photo() -> UUID:
    case = make_case()
    stored = files.store(
        upload("tip.jpg", picture()), about=case.subject, purpose="before", by=PUBLIC, at=MONDAY, case_id=case.pk
    )
    return stored.pk


@pytest.mark.parametrize(
    ("team", "role", "status"),
    [
        ("street-cleansing", Role.OFFICER, 200),
        ("contact-centre", Role.ADVISER, 200),
        ("highways", Role.OFFICER, 404),
        ("environment-contractor", Role.CONTRACTOR, 404),
        ("systems", Role.ADMINISTRATOR, 404),
    ],
)
def test_private_photos_are_seen_with_their_case(client: Client, team: str, role: Role, status: int) -> None:
    photo = a_private_photo()
    make_staff("one", team=team, role=role)
    sign_in(client, User.objects.get(email="one@example.org"))

    for path in (f"/files/{photo}", f"/files/{photo}/thumbnail"):
        answer = client.get(path)
        assert answer.status_code == status
        if status == 200:
            assert answer["Cache-Control"] == "private, no-store"
