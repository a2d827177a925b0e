from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Kind(models.TextChoices):
    BILL = "bill", _("Bill")
    DECISION = "decision", _("Decision")
    PERMIT = "permit", _("Permit")
    VOUCHER = "voucher", _("Voucher")
    LETTER = "letter", _("Letter")
    SUMMARY = "summary", _("What you sent us")
    STATEMENT = "statement", _("Statement or receipt")


class Document(models.Model):
    """Something the council gave a customer, as it was worded then. The row is also the job that makes its PDFs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.TextField(unique=True)  # one key, one document
    customer_id = models.UUIDField()
    kind = models.TextField(choices=Kind.choices)
    title = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    reference = models.TextField(blank=True, default="")  # as the customer knows the matter
    language = models.TextField(default="en")
    html = models.TextField(blank=True, default="")  # safe, below the title; empty when only a PDF was given
    given_pdf = models.BinaryField(null=True)  # until the worker has put it beside the others
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    pdf_name = models.TextField(blank=True, default="")  # in the file store; empty while there is none
    large_name = models.TextField(blank=True, default="")
    bytes = models.PositiveIntegerField(default=0)  # of the PDF in normal print
    attempts = models.SmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)  # while the PDFs are to be made; a claim moves it on
    error = models.TextField(blank=True, default="")  # why the last attempt came to nothing

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "-made_at", "-id"], name="document_of_customer"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="document_to_print"
            ),
            models.Index(fields=["subject_id"], name="document_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(html="") | Q(given_pdf__isnull=False) | ~Q(pdf_name=""), name="document_has_something"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="document", id=self.id)

    @property
    def kind_words(self) -> str:
        return str(Kind(self.kind).label)


class Paper(models.Model):
    """A document that somebody sent us, scanned or born digital: kept once, by its content, whoever sends it again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sha256 = models.TextField(unique=True)  # of what was sent
    file_id = models.UUIDField()
    title = models.TextField()
    is_scan = models.BooleanField(default=False)
    content_type = models.TextField()
    bytes = models.PositiveIntegerField()
    text = models.TextField(blank=True, default="")  # its own words; empty for a scan without a text layer
    kept_at = models.DateTimeField()
    kept_by_kind = models.TextField()
    kept_by = models.TextField(blank=True, default="")

    @property
    def subject(self) -> Subject:
        return Subject(kind="paper", id=self.id)


class PaperLink(models.Model):
    """Whose document it is, and which case it belongs to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="links")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="+", db_column="customer_id"
    )
    case_id = models.UUIDField(null=True)
    linked_at = models.DateTimeField()
    linked_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "customer", "case_id"], nulls_distinct=False, name="paper_linked_once"
            ),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) | Q(case_id__isnull=False), name="paper_linked_to_something"
            ),
        ]
        indexes = [
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="papers_of_case"),
        ]


class Printed(models.Model):
    """How many times something was printed for a service on a day, and on how many pages; for the report on paper."""

    id = models.BigAutoField(primary_key=True)
    on = models.DateField()
    service_code = models.TextField(blank=True, default="")
    what = models.TextField()  # "document", "script", "leaflet"
    times = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "service_code", "what"], name="printed_once_a_day")]


from townhall.documents import layout_models  # noqa: E402, F401 - its tables are of this app
