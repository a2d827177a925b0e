from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.mailroom.models.boxes import Mailbox
from townhall.mailroom.models.mails import Mail


class Urgency(models.TextChoices):
    NORMAL = "normal", _("Normal")
    SOON = "soon", _("Soon")
    URGENT = "urgent", _("Urgent")


class RoutingRule(models.Model):
    """What is certain from words alone: the first rule that names a service decides, whatever the classifier thinks."""

    class Where(models.TextChoices):
        ANYWHERE = "anywhere", _("In the subject or the words")
        SUBJECT = "subject", _("In the subject")
        SENDER = "sender", _("In the sender's address")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    place = models.PositiveIntegerField()  # in order, the lowest first
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, null=True)  # null: of every mailbox
    where = models.TextField(choices=Where.choices, default=Where.ANYWHERE)
    words = ArrayField(models.TextField())  # any of these, in lower case
    service_code = models.TextField(blank=True, default="")
    reason_code = models.TextField(blank=True, default="")
    urgency = models.TextField(choices=Urgency.choices, blank=True, default="")
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(words__len__gte=1), name="routing_rule_has_words"),
            models.CheckConstraint(
                condition=~Q(service_code="", reason_code="", urgency=""), name="routing_rule_says_something"
            ),
        ]


class RoutingVersion(models.Model):
    """What was learnt once, from how many mails and how well it did. At most one is in use."""

    number = models.PositiveIntegerField(primary_key=True)
    learnt_at = models.DateTimeField()
    decided = models.PositiveIntegerField()  # mails that somebody decided about, which it learnt from
    figures: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    service = models.BinaryField()  # classifiers, as routing.linear keeps them
    reason = models.BinaryField(default=b"")
    urgency = models.BinaryField(default=b"")
    is_active = models.BooleanField(default=False)
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="one_routing_version_in_use"
            )
        ]


class Route(models.Model):
    """Where a mail was thought to belong, and where it did belong in the end."""

    class By(models.TextChoices):
        RULE = "rule", _("A rule")
        CLASSIFIER = "classifier", _("The classifier")
        NOBODY = "nobody", _("Nothing was known")

    mail = models.OneToOneField(Mail, on_delete=models.CASCADE, primary_key=True)
    made_by = models.TextField(choices=By.choices)
    rule = models.ForeignKey(RoutingRule, on_delete=models.SET_NULL, null=True, db_index=False)
    version = models.PositiveIntegerField(null=True)
    service_code = models.TextField(blank=True)
    reason_code = models.TextField(blank=True)
    urgency = models.TextField(choices=Urgency.choices, default=Urgency.NORMAL)
    confidence = models.FloatField(default=0)
    words = ArrayField(models.TextField(), default=list)  # that decided
    is_sure = models.BooleanField()  # it went there without a person
    right_service = models.TextField(blank=True, default="")  # empty until somebody has said, or the team has taken it
    right_reason = models.TextField(blank=True, default="")
    right_urgency = models.TextField(blank=True, default="")
    there_at = models.DateTimeField(null=True)  # since when it is with the team that it belongs to
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)  # a user; null when the team took it as it came

    class Meta:
        indexes = [models.Index(fields=["-decided_at"], condition=Q(decided_at__isnull=False), name="route_decided")]
