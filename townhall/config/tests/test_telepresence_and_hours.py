"""Telephone hours against the corporate day and the counter; telepresence by place, service and length."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role, User
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.cases.tests.makers import make_council
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core.refreshing import forget_all
from townhall.core.time import now
from townhall.places.models import OpeningHours, Site
from townhall.registers import sources
from townhall.registers.models import Row
from townhall.registers.seeds import seed_reference_data as seed_registers
from townhall.telephony import consistency
from townhall.telephony.models import VideoSession
from townhall.telephony.video import rooms

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def _council() -> None:
    seed_reference_data()
    make_council()


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def staff(role: Role) -> Client:
    return signed_in(make_user(roles=(role,)))


def open_(service: str, opens: time, closes: time, *, days: tuple[int, ...] = (0, 1, 2, 3, 4), **more: object) -> None:
    for weekday in days:
        OpeningHours.objects.create(service_code=service, weekday=weekday, opens=opens, closes=closes, **more)
    forget_all()


@pytest.mark.capability("HOUR-02")
def test_each_shortfall_is_listed_and_carries_options_cost_and_a_decision() -> None:
    seed_registers()
    open_("switchboard", time(8, 30), time(17, 30), channel="phone")
    open_("fly-tipping", time(9), time(12, 30), channel="phone")
    open_("fly-tipping", time(13, 30), time(17), channel="phone")
    open_("fly-tipping", time(9), time(17), days=(0,), channel="counter")
    open_("recruitment", time(0), time(23, 59), channel="answerphone", answerphone=True)

    corporate, counter = consistency.shortfalls(on=ON)
    assert (corporate.service_code, corporate.against, corporate.minutes) == ("fly-tipping", "corporate", 5 * 120)
    assert corporate.words == ["Monday to Friday: 8:30am to 9am and 12:30pm to 1:30pm and 5pm to 5:30pm"]
    assert (counter.against, counter.words) == ("counter", ["Monday: 12:30pm to 1:30pm"])

    sources.fill_all(now())
    row = Row.objects.get(register_id="hours-shortfalls", key="fly-tipping:corporate")
    manager = staff(Role.TEAM_MANAGER)
    page = manager.get("/work/hours/compared").content.decode()
    assert f"/work/registers/rows/{row.pk}" in page
    assert "8:30am to 9am" in page
    decided = {"diverts": "yes", "considered": "A divert at lunch", "cost": "4000", "decision": "divert"}
    kept = {name: str(value) for name, value in row.values.items()}
    given = {f"field-{name}": value for name, value in (kept | decided).items()}
    manager.post(f"/work/registers/rows/{row.pk}/change", given | {"title": row.title, "version": str(row.version)})
    row.refresh_from_db()
    assert (row.values["decision"], row.values["diverts"], row.values["cost"]) == ("divert", True, 400_000)

    day = {"opens": "09:00", "closes": "17:00", "early_from": "07:00", "late_until": "19:00"}
    manager.post("/work/hours/compared", day)
    assert consistency.shortfalls(on=ON)[0].minutes == 5 * 60  # lunch alone
    assert "must follow one another" in manager.post("/work/hours/compared", day | {"closes": "08:00"}).content.decode()
    open_("fly-tipping", time(12, 30), time(13, 30), channel="phone")
    assert consistency.shortfalls(on=ON) == []
    sources.fill_all(now())
    assert not Row.objects.filter(register_id="hours-shortfalls", state="open").exists()


@pytest.mark.capability("CHAN-08")
def test_a_place_is_switched_on_and_its_sessions_are_logged_and_reported_by_month() -> None:
    Site.objects.create(code="library", name="Harbour Library")
    forget_all()
    manager, adviser = staff(Role.TEAM_MANAGER), staff(Role.ADVISER)
    assert "switched on nowhere yet" in adviser.get("/work/video").content.decode()
    assert adviser.post("/work/video", {"where": "library/fly-tipping"}).status_code == 422
    assert adviser.post("/work/video/places", {}).status_code == 403
    manager.post("/work/video/places", {"site": "library", "services": ["fly-tipping"], "is_on": "yes"})
    assert "Harbour Library: Fly-tipping" in adviser.get("/work/video").content.decode()
    nobody = {"where": "library/fly-tipping", "customer": "00000000-0000-0000-0000-000000000001"}
    assert adviser.post("/work/video", nobody).status_code == 422
    adviser.post("/work/video", {"where": "library/fly-tipping"})

    session = VideoSession.objects.get()
    contact = Contact.objects.get()
    assert (session.contact_id, contact.channel_id, contact.site_code) == (contact.pk, "telepresence", "library")
    link = re.search(r'href="([^"]*/video/[^"]+)"', adviser.get("/work/video").content.decode())
    assert link is not None
    room = link[1].partition("/video/")[2].partition("?")[0]
    assert rooms.session_in(room) == session.pk
    assert Client().get(f"/video/{room}").status_code == 200
    forged = ("0" if room[-1] != "0" else "1").join([room[:-1], ""])
    assert Client().get(f"/video/{forged}").status_code == 404

    VideoSession.objects.update(started_at=session.started_at - timedelta(minutes=25))
    ended = adviser.post(f"/work/video/{session.pk}/end")
    assert ended["Location"].endswith(f"/{contact.pk}")
    assert Client().get(f"/video/{room}").status_code == 404
    report = manager.get("/work/video/report").content.decode()
    cells = re.search(r"Harbour Library</th>\s*<td[^>]*>Fly-tipping</td>(.*?)</tr>", report, re.DOTALL)
    assert cells is not None
    assert re.findall(r"<td[^>]*>([^<]*)</td>", cells[1]) == ["1", "25", "25", "0"]
    manager.post("/work/video/places", {"site": "library", "services": ["fly-tipping"]})
    assert adviser.post("/work/video", {"where": "library/fly-tipping"}).status_code == 422  # switched off again


def test_the_links_are_those_of_the_councils_own_service(settings: object) -> None:
    settings.VIDEO_ROOM_URL = "https://meet.example.org/{room}?lang=en"  # type: ignore[attr-defined]
    assert rooms.provider().link("abc", as_host=False) == "https://meet.example.org/abc?lang=en"
