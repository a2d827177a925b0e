"""Texts that the staff write: to one customer, or to many for one purpose; and what people answer."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.models import Customer
from townhall.engagement.states import Texting
from townhall.notifications.models import ReceivedText


class TextCampaign(models.Model):
    """One text to many people: to everyone in an area, or on a list."""

    class To(models.TextChoices):
        """Whom it reaches; `to_code` says which."""

        WARD = "ward", _("Everyone in a ward")
        STREET = "street", _("Everyone on a street")
        ROUND = "round", _("Everyone on a collection round")
        AROUND = "around", _("Everyone around a place")
        DRAWN = "drawn", _("Everyone inside a drawn area")
        SAVED = "saved", _("A list that we keep up to date")
        FILE = "file", _("A list in a file")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    purpose = models.TextField()  # of standards.PURPOSES
    words = models.TextField()  # with {name} and the columns of the list
    to = models.TextField(choices=To.choices)
    to_code = models.TextField(blank=True, default="")  # ward, USRN, round, list; "easting,northing,metres"
    to_words = models.TextField(blank=True, default="")
    rings: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)  # drawn: [[easting, northing], …]
    problems: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)  # of the file: [line, words]
    outside_hours = models.TextField(blank=True, default="")  # why it does not wait for the hours of its purpose
    owner_id = models.UUIDField()  # of the staff: what people answer is theirs
    state = models.TextField(choices=Texting.choices, default=Texting.DRAFT)
    people = models.IntegerField(default=0)  # chosen
    parts = models.IntegerField(default=0)
    pence = models.IntegerField(default=0)  # what it costs
    written_by = models.TextField()
    written_at = models.DateTimeField()
    approved_by = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # all are queued
    paced_until = models.DateTimeField(null=True)  # when the last that is queued goes
    stopped_by = models.TextField(blank=True, default="")
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.TextField(blank=True, default="")

    class Meta:
        db_table = "engagement_textcampaign"
        indexes = [
            models.Index(fields=["began_at"], condition=Q(state="sending"), name="text_campaign_sending"),
            models.Index(fields=["-written_at", "-id"], name="text_campaign_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=models.F("written_by")), name="text_second_person"
            )
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="text_campaign", id=self.id)


class WrittenText(models.Model):
    """One text to one number: alone, or of a campaign, in which each number and each customer has one."""

    class State(models.TextChoices):
        CHOSEN = "chosen", _("To be sent")
        LEFT_OUT = "left_out", _("Left out")
        QUEUED = "queued", _("Queued")
        STOPPED = "stopped", _("Stopped before it went")

    class Because(models.TextChoices):
        """Why somebody is left out."""

        TWICE = "twice", _("On the list already")
        STOPPED = "stopped", _("They texted STOP")
        UNREACHABLE = "unreachable", _("Texts to the number come back")
        REFUSED = "refused", _("They do not want texts")
        CONSENT = "consent", _("They did not agree to texts of this kind")
        PAID = "paid", _("It is paid, or was taken back")
        ENOUGH = "enough", _("They have had enough texts today")
        EMPTY = "empty", _("Their line of the list lacks a word that the text uses")
        TOO_LONG = "too_long", _("Too long with their words in it")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey(
        TextCampaign, on_delete=models.CASCADE, null=True, related_name="texts", db_index=False
    )
    number = models.TextField()  # +44…
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    case_id = models.UUIDField(null=True)
    name = models.TextField(blank=True, default="")
    given: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)  # the list's columns
    words = models.TextField(blank=True, default="")  # as sent; of a campaign once it is queued
    parts = models.SmallIntegerField(default=0)
    state = models.TextField(choices=State.choices, default=State.CHOSEN)
    because = models.TextField(choices=Because.choices, blank=True, default="")
    owner_id = models.UUIDField()  # of the staff
    message_id = models.UUIDField(null=True)
    at = models.DateTimeField(null=True)  # when it was queued
    opted_out_at = models.DateTimeField(null=True)  # they answered STOP

    class Meta:
        db_table = "engagement_writtentext"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="text_once_a_number"),
            models.CheckConstraint(condition=~Q(state="queued") | Q(message_id__isnull=False), name="text_has_message"),
        ]
        indexes = [
            models.Index(fields=["campaign", "state", "id"], name="text_of_campaign"),
            models.Index(fields=["number", "-at"], condition=Q(state="queued"), name="text_to_number"),
            models.Index(fields=["customer", "-at"], condition=Q(customer__isnull=False), name="text_to_customer"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="text_of_case"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="written_text", id=self.id)


class TextReply(models.Model):
    """What somebody answered to a text that the staff wrote, until its owner has dealt with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    received = models.OneToOneField(ReceivedText, on_delete=models.CASCADE, related_name="+")
    answers = models.ForeignKey(WrittenText, on_delete=models.CASCADE, related_name="replies")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    case_id = models.UUIDField(null=True)
    owner_id = models.UUIDField()  # of the staff
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "engagement_textreply"
        indexes = [
            models.Index(fields=["owner_id", "at"], condition=Q(done_at=None), name="text_reply_to_do"),
            models.Index(fields=["customer", "-at"], condition=Q(customer__isnull=False), name="text_reply_of"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="text_reply_case"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="text_reply", id=self.id)
