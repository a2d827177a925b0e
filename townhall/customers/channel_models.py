"""How somebody wants to hear about one service."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.customers.models import Customer


class Way(models.TextChoices):
    """A channel that carries the council's words; the codes are those of `notifications.states.Channel`."""

    EMAIL = "email", _("Email")
    TEXT = "text", _("Text message")
    LETTER = "letter", _("Letter")


class ChannelChoice(models.Model):
    """What somebody said of the ways to write to them: about one service, or about all where no service is named.

    What comes first for all services is on the record itself (`Customer.preferred_channel`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="channel_choices")
    service_code = models.TextField(blank=True, default="")
    first = models.TextField(choices=Way.choices, blank=True, default="")
    second = models.TextField(choices=Way.choices, blank=True, default="")  # when the first does not reach them
    refused = ArrayField(models.TextField(), default=list, blank=True)  # never, not even when nothing else is left
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "service_code"], name="channel_choice_once"),
            models.CheckConstraint(
                condition=~Q(service_code="") | Q(first=""), name="channel_choice_general_first_is_on_the_record"
            ),
        ]
