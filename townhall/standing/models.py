"""How a customer stood with another system when it last said so. Kept for a day, for when it does not answer."""

from __future__ import annotations

from django.db import models

from townhall.core.ids import uuid7


class LastKnown(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer_id = models.UUIDField()
    kind = models.TextField()  # of `kinds`
    number = models.TextField()  # its capitals and digits
    data = models.JSONField()
    seen_at = models.DateTimeField()
    forget_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "kind", "number"], name="last_known_once")]
        indexes = [models.Index(fields=["forget_at"], name="last_known_old")]
