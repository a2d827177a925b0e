"""A day of calls, a rota with a gap, an officer on call, a night's calls and some sessions by video: all fictional, and small."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from msgspec import convert

from townhall.accounts.models import Team, User
from townhall.accounts.queries import actor_for
from townhall.connectors.models import Connector
from townhall.contacts import callbacks
from townhall.contacts.callbacks import NewCallBack
from townhall.contacts.operations import WrapUp, wrap_up
from townhall.core.actors import SYSTEM
from townhall.core.time import LONDON, council_date
from townhall.places.models import OpeningHours
from townhall.telephony.calls import counting, lines, taking
from townhall.telephony.cover import operations as cover
from townhall.telephony.messages import EventIn, NightIn
from townhall.telephony.models import NightPage, NightService, PhoneQueue
from townhall.telephony.night import paging, receiving, rota
from townhall.telephony.standin.day import Plan, events_of
from townhall.telephony.video import operations as video

PLATFORM, PARTNER = "phones", "answering"
SCALE = 0.015  # of a borough's month: some ninety calls a day
_LINES: Final = {
    "2041": "Amina Larkspur",
    "2042": "Ben Thistlewood",
    "2050": "Moira Quillfeather",
    "3000": "Bridie Hearthstone",
    "3001": "Tomasz Binsworth",
}
_QUEUES: Final = (
    ("main", "Switchboard", "", "customer-services"),
    ("council-tax", "Council tax", "council-tax-instalments", "revenues"),
    ("housing", "Housing", "housing-repair", "housing"),
    ("waste", "Waste and recycling", "missed-bin", "waste-collection"),
    ("planning", "Planning", "", "corporate"),
    ("automated", "Automated line", "", "customer-services"),
)
_NIGHT: Final = (
    (
        "fallen-tree",
        "A tree or branch blocks a road or a path, or leans on a house or a line",
        "Ask where it is, and whether a road is blocked.",
    ),
    (
        "road-obstruction",
        "A carriageway cannot be passed",
        "Ask which road, and from which side it can be reached.",
    ),
    (
        "dead-animal",
        "Never: it waits for the morning",
        "Take where it lies and say that it is collected on the next working day.",
    ),
)
_STANDBY: Final = (
    (4, time(16, 45), time(23, 59)),
    (5, time(0), time(23, 59)),
    (6, time(0), time(23, 59)),
    (0, time(0), time(8, 45)),
)


def load_phones(*, at: datetime) -> None:
    """Once, into a fresh demo."""
    _connect(at)
    _calls(at)
    _rota(at)
    _night(at)
    _videos(at)


def point_connectors() -> None:
    """Both are played by the pretend platform, where it is this time."""
    address = f"http://127.0.0.1:{settings.PHONE_STANDIN_PORT}"
    Connector.objects.filter(code__in=(PLATFORM, PARTNER)).update(base_url=address)


def _connect(at: datetime) -> None:
    for code, name, kind in (
        (PLATFORM, "Telephones (stand-in)", "phone"),
        (PARTNER, "Answering partner (stand-in)", "answering"),
    ):
        Connector.objects.create(code=code, name=name, kind=kind, base_url="", created_at=at)
    point_connectors()
    teams = dict(Team.objects.values_list("code", "pk"))
    PhoneQueue.objects.bulk_create(
        PhoneQueue(code=code, name=name, service_code=service, team_id=teams[team])
        for code, name, service, team in _QUEUES
    )
    for agent, name in _LINES.items():
        lines.connect_line(PLATFORM, agent, _mail(name), by=SYSTEM, at=at)


def _mail(name: str) -> str:
    return User.objects.get(name=name).email


def _calls(at: datetime) -> None:
    """The last working day before this one."""
    on = council_date(at) - timedelta(days=1)
    while on.weekday() >= 5:
        on -= timedelta(days=1)
    day = [convert(one, EventIn) for one in events_of(Plan(on=on, scale=SCALE, agents=("2041", "2042", "2050")))]
    for start in range(0, len(day), 500):
        taking.take_in(day[start : start + 500], platform=PLATFORM, by=SYSTEM, at=at, is_live=False)
    while counting.sweep(at):
        pass
    housing = Team.objects.get(code="housing").pk
    for days, name, about in (
        (0, "Thea Tenantley", "When does the plumber come?"),
        (3, "Lena Leaseholder", "The bill for the roof"),
    ):
        then = at - timedelta(days=days, hours=1)
        new = NewCallBack(phone="01632 960121", name=name, about=about, team_id=housing, service_code="housing-repair")
        callbacks.ask(new, by=SYSTEM, at=then)


def _rota(at: datetime) -> None:
    from_on = council_date(at) - timedelta(days=28)
    for code, service, minimum in (("customer-services", "", 1), ("housing", "housing-repair", 1)):
        team = Team.objects.get(code=code)
        cover.set_team(team.pk, service_code=service, minimum=minimum, shows_names=code == "housing", by=SYSTEM, at=at)
    hours: tuple[tuple[str, str, str, time, time], ...] = (
        ("customer-services", "Amina Larkspur", "answers", time(8, 30), time(16, 30)),
        ("customer-services", "Amina Larkspur", "break", time(12), time(12, 30)),
        ("customer-services", "Ben Thistlewood", "answers", time(9, 30), time(17, 30)),
        ("housing", "Bridie Hearthstone", "answers", time(8, 30), time(17, 30)),
        ("housing", "Bridie Hearthstone", "break", time(12, 30), time(13)),  # and nobody covers
    )
    for code, name, kind, starts, ends in hours:
        team_id = Team.objects.get(code=code).pk
        given: dict[str, Any] = {"weekdays": range(5), "starts": starts, "ends": ends, "from_on": from_on}
        cover.add_duties(team_id, email=_mail(name), kind=kind, by=SYSTEM, at=at, **given)


def _night(at: datetime) -> None:
    NightService.objects.bulk_create(
        NightService(service_code=code, urgent_when=urgent, script=script) for code, urgent, script in _NIGHT
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(service_code="fallen-tree", channel="standby", weekday=day, opens=opens, closes=closes)
        for day, opens, closes in _STANDBY
    )
    today = council_date(at)
    for position, name, phone in ((1, "Fern Oakapple", "07700 900131"), (2, "Hugh Hollybank", "07700 900132")):
        ends = datetime.combine(today + timedelta(days=8), time(8, 45), LONDON)
        starts = at - timedelta(days=2)
        rota.add_turn(
            "fallen-tree",
            email=_mail(name),
            phone=phone,
            starts_at=starts,
            ends_at=ends,
            position=position,
            by=SYSTEM,
            at=at,
        )
    evening = datetime.combine(today - timedelta(days=1), time(22, 40), LONDON)
    _night_call("night-1", "fallen-tree", evening, "A branch lies across Mill Lane.", is_urgent=True)
    page = NightPage.objects.latest("at")
    paging.answer(page.token, at=evening + timedelta(minutes=6))
    paging.settle(
        page.token,
        outcome="Branch pulled to the verge. The crew takes it in the morning.",
        at=evening + timedelta(minutes=50),
    )
    early = datetime.combine(today, time(7, 20), LONDON)
    _night_call("night-2", "dead-animal", min(early, at), "A fox by the school gate.", is_urgent=False)


def _night_call(name: str, service: str, started: datetime, words: str, *, is_urgent: bool) -> None:
    told = NightIn(
        call=name,
        service=service,
        started=started,
        words=words,
        urgent=is_urgent,
        name="A caller",
        phone="01632 960140",
        address="Mill Lane",
    )
    receiving.receive(told, source=PARTNER, by=SYSTEM, at=started)


def _videos(at: datetime) -> None:
    video.set_place(
        "north-office", services=["housing-repair", "council-tax-instalments"], is_on=True, by=SYSTEM, at=at
    )
    by = actor_for(User.objects.get(name="Ben Thistlewood"), at=at)
    for days, minutes in ((1, 18), (2, 25), (6, 11)):
        then = at - timedelta(days=days, hours=3)
        session = video.start("north-office", "housing-repair", by=by, at=then)
        done = video.end(session.pk, by=by, at=then + timedelta(minutes=minutes))
        answers = WrapUp(reason_code="information", outcome="resolved", avoidable=False, anything_else=False)
        wrap_up(done.contact_id, answers, by=by, at=then + timedelta(minutes=minutes))
