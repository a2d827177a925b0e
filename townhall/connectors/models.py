"""Other systems, what we owe them, and what they tell us."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from townhall.connectors.states import State
from townhall.core.ids import uuid7


class Connector(models.Model):
    """Another system: where it is, how to speak with it (`kind` picks the adapter), and how it has been lately."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    code = models.TextField(unique=True)  # for example "waste"; a webhook's is "webhook-" and random
    name = models.TextField()
    kind = models.TextField()  # see adapters
    base_url = models.TextField()
    secret_name = models.TextField(default="", blank=True)  # an environment variable; empty: derived from SECRET_KEY
    secret_version = models.IntegerField(default=1)  # of a derived secret; one more makes a new secret
    owner_team_id = models.UUIDField(null=True)  # who looks after what it refuses
    is_enabled = models.BooleanField(default=True)
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="", blank=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)  # in a row
    retry_at = models.DateTimeField(null=True)  # nothing is sent before
    created_at = models.DateTimeField()


class Delivery(models.Model):
    """Something that another system must have. This row is the outbox: written with the change itself, sent by the worker."""

    id = models.UUIDField(primary_key=True, default=uuid7)  # also the Idempotency-Key of every attempt
    target = models.TextField()  # a connector's code
    kind = models.TextField()  # for example "job.create"
    payload = models.JSONField()
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    key = models.TextField(unique=True)
    state = models.TextField(choices=State.choices, default=State.PENDING)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    external_id = models.TextField(default="", blank=True)  # the other system's name for it
    last_error = models.TextField(default="", blank=True)
    owner_team_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField()  # made, or last sent again by a person
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["target", "id"], condition=Q(state=State.PENDING), name="delivery_pending"),
            models.Index(
                fields=["target", "subject_id"], condition=Q(state=State.PENDING), name="delivery_pending_about"
            ),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="delivery_case"),
            models.Index(fields=["target", "external_id"], condition=~Q(external_id=""), name="delivery_external"),
            # What the other system called a subject, asked for each delivery that is claimed.
            models.Index(fields=["target", "subject_id", "id"], condition=~Q(external_id=""), name="delivery_named"),
            models.Index(
                fields=["id"], condition=Q(state__in=[State.FAILED, State.DEAD]), name="delivery_dead_letters"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="delivery_state"),
        ]


class InboundEvent(models.Model):
    """A signed message from another system, kept before anything is done with it."""

    class State(models.TextChoices):
        RECEIVED = "received"
        HANDLED = "handled"
        PROBLEM = "problem"  # tried again, up to inbound.MOST_TRIES times

    id = models.UUIDField(primary_key=True, default=uuid7)
    source = models.TextField()  # a connector's code
    event_id = models.TextField()  # the sender's
    received_at = models.DateTimeField()
    body = models.JSONField()
    body_hash = models.TextField()  # SHA-256 of what came, hexadecimal
    state = models.TextField(choices=State.choices, default=State.RECEIVED)
    problem = models.TextField(default="", blank=True)
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="inbound_event_once")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=~Q(state="handled"), name="inbound_event_open"),
        ]


class WebhookSubscription(models.Model):
    """Somebody who wants to hear of ledger entries. Where to send them, and how that goes, is the connector's."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    connector = models.OneToOneField(Connector, on_delete=models.CASCADE)
    verbs = models.JSONField(default=list)  # for example ["case.closed", "case.*"]; empty: all
    position = models.BigIntegerField()  # the last ledger entry made into a delivery, or passed over
    entry_id = models.UUIDField()
    created_at = models.DateTimeField()
