"""Opening hours in words: on pages, on the screen of a closed counter, and for whoever records a message."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from townhall.core.time import council_date
from townhall.places.hours import Days, Different, Stretch, week_of
from townhall.places.models import HoursException
from townhall.places.opening import Span, Standing, Where, changes_to_come, hours_of, standing
from townhall.ui.words import local, time_of_day, weekday_date

NEXT_CHANGES = 3  # dates to come that a message mentions
MENTION_DAYS = 14  # days ahead

WEEKDAYS = (
    _lazy("Monday"),
    _lazy("Tuesday"),
    _lazy("Wednesday"),
    _lazy("Thursday"),
    _lazy("Friday"),
    _lazy("Saturday"),
    _lazy("Sunday"),
)


def days_words(days: Days) -> str:
    """`Monday to Wednesday`."""
    first, last = str(WEEKDAYS[days.first]), str(WEEKDAYS[days.last])
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def hours_words(days: Days) -> str:
    """`9am to 1pm and 2pm to 4:30pm`, or `Closed`."""
    return _(" and ").join(_stretch_words(one) for one in days.stretches) or _("Closed")


def _stretch_words(one: Stretch) -> str:
    if one.opens == time(0) and one.closes >= time(23, 59):
        words = _("all day")
    elif one.latest:
        words = _("%(opens)s to between %(closes)s and %(latest)s") % {
            "opens": time_of_day(one.opens),
            "closes": time_of_day(one.closes),
            "latest": time_of_day(one.latest),
        }
    else:
        words = _("%(opens)s to %(closes)s") % {"opens": time_of_day(one.opens), "closes": time_of_day(one.closes)}
    if one.by_appointment:
        return _("%(hours)s by appointment") % {"hours": words}
    return _("%(hours)s (answerphone)") % {"hours": words} if one.answerphone else words


def different_words(one: Different) -> str:
    """The hours on a date that differs."""
    if one.opens is None or one.closes is None:
        return _("Closed")
    return _("%(opens)s to %(closes)s") % {"opens": time_of_day(one.opens), "closes": time_of_day(one.closes)}


def standing_words(now: Standing) -> str:
    """`Open now until 5:15pm`, `Opens tomorrow at 9am`, `Closed. No opening is planned`."""
    if now.span is not None:
        return _open_words(now.span, now)
    if now.next_at is None:
        return _("Closed. No opening is planned")
    when = {"when": day_words(now.next_at, at=now.at), "time": time_of_day(now.next_at)}
    return _("Opens %(when)s at %(time)s") % when


def _open_words(span: Span, now: Standing) -> str:
    if span.answerphone:
        return _("Leave a message at any time") if _all_day(span) else _("Leave a message now")
    if _all_day(span):
        return _("Open at all hours")
    closes, latest = time_of_day(span.closes), time_of_day(span.latest)
    if now.may_have_closed:
        words = _("Open now, but may close at any time until %(latest)s") % {"latest": latest}
    elif span.latest > span.closes:
        words = _("Open now. Closes between %(closes)s and %(latest)s") % {"closes": closes, "latest": latest}
    elif council_date(span.closes) != council_date(now.at):
        day = {"when": day_words(span.closes, at=now.at), "time": closes}
        words = _("Open now until %(time)s %(when)s") % day
    else:
        words = _("Open now until %(closes)s") % {"closes": closes}
    return _("%(words)s, by appointment") % {"words": words} if span.by_appointment else words


def _all_day(span: Span) -> bool:
    return span.closes - span.opens >= timedelta(days=6)


def day_words(moment: datetime, *, at: datetime) -> str:
    """`today`, `tomorrow`, `on Monday`, or `on Monday 4 January 2027` when it is more than a week away."""
    days = (council_date(moment) - council_date(at)).days
    if days <= 1:
        return _("tomorrow") if days else _("today")
    if days < 7:
        day = local(moment)
        assert isinstance(day, datetime)
        return _("on %(day)s") % {"day": WEEKDAYS[day.weekday()]}
    return _("on %(day)s") % {"day": weekday_date(moment)}


def week_words(where: Where, *, on: date) -> list[tuple[str, str]]:
    """The usual week, days in a row together: `Monday to Wednesday`, `8:45am to 5:15pm`."""
    kept = hours_of(where)
    if not kept:
        return []
    one = kept[0]
    days = week_of(on=on, service=one.service_code, site=one.site_id or "", channel=one.channel)
    return [(days_words(part), hours_words(part)) for part in days]


def week_sentence(where: Where, *, on: date) -> str:
    """The week as it is said aloud, without the closed days: `Monday to Friday, 8:30am to 5:30pm.`"""
    closed = _("Closed")
    said = [f"{days}, {hours}" for days, hours in week_words(where, on=on) if hours != closed]
    return "; ".join(said) + "." if said else ""


def exception_words(one: HoursException) -> str:
    """`Friday 25 December 2026: closed (Christmas)`."""
    words = different_words(Different(on=one.on, opens=one.opens, closes=one.closes, reason=one.reason))
    said = f"{weekday_date(one.on)}: {words[:1].lower() + words[1:] if words == _('Closed') else words}"
    return f"{said} ({one.reason})" if one.reason else said


def _soon(where: Where, *, on: date) -> list[str]:
    named = {"": True, where.service: True}
    found = [
        one
        for one in changes_to_come(on=on)
        if one.on <= on + timedelta(days=MENTION_DAYS)
        and one.service_code in named
        and (one.site_id or "") in ("", where.site)
        and one.channel in ("", where.channel)
    ]
    return [exception_words(one) for one in found[:NEXT_CHANGES]]


def recorded_message(where: Where, name: str, *, at: datetime) -> str:
    """What the recorded message of a service or site says now, to be read out or turned into speech."""
    now, on = standing(where, at=at), council_date(at)
    parts = [_("You have reached %(name)s.") % {"name": name}]
    if not now.is_open:
        parts.append(_("We are closed now."))
        if now.reason:
            parts.append(f"{now.reason}.")
        if now.next_at:
            when = {"when": day_words(now.next_at, at=at), "time": time_of_day(now.next_at)}
            parts.append(_("We open again %(when)s at %(time)s.") % when)
    if week := week_sentence(where, on=on):
        parts.append(_("Our usual hours are: %(week)s") % {"week": week})
    parts += [_("On %(change)s.") % {"change": words} for words in _soon(where, on=on)]
    if any(one.by_appointment for one in hours_of(where)):
        parts.append(_("We see people by appointment."))
    if _has_answerphone(where):
        parts.append(_("You can leave a message after the tone, at any hour."))
    return " ".join(parts)


def closed_screen(where: Where, *, at: datetime) -> str:
    """What the screen at a closed door or counter says: one line; empty while it is open."""
    now = standing(where, at=at)
    if now.is_open:
        return ""
    reason = f" {now.reason}." if now.reason else ""
    return _("We are closed now.") + reason + " " + standing_words(now) + "."


def _has_answerphone(where: Where) -> bool:
    return any(
        one.answerphone for one in hours_of(Where(service=where.service, site=where.site, channel="answerphone"))
    )
