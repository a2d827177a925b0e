"""The link checker: what our pages lead to, and what others show of us, looked at again and again, politely.

Real HTTP in the worker, outside any transaction. Only public addresses are called (connectors.addresses) and, where LINK_HOSTS names
some, only those hosts; our own pages are read through PROBE_URL. Each fault becomes a row of the register of corrections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from httpx import InvalidURL

from townhall.connectors.addresses import ForbiddenAddress
from townhall.connectors.calling import Answer, NoAnswer, NoConnection, call
from townhall.core.ids import uuid7
from townhall.core.sweeps import each_by_itself
from townhall.knowledge import corrections, published
from townhall.knowledge.models import Link, LinkPlace
from townhall.registers import queries as registers

LISTINGS: Final = "outside-listings"
PAGE, LISTING = "page", "listing"
AGAIN, SOON, CLAIM = timedelta(days=7), timedelta(hours=1), timedelta(minutes=10)
FAULTY_AGAIN = timedelta(days=1)
BATCH = 6
SECONDS = 10.0
MOST_HOPS = 4
MOST_LINKS = 300  # of one page
_PASSES = frozenset({"broken", "unreachable", "slow"})  # a fault once it comes twice: the other side may be at work


@dataclass(frozen=True, kw_only=True)
class WatchedPage:
    """A page of ours whose links are looked at. owner: code of the post that answers for it."""

    key: str
    title: str
    path: str
    owner: str = ""


_sources: list[Callable[[], Iterable[WatchedPage]]] = []


def pages_come_from(source: Callable[[], Iterable[WatchedPage]]) -> None:
    """The register of pages, in `config`."""
    if source not in _sources:
        _sources.append(source)


def list_all(at: datetime) -> int:
    """Sweep, daily: note which pages and listings there are to look at; how many. What is gone is forgotten."""
    pages = {page.key: page for source in _sources for page in source()}
    for page in pages.values():
        _stand(own(page.path), kind=PAGE, key=page.key, title=page.title, path=page.path, owner=page.owner, at=at)
    rows = registers.open_rows(LISTINGS) if LISTINGS in registers.definitions() else []
    for row in rows:
        _stand(str(row.values["page"]), kind=LISTING, key=str(row.pk), title=row.title, path=row.values["page"], at=at)
    stale = LinkPlace.objects.filter(kind=PAGE).exclude(key__in=pages)
    stale |= LinkPlace.objects.filter(kind=LISTING).exclude(key__in=[str(row.pk) for row in rows])
    _forget(list(stale.select_related("link")), at=at)
    return 0


def own(path: str) -> str:
    """The address under which a page of ours is looked at."""
    return f"{settings.PROBE_URL}{path}"


def is_own(url: str) -> bool:
    return url.startswith((f"{settings.PROBE_URL}/", f"{settings.PUBLIC_URL}/"))


def check_due(at: datetime) -> int:
    """Sweep: look at some links that are due, one of each outside host at a time; how many were looked at."""
    if not settings.LINK_CHECKS:
        return 0
    return each_by_itself(_claimed(at), lambda link: check(link, at=at))


@transaction.atomic
def _claimed(at: datetime) -> list[Link]:
    due = Link.objects.select_for_update(skip_locked=True).filter(next_at__lte=at).order_by("next_at")[: BATCH * 5]
    chosen: list[Link] = []
    hosts: set[str] = set()
    for link in due:
        host = urlsplit(link.url).hostname or ""
        if len(chosen) < BATCH and (is_own(link.url) or host not in hosts):
            hosts.add(host)
            chosen.append(link)
    Link.objects.filter(pk__in=[link.pk for link in chosen]).update(next_at=at + CLAIM)
    return chosen


def check(link: Link, *, at: datetime) -> int:
    """Look at one link now, and write down what was found. Always 1."""
    status, fault, answer = look(link.url)
    with transaction.atomic():
        row = Link.objects.select_for_update().get(pk=link.pk)
        row.status, row.checked_at = status, at
        row.failures = row.failures + 1 if fault else 0
        is_fault = bool(fault) and (fault not in _PASSES or row.failures > 1)
        row.fault = fault if is_fault else ""
        row.next_at = at + (FAULTY_AGAIN if is_fault else SOON if fault else AGAIN)
        row.save()
        places = list(row.places.all())
        if answer is not None and not fault:
            for place in places:
                if place.kind == PAGE and own(place.path) == row.url:
                    _read_page(place, answer.body, at=at)
                    published.read_page(
                        key=place.key, title=place.title, path=place.path, owner=place.owner, body=answer.body, at=at
                    )
        for place in places:
            _tell(row, place, answer, fault=row.fault, is_settled=not fault, at=at)
    return 1


def _tell(row: Link, place: LinkPlace, answer: Answer | None, *, fault: str, is_settled: bool, at: datetime) -> None:
    """Open or end the correction of a link where it stands."""
    if place.kind == LISTING and is_settled and answer is not None:
        listing = registers.open_row_of(LISTINGS, UUID(place.key))
        if listing is not None and not shows(answer.body, str(listing.values.get("shows", ""))):
            fault, is_settled = "not_shown", False
            Link.objects.filter(pk=row.pk).update(fault=fault, next_at=at + FAULTY_AGAIN)
    if fault:
        corrections.ask(row, place, fault=fault, at=at)
    elif is_settled:
        corrections.settle(row, place, at=at)


def shows(body: bytes, wanted: str) -> bool:
    """Whether a page holds our address or number: digits are compared without what stands between them."""
    text = body.decode("utf-8", "replace")
    if wanted.lower().removesuffix("/") in text.lower():
        return True
    digits = "".join(one for one in wanted if one.isdigit())
    is_number = len(digits) >= 6 and not any(one.isalpha() for one in wanted)
    return is_number and digits.removeprefix("0") in "".join(one for one in text if one.isdigit())


def look(url: str) -> tuple[int | None, str, Answer | None]:
    """The status, a code of what is wrong (empty: nothing), and the answer where there is one. Follows a few redirects."""
    target = url
    for _hop in range(MOST_HOPS):
        try:
            answer = _get(target)
        except (ForbiddenAddress, ValueError, InvalidURL):
            return None, "forbidden", None
        except NoConnection:
            return None, "unreachable", None
        except NoAnswer:
            return None, "slow", None
        if answer.status in (301, 302, 303, 307, 308) and answer.location:
            target = urljoin(target, answer.location)
            continue
        return answer.status, _fault_of(answer.status), answer
    return None, "circle", None


def _get(url: str) -> Answer:
    headers = {"User-Agent": f"Townhall linkbot (+{settings.PUBLIC_URL})", "Accept-Encoding": "identity"}
    if is_own(url):
        path = url.removeprefix(settings.PROBE_URL).removeprefix(settings.PUBLIC_URL)
        return call("GET", own(path), headers=headers, seconds=SECONDS)
    host = (urlsplit(url).hostname or "").lower()
    if settings.LINK_HOSTS and host not in settings.LINK_HOSTS:
        raise ForbiddenAddress
    return call("GET", url, headers=headers, public_only=True, https_only=False, seconds=SECONDS)


def _fault_of(status: int) -> str:
    if status in (404, 410):
        return "gone"
    if status >= 500:
        return "broken"
    return "refused" if status >= 400 and status != 429 else ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def links_in(body: bytes, *, base: str) -> Iterator[str]:
    """Whole addresses of what a page leads to, each once; no part of a page, no mail and no telephone."""
    reader = _Links()
    reader.feed(body.decode("utf-8", "replace"))
    found: dict[str, None] = {}
    for href in reader.found[:MOST_LINKS]:
        try:
            url = urljoin(base, href.strip()).partition("#")[0]
            is_web = urlsplit(url).scheme in ("http", "https")
        except ValueError:
            url, is_web = href, True  # no address at all: looking at it says so
        if is_web and len(url) <= 2_000:
            found[url] = None
    yield from found


def _read_page(page: LinkPlace, body: bytes, *, at: datetime) -> None:
    """Note what a page of ours leads to; what it does not lead to any more is forgotten."""
    seen = set()
    for url in links_in(body, base=own(page.path)):
        link = _stand(url, kind=PAGE, key=page.key, title=page.title, path=page.path, owner=page.owner, at=at)
        seen.add(link.pk)
    gone = LinkPlace.objects.filter(kind=PAGE, key=page.key).exclude(link__in=seen).exclude(pk=page.pk)
    _forget(list(gone.select_related("link")), at=at)


def _stand(url: str, *, kind: str, key: str, title: str, path: str, at: datetime, owner: str = "") -> Link:
    """The link, and that it stands there."""
    link, _made = Link.objects.get_or_create(url=url, defaults={"id": uuid7(), "next_at": at})
    if link.next_at is None:
        Link.objects.filter(pk=link.pk).update(next_at=at)
    place, is_new = LinkPlace.objects.get_or_create(
        link=link, kind=kind, key=key, defaults={"title": title, "path": path, "owner": owner, "seen_at": at}
    )
    if not is_new:
        place.title, place.path, place.owner, place.seen_at = title, path, owner, at
        place.save(update_fields=["title", "path", "owner", "seen_at"])
    elif link.fault:
        corrections.ask(link, place, fault=link.fault, at=at)
    return link


def _forget(places: list[LinkPlace], *, at: datetime) -> None:
    for place in places:
        corrections.settle(place.link, place, at=at)
        place.delete()
        if not place.link.places.exists():
            place.link.delete()


def check_again(link_id: UUID, *, at: datetime) -> None:
    """Have it looked at as soon as may be."""
    Link.objects.filter(pk=link_id).update(next_at=at)
