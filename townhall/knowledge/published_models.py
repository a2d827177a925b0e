"""Personal addresses where the public reads them: what was found, what may stay for a while, and what was given out case by case."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Allowance(models.Model):
    """An officer's own address may stand somewhere, or be given out anywhere, until a day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.TextField()  # in lower case
    kind = models.TextField(blank=True, default="")  # of the one place, as in Personal; empty: anywhere
    key = models.TextField(blank=True, default="")
    place = models.TextField(blank=True, default="")  # in words
    reason = models.TextField()
    until_on = models.DateField()  # the last day
    allowed_by = models.TextField()
    allowed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "knowledge_allowance"
        indexes = [models.Index(fields=["address"], condition=Q(ended_at=None), name="knowledge_allowed")]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="knowledge_allowed_for_a_reason")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="address_allowance", id=self.id)


class Personal(models.Model):
    """An address that is no shared mailbox, where it was found, until it is gone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.TextField()  # in lower case
    kind = models.TextField()  # what it stands on: published.KINDS
    key = models.TextField()
    title = models.TextField()
    path = models.TextField()  # where it is put right
    excerpt = models.TextField()  # the words around it
    owner_post_id = models.UUIDField(null=True)
    task = models.ForeignKey("knowledge.Task", on_delete=models.SET_NULL, null=True, related_name="+")
    allowance = models.ForeignKey(Allowance, on_delete=models.SET_NULL, null=True, related_name="+")
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "knowledge_personal"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "address"], condition=Q(gone_at=None), name="knowledge_personal_once"
            )
        ]
        indexes = [models.Index(fields=["gone_at"], name="knowledge_personal_gone")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="personal_address", id=self.id)


class GivenOut(models.Model):
    """An officer's own address in an answer to one person: whoever wrote it was warned, and meant it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    allowance = models.ForeignKey(Allowance, on_delete=models.SET_NULL, null=True, related_name="+")
    given_by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "knowledge_givenout"
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "address"], name="knowledge_given_out_once")
        ]
        indexes = [models.Index(fields=["-at", "-id"], name="knowledge_given_out_newest")]
