"""How Aldermere's website was used these weeks: visits, probes, figures of forms, key tasks and messages. All invented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from django.db import connection

from townhall.accounts.models import PostHolder
from townhall.accounts.queries import actor_for
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.db import copy_rows
from townhall.core.time import LONDON, council_date
from townhall.forms import queries as forms
from townhall.insight import key_messages, register, savings, tasks
from townhall.insight.key_messages import Written
from townhall.insight.models import Page, PageMix, PlannedWork, Source, UnitCost
from townhall.insight.savings import Amounts
from townhall.insight.tasks import Ceiling

DAYS: Final = 60  # of visits
PROBED: Final = 35  # days
WEEKS: Final = 26  # of forms
_SOURCES = (
    (Source.SEARCH, 0.46),
    (Source.DIRECT, 0.15),
    (Source.OTHER, 0.06),
    (Source.HOME, 0.18),
    (Source.INSIDE, 0.15),
)
_BROWSERS = (  # device, family, width, share
    ("phone", "Safari", "w360", 31),
    ("phone", "Chrome", "w360", 24),
    ("desk", "Chrome", "w1280", 13),
    ("desk", "Edge", "w1280", 8),
    ("phone", "Samsung Internet", "w360", 6),
    ("tablet", "Safari", "w600", 5),
    ("desk", "Chrome", "w1680", 4),
    ("desk", "Safari", "w1280", 3),
    ("desk", "Firefox", "w1280", 2.4),
    ("phone", "Chrome", "w0", 1.4),
    ("tablet", "Silk", "w600", 1.0),
    ("desk", "Firefox", "no-script", 0.6),
    ("console", "Safari", "w1280", 0.4),
    ("tv", "Chrome", "w1024", 0.2),
)
_TASKS = (  # service, most pages, most clicks
    ("missed-bin", 7, 18),
    ("fly-tipping", 6, 18),
    ("council-tax-move", 12, 20),
    ("bulky-waste", 6, 10),
    ("parking-permit", 8, 14),
    ("housing-repair", 10, 16),
)
_COSTS = ((UnitCost.What.FORM, "18"), (UnitCost.What.LETTER, "92"), (UnitCost.What.MINUTE, "41"))
_MADE_UP = "Made up for the demo"


def load_website(*, at: datetime, random: Random) -> None:
    """Once, into a fresh demo."""
    today = council_date(at)
    manager, senior = (_holder(code, at) for code in ("customer-services-manager", "head-of-customer-finance"))
    _load_register(today, at)
    views = list(_views(today, random))
    copy_rows("insight_pageview", views)
    copy_rows("insight_browserview", _browsers(views))
    copy_rows("forms_figure", _figures(today, random))
    _load_probes(today, at)
    for number, (code, pages, clicks) in enumerate(_TASKS, 1):
        ceiling = Ceiling(service_code=code, most_pages=pages, most_clicks=clicks, position=number, is_linked=True)
        tasks.keep(ceiling, by=manager, at=at)
    begins = (today - timedelta(days=400)).replace(day=1)
    for what, pence in _COSTS:
        savings.set_cost(what, from_on=begins, pence=Decimal(pence), source=_MADE_UP, by=manager, at=at)
    amounts = Amounts(
        printed_forms=Decimal(1), letters=Decimal("1.5"), minutes_before=Decimal(14), minutes_now=Decimal(5)
    )
    savings.set_saving("", from_on=begins, amounts=amounts, by=manager, at=at)
    _load_messages(today, at, by=manager, approver=senior)


def _holder(post: str, at: datetime) -> Actor:
    return actor_for(PostHolder.objects.filter(post__code=post).select_related("user")[0].user, at=at)


def _load_register(today: date, at: datetime) -> None:
    register.refresh(at)
    late = Page.objects.filter(name__in=["portal:accessibility", "portal:service/gritting"])
    late.update(review_on=today - timedelta(days=3))
    now = dict(PageMix.objects.filter(on=today).values_list("kind", "pages"))
    on = today
    for back in range(1, 4):
        on = on.replace(day=1) - timedelta(days=1)
        for kind, pages in now.items():
            PageMix.objects.get_or_create(on=on, kind=kind, defaults={"pages": max(0, pages - 2 * back)})


def _views(today: date, random: Random) -> Iterator[dict[str, Any]]:
    """More for what is asked for most; fewer at weekends."""
    counted = [("portal:home", 420.0), ("portal:services", 90.0), ("portal:near_me", 70.0), ("portal:contact", 45.0)]
    counted += [("portal:sign_in", 60.0), ("portal:reports", 20.0), ("portal:planning", 40.0)]
    counted += [
        (f"portal:service/{pack.code}", 90.0 / (number + 1) ** 0.6) for number, pack in enumerate(catalogue.services())
    ]
    for back in range(DAYS, 0, -1):
        on = today - timedelta(days=back)
        for page, weight in counted:
            daily = weight * random.uniform(0.8, 1.2) * (0.6 if on.weekday() > 4 else 1.0)
            for source, share in _SOURCES:
                if (views := round(daily * share)) and not (page == "portal:home" and source is Source.HOME):
                    yield {"on": on, "page": page, "source": source.value, "is_bot": False, "views": views}
            yield {"on": on, "page": page, "source": "direct", "is_bot": True, "views": round(daily * 0.2) + 1}


def _browsers(views: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same pages opened, by browser; and once a day, of fewer, the width of the window."""
    opened: dict[date, int] = {}
    for row in views:
        if not row["is_bot"]:
            opened[row["on"]] = opened.get(row["on"], 0) + row["views"]
    shares: dict[tuple[str, str], float] = {}
    for device, family, _width, share in _BROWSERS:
        shares[device, family] = shares.get((device, family), 0) + share
    whole, most = sum(shares.values()), max(shares, key=lambda one: shares[one])
    for on, pages in opened.items():
        for device, family, width, share in _BROWSERS:
            row = {"on": on, "device": device, "family": family}
            yield {**row, "width": width, "views": round(pages * 0.4 * share / whole)}
        parts = {one: int(pages * share / whole) for one, share in shares.items()}
        parts[most] += pages - sum(parts.values())  # so that both lists come to the same
        for (device, family), part in parts.items():
            yield {"on": on, "device": device, "family": family, "width": "", "views": part}


def _figures(today: date, random: Random) -> Iterator[dict[str, Any]]:
    """Of each form, week by week: some give up, more of them on a long page."""
    for line in forms.forms():
        pages = [page.code for page in forms.flow(line.code).form.pages]
        for back in range(WEEKS, 0, -1):
            begun = random.randint(6, 40)
            reached, left_at = begun, {}
            for page in pages:
                left_at[page] = (reached, left := round(reached * random.uniform(0, 0.06)))
                reached -= left
            rows = {"": (begun, begun - reached), **left_at}
            for page, (came, left) in rows.items():
                seconds = came * random.randint(20, 70) * (len(pages) if not page else 1)
                faults = 0 if not page else round(came * random.uniform(0, 0.2))
                row = {"form_code": line.code, "on": today - timedelta(days=7 * back), "page": page}
                yield {
                    **row,
                    "reached": came,
                    "left": left,
                    "passes": came - left,
                    "faults": faults,
                    "seconds": seconds,
                }


def _load_probes(today: date, at: datetime) -> None:
    """Up but for one evening, and one announced night."""
    first = datetime.combine(today - timedelta(days=PROBED), time(0), LONDON)
    away = datetime.combine(today - timedelta(days=12), time(18, 40), LONDON)
    works = datetime.combine(today - timedelta(days=5), time(2), LONDON)
    PlannedWork.objects.create(
        from_at=works,
        until_at=works + timedelta(minutes=30),
        why="New version",
        by="",
        at=works - timedelta(days=7),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO insight_probe (minute, is_up, ms, note)
               SELECT minute, true, 24 + (extract(epoch FROM minute)::bigint / 60 * 7919 %% 31)::int, ''
               FROM generate_series(%s::timestamptz, %s::timestamptz, '1 minute') AS minute
               WHERE NOT (minute >= %s AND minute < %s + interval '17 minutes')
                 AND NOT (minute >= %s AND minute < %s + interval '26 minutes')""",
            [first, at.replace(second=0, microsecond=0) - timedelta(minutes=1), away, away, works, works],
        )


def _load_messages(today: date, at: datetime, *, by: Actor, approver: Actor) -> None:
    written = Written(
        words="Bins are collected a day later than usual in the week after the bank holiday.",
        link="/near-me",
        link_words="Look up your days",
        from_on=today - timedelta(days=1),
        until_on=today + timedelta(days=30),
    )
    key_messages.approve(key_messages.write(written, by=by, at=at).pk, by=approver, at=at)
    written = Written(
        words="The town hall’s counter opens at 10 on Thursday.",
        link="/contact",
        link_words="Opening hours",
        from_on=today + timedelta(days=2),
        until_on=today + timedelta(days=3),
    )
    key_messages.write(written, by=by, at=at)
