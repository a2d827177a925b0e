"""Minutes up and lost, from looks through real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_staff
from townhall.core.errors import BadInput, NotAllowed
from townhall.insight import availability
from townhall.insight.models import Probe

FIRST = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # an hour before April in London
FORM = b'<input name="password">'


class Council(BaseHTTPRequestHandler):
    """Answers as it is told to."""

    pages: ClassVar[dict[str, tuple[int, bytes]]] = {}

    def do_GET(self) -> None:
        status, body = self.pages[self.path]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def council(settings: Any) -> Iterator[type[Council]]:
    Council.pages = {"/account/sign-in": (200, FORM), "/healthz": (200, b"{}")}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Council)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    settings.PROBE_URL = f"http://127.0.0.1:{server.server_port}"
    yield Council
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_each_minute_is_looked_at_once_through_http(council: type[Council]) -> None:
    later = FIRST + timedelta(minutes=1)
    assert availability.probe(FIRST) == 0
    council.pages["/healthz"] = (503, b"{}")
    availability.probe(FIRST + timedelta(seconds=40))  # another worker, the same minute
    availability.probe(later)
    council.pages["/account/sign-in"] = (200, b"We are away")
    availability.probe(later + timedelta(minutes=1))
    council.pages["/account/sign-in"] = (500, FORM)
    availability.probe(later + timedelta(minutes=2))

    looks = list(Probe.objects.order_by("minute").values_list("is_up", "note"))
    assert looks == [
        (True, ""),
        (False, "healthz: answered 503"),
        (False, "The sign-in page came without its form"),
        (False, "answered 500"),
    ]


def test_where_nothing_listens_it_is_down() -> None:
    seen = availability.look("http://127.0.0.1:9")

    assert not seen.is_up
    assert seen.note


def _looks(first: datetime, minutes: int, *, away: set[int] = frozenset(), bad: set[int] = frozenset()) -> None:  # type: ignore[assignment]
    Probe.objects.bulk_create(
        Probe(minute=first + timedelta(minutes=number), is_up=number not in bad, ms=20)
        for number in range(minutes)
        if number not in away
    )


@pytest.mark.django_db
def test_minutes_without_a_good_answer_are_lost_unless_announced() -> None:
    """Four hours over the end of March: 5 minutes of bad answers, 10 in which nothing ran, 30 announced of which 20 were needed."""
    manager = make_staff("mo", team="web", role=Role.TEAM_MANAGER)
    begins = FIRST + timedelta(minutes=150)
    availability.plan(
        begins, begins + timedelta(minutes=30), why="New version", by=manager, at=FIRST - timedelta(days=2)
    )
    _looks(FIRST, 240, bad=set(range(50, 55)), away={*range(58, 68), *range(150, 170)})

    april, march = availability.months(since=date(2026, 3, 1), at=FIRST + timedelta(minutes=240))

    assert (march.first_on, march.measured, march.lost, march.planned) == (date(2026, 3, 1), 60, 7, 0)
    assert march.longest == (FIRST + timedelta(minutes=50), FIRST + timedelta(minutes=55))
    assert (april.measured, april.lost, april.planned, april.longest_minutes) == (180, 8, 30, 8)
    assert april.share_up == pytest.approx(142 / 150)


@pytest.mark.django_db
def test_what_stopped_and_never_came_back_is_lost_until_now() -> None:
    _looks(FIRST, 10)

    *_april, march = availability.months(since=date(2026, 3, 1), at=FIRST + timedelta(minutes=30))

    assert (march.measured, march.lost) == (30, 20)


@pytest.mark.django_db
def test_work_is_announced_beforehand_and_by_who_may() -> None:
    manager = make_staff("mo", team="web", role=Role.TEAM_MANAGER)
    with pytest.raises(BadInput):
        availability.plan(FIRST, FIRST + timedelta(hours=1), why="x", by=manager, at=FIRST + timedelta(minutes=1))
    officer = make_staff("olu", team="web", role=Role.OFFICER)
    with pytest.raises(NotAllowed):
        availability.plan(FIRST, FIRST + timedelta(hours=1), why="x", by=officer, at=FIRST - timedelta(days=1))
