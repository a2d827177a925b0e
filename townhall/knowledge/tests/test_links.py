"""Links are looked at by real HTTP, politely and only where that is allowed; each fault is asked to be put right, and looked at again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import LazySettings

from townhall.accounts.tests.makers import make_post, make_team
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.knowledge import links
from townhall.knowledge.links import WatchedPage
from townhall.knowledge.models import Link, LinkPlace
from townhall.knowledge.tests.makers import MONDAY
from townhall.notifications.models import Message
from townhall.registers import operations as registers
from townhall.registers.models import Row
from townhall.registers.seeds import seed_reference_data as seed_registers

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Site(BaseHTTPRequestHandler):
    """One small site that is ours and somebody else's at once; tests change its pages."""

    pages: dict[str, tuple[int, str]] = {}

    def do_GET(self) -> None:
        status, body = self.pages.get(self.path, (404, "gone"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", body)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Nothing is written."""


@pytest.fixture
def site(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.PROBE_URL = settings.PUBLIC_URL = address
    settings.LINK_CHECKS, settings.LINK_HOSTS, settings.ALLOW_PRIVATE_WEBHOOKS = True, frozenset(), True
    Site.pages = {}
    monkeypatch.setattr(links, "_sources", [])
    seed_clocks(at=MONDAY)
    team = make_team(code="customer-services")
    make_post(code="customer-services-manager", team=team)
    make_post(code="website-editor", team=team)
    forget_all()
    seed_registers(at=MONDAY)
    yield address
    server.shutdown()
    server.server_close()


def look(at: object) -> None:
    while links.check_due(at):  # type: ignore[arg-type]
        pass


def corrections(**where: object) -> list[Row]:
    return list(Row.objects.filter(register_id="link-corrections", **where).order_by("title"))


@pytest.mark.capability("KNOW-12")
def test_a_broken_link_and_a_wrong_listing_are_corrected_and_looked_at_again(site: str) -> None:
    Site.pages = {
        "/bins": (
            200,
            '<a href="/tips">Tips</a> <a href="#top">Top</a> <a href="mailto:a@b.c">Us</a> <a href="/old">Old</a>',
        ),
        "/tips": (200, "Tips"),
        "/old": (302, "/gone"),
        "/charity": (200, "Ring the council on (01632) 960 111"),
    }
    links.pages_come_from(lambda: [WatchedPage(key="bins", title="Bins", path="/bins", owner="website-editor")])
    outside = f"{site.replace('127.0.0.1', 'localhost')}/charity"
    registers.open_row(
        "outside-listings",
        title="A charity",
        given={"page": outside, "shows": "01632 960222", "email": "desk@example.org"},
        by=SYSTEM,
        at=MONDAY,
    )
    links.list_all(MONDAY)
    look(MONDAY)
    assert set(LinkPlace.objects.filter(key="bins").values_list("link__url", flat=True)) == {
        f"{site}/bins",
        f"{site}/tips",
        f"{site}/old",
    }
    listing, page = corrections()
    assert (listing.values["fault"], page.values["fault"]) == ("not_shown", "gone")
    assert page.actions.get().owner_post_id != listing.actions.get().owner_post_id
    [mail] = Message.objects.filter(template="knowledge/correction")
    assert "01632 960222" in mail.body_text
    look(MONDAY + DAY)
    assert len(corrections()) == 2
    assert Message.objects.filter(template="knowledge/correction").count() == 1

    Site.pages["/old"] = (200, "Back")
    Site.pages["/charity"] = (200, "Ring the council on (01632) 960-222")
    look(MONDAY + 2 * DAY)
    assert {row.outcome for row in corrections(state="closed")} == {"fixed"}
    assert len(corrections(state="open")) == 0
    Site.pages["/old"] = (404, "")
    look(MONDAY + 10 * DAY)
    assert len(corrections(state="open")) == 1
    Site.pages["/bins"] = (200, '<a href="/tips">Tips</a>')
    links.check_again(Link.objects.get(url=f"{site}/bins").pk, at=MONDAY + 11 * DAY)
    look(MONDAY + 11 * DAY)
    assert corrections(state="open") == []
    assert not Link.objects.filter(url=f"{site}/old").exists()


def test_an_error_of_the_moment_is_no_fault_until_it_comes_again(site: str) -> None:
    Site.pages = {"/bins": (200, '<a href="/news">News</a>'), "/news": (503, "")}
    links.pages_come_from(lambda: [WatchedPage(key="bins", title="Bins", path="/bins")])
    links.list_all(MONDAY)
    look(MONDAY)
    assert corrections() == []
    look(MONDAY + HOUR)
    assert [row.values["fault"] for row in corrections()] == ["broken"]


def test_only_public_addresses_and_allowed_hosts_are_called(site: str, settings: LazySettings) -> None:
    Site.pages = {"/charity": (200, "Us"), "/loop": (302, "/loop")}
    outside = site.replace("127.0.0.1", "localhost")
    assert links.look(f"{outside}/charity")[:2] == (200, "")
    assert links.look(f"{outside}/loop")[:2] == (None, "circle")
    settings.LINK_HOSTS = frozenset({"example.org"})
    assert links.look(f"{outside}/charity")[:2] == (None, "forbidden")
    settings.LINK_HOSTS, settings.ALLOW_PRIVATE_WEBHOOKS = frozenset(), False
    assert links.look(f"{outside}/charity")[:2] == (None, "forbidden")
    Site.pages["/to"] = (302, f"{outside}/charity")
    assert links.look(f"{site}/to")[:2] == (None, "forbidden")
    assert links.look("http://[broken")[1] == "forbidden"
