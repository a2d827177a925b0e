"""School admissions: rounds with their dates, one application for each child and round, its versions, and the files sent."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from townhall.admissions.states import RunState, State
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Round(models.Model):
    """One year's applications of a kind. Dates are council dates, the last day included."""

    class Kind(models.TextChoices):
        PRIMARY = "primary", _("First year of primary school")
        SECONDARY = "secondary", _("First year of secondary school")
        DURING = "during", _("During the school year, or another year")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.TextField(unique=True)  # for example "primary-2027": it stands in the file
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    opens_on = models.DateField()
    closes_on = models.DateField(null=True)  # null: it never closes, and is sent day by day
    late_until = models.DateField(null=True)  # after the closing date they are taken, and marked
    offers_on = models.DateField(null=True)
    born_from = models.DateField(null=True)
    born_until = models.DateField(null=True)
    format_code = models.TextField(default="townhall-1")  # of the file: see formats.py

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__isnull=True) | Q(closes_on__gte=F("opens_on")), name="round_closes_after"
            ),
            models.CheckConstraint(
                condition=Q(late_until__isnull=True) | Q(closes_on__isnull=False, late_until__gte=F("closes_on")),
                name="round_late_after",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="admission_round", id=self.id)


class Application(models.Model):
    """One child in one round. What it says is its current version's."""

    class At(models.TextChoices):
        HOME = "home", _("At home")
        COUNCIL = "council", _("At a council building or library")
        SCHOOL = "school", _("At a school")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="applications")
    reference = models.TextField(unique=True)  # of its first case
    case_id = models.UUIDField(unique=True)
    customer_id = models.UUIDField(null=True)
    child_name = models.TextField()
    child_born = models.DateField()
    child_key = models.TextField()  # by which a second application for the child is known
    applicant_name = models.TextField()
    applicant_email = models.TextField(blank=True, default="")
    applicant_phone = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)  # the number of the current one
    is_late = models.BooleanField(default=False)
    state = models.TextField(choices=State.choices, default=State.RECEIVED)
    receipt = models.TextField(blank=True, default="")  # the number that the admissions system gave the child
    problem = models.TextField(blank=True, default="")  # why it was not taken, in the other system's words
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "child_key"], name="one_application_for_a_child"),
            models.CheckConstraint(condition=~Q(state="taken") | ~Q(receipt=""), name="taken_with_a_receipt"),
        ]
        indexes = [
            models.Index(fields=["round", "state", "id"], name="admissions_of_round"),
            models.Index(fields=["customer_id"], condition=Q(customer_id__isnull=False), name="admissions_of_customer"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="admission", id=self.id)


class Version(models.Model):
    """What was sent in at a time. Never changed but for `is_current` and `is_contested`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    case_id = models.UUIDField(unique=True)  # of the form that brought it, which has the submission's id too
    is_current = models.BooleanField()
    is_contested = models.BooleanField(default=False)  # somebody else applies for the same child: an officer decides
    settled_by = models.TextField(blank=True, default="")  # user id of who decided
    preferences: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField()
    details: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()  # address, priority, evidence
    made_at_place = models.TextField(choices=Application.At.choices)
    helper_name = models.TextField(blank=True, default="")  # who helped: of the school, or of the council
    helper_place = models.TextField(blank=True, default="")  # at which school or building
    applicant_name = models.TextField(blank=True, default="")
    applicant_email = models.TextField(blank=True, default="")
    applicant_phone = models.TextField(blank=True, default="")
    is_late = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="application_version"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(is_current=True), name="application_one_current"
            ),
        ]
        indexes = [models.Index(fields=["at"], condition=Q(is_contested=True), name="admissions_contested")]


class Change(models.Model):
    """A draft that changes an application: begun by the link of whoever sent it in, or by the account."""

    draft_id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()


class ExportRun(models.Model):
    """One file for the admissions system, kept as it was sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()  # in its round
    file_name = models.TextField(unique=True)
    format_code = models.TextField()
    content = models.BinaryField()
    children = models.PositiveIntegerField()
    control_sum = models.TextField()
    state = models.TextField(choices=RunState.choices, default=RunState.READY)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="run_number")]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="ready"), name="run_to_send"),
            models.Index(fields=["sent_at"], condition=Q(state="sent"), name="run_waiting"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="admission_run", id=self.id)


class ExportItem(models.Model):
    """One child in one file, and what came back."""

    class State(models.TextChoices):
        WAITING = "waiting", _("No receipt yet")
        ACCEPTED = "accepted", _("Taken")
        REFUSED = "refused", _("Refused")
        SENT_AGAIN = "sent_again", _("Sent again with a later file")
        MISSING = "missing", _("No receipt came: with our staff")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(ExportRun, on_delete=models.PROTECT, related_name="items")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="items")
    version = models.PositiveIntegerField()
    record_id = models.TextField()  # the same each time a version is sent: the other system takes it once
    tries = models.PositiveIntegerField(default=1)  # how often this version was sent, this time included
    state = models.TextField(choices=State.choices, default=State.WAITING)
    receipt = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    at = models.DateTimeField(null=True)  # of the receipt

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record_id"], condition=Q(state="waiting"), name="record_waits_once"),
            models.UniqueConstraint(fields=["run", "record_id"], name="record_once_a_file"),
        ]
        indexes = [models.Index(fields=["record_id", "id"], name="item_of_record")]
