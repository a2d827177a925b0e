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
