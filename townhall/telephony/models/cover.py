"""Who answers when, who covers for whom, and where calls are diverted to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Team, User
from townhall.core.ids import uuid7


class PhoneTeam(models.Model):
    """A team whose phones are to be answered: in the hours of its service, or the corporate day, by so many at once."""

    team = models.OneToOneField(Team, on_delete=models.PROTECT, primary_key=True, related_name="+")
    service_code = models.TextField(blank=True, default="")
    minimum = models.PositiveSmallIntegerField(default=1)
    shows_names = models.BooleanField(default=False)  # customers read who has their case


class Duty(models.Model):
    """Somebody answers, or has a break, on one weekday of every week. Times are London wall time."""

    class Kind(models.TextChoices):
        ANSWERS = "answers", _("Answers the phone")
        BREAK = "break", _("Break")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=Kind.choices, default=Kind.ANSWERS)
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    starts = models.TimeField()
    ends = models.TimeField()
    from_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="duty_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="duty_weekday"),
        ]
        indexes = [models.Index(fields=["team", "weekday"], name="duty_of_team")]


class Absence(models.Model):
    """Somebody is away on these days, both counted, and who covers. No reason is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cover = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField()
    posts = ArrayField(models.UUIDField(), default=list)  # those that passed to the cover

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_order")]
        indexes = [models.Index(fields=["user", "until_on"], name="absence_of_user")]


class Divert(models.Model):
    """Calls to a team's phones go elsewhere for a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    to = models.TextField()  # a team, a queue or a number, as told to the phone system
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="divert_order")]
        indexes = [models.Index(fields=["team", "ends_at"], name="divert_of_team")]
