"""Calendars and kinds of clock are data a council edits; clocks are the promises that run."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from townhall.clocks.calendars import Unit
from townhall.clocks.states import OPEN_STATES, ClockState
from townhall.core.ids import uuid7


class CalendarKind(models.TextChoices):
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"  # every day counts; closed days matter only where a due date rolls on
    HOURS = "hours"  # with opening times


class Calendar(models.Model):
    """Which days count for a promise."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    kind = models.TextField(choices=CalendarKind.choices)
    divisions = models.JSONField(default=list, blank=True)  # whose bank holidays close it: the names of GOV.UK's list
    always_closed = models.JSONField(
        default=dict, blank=True
    )  # days of every year with titles, {"12-25": "Christmas Day"}
    is_councils_own = models.BooleanField(default=False)  # the council's own closure days count here, and only here
    recount_until = models.DateTimeField(null=True)  # it changed: running clocks are counted again until then


class ClosedDay(models.Model):
    """One day on which a calendar does not count."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="closed_days")
    on = models.DateField()
    title = models.TextField()
    is_councils_own = models.BooleanField(
        default=False
    )  # a shutdown the council chose, kept when bank holidays are loaded

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "on"], name="closed_day_once")]


class OpeningInterval(models.Model):
    """Open on one weekday from one time to another, in London."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="opening_intervals")
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    opens = models.TimeField()
    closes = models.TimeField()  # midnight is the end of the day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="opening_interval_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="opening_interval_weekday"),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) | Q(closes="00:00"), name="opening_interval_order"
            ),
        ]


class ClockKind(models.Model):
    """A kind of promise: how long, counted how, and who is told at what age."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    calendar = models.ForeignKey(Calendar, models.PROTECT)
    amount = models.PositiveIntegerField()
    unit = models.TextField(choices=[(unit.value, unit.value) for unit in Unit])
    rolls = models.BooleanField(default=False)  # a due date that is not a working day moves to the next one
    may_pause = models.BooleanField(default=False)  # never for statutory and ombudsman clocks
    ladder = models.JSONField(default=list, blank=True)  # as in ladder.py


class ReferenceVersion(models.Model):
    """One row whose value changes whenever a calendar or a kind does (kept by triggers), so that processes notice."""

    id = models.BooleanField(primary_key=True, default=True)  # one row: true
    version = models.UUIDField()


class Clock(models.Model):
    """One promise about one subject. Kind and calendar are codes, so that history outlives their rows."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    kind = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    calendar = models.TextField()
    amount = models.PositiveIntegerField(null=True)  # in `unit`; null when the due date was given or later extended
    unit = models.TextField(choices=[(unit.value, unit.value) for unit in Unit])
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    original_due_at = models.DateTimeField()
    state = models.TextField(choices=ClockState.choices, default=ClockState.RUNNING)
    finished_at = models.DateTimeField(null=True)
    next_rung = models.PositiveSmallIntegerField(default=0)  # its place in the kind's ladder
    next_rung_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_seconds = models.BigIntegerField(default=0)  # of the pauses that have ended

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id"], condition=Q(state__in=OPEN_STATES), name="clock_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, finished_at=None)
                | (~Q(state__in=OPEN_STATES) & Q(finished_at__isnull=False)),
                name="clock_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state=ClockState.PAUSED, paused_at__isnull=False)
                | (~Q(state=ClockState.PAUSED) & Q(paused_at=None)),
                name="clock_paused_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_rung_at"],
                condition=Q(state=ClockState.RUNNING, next_rung_at__isnull=False),
                name="clock_next_rung",
            ),
            # Those about a case are found by `clock_case`.
            models.Index(
                fields=["subject_kind", "subject_id"], condition=~Q(subject_kind="case"), name="clock_subject"
            ),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="clock_case"),
            models.Index(fields=["kind", "due_at"], condition=Q(state__in=OPEN_STATES), name="clock_open_due"),
        ]


class ClockPause(models.Model):
    """A time during which a promise stood still, and why."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    clock = models.ForeignKey(Clock, models.CASCADE, related_name="pauses")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)  # null while it lasts
    reason = models.TextField()
    by_kind = models.TextField()
    by_id = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(until_at=None), name="clock_pause_one_open"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="clock_pause_order"
            ),
        ]


class ClockExtension(models.Model):
    """A new due date for a promise, and why. The date first promised stays on the clock."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    clock = models.ForeignKey(Clock, models.CASCADE, related_name="extensions")
    at = models.DateTimeField()
    from_due_at = models.DateTimeField()
    to_due_at = models.DateTimeField()
    reason = models.TextField()
    by_kind = models.TextField()
    by_id = models.TextField()
