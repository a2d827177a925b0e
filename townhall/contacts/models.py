from __future__ import annotations

from django.db import models

from townhall.core.ids import uuid7
from townhall.customers.models import Customer


class Channel(models.Model):
    """A way in. The list is the council's to edit."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    order = models.SmallIntegerField(default=0)


class Reason(models.Model):
    """Why people get in touch."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    order = models.SmallIntegerField(default=0)


class AvoidableReason(models.Model):
    """A kind of contact that need not have happened, with two worked examples for whoever codes it."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    examples = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    order = models.SmallIntegerField(default=0)


class Contact(models.Model):
    """One time someone got in touch, by any channel. It counts once."""

    class Outcome(models.TextChoices):
        RESOLVED = "resolved"
        REFERRED = "referred"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, db_constraint=False, db_index=False, db_column="channel"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: still going on
    adviser_id = models.UUIDField(null=True)  # a user; null when nobody took it, as on the web
    site_code = models.TextField(blank=True, default="")
    service_code = models.TextField(blank=True, default="")
    reason_code = models.TextField(blank=True, default="")
    outcome = models.TextField(choices=Outcome.choices, blank=True, default="")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, db_index=False)  # null until matched
    given_name = models.TextField(blank=True, default="")  # as given at the time
    given_email = models.TextField(blank=True, default="")
    given_phone = models.TextField(blank=True, default="")
    avoidable = models.BooleanField(null=True)  # null: not assessed
    avoidable_reason = models.TextField(blank=True, default="")
    anything_else = models.BooleanField(null=True)  # the answer to "anything else we can do?"
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)  # opened by that "yes"
    notes = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                # An adviser's contact ends with a wrap-up, whole or not at all.
                condition=models.Q(ended_at__isnull=True)
                | models.Q(adviser_id__isnull=True)
                | (~models.Q(reason_code="") & ~models.Q(outcome="") & models.Q(anything_else__isnull=False)),
                name="contact_wrapped_up",
            ),
            models.CheckConstraint(
                condition=~models.Q(avoidable=True) | ~models.Q(avoidable_reason=""),
                name="contact_avoidable_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["adviser_id"], condition=models.Q(ended_at__isnull=True), name="contact_open_by_adviser"
            ),
            # One customer's, newest first.
            models.Index(
                fields=["customer", "-started_at", "-id"],
                condition=models.Q(customer__isnull=False),
                name="contact_of_customer",
            ),
        ]
