"""Repairs in council homes and the visits for them. The diary itself is the housing system's."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import LONDON
from townhall.housing.states import UNSETTLED, VisitState

REMINDER: Final = time(10)  # on the day before, London time


class Repair(models.Model):
    """What the form found out. How far the work is, is its case's."""

    class Urgency(models.TextChoices):
        URGENT = "urgent", _("Urgent")
        ROUTINE = "routine", _("Routine")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField(unique=True)
    reference = models.TextField()  # the case's
    customer_id = models.UUIDField(null=True)
    problem = models.TextField()  # a code of rules/repairs.yaml
    trade = models.TextField()
    urgency = models.TextField(choices=Urgency.choices)
    name = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    address = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer_id"], condition=Q(customer_id__isnull=False), name="repair_customer")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="repair", id=self.id)


class Visit(models.Model):
    """A time in the housing system's diary: asked for, held, booked, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)  # also the key of every call about it
    repair = models.ForeignKey(Repair, on_delete=models.PROTECT, related_name="visits")
    state = models.TextField(choices=VisitState.choices, default=VisitState.HOLDING)
    slot = models.TextField()  # the housing system's name for the time
    on = models.DateField()
    begins = models.TimeField()  # London time
    ends = models.TimeField()
    hold = models.TextField(blank=True, default="")
    held_until = models.DateTimeField(null=True)
    booking = models.TextField(blank=True, default="")  # the housing system's name for the visit
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    access = models.TextField(blank=True, default="")  # what the trade has to know to get in
    by_text = models.BooleanField(default=False)  # how the reminder goes
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)  # while the housing system has to answer
    tries = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=VisitState.values), name="visit_state"),
            models.UniqueConstraint(fields=["repair"], condition=Q(state=VisitState.BOOKED), name="visit_one_booked"),
            models.UniqueConstraint(
                fields=["repair"], condition=Q(state=VisitState.CONFIRMING), name="visit_one_confirming"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state__in=UNSETTLED), name="visit_unsettled"),
            models.Index(fields=["booking"], condition=~Q(booking=""), name="visit_booking"),
            models.Index(fields=["on"], condition=Q(state__in=("booked", "missed")), name="visit_day"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="visit", id=self.id)

    @property
    def reminder_at(self) -> datetime:
        return datetime.combine(self.on - timedelta(days=1), REMINDER, LONDON)

    @property
    def has_reminder(self) -> bool:
        """Booked for so soon that the day before is over: none."""
        return self.reminder_at > self.changed_at
