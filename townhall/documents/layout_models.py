"""Layouts of letters and emails, each version as it was, and what officers write with them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.documents.states import WrittenState


class Layout(models.Model):
    """One letter or email as the council words it. Its words are in its versions."""

    class Kind(models.TextChoices):
        LETTER = "letter", _("Letter")
        EMAIL = "email", _("Email")

    class Writer(models.TextChoices):
        OFFICER = "officer", _("Officers")
        MEMBER = "member", _("Members (councillors)")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(max_length=80, unique=True)
    title = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    writer = models.TextField(choices=Writer.choices, default=Writer.OFFICER)
    service_codes = ArrayField(models.TextField(), default=list, blank=True)  # what it is for; empty: anything
    version = models.PositiveIntegerField()  # in use
    withdrawn_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["title"], condition=Q(withdrawn_at=None), name="layout_list")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="layout", id=self.id)


class LayoutVersion(models.Model):
    """A layout as somebody worded it; never changed. Fields are written as in `layouts.FIELDS`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    layout = models.ForeignKey(Layout, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    heading = models.TextField()  # a letter's title, an email's subject
    body = models.TextField()
    signature = models.TextField()
    accessibility = models.TextField()  # how to have it in another format
    note = models.TextField(blank=True, default="")  # what is different and why
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["layout", "number"], name="layout_version_once")]


class Written(models.Model):
    """A letter or email that somebody writes to a customer with a layout; a draft until it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    layout = models.ForeignKey(Layout, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()  # of the layout, as it was when it was begun
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_column="customer_id"
    )
    case_id = models.UUIDField(null=True)
    reference = models.TextField(blank=True, default="")
    service_code = models.TextField(blank=True, default="")
    typed: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict
    )  # what the layout asks for: words by field
    more = models.TextField(blank=True, default="")  # paragraphs of the writer's own
    replies = ArrayField(models.TextField(), default=list, blank=True)  # approved words in it: "code v3"
    large = models.BooleanField(default=False)  # large print was asked for, beside what their record says
    state = models.TextField(choices=WrittenState.choices, default=WrittenState.DRAFT)
    begun_at = models.DateTimeField()
    begun_by = models.TextField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")
    message_id = models.UUIDField(null=True)
    document_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-begun_at"], name="written_to_customer"),
            models.Index(fields=["case_id", "-begun_at"], condition=Q(case_id__isnull=False), name="written_of_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(message_id__isnull=False, document_id__isnull=False),
                name="written_sent_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(ended_at__isnull=False), name="written_ended_says_when"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="written", id=self.id)
