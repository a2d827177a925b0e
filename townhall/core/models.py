from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Idempotency(models.Model):
    """One request that may be repeated: who asked for which operation under which key, and what came of it."""

    actor = models.TextField()
    operation = models.TextField()
    key = models.TextField()
    request_hash = models.TextField()
    result = models.UUIDField()  # the id of what the first request made
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "operation", "key"], name="idempotency_once")]


class SweepRun(models.Model):
    """When each background sweep last ran."""

    name = models.TextField(primary_key=True)
    last_run_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_daily_on = models.DateField(null=True)  # the council date of the last daily run
    last_error = models.TextField(default="", blank=True)


class Heartbeat(models.Model):
    """A running process, as it last said so."""

    process = models.TextField(primary_key=True)  # host, kind and process id
    kind = models.TextField()
    at = models.DateTimeField()
