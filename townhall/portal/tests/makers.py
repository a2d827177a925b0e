"""A borough of two streets, its council, and a resident with a browser."""

from __future__ import annotations

from datetime import date, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from townhall.cases.models import Case
from townhall.cases.tests import makers as cases
from townhall.core.actors import PUBLIC
from townhall.core.refreshing import forget_all
from townhall.core.tests.keepsakes import kept
from townhall.core.time import council_date, now
from townhall.neighbourhood.models import AddressRound, Round
from townhall.notifications.recipients import Recipient
from townhall.places import grid
from townhall.places.models import Address, Area, Street
from townhall.places.place import Place, Source
from townhall.street.reporting import NewReport, Reported, report

PACKS = Path(__file__).parent / "packs"
EAST, NORTH = 530_000, 180_000  # the corner of the borough
HOME, HARBOUR = "100001", "100002"  # UPRNs: 12 Mill Lane, and a house on the harbour's land
MILL_LANE = "7001"
PAT = Recipient(name="Pat Neighbour", email="pat@example.org")


@kept
def make_borough() -> None:
    """One square kilometre with one ward; its east is the harbour trust's."""
    cases.make_council(PACKS)
    _area("boundary", "all", EAST, EAST + 1000)
    _area("ward", "W1", EAST, EAST + 1000, name="Harbour")
    _area("land", "harbour", EAST + 800, EAST + 1000, owner_name="Harbour Trust", owner_contact="01632 960555")
    Street.objects.create(
        usrn=MILL_LANE,
        name="Mill Lane",
        locality="Aldermere",
        search_text="mill lane aldermere",
        easting=EAST + 300,
        northing=NORTH + 300,
    )
    _address(HOME, "12 Mill Lane, Aldermere, ZZ1 1AA", EAST + 310)
    _address(HARBOUR, "1 Quay, Aldermere, ZZ1 1AB", EAST + 900)
    forget_all()


def _area(kind: str, code: str, west: int, east: int, *, name: str = "", **more: str) -> None:
    ring = [[west, NORTH], [east, NORTH], [east, NORTH + 1000], [west, NORTH + 1000]]
    Area.objects.create(kind=kind, code=code, name=name or code, rings=[ring], **more)


def _address(uprn: str, line: str, easting: int) -> None:
    Address.objects.create(
        uprn=uprn,
        street_id=MILL_LANE,
        line=line,
        postcode=line[-7:].replace(" ", ""),
        search_text=line.lower().replace(",", ""),
        easting=easting,
        northing=NORTH + 310,
        ward_code="W1",
    )


def make_round(*, days_ago: int) -> date:
    """A weekly round of rubbish that came to HOME so many days ago. Gives that day."""
    last = council_date(now()) - timedelta(days=days_ago)
    one = Round.objects.create(
        code="r1",
        stream="refuse",
        weekday=last.weekday(),
        every_weeks=1,
        first_on=last - timedelta(weeks=8),
        ends_at=time(0, 1),
    )
    AddressRound.objects.create(uprn=HOME, usrn=MILL_LANE, round=one)
    return last


def degrees(east: int, north: int) -> tuple[float, float]:
    """Latitude and longitude so many metres into the borough."""
    found = grid.to_wgs84(EAST + east, NORTH + north)
    assert found is not None
    return found


def make_report(
    service: str = "fly-tipping", *, key: str = "k1", east: int = 310, reporter: Recipient = PAT, **more: Any
) -> Reported:
    lat, lng = degrees(east, 310)
    place = Place(source=Source.MAP, lat=lat, lng=lng, address="12 Mill Lane, Aldermere, ZZ1 1AA")
    given = {"answers": {"size": "bag"}, "description": "An old sofa", **more}
    new = NewReport(service_code=service, place=place, reporter=reporter, channel="web", key=key, **given)
    return report(new, by=PUBLIC, at=now())


def a_photo(name: str = "sofa.jpg", *, colour: str = "teal") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (320, 240), colour).save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def go_to_check(client: Client, *, email: str = "sam@example.org") -> None:
    """Answer every page of a fly-tipping report at HOME, as far as the last."""
    base = "/report/fly-tipping"
    client.post(f"{base}/where", {"q": "mill", "choice": f"address:{HOME}"})
    client.post(f"{base}/details", {"size": "van", "asked": ["size"]})
    client.post(f"{base}/photos", {})
    answer = client.post(f"{base}/contact", {"contact-name": "Sam Resident", "contact-email": email})
    assert answer.headers["Location"] == f"{base}/check"


def only_case() -> Case:
    return Case.objects.get()
