"""Reading the roll-ups and the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q, Sum
from django.db.models.functions import TruncMonth

from townhall.insight.models import ENTRIES, BrowserView, KeyMessage, Page, PageMix, PageView, Source, TaskChange


@dataclass(frozen=True, kw_only=True)
class RegisterLine:
    page: Page
    views: int
    entries: int  # visits that began there


def register(
    *, since: date, today: date, kind: str = "", owners: Collection[UUID] = (), only_overdue: bool = False
) -> list[RegisterLine]:
    """The pages of the site with their visits, those whose review is soonest first. Two queries."""
    pages = Page.objects.filter(gone_on=None).order_by("review_on", "title", "pk")
    if kind:
        pages = pages.filter(kind=kind)
    if owners:
        pages = pages.filter(owner_post_id__in=owners)
    if only_overdue:
        pages = pages.filter(review_on__lt=today)
    counted = {
        name: (views, entries or 0)
        for name, views, entries in PageView.objects.filter(on__gte=since, is_bot=False)
        .values_list("page")
        .annotate(opened=Sum("views"), begun=Sum("views", filter=Q(source__in=ENTRIES)))
    }
    lines = ((page, *counted.get(page.name, (0, 0))) for page in pages)
    return [RegisterLine(page=page, views=views, entries=entries) for page, views, entries in lines]


def titles() -> dict[str, str]:
    """What each page that was ever registered is called, by the name it is counted under. One query."""
    return dict(Page.objects.values_list("name", "title"))


def overdue_of(posts: Collection[UUID], *, today: date) -> int:
    """How many pages of these posts are past their review. One query."""
    return Page.objects.filter(gone_on=None, owner_post_id__in=posts, review_on__lt=today).count()


def mix(*, since: date) -> dict[date, dict[str, int]]:
    """How many pages of each kind the site had, on the last day of each month that was noted. One query."""
    found: dict[date, dict[str, int]] = {}
    noted: dict[date, date] = {}
    for on, kind, pages in PageMix.objects.filter(on__gte=since).order_by("on").values_list("on", "kind", "pages"):
        month = on.replace(day=1)
        if noted.get(month) != on:
            noted[month], found[month] = on, {}
        found[month][kind] = pages
    return found


@dataclass
class Entries:
    """Of one page, or of the site: how often it was opened, by where its readers came from."""

    by_source: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def search(self) -> int:
        return self.by_source[Source.SEARCH]

    @property
    def home(self) -> int:
        return self.by_source[Source.HOME]

    @property
    def elsewhere(self) -> int:
        return self.by_source[Source.OTHER] + self.by_source[Source.DIRECT]

    @property
    def entries(self) -> int:
        return sum(self.by_source[source] for source in ENTRIES)

    @property
    def views(self) -> int:
        return sum(self.by_source.values())


def entries(*, since: date) -> dict[str, Entries]:
    """Each page that was opened since then, by where its readers came from; the most opened first. One query."""
    found: dict[str, Entries] = defaultdict(Entries)
    rows = PageView.objects.filter(on__gte=since, is_bot=False).values_list("page", "source")
    for page, source, views in rows.annotate(opened=Sum("views")):
        found[page].by_source[source] += views
    return dict(sorted(found.items(), key=lambda one: (-one[1].views, one[0])))


def entries_by_month(*, since: date, home: str) -> dict[date, tuple[int, int, int]]:
    """Of each month: visits that began at the home page, visits that a search engine led to another page, and all. One query."""
    found: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    rows = PageView.objects.filter(on__gte=since, is_bot=False, source__in=ENTRIES).annotate(month=TruncMonth("on"))
    for month, page, source, views in rows.values_list("month", "page", "source").annotate(opened=Sum("views")):
        found[month][0] += views if page == home else 0
        found[month][1] += views if page != home and source == Source.SEARCH else 0
        found[month][2] += views
    return {month: (one[0], one[1], one[2]) for month, one in sorted(found.items())}


def bots(*, since: date) -> int:
    """Pages opened by robots, which no other figure counts."""
    return PageView.objects.filter(on__gte=since, is_bot=True).aggregate(opened=Sum("views"))["opened"] or 0


def devices(*, since: date) -> tuple[dict[str, int], dict[str, int]]:
    """Pages opened by device, and by family of browser, the most first. One query."""
    by_device: dict[str, int] = defaultdict(int)
    by_family: dict[str, int] = defaultdict(int)
    rows = (
        BrowserView.objects.filter(on__gte=since, width="")
        .values_list("device", "family")
        .annotate(opened=Sum("views"))
    )
    for device, family, views in rows:
        by_device[device] += views
        by_family[family] += views
    return _ordered(by_device), _ordered(by_family)


def _ordered(found: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def messages() -> list[KeyMessage]:
    """Every key message, the newest first."""
    return list(KeyMessage.objects.order_by("-written_at", "pk")[:100])


def task_changes(*, limit: int = 50) -> list[TaskChange]:
    return list(TaskChange.objects.order_by("-at", "pk")[:limit])
