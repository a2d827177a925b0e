"""The calendars and kinds of clock that every council starts with. Loading them again makes no doubles and keeps its changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from townhall.clocks import bank_holidays, reference
from townhall.clocks.bank_holidays import DIVISIONS, BankHolidays
from townhall.clocks.calendars import Unit
from townhall.clocks.models import Calendar, CalendarKind, ClockKind, ClosedDay, OpeningInterval
from townhall.core.time import council_date, now

FIRST_YEAR: Final = 2012  # GOV.UK's list begins here
YEARS_AHEAD: Final = 5
_ENGLAND: Final = ["england-and-wales"]

# What the council itself opens until it says otherwise: Monday to Friday, nine to five.
_OFFICE_HOURS: Final = (time(9), time(17))

_CALENDARS: Final[tuple[dict[str, Any], ...]] = (
    {
        "code": "EW",
        "name": "Working days in England and Wales",
        "kind": CalendarKind.WORKING_DAYS,
        "divisions": _ENGLAND,
    },
    {"code": "SCT", "name": "Working days in Scotland", "kind": CalendarKind.WORKING_DAYS, "divisions": ["scotland"]},
    {
        "code": "NIR",
        "name": "Working days in Northern Ireland",
        "kind": CalendarKind.WORKING_DAYS,
        "divisions": ["northern-ireland"],
    },
    # Freedom of Information Act 2000, section 10: a bank holiday in any part of the United Kingdom.
    {
        "code": "UK_ANY",
        "name": "Working days in all of the UK",
        "kind": CalendarKind.WORKING_DAYS,
        "divisions": list(DIVISIONS),
    },
    {
        # SI 2006/1738 names Christmas Day, Boxing Day and Good Friday beside bank holidays.
        "code": "CHILDREN_2006",
        "name": "Working days for children's social care complaints",
        "kind": CalendarKind.WORKING_DAYS,
        "divisions": _ENGLAND,
        "always_closed": {"12-25": "Christmas Day", "12-26": "Boxing Day"},
    },
    {
        "code": "COUNCIL_OPEN",
        "name": "The council's own opening hours",
        "kind": CalendarKind.HOURS,
        "divisions": _ENGLAND,
        "is_councils_own": True,
    },
    {"code": "CALENDAR", "name": "Every day", "kind": CalendarKind.CALENDAR_DAYS, "divisions": _ENGLAND},
)

_WARN: Final = {"at": "-2 working days", "rung": "due_soon"}
_DUE: Final = {"at": "due", "rung": "due"}
_LATE: Final = {"at": "+5 working days", "rung": "overdue_5"}


def _kind(
    code: str, name: str, amount: int, unit: Unit, calendar: str, *ladder: dict[str, str], may_pause: bool = False
) -> ClockKind:
    return ClockKind(
        code=code,
        name=name,
        amount=amount,
        unit=unit.value,
        calendar_id=calendar,
        ladder=list(ladder),
        may_pause=may_pause,
    )


def _starting_kinds() -> list[ClockKind]:
    working, every = Unit.WORKING_DAYS, Unit.CALENDAR_DAYS
    soon = {"at": "-1 working days", "rung": "due_soon"}
    week_before = {"at": "-7 days", "rung": "due_soon"}
    next_day = {"at": "+1 working days", "rung": "overdue_1"}
    month_before = {"at": "-30 days", "rung": "due_soon"}
    return [
        _kind(
            "case.promise",
            "The date promised to the customer",
            10,
            working,
            "COUNCIL_OPEN",
            _WARN,
            _DUE,
            _LATE,
            may_pause=True,
        ),
        _kind(
            "case.referral", "Referred to the senior manager when still open", 30, every, "CALENDAR", week_before, _DUE
        ),
        _kind("case.decision", "A decision is forced", 60, every, "CALENDAR", week_before, _DUE, _LATE),
        # 24 hours of working days: an offer made on Friday afternoon is not unanswered on Saturday.
        _kind("case.handoff", "Answer to an offer of work", 24, Unit.HOURS, "EW", _DUE),
        _kind("case.telling", "Telling the customer that the work is over", 2, working, "COUNCIL_OPEN", _DUE),
        _kind("case.reopen_window", "The customer may say that it is not fixed", 28, every, "CALENDAR", _DUE),
        _kind("case.customer_reply", "An answer from the customer", 14, every, "CALENDAR", week_before, _DUE),
        # A marker lapses on its last day unless it is renewed; whoever proposed it hears of that a month before.
        _kind("marker.expiry", "A marker lapses", 12, Unit.MONTHS, "CALENDAR", month_before, _DUE),
        _kind("marker.appeal", "Answer to an appeal against a marker", 20, working, "COUNCIL_OPEN", _WARN, _DUE, _LATE),
        _kind("marker.not_told", "Whether somebody can be told of their marker now", 90, every, "CALENDAR", _DUE),
        _kind(
            "safety.recommendation", "What was learnt is put in place", 30, every, "CALENDAR", week_before, _DUE, _LATE
        ),
        _kind("contact.call_back", "Calling back somebody who left a message", 24, Unit.HOURS, "EW", _DUE),
        _kind("need.review", "Whether what somebody needs is still right", 12, Unit.MONTHS, "CALENDAR", _DUE),
        _kind("format.request", "Another language or format", 10, working, "COUNCIL_OPEN", soon, _DUE, _LATE),
        _kind("mail.reply", "Answer to an email", 2, working, "COUNCIL_OPEN", _DUE),
        _kind("mailbox.opened", "Looking into a shared mailbox", 8, Unit.HOURS, "COUNCIL_OPEN", _DUE, next_day),
        _kind("page.review", "Review of a page of the website", 365, every, "CALENDAR", _DUE),
        _kind(
            "case.contractor_job", "A contractor's job", 5, working, "COUNCIL_OPEN", soon, _DUE, _LATE, may_pause=True
        ),
        _kind("case.task", "A part of the work", 5, working, "COUNCIL_OPEN", soon, _DUE, _LATE, may_pause=True),
        _kind("register.action", "An action of a register", 30, every, "CALENDAR", week_before, _DUE, _LATE),
        _kind(
            "workforce.pass",
            "A pass in a training module",
            730,
            every,
            "CALENDAR",
            {"at": "-30 days", "rung": "due_soon"},
            _DUE,
        ),
        _kind(
            "workforce.induction",
            "The induction of a starter",
            20,
            working,
            "COUNCIL_OPEN",
            {"at": "-5 working days", "rung": "due_soon"},
            _DUE,
            _LATE,
        ),
        _kind(
            "workforce.champions_meeting",
            "The champions' meeting of a quarter",
            91,
            every,
            "CALENDAR",
            week_before,
            _DUE,
        ),
        _kind(
            "workforce.acceptance", "Reading and accepting a guideline", 15, working, "COUNCIL_OPEN", soon, _DUE, _LATE
        ),
        _kind("partner.receipt", "A partner says that a referral came", 2, working, "COUNCIL_OPEN", _DUE, _LATE),
        _kind(
            "partner.outcome", "A partner says what came of a referral", 20, working, "COUNCIL_OPEN", soon, _DUE, _LATE
        ),
        _kind("post.index", "A letter, fax or post is indexed", 1, working, "COUNCIL_OPEN", _DUE, _LATE),
        _kind("knowledge.review", "Review of what is written down", 365, every, "CALENDAR", week_before, _DUE, _LATE),
        _kind("knowledge.task", "Something that we say is put right", 10, working, "COUNCIL_OPEN", soon, _DUE, _LATE),
        _kind(
            "knowledge.change", "Ready for a change of law or a new service", 30, every, "CALENDAR", week_before, _DUE
        ),
    ]


def seed_reference_data(*, at: datetime | None = None) -> None:
    """What a fresh install needs before the first clock can start. Safe at every start."""
    seed_calendars(at=at)
    seed_clock_kinds()


@transaction.atomic
def seed_calendars(*, at: datetime | None = None) -> int:
    """Make the calendars that are missing, and fill every year up to five ahead that has no bank holidays yet.

    Years that are there (loaded from a file, perhaps corrected) stay as they are. Returns how many days were added.
    """
    Calendar.objects.bulk_create([Calendar(**fields) for fields in _CALENDARS], ignore_conflicts=True)
    if not OpeningInterval.objects.filter(calendar_id="COUNCIL_OPEN").exists():
        opens, closes = _OFFICE_HOURS
        OpeningInterval.objects.bulk_create(
            OpeningInterval(calendar_id="COUNCIL_OPEN", weekday=weekday, opens=opens, closes=closes)
            for weekday in range(5)
        )
    wanted = set(_years(at or now()))
    added = 0
    for calendar in Calendar.objects.exclude(divisions=[]):
        missing = wanted - _years_held(calendar)
        if missing:
            added += _replace(
                calendar, _closed_by(calendar, bank_holidays.computed(missing), years=missing), years=missing
            )
    reference.forget()
    return added


@transaction.atomic
def seed_clock_kinds() -> None:
    """Make the kinds of clock that are missing; those the council has changed stay as they are. Calendars come first."""
    ClockKind.objects.bulk_create(_starting_kinds(), ignore_conflicts=True)
    reference.forget()


def keep_calendars_ahead(at: datetime) -> int:
    """The daily sweep: the bank holidays of a year that has come within reach. Returns how many days were added."""
    return seed_calendars(at=at)


@transaction.atomic
def load_bank_holidays(path: Path | None = None, *, at: datetime) -> int:
    """Put the bank holidays of a file, or else of the `holidays` package, in place of those held for the same years.

    The council's own closure days stay. Running this again changes nothing. Returns how many days were added or taken away.
    Raises UnreadableFile.
    """
    changed = seed_calendars(at=at)
    found = bank_holidays.from_file(path) if path else bank_holidays.computed(_years(at))
    years = set.intersection(*({on.year for on in days} for days in found.values()))
    for calendar in Calendar.objects.exclude(divisions=[]):
        changed += _replace(calendar, _closed_by(calendar, found, years=years), years=years)
    reference.forget()
    return changed


def _years(at: datetime) -> range:
    return range(FIRST_YEAR, council_date(at).year + YEARS_AHEAD + 1)


def _years_held(calendar: Calendar) -> set[int]:
    held = ClosedDay.objects.filter(calendar=calendar, is_councils_own=False).values_list("on__year", flat=True)
    return set(held.distinct())


def _closed_by(calendar: Calendar, found: BankHolidays, *, years: Collection[int]) -> dict[date, str]:
    """The days of those years on which this calendar is closed by law, with their titles."""
    closed: dict[date, str] = {}
    for month_day, title in calendar.always_closed.items():
        closed |= {date.fromisoformat(f"{year}-{month_day}"): title for year in years}
    for division in calendar.divisions:
        closed |= {on: title for on, title in found[division].items() if on.year in years}
    return closed


def _replace(calendar: Calendar, wanted: Mapping[date, str], *, years: Iterable[int]) -> int:
    """Make the calendar's bank holidays of those years exactly these; how many days were added or taken away."""
    held = ClosedDay.objects.filter(calendar=calendar, is_councils_own=False, on__year__in=list(years))
    gone, _ = held.exclude(on__in=list(wanted)).delete()
    kept = set(ClosedDay.objects.filter(calendar=calendar, on__in=list(wanted)).values_list("on", flat=True))
    fresh = [ClosedDay(calendar=calendar, on=on, title=title) for on, title in wanted.items() if on not in kept]
    ClosedDay.objects.bulk_create(fresh, ignore_conflicts=True)  # two processes may start at once
    return gone + len(wanted.keys() - kept)
