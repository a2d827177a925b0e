"""Versions of the risk rules, what each claim was assessed at, and what officers decided instead."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class BandChoice(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class RuleSet(models.Model):
    """One version of the rules for one form. A published one never changes; a later one takes its place."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    form_code = models.TextField()
    version = models.PositiveIntegerField()
    rules: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    sample_key = models.BinaryField()  # secret: who knew it could foresee the draws
    made_by = models.TextField()  # user id of who wrote it last
    changed_at = models.DateTimeField()
    published_by = models.TextField(blank=True, default="")
    published_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, default="")  # why it changed, for the public

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form_code", "version"], name="ruleset_version"),
            models.UniqueConstraint(
                fields=["form_code"], condition=Q(published_at__isnull=True), name="ruleset_one_draft"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="benefit_rules", id=self.id)


class Assessment(models.Model):
    """What the rules said of a claim. The case and the submission have one id. Never changed but for `is_current` and `band_now`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField()
    number = models.PositiveIntegerField()  # 1 when it was sent in, then one for each time it was assessed again
    is_current = models.BooleanField(default=True)
    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+", db_index=False)
    points = models.PositiveIntegerField()
    band = models.TextField(choices=BandChoice.choices)
    band_now = models.TextField(choices=BandChoice.choices)  # as the last officer decided, else `band`
    reasons: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField()  # code, words, points
    documents: models.JSONField[list[str], list[str]] = models.JSONField()
    draw = models.PositiveIntegerField()  # 0 to 9,999
    is_sampled = models.BooleanField()
    accepted_itself = models.BooleanField()
    task_ids: models.JSONField[list[str], list[str]] = models.JSONField(default=list)  # of the checks it led to
    decided_by = models.TextField()  # "rules", or the user id of who had it assessed again
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_id", "number"], name="assessment_number"),
            models.UniqueConstraint(fields=["case_id"], condition=Q(is_current=True), name="assessment_one_current"),
        ]
        indexes = [models.Index(fields=["at"], condition=Q(number=1), name="assessment_register")]


class Override(models.Model):
    """An officer's band in place of the one there was, with the reason. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="overrides")
    was = models.TextField(choices=BandChoice.choices)
    band = models.TextField(choices=BandChoice.choices)
    reason = models.TextField()
    by_id = models.TextField()
    at = models.DateTimeField()
