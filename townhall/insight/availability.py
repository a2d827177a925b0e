"""Is the account there? (ACCT-01) A look each minute through real HTTP, and what the looks add up to.

A minute counts as up when a look in it found the account's sign-in page and a well house behind it. A minute in which nothing was noted
is down as well, unless work was announced for it beforehand: what does not run cannot say that it does not.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput
from townhall.core.time import LONDON, aware, council_date, start_of
from townhall.insight.models import PlannedWork, Probe
from townhall.ledger import operations as ledger

log = structlog.get_logger(__name__)
MAY: Final = "pages.manage"
TIMEOUT: Final = 10.0  # seconds: whoever waits longer has gone
KEPT: Final = timedelta(days=430)  # fourteen months of single looks
MINUTE: Final = timedelta(minutes=1)
_MARK: Final = b'name="password"'  # on the sign-in page, and on no page of errors
_BATCH: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Seen:
    is_up: bool
    ms: int | None
    note: str = ""


def probe(at: datetime) -> int:
    """The sweep: look once in each minute, whichever worker comes first. Always 0: there is never more to do at once."""
    minute = aware(at).replace(second=0, microsecond=0)
    if not Probe.objects.filter(minute=minute).exists():
        seen = look(settings.PROBE_URL)
        if not seen.is_up:
            log.warning("probe.down", note=seen.note)
        Probe.objects.bulk_create(
            [Probe(minute=minute, is_up=seen.is_up, ms=seen.ms, note=seen.note)], ignore_conflicts=True
        )
    return 0


def look(base: str) -> Seen:
    """The sign-in page as a resident gets it, then whether the house behind it is well."""
    began = time.perf_counter()
    try:
        page = _get(f"{base}/account/sign-in")
    except (OSError, http.client.HTTPException) as error:
        return Seen(is_up=False, ms=None, note=_words(error))
    ms = round((time.perf_counter() - began) * 1000)
    if _MARK not in page:
        return Seen(is_up=False, ms=ms, note="The sign-in page came without its form")
    try:
        _get(f"{base}/healthz")
    except (OSError, http.client.HTTPException) as error:
        return Seen(is_up=False, ms=ms, note=f"healthz: {_words(error)}")
    return Seen(is_up=True, ms=ms)


def _get(address: str) -> bytes:
    """Raises OSError for no answer in time, and for an answer that is an error."""
    headers = {"User-Agent": "Townhall-probe/1", "Sec-GPC": "1"}  # nobody is to count it as a visit
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - our own address, from the settings
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        body: bytes = answer.read(1_000_000)
    return body


def _words(error: Exception) -> str:
    code = getattr(error, "code", None)
    return f"answered {code}" if code else f"{type(error).__name__}: {getattr(error, 'reason', error)}"[:200]


def forget_old(at: datetime) -> int:
    """The daily sweep: single looks of more than fourteen months ago."""
    old = Probe.objects.filter(minute__lt=aware(at) - KEPT).order_by("minute").values_list("minute", flat=True)[:_BATCH]
    return Probe.objects.filter(minute__in=list(old)).delete()[0]


@transaction.atomic
def plan(from_at: datetime | None, until_at: datetime | None, *, why: str, by: Actor, at: datetime) -> PlannedWork:
    """Announce a time in which the account may be away. Only beforehand. Raises NotAllowed, BadInput."""
    require(by, MAY)
    problems: dict[str, str] = {}
    if from_at is None or from_at < at:
        problems["from_at"] = _("Work can be announced only before it begins")
    if until_at is None or (from_at is not None and until_at <= from_at):
        problems["until_at"] = _("It must end after it begins")
    if not why:
        problems["why"] = _("Enter what is done")
    if problems:
        raise BadInput(problems)
    assert from_at is not None
    assert until_at is not None
    planned = PlannedWork.objects.create(from_at=from_at, until_at=until_at, why=why, by=by.id, at=at)
    ledger.record("planned_work.announced", about=planned.subject, by=by, at=at)
    return planned


Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Month:
    """Minutes of one London month, as far as it was measured."""

    first_on: date
    measured: int
    planned: int  # announced, whatever was found in them
    lost: int  # down and not announced
    longest: Span | None  # the longest time down, announced parts left out

    @property
    def share_up(self) -> float:
        """Of the minutes that were not announced."""
        due = self.measured - self.planned
        return (due - self.lost) / due if due else 1.0

    @property
    def longest_minutes(self) -> int:
        return _minutes(self.longest) if self.longest else 0


# An answer a minute: where the next good one is later, everything between was down. By one index, without the rows.
_GAPS = """
SELECT minute, next FROM (
    SELECT minute, lead(minute) OVER (ORDER BY minute) AS next FROM insight_probe WHERE is_up AND minute >= %s) looks
WHERE next IS NULL OR next > minute + interval '1 minute' ORDER BY minute"""


def months(*, since: date, at: datetime) -> list[Month]:
    """Each month from that day on, the newest first. Three queries, however many looks."""
    first = _first_minute(start_of(since))
    if first is None:
        return []
    until = aware(at).replace(second=0, microsecond=0)  # the minute under way is not over
    planned = [
        (work.from_at, work.until_at)
        for work in PlannedWork.objects.filter(until_at__gt=first, from_at__lt=until).order_by("from_at")
    ]
    down = _without(list(_down(first, until)), planned)
    return [_month(span, month, down, planned) for month, span in reversed(list(_months_of(first, until)))]


def _first_minute(since: datetime) -> datetime | None:
    return Probe.objects.filter(minute__gte=since).order_by("minute").values_list("minute", flat=True).first()


def _down(first: datetime, until: datetime) -> Iterator[Span]:
    """The times between good looks, from the first look of any kind to the last whole minute."""
    rows: list[tuple[datetime, datetime | None]] = [(row[0], row[1]) for row in fetch_all(_GAPS, (first,))]
    if not rows:
        yield first, until
        return
    first_up = (
        Probe.objects.filter(is_up=True, minute__gte=first).order_by("minute").values_list("minute", flat=True)[0]
    )
    if first_up > first:
        yield first, first_up
    for minute, after in rows:
        ends = min(after or until, until)
        if ends > minute + MINUTE:
            yield minute + MINUTE, ends


def _without(spans: Sequence[Span], cut: Sequence[Span]) -> list[Span]:
    """The spans less what was announced."""
    left = list(spans)
    for begins, ends in cut:
        left = [
            part
            for one, other in left
            for part in ((one, min(other, begins)), (max(one, ends), other))
            if part[1] > part[0]
        ]
    return left


def _months_of(first: datetime, until: datetime) -> Iterator[tuple[date, Span]]:
    month = council_date(first).replace(day=1)
    while start_of(month) < until:
        after = (month + timedelta(days=32)).replace(day=1)
        yield month, (max(first, start_of(month)), min(until, start_of(after)))
        month = after


def _month(span: Span, first_on: date, down: Sequence[Span], planned: Sequence[Span]) -> Month:
    inside = [both for one in down if (both := _both(one, span))]
    return Month(
        first_on=first_on,
        measured=_minutes(span),
        planned=sum(_minutes(both) for one in planned if (both := _both(one, span))),
        lost=sum(map(_minutes, inside)),
        longest=max(inside, key=_minutes, default=None),
    )


def _both(one: Span, other: Span) -> Span | None:
    begins, ends = max(one[0], other[0]), min(one[1], other[1])
    return (begins, ends) if ends > begins else None


def _minutes(span: Span) -> int:
    return round((span[1] - span[0]).total_seconds() / 60)


@dataclass(frozen=True, kw_only=True)
class Speed:
    on: date
    looks: int
    median_ms: int
    slow_ms: int  # 95 in 100 came faster


def speeds(*, since: date) -> list[Speed]:
    """How fast the sign-in page came, by day. One query."""
    rows = fetch_all(
        """SELECT (minute AT TIME ZONE %s)::date AS day, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms),
                  percentile_disc(0.95) WITHIN GROUP (ORDER BY ms)
           FROM insight_probe WHERE ms IS NOT NULL AND minute >= %s GROUP BY 1 ORDER BY 1""",
        (str(LONDON), start_of(since)),
    )
    return [Speed(on=on, looks=looks, median_ms=median, slow_ms=slow) for on, looks, median, slow in rows]


def troubles(*, since: date, limit: int = 20) -> list[Probe]:
    """The newest looks that found something wrong."""
    return list(Probe.objects.filter(is_up=False, minute__gte=start_of(since)).order_by("-minute")[:limit])
