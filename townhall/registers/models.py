"""Registers, their rows, what is to be done about a row, and what shows that it was."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.registers.states import ActionState, RowState


class Register(models.Model):
    """A register's definition, as loaded last. Its rows outlive every change of it."""

    code = models.SlugField(primary_key=True)
    definition: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    loaded_at = models.DateTimeField()


class Row(models.Model):
    """One row. What its fields say is in `values`, by the field's code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="rows", db_index=False)
    title = models.TextField()
    values: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    state = models.TextField(choices=RowState.choices, default=RowState.OPEN)
    outcome = models.TextField(blank=True, default="")
    owner_post_id = models.UUIDField(null=True)
    about_kind = models.TextField(blank=True, default="")  # what it came from, where it came from something
    about_id = models.UUIDField(null=True)
    code = models.TextField(blank=True, default="")  # to print and to ask for
    key = models.TextField(blank=True, default="")  # of a row that comes from a source
    digest = models.TextField(blank=True, default="")  # of what the source says, when it was last looked at
    version = models.PositiveIntegerField(default=1)
    next_due_on = models.DateField(null=True)  # of its open actions
    opened_at = models.DateTimeField()
    opened_by = models.TextField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "key"], condition=~Q(key=""), name="register_row_once"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="register_row_code"),
        ]
        indexes = [
            models.Index(
                F("register"), F("state"), F("next_due_on").asc(nulls_last=True), F("id"), name="register_list"
            ),
            models.Index(fields=["about_id"], condition=Q(about_id__isnull=False), name="register_row_about"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="register_row", id=self.id)


class Action(models.Model):
    """Something to do about a row by a day. Its clock tells the owner, and then whoever is above."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    row = models.ForeignKey(Row, on_delete=models.CASCADE, related_name="actions")
    due = models.TextField(blank=True, default="")  # code of the definition's Due; empty: somebody set it
    title = models.TextField()
    owner_post_id = models.UUIDField(null=True)
    due_on = models.DateField()
    state = models.TextField(choices=ActionState.choices, default=ActionState.OPEN)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")
    words = models.TextField(blank=True, default="")  # what was found or changed
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["row", "due"], condition=Q(state="open") & ~Q(due=""), name="register_due_once"
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="open"), name="register_action_due")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="register_action", id=self.id)


class Evidence(models.Model):
    """What shows that a row is as it says: words, a web address or a file. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    row = models.ForeignKey(Row, on_delete=models.CASCADE, related_name="evidence")
    words = models.TextField()
    link = models.TextField(blank=True, default="")
    file_id = models.UUIDField(null=True)
    added_at = models.DateTimeField()
    added_by = models.TextField()
