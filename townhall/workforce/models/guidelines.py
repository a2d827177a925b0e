"""Guidelines that officers and Members read and accept, version by version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from townhall.accounts.models import User
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.workforce.models.training import Module


class Guideline(models.Model):
    code = models.SlugField(primary_key=True)
    title = models.TextField()
    module = models.ForeignKey(Module, on_delete=models.PROTECT, null=True)  # the training that goes with it


class GuidelineVersion(models.Model):
    """The words of a guideline from a day on. The last one published counts, and is accepted anew."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    body = models.TextField()  # Markdown
    changed = models.TextField(blank=True, default="")  # what is new
    published_at = models.DateTimeField()
    published_by = models.TextField()
    accept_by = models.DateField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guideline", "number"], name="guideline_version_once"),
            models.UniqueConstraint(fields=["guideline"], condition=Q(replaced_at=None), name="guideline_one_current"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="guideline_version", id=self.id)


class Acceptance(models.Model):
    """Somebody read a version and accepts it. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(GuidelineVersion, on_delete=models.PROTECT, related_name="acceptances")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="acceptance_once")]
