"""Private photos of a case: whoever may see the case sees them, and no other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import sign_in
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.catalogue import queries as catalogue
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


def test_an_approved_photo_of_a_service_that_publishes_none_is_withheld(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = a_private_photo()
    files.approve(photo, by=make_staff("olu", team="street-cleansing", role=Role.OFFICER), at=MONDAY)
    assert client.get(f"/files/{photo}").status_code == 200
    pack = catalogue.service("fly-tipping")
    hidden = msgspec.structs.replace(pack, public=msgspec.structs.replace(pack.public, photos=False))
    monkeypatch.setattr(catalogue, "service", lambda code: hidden)

    for path in (f"/files/{photo}", f"/files/{photo}/thumbnail"):
        assert client.get(path).status_code == 404
    sign_in(client, User.objects.get(email="olu@example.org"))
    answer = client.get(f"/files/{photo}")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
