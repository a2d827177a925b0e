from __future__ import annotations

from typing import Any

from django.db import models

from townhall.accounts.models import User
from townhall.core.ids import uuid7


class Presence(models.Model):
    """Who has a case open at the moment. Kept out of the write-ahead log: after a crash nobody is looking."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField()
    user_id = models.UUIDField()
    doing = models.TextField()  # "viewing" or the code of the move whose form is open
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "workspace_presence"
        constraints = [models.UniqueConstraint(fields=["case_id", "user_id"], name="present_once")]


class FormBefore(models.Model):
    """A form's draft as it stood before a change, to undo it. Only of the version that is being worked on, and the last few."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.TextField()
    version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()  # of the draft, when it stood so
    definition: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    kept_at = models.DateTimeField()

    class Meta:
        db_table = "workspace_formbefore"
        constraints = [
            models.UniqueConstraint(fields=["code", "version", "revision"], name="one_form_before_each_change")
        ]


class Kept(models.Model):
    """What somebody on the staff has typed into a page of the desk and not sent yet, so that no time-out or crash loses it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    page = models.TextField()  # its path
    fields: models.JSONField[dict[str, list[str]], dict[str, list[str]]] = models.JSONField()  # name → values
    kept_at = models.DateTimeField()

    class Meta:
        db_table = "workspace_kept"
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="kept_once_a_page")]
        indexes = [models.Index(fields=["kept_at"], name="kept_by_age")]
