"""What is reported nearby already (REPT-03)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from townhall.accounts.models import Role
from townhall.cases import operations
from townhall.cases.models import Case
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.catalogue import queries as catalogue
from townhall.catalogue.models import Service
from townhall.catalogue.pack import Attribute
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.errors import WrongState
from townhall.core.refreshing import forget_all
from townhall.notifications.recipients import Recipient
from townhall.street import nearby
from townhall.street.nearby import Near, asset_in, near

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=2)


@pytest.fixture(autouse=True)
def council() -> None:
    make_council()


@pytest.mark.capability("REPT-03")
def test_open_and_recent_reports_near_by_are_shown_with_their_status_and_can_be_followed() -> None:
    same, far = make_case(), make_case(easting=531_000)
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    operations.accept(same.pk, by=officer, at=MONDAY)

    [found] = near(service_code="fly-tipping", easting=530_005, northing=180_005, at=LATER, words="A sofa on the verge")

    assert (found.id, found.state, found.distance) == (same.pk, "accepted", 7)
    assert found.is_likely
    assert found.because
    assert far.pk != found.id
    before = same.priority
    operations.follow(found.id, Recipient(email="ada@example.org"), by=PUBLIC, at=LATER)
    same.refresh_from_db()
    assert (same.followers, same.priority) == (2, before + 1)  # the count raises the priority


def test_an_old_open_report_is_not_pushed_out_by_newer_finished_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "_LIMIT", 3)
    old = make_case(at=MONDAY - timedelta(days=20))
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    for number in range(4):
        newer = make_case(at=MONDAY - timedelta(days=number))
        operations.decline(newer.pk, reason_code="private-land", by=officer, at=MONDAY)

    found = near(service_code="fly-tipping", easting=530_000, northing=180_000, at=LATER)

    assert len(found) == 3
    assert old.pk in {one.id for one in found}


def test_merged_reports_and_the_report_itself_are_left_out() -> None:
    first, second = make_case(), make_case()
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    operations.merge(second.pk, into_id=first.pk, by=officer, at=MONDAY)
    assert near(service_code="fly-tipping", easting=530_000, northing=180_000, at=LATER, besides=first.pk) == []
    assert Case.objects.count() == 2


def test_what_was_asked_for_by_a_form_is_near_nothing_and_joined_to_nothing() -> None:
    street, first, second = make_case(), make_case(), make_case()
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    pothole = Service.objects.get(code="pothole")
    Service.objects.filter(code="pothole").update(pack=pothole.pack | {"form": "hole"}, version=pothole.version + 1)
    forget_all()
    Case.objects.filter(pk__in=[first.pk, second.pk]).update(service_code="pothole")
    here: dict[str, Any] = {"easting": 530_000, "northing": 180_000, "at": LATER, "words": "Old sofa"}

    assert [one.id for one in near(service_code="fly-tipping", **here)] == [street.pk]
    assert near(service_code="pothole", **here) == []
    for one, into in ((second, first), (second, street), (street, first)):
        with pytest.raises(WrongState, match="Each application"):
            operations.merge(one.pk, into_id=into.pk, by=officer, at=MONDAY)
    operations.merge(second.pk, into_id=first.pk, by=SYSTEM, at=MONDAY)  # sent again: the service knows that it is one


def test_the_number_of_a_thing_is_known_from_the_question_that_asks_for_it() -> None:
    asks = Attribute(code="number", label="Number on the post", is_asset=True)
    pack = msgspec.structs.replace(catalogue.service("fly-tipping"), attributes=(asks,))
    assert asset_in(pack, {"number": " 14 "}) == "14"
    assert asset_in(pack, {}) == ""
    assert asset_in(catalogue.service("fly-tipping"), {"number": "14"}) == ""


def without_point(service: str = "fly-tipping", *, words: str = "", address: str = "", usrn: str = "") -> Case:
    case = make_case(service, description="")
    told = {"easting": None, "northing": None, "lat": None, "lng": None}
    Case.objects.filter(pk=case.pk).update(place_words=words, address=address, usrn=usrn, **told)
    case.refresh_from_db()
    return case


@pytest.mark.capability("REPT-03")
def test_reports_without_a_point_are_found_by_their_street_and_by_their_words() -> None:
    pond = without_point(words="by the duck pond in Lowfield Park")
    elsewhere = without_point(words="behind the bandstand")
    same_street = without_point("pothole", usrn="7001")

    by_words = near(
        service_code="fly-tipping", easting=None, northing=None, at=LATER, words="the duck pond, Lowfield Park"
    )
    on_street = near(service_code="fly-tipping", easting=530_000, northing=180_000, at=LATER, usrn="7001")

    assert [(one.id, one.distance, one.is_likely) for one in by_words] == [(pond.pk, None, True)]
    assert "place described alike" in by_words[0].because
    assert [(one.id, one.distance, one.lat) for one in on_street] == [(same_street.pk, None, None)]
    assert elsewhere.pk not in {one.id for one in [*by_words, *on_street]}


def test_a_place_told_in_words_is_compared_with_what_its_service_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    without_point(words="by the duck pond in Lowfield Park", usrn="7001")
    pack = catalogue.service("fly-tipping")
    hidden = msgspec.structs.replace(pack, public=msgspec.structs.replace(pack.public, place="hidden"))
    monkeypatch.setattr(catalogue, "service", lambda code: hidden)

    found = near(
        service_code="fly-tipping",
        easting=None,
        northing=None,
        at=LATER,
        words="the duck pond, Lowfield Park",
        usrn="7001",
        as_shown=True,
    )

    assert found == []


def test_words_that_a_service_keeps_to_itself_change_nothing_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again in other words must not learn what somebody wrote."""
    make_case(
        easting=530_000,
        northing=180_000,
        description="A red sofa of the family at number 12",
        place_words="by their door",
    )
    pack = catalogue.service("fly-tipping")

    def asked(words: str, *, published: bool) -> list[Near]:
        public = msgspec.structs.replace(pack.public, description=published)
        told = msgspec.structs.replace(pack, public=public)
        with monkeypatch.context() as patched:
            patched.setattr(catalogue, "service", lambda code: told)
            return near(
                service_code="fly-tipping", easting=530_000, northing=180_000, at=LATER, words=words, as_shown=True
            )

    right, wrong = "a red sofa of the family at number 12, by their door", "leaves on the path"
    assert asked(right, published=False) == asked(wrong, published=False)
    assert asked(right, published=False)[0].description == ""
    assert asked(right, published=True)[0].score > asked(wrong, published=True)[0].score
