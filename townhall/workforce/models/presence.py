"""Where staff are at work, what is left for them, and what they took from the list of waiting work."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import User
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.workforce.states import LeftState


class Where(models.TextChoices):
    OFFICE = "office", _("At the office")
    HOME = "home", _("At home")
    FIELD = "field", _("In the field")
    AWAY = "away", _("Away")


class Presence(models.Model):
    """Where somebody is, as they said themselves. Nobody's work is counted differently for it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="presence")
    where = models.TextField(choices=Where.choices)
    until_at = models.DateTimeField(null=True)  # of being away
    since_at = models.DateTimeField()


class LeftFor(models.Model):
    """Something left for one person by whatever way: a voicemail, a missed call, a fax."""

    class Kind(models.TextChoices):
        VOICEMAIL = "voicemail", _("Voicemail")
        MISSED_CALL = "missed_call", _("Missed call")
        EMAIL = "email", _("Email")
        FAX = "fax", _("Fax")
        TEXT = "text", _("Text message")
        WEB = "web", _("Web message")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="left_for")
    kind = models.TextField(choices=Kind.choices)
    sender = models.TextField()  # name, number or address, as it was given
    number = models.TextField(blank=True, default="")  # to call back
    words = models.TextField(blank=True, default="")  # the message, or what was heard
    left_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.TextField(choices=LeftState.choices, default=LeftState.OPEN)
    ended_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")
    key = models.TextField(unique=True)  # of the system that told: once each

    class Meta:
        indexes = [models.Index(fields=["user", "due_at"], condition=Q(state="open"), name="left_for_open")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="left_for", id=self.id)


class Taken(models.Model):
    """Somebody took the next piece of waiting work, and where they were then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.TextField()  # of the list of waiting work
    item_id = models.UUIDField()
    module = models.TextField(blank=True, default="")  # the skill by which it was offered
    where = models.TextField(choices=Where.choices)
    at = models.DateTimeField()
    waited_seconds = models.PositiveBigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="taken_newest"),
            models.Index(fields=["source", "item_id"], name="taken_item"),
        ]
