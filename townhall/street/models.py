from __future__ import annotations

from django.db import models

from townhall.core.ids import uuid7


class Referral(models.Model):
    """A report about a place or a thing that is not the council's, passed to whoever looks after it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField(unique=True)
    body_code = models.TextField()
    body_name = models.TextField()
    contact = models.TextField(blank=True, default="")  # how the public can reach them
    at = models.DateTimeField()


class ImportedReport(models.Model):
    """A report that came from an earlier system's file, under its own number there. A number of a source comes in once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.TextField()  # the code of the map
    external_id = models.TextField()
    case_id = models.UUIDField(unique=True)
    kind = models.TextField(blank=True, default="")  # what the source called it
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="imported_once")]
