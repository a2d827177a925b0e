"""Champions: experts of a service, and those who look after customer care, with what they did."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import User
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Champion(models.Model):
    """Somebody named as a champion, for a time."""

    class Kind(models.TextChoices):
        SERVICE = "service", _("Service champion")
        CARE = "care", _("Customer-care champion")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="championships")
    kind = models.TextField(choices=Kind.choices)
    service_code = models.TextField()  # the service they are expert in, or whose staff they champion care with
    terms = models.TextField()  # of reference
    in_job_description = models.BooleanField(default=False)
    from_on = models.DateField()
    until_on = models.DateField(null=True)  # last day
    named_by = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "service_code"], condition=Q(until_on=None), name="champion_once"
            ),
        ]
        indexes = [models.Index(fields=["service_code"], condition=Q(until_on=None), name="champion_of_service")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="champion", id=self.id)


class Meeting(models.Model):
    """The champions' meeting of a quarter. The next falls due when one was held."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    due_on = models.DateField()
    held_on = models.DateField(null=True)
    attended = ArrayField(models.UUIDField(), default=list)  # users
    notes = models.TextField(blank=True, default="")
    overdue_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["due_on"], condition=Q(held_on=None), name="meeting_due_once"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="champions_meeting", id=self.id)


class Act(models.Model):
    """Training that a champion gave, or a check that they made."""

    class Kind(models.TextChoices):
        TRAINING = "training", _("Training given")
        CHECK = "check", _("Check made")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    champion = models.ForeignKey(Champion, on_delete=models.PROTECT, related_name="acts")
    kind = models.TextField(choices=Kind.choices)
    on = models.DateField()
    words = models.TextField()  # what was taught, or checked and found
    people = models.PositiveSmallIntegerField(default=0)  # how many were trained, or looked at
    to_put_right = models.PositiveSmallIntegerField(default=0)  # of a check
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["champion", "-on"], name="champion_acts")]
