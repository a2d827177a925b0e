"""Readers are counted by day, page and where they came from; nobody is recognised, and no request waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from townhall.core.time import council_date, now
from townhall.insight import counting, visitors
from townhall.insight.counting import counts
from townhall.insight.models import BrowserView, PageView, Source

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1"
)
ROBOT = "Mozilla/5.0 (compatible; Examplebot/2.1)"


@pytest.fixture(autouse=True)
def _from_nothing() -> Iterator[None]:
    counts.forget()
    yield
    counts.forget()


def _rows() -> set[tuple[str, str, bool, int]]:
    return set(PageView.objects.values_list("page", "source", "is_bot", "views"))


@pytest.mark.django_db
def test_pages_are_counted_by_name_and_by_where_their_readers_came_from(client: Client) -> None:
    client.get("/contact?me=secret", headers={"referer": "https://www.google.co.uk/search?q=bins", "user-agent": PHONE})
    client.get("/contact", headers={"referer": "http://testserver/", "user-agent": PHONE})
    client.get("/contact", headers={"user-agent": ROBOT})
    client.get("/nothing-here", headers={"user-agent": PHONE})
    client.post("/contact", headers={"user-agent": PHONE})

    assert PageView.objects.count() == 0  # nothing is written on the way of a request
    counts.flush()
    counts.flush()

    assert _rows() == {
        ("portal:contact", Source.SEARCH, False, 1),
        ("portal:contact", Source.HOME, False, 1),
        ("portal:contact", Source.DIRECT, True, 1),
    }
    assert set(PageView.objects.values_list("on", flat=True)) == {council_date(now())}
    assert list(BrowserView.objects.values_list("device", "family", "width", "views")) == [("phone", "Safari", "", 2)]


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [{"dnt": "1"}, {"sec-gpc": "1"}])
def test_who_asks_not_to_be_counted_is_not(client: Client, asked: dict[str, str]) -> None:
    client.get("/cookies", headers={"user-agent": PHONE, **asked})
    client.get("/seen/w360", headers={"user-agent": PHONE, **asked})

    assert counts.flush() == 0


@pytest.mark.django_db
def test_counting_costs_no_query_and_sets_no_cookie(client: Client, django_assert_num_queries: Any) -> None:
    client.get("/cookies", headers={"user-agent": PHONE})  # what the process remembers is read once

    with django_assert_num_queries(0):
        answer = client.get("/cookies", headers={"user-agent": PHONE})

    assert not answer.cookies


@pytest.mark.django_db
def test_widths_are_told_by_a_picture_once_a_day(client: Client) -> None:
    answer = client.get("/seen/w360", headers={"user-agent": PHONE})

    assert "max-age=86400" in answer["Cache-Control"]
    assert client.get("/seen/w361").status_code == 404
    counts.flush()
    assert list(BrowserView.objects.values_list("width", "views")) == [("w360", 1)]


@pytest.mark.django_db
def test_what_the_database_does_not_take_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/cookies", headers={"user-agent": PHONE})
    with monkeypatch.context() as patch:
        patch.setattr(counting, "_write", _refuse)
        with pytest.raises(DatabaseError):
            counts.flush()
    client.get("/cookies", headers={"user-agent": PHONE})

    counts.flush()

    assert _rows() == {("portal:cookies", Source.DIRECT, False, 2)}


def _refuse(*_counts: object) -> None:
    raise DatabaseError


@pytest.mark.parametrize(
    ("referer", "source"),
    [
        ("", Source.DIRECT),
        ("https://council.example.org/", Source.HOME),
        ("https://council.example.org/?q=1", Source.HOME),
        ("https://council.example.org/services", Source.INSIDE),
        ("https://duckduckgo.com/", Source.SEARCH),
        ("https://www.bing.com/search?q=x", Source.SEARCH),
        ("android-app://com.google.android.googlequicksearchbox/", Source.SEARCH),
        ("https://google.com.evil.example/", Source.OTHER),
        ("https://notgoogle.example/", Source.OTHER),
        ("nonsense", Source.DIRECT),
    ],
)
def test_where_a_reader_came_from(referer: str, source: Source) -> None:
    assert visitors.source_of(referer, host="council.example.org") == source


@pytest.mark.parametrize(
    ("name", "device", "family", "is_bot"),
    [
        (PHONE, "phone", "Safari", False),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0", "desk", "Edge", False),
        ("Mozilla/5.0 (Linux; Android 14; SM-S911B) SamsungBrowser/27.0 Chrome/125.0 Mobile Safari", "phone", "Samsung Internet", False),
        ("Mozilla/5.0 (Linux; Android 13; SM-X200) Chrome/130.0 Safari/537.36", "tablet", "Chrome", False),
        ("Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 Version/16.4 Safari/605.1.15", "console", "Safari", False),
        ("Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 Chrome/94.0 TV Safari/537.36", "tv", "Chrome", False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "desk", "Firefox", False),
        ("curl/8.5", "other", "Other", True),
        ("", "other", "Other", True),
    ],
)  # fmt: skip
def test_what_a_browser_says_of_itself(name: str, device: str, family: str, is_bot: bool) -> None:
    assert visitors.reader_of(name) == visitors.Reader(device, family, is_bot)
