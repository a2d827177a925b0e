from __future__ import annotations

from typing import Any

from django.db import models

from townhall.core.ids import uuid7
from townhall.forms.states import State


class FormDefinition(models.Model):
    """One version of a form (`definition.Form`). The forms of services are made from their packs and are not here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.TextField()
    version = models.PositiveIntegerField()
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    definition: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    revision = models.PositiveIntegerField(
        default=1
    )  # how often the draft was saved: of two who edit it, the second is told
    note = models.TextField(blank=True, default="")  # what changed, for those who look back
    by_kind = models.TextField(blank=True, default="")  # who saved it last
    by_id = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "forms_formdefinition"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_row_per_form_version"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(state="draft"), name="one_draft_per_form"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(state="published"), name="one_published_version_per_form"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(published_at__isnull=False),
                name="form_published_at_some_time",
            ),
        ]


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
    customer_id = models.UUIDField(null=True)  # whose account it is in, or for whom it is filled in
    on_behalf_of = models.UUIDField(null=True)  # the customer, when somebody else fills it in
    contact_id = models.UUIDField(null=True)  # the adviser's conversation that it is filled in during
    is_test = models.BooleanField(default=False, db_default=False)
    trace: models.JSONField[Any, Any] = models.JSONField(null=True)  # page → [times passed, faults, seconds]
    is_counted = models.BooleanField(default=False, db_default=False)  # its trace is in the figures
    saved_at = models.DateTimeField(null=True)  # when its owner asked for it to be kept
    result_id = models.UUIDField(null=True)  # the submission or case that it became, once
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "forms_draft"
        indexes = [
            models.Index(fields=["expires_at"], name="forms_draft_expires"),
            models.Index(
                fields=["customer_id"], condition=models.Q(customer_id__isnull=False), name="forms_draft_of_customer"
            ),
        ]


class Figure(models.Model):
    """How a form went on one day, and each page of it: from the traces of drafts, kept when the drafts are gone. Names nobody."""

    form_code = models.TextField()
    on = models.DateField()  # when the drafts were begun
    page = models.TextField(blank=True)  # empty: the form as a whole
    reached = models.IntegerField(default=0)  # drafts
    left = models.IntegerField(default=0)  # of these, given up there; of the form: not sent
    passes = models.IntegerField(default=0)  # how often the page was sent in, going back included
    faults = models.IntegerField(default=0)  # how often it came back with something to put right
    seconds = models.BigIntegerField(default=0)

    class Meta:
        db_table = "forms_figure"
        constraints = [models.UniqueConstraint(fields=["form_code", "on", "page"], name="one_figure_a_day")]


class DraftKey(models.Model):
    """One more token that opens a draft: in a link sent to its owner, or on another device of theirs."""

    token_hash = models.TextField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="keys")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "forms_draftkey"


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
    is_test = models.BooleanField(default=False, db_default=False)  # made to try the form out: goes nowhere

    class Meta:
        db_table = "forms_submission"
        indexes = [
            models.Index(
                fields=["form_code", "received_at"],
                condition=~models.Q(form_code__startswith="service/"),  # those are found by their cases
                name="forms_submission_of_form",
            )
        ]
