"""Photos of a report: several at a time, and one that cannot be used costs none of the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from townhall.files.models import StoredFile
from townhall.portal.tests.makers import HOME, a_photo, go_to_check, only_case

pytestmark = pytest.mark.usefixtures("borough")
PHOTOS = "/report/fly-tipping/photos"


@pytest.fixture(autouse=True)
def _own_folder(settings: LazySettings, tmp_path: Any) -> None:
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = storages


@pytest.mark.capability("REPT-04")
def test_several_photos_are_kept_and_shown_to_nobody_until_approved(client: Client) -> None:
    go_to_check(client)

    client.post(f"{PHOTOS}?change", {"photos": [a_photo("one.jpg"), a_photo("two.jpg", colour="red")]})
    client.post("/report/fly-tipping/check")

    stored = StoredFile.objects.filter(case_id=only_case().pk)
    assert [one.state for one in stored] == ["private", "private"]
    assert str(stored[0].pk) not in client.get(f"/r/{only_case().reference}").content.decode()
    assert Client().get(f"/files/{stored[0].pk}").status_code == 404


def test_a_file_that_is_no_photo_is_named_and_the_others_stay(client: Client) -> None:
    go_to_check(client)
    virus = SimpleUploadedFile("holiday.jpg", b"MZ" + b"\0" * 200, content_type="image/jpeg")

    answer = client.post(PHOTOS, {"photos": [a_photo("one.jpg"), virus, a_photo("two.jpg", colour="red")]})

    words = answer.content.decode()
    assert answer.status_code == 422
    assert "holiday.jpg" in words
    assert words.count('alt="Photo ') == 2


def test_more_than_allowed_says_how_many(client: Client) -> None:
    go_to_check(client)
    colours = ("red", "green", "blue", "black")

    answer = client.post(PHOTOS, {"photos": [a_photo(f"{colour}.jpg", colour=colour) for colour in colours]})

    assert "You can add up to 3 photos" in answer.content.decode()
    assert answer.content.decode().count('alt="Photo ') == 3


def test_a_photo_can_be_taken_out_and_seen_before_sending(client: Client) -> None:
    go_to_check(client)
    answer = client.post(
        PHOTOS, {"photos": [a_photo("one.jpg"), a_photo("two.jpg", colour="red")], "add": "1"}, follow=True
    )
    words = answer.content.decode()
    thumbnail = words.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(thumbnail).status_code == 200
    removed = words.split('name="remove" value="')[1].split('"')[0]

    again = client.post(PHOTOS, {"remove": removed}, follow=True).content.decode()

    assert removed not in again
    assert again.count('alt="Photo ') == 1


def test_a_service_without_photos_does_not_ask(client: Client) -> None:
    client.post("/report/missed-bin/where", {"q": "12", "choice": f"address:{HOME}"})

    assert 'type="file"' not in client.get("/report/missed-bin/details", follow=True).content.decode()
