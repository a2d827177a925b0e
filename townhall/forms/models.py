from __future__ import annotations

from typing import Any

from django.db import models

from townhall.core.ids import uuid7


class FormDefinition(models.Model):
    """One published version of a form (`questions.Form`). The forms of services are made from their packs and are not here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.TextField()
    version = models.PositiveIntegerField()
    definition: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "forms_formdefinition"
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_row_per_form_version")]


class Draft(models.Model):
    """Answers on their way. Found by a token that only its owner holds; the table keeps the token's hash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.TextField(unique=True)
    form_code = models.TextField()
    form_version = models.PositiveIntegerField(default=1)
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)  # as typed, cleaned
    step = models.TextField(default="", blank=True)
    channel = models.TextField()
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    result_id = models.UUIDField(null=True)  # the submission or case that it became, once
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "forms_draft"
        indexes = [models.Index(fields=["expires_at"], name="forms_draft_expires")]


class Submission(models.Model):
    """What was sent in, kept before anything is done with it, and never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    form_code = models.TextField()
    form_version = models.PositiveIntegerField()
    answers: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    channel = models.TextField()
    by_kind = models.TextField()
    by_id = models.TextField(blank=True)
    on_behalf_of = models.UUIDField(null=True)  # the customer, when somebody else filled it in
    received_at = models.DateTimeField()
    key = models.TextField(blank=True)  # the idempotency key it came under

    class Meta:
        db_table = "forms_submission"
