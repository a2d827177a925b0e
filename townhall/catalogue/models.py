from __future__ import annotations

from typing import Any

from django.db import models

from townhall.accounts.models import User
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Service(models.Model):
    """A council service as it stands now. `pack` says everything; the columns beside it are copies to list by."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    name = models.TextField()
    group = models.TextField()
    lgsl_id = models.IntegerField(null=True, blank=True)  # LGA "esd" lists; null where none is known
    lgil_id = models.IntegerField(null=True, blank=True)
    pack: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    version = models.PositiveIntegerField()
    is_live = models.BooleanField(default=True)
    search_text = models.TextField(default="", blank=True)  # names, keywords and synonyms, as searched
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "catalogue_service"
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="service_version_from_1")]


class ServiceVersion(models.Model):
    """A service as it stood: what was promised when a report was made can always be read again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    pack: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    at = models.DateTimeField()
    by_kind = models.TextField()
    by_id = models.TextField()

    class Meta:
        db_table = "catalogue_serviceversion"
        constraints = [models.UniqueConstraint(fields=["service", "version"], name="one_row_per_service_version")]


class NameChange(models.Model):
    """The council calls its operation, or its outlets, otherwise from a moment on (names.py). The newest of a code holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.TextField()
    words = models.TextField(blank=True)
    was = models.TextField(blank=True, default="")
    why = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["code", "-at", "-id"], name="council_names")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="council_name", id=self.id)
