from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from townhall.core.ids import uuid7


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


class Load(models.Model):
    """One file that was loaded from an earlier system. It can be undone while nothing that came in was used."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField()
    source = models.TextField()  # the system it came from
    file = models.TextField()  # the name of the file
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: it was stopped, and goes on when it is run again
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "source", "-began_at"], name="load_of_source")]


class LoadedRow(models.Model):
    """A row that a load made. `external_id`: what the record is called in its source; its first row has it, the rest are parts of it."""

    id = models.BigAutoField(primary_key=True)  # in the order they were made
    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="rows")
    kind = models.TextField()
    source = models.TextField()
    external_id = models.TextField()
    part = models.SmallIntegerField()  # 0: the record itself
    table = models.TextField()
    row = models.TextField()  # its primary key

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "source", "external_id", "part"], name="loaded_once")]
        indexes = [models.Index(fields=["table", "row"], name="loaded_row")]
