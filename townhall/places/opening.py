"""Whether a site or a service is open at a moment, until when, and when it opens next (HOUR-01).

Hours are kept for a service, a site and a channel, or for any of them alone. The closest to what is asked counts. A bank holiday
or a day the council is closed (the COUNCIL_OPEN calendar) closes everything but what nobody has to staff; a date with hours of its own
goes before both. Times are London wall-clock times; moments are in UTC, so days of a clock change come out right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from townhall.clocks import reference
from townhall.clocks.errors import UnknownCode
from townhall.core.refreshing import Refreshing
from townhall.core.time import LONDON, aware, council_date
from townhall.places.hours import in_force, kept_hours
from townhall.places.models import HoursException, OpeningHours

CALENDAR = "COUNCIL_OPEN"
UNSTAFFED = frozenset({"answerphone", "web"})  # go on through holidays
ALWAYS = UNSTAFFED | {"standby"}  # standby is for just those times
LOOK_AHEAD_DAYS = 60
LONGEST_SPAN_DAYS = 7  # of one that is told with both ends
_END_OF_DAY = time(23, 59)  # as a closing time: the day runs out


@dataclass(frozen=True, kw_only=True)
class Where:
    """What is asked about. Empty is any."""

    service: str = ""
    site: str = ""
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Open from one moment to another, in UTC. Between `closes` and `latest` it may still be open."""

    opens: datetime
    closes: datetime
    latest: datetime
    by_appointment: bool = False
    answerphone: bool = False


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How it stands at a moment. `span`: the one we are in. `next_at`: the next opening when closed, None when none is near."""

    is_open: bool
    at: datetime
    span: Span | None = None
    next_at: datetime | None = None
    reason: str = ""  # why today differs

    @property
    def may_have_closed(self) -> bool:
        return self.span is not None and self.span.closes <= self.at


_exceptions = Refreshing(lambda: list(HoursException.objects.order_by("on", "opens")), seconds=10)


def open_now(where: Where, *, at: datetime) -> bool:
    return standing(where, at=at).is_open


def next_opening(where: Where, *, at: datetime) -> datetime | None:
    """The first opening after `at`, also when it is open now. None when there is none within LOOK_AHEAD_DAYS."""
    return next((span.opens for span in spans(where, since=at) if span.opens > aware(at)), None)


def standing(where: Where, *, at: datetime) -> Standing:
    at = aware(at)
    reason = _reason(where, council_date(at))
    now = next(
        (span for span in spans(where, since=at, days=LONGEST_SPAN_DAYS) if span.opens <= at < span.latest), None
    )
    if now is not None:
        return Standing(is_open=True, at=at, span=now, reason=reason)
    return Standing(is_open=False, at=at, next_at=next_opening(where, at=at), reason=reason)


def spans(where: Where, *, since: datetime, days: int = LOOK_AHEAD_DAYS) -> list[Span]:
    """The spans that end after `since`, in order. Those that meet (over midnight) are one."""
    hours = hours_of(where)
    first = council_date(since)
    found: list[Span] = []
    for offset in range(-LONGEST_SPAN_DAYS, days + 1):  # a week back: a round-the-clock span begins days ago
        for span in _day(hours, where, first + timedelta(days=offset)):
            _append(found, span)
    return [span for span in found if span.latest > aware(since)]


def _append(found: list[Span], span: Span) -> None:
    """Add a span; one that meets the last is joined to it, unless that one's closing may move."""
    last = found[-1] if found else None
    if last and last.closes >= span.opens and last.closes == last.latest and _alike(last, span):
        found[-1] = _joined(last, span)
    else:
        found.append(span)


def _alike(one: Span, other: Span) -> bool:
    return (one.by_appointment, one.answerphone) == (other.by_appointment, other.answerphone)


def _joined(one: Span, other: Span) -> Span:
    return Span(
        opens=one.opens,
        closes=max(one.closes, other.closes),
        latest=max(one.latest, other.latest),
        by_appointment=one.by_appointment,
        answerphone=one.answerphone,
    )


def hours_of(where: Where) -> list[OpeningHours]:
    """The hours kept that come closest: for all that is asked, else with any channel, else for the service, else for the site."""
    kept = kept_hours()
    service, site, channel = where.service, where.site, where.channel
    nearest = [
        (service, site, channel),
        (service, site, ""),
        (service, "", channel),
        (service, "", ""),
        ("", site, channel),
        ("", site, ""),
    ]
    for wanted in dict.fromkeys(nearest):
        if wanted == ("", "", ""):
            continue
        found = [one for one in kept if (one.service_code, one.site_id or "", one.channel) == wanted]
        if found:
            return found
    return []


def _day(hours: Sequence[OpeningHours], where: Where, on: date) -> list[Span]:
    changed = _changes(where, on, hours)
    if changed:
        open_ones = [one for one in changed if one.opens is not None and one.closes is not None]
        return [_span(on, one.opens, one.closes, None) for one in open_ones if one.opens and one.closes]
    usual = in_force([one for one in hours if one.weekday == on.weekday()], on)
    if _is_holiday(on):
        usual = [one for one in usual if one.answerphone or one.channel in ALWAYS]
    return sorted(
        (
            _span(
                on,
                one.opens,
                one.closes,
                one.closes_latest,
                by_appointment=one.by_appointment,
                answerphone=one.answerphone,
            )
            for one in usual
        ),
        key=lambda span: span.opens,
    )


def _changes(where: Where, on: date, hours: Sequence[OpeningHours]) -> list[HoursException]:
    """The exceptions of a date that apply, only those that name the most of what is asked."""
    unstaffed = bool(hours) and all(one.answerphone or one.channel in UNSTAFFED for one in hours)
    found = [
        one
        for one in _exceptions.get()
        if one.on == on and _applies(one, where) and not (unstaffed and not one.channel)
    ]
    most = max((_named(one) for one in found), default=0)
    return [one for one in found if _named(one) == most]


def _applies(one: HoursException, where: Where) -> bool:
    given = ((one.service_code, where.service), (one.site_id or "", where.site), (one.channel, where.channel))
    return all(not named or named == asked for named, asked in given)


def _named(one: HoursException) -> int:
    return sum(bool(part) for part in (one.service_code, one.site_id, one.channel))


def _reason(where: Where, on: date) -> str:
    return next((one.reason for one in _changes(where, on, hours_of(where)) if one.reason), "")


def _is_holiday(on: date) -> bool:
    try:
        return on in reference.calendar(CALENDAR).closed
    except UnknownCode:  # no calendars are loaded yet
        return False


def _span(
    on: date, opens: time, closes: time, latest: time | None, *, by_appointment: bool = False, answerphone: bool = False
) -> Span:
    end = _moment(on, closes)
    return Span(
        opens=_moment(on, opens),
        closes=end,
        latest=max(end, _moment(on, latest)) if latest else end,
        by_appointment=by_appointment,
        answerphone=answerphone,
    )


def _moment(on: date, wall: time) -> datetime:
    if wall >= _END_OF_DAY:
        return datetime.combine(on + timedelta(days=1), time(0), LONDON).astimezone(UTC)
    return datetime.combine(on, wall, LONDON).astimezone(UTC)


def changes_to_come(*, on: date) -> list[HoursException]:
    """Every date to come with other hours, the soonest first."""
    return [one for one in _exceptions.get() if one.on >= on]


def forget() -> None:
    _exceptions.forget()


def kept_for() -> list[Where]:
    """Everything that hours are kept for: sites first, then services, each with its channels."""
    rows: Iterable[OpeningHours] = kept_hours()
    found = {(one.site_id or "", one.service_code, one.channel) for one in rows}
    ordered = sorted(found, key=lambda one: (one[1] != "", one[1], one[0], one[2]))
    return [Where(site=site, service=service, channel=channel) for site, service, channel in ordered]
