"""Comments, compliments, complaints and Members' enquiries: one record for each, its stages, and the procedure it began under."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Post, Role, User
from townhall.cases.models import Case
from townhall.complaints.states import OPEN, Finding, State
from townhall.core.ids import uuid7
from townhall.core.references import new_reference
from townhall.core.subjects import Subject
from townhall.customers.models import Customer


class Procedure(models.Model):
    """A version of the procedure. What was received while it held is finished under it, whatever came later."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveSmallIntegerField(unique=True)
    from_on = models.DateField(unique=True)  # the first day it holds
    calendar = models.TextField()  # of clocks: whose working days are counted
    enquiry_days = models.PositiveSmallIntegerField()  # working days to answer a Member's enquiry
    ombudsman = models.TextField()  # who is named in replies, and how they are reached
    officer_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+")  # complaints officer
    made_by = models.UUIDField(null=True)  # none: it came with Townhall
    made_at = models.DateTimeField()
    why = models.TextField(blank=True, default="")

    @property
    def subject(self) -> Subject:
        return Subject(kind="complaint_procedure", id=self.id)


class ProcedureStage(models.Model):
    """One formal stage of a procedure: in how many working days, and who may own it."""

    procedure = models.ForeignKey(Procedure, on_delete=models.CASCADE, related_name="stages")
    number = models.PositiveSmallIntegerField()
    acknowledge_days = models.PositiveSmallIntegerField()  # from the day after it was received
    reply_days = models.PositiveSmallIntegerField()  # from the day after it was acknowledged
    extend_days = models.PositiveSmallIntegerField()  # past the first date; more needs a manager
    owners = ArrayField(models.TextField(choices=Role.choices))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedure_stage_once"),
            models.CheckConstraint(condition=Q(number__in=(1, 2)), name="procedure_has_two_stages"),
        ]


class Complaint(models.Model):
    """What somebody said of the council, by any way in, for any service. It always has a post that answers for it."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Comment")
        COMPLIMENT = "compliment", _("Compliment")
        COMPLAINT = "complaint", _("Complaint")
        ENQUIRY = "enquiry", _("Member’s enquiry")

    class Route(models.TextChoices):
        """Why it is not for this procedure. From the policies that councils publish."""

        APPEAL = "other_appeal_route", _("There is an appeal against this, such as to a tribunal")
        STATUTORY = "statutory_process", _("A law has a procedure of its own for it")
        COURT = "court_or_insurance", _("It is before a court, or an insurance claim")
        INFORMATION = "foi_or_ico", _("It is about information or personal data")
        COUNCILLOR = "councillor_conduct", _("It is about the conduct of a councillor")
        ANOTHER = "another_body", _("Another body is responsible for it")
        EARLIER = "already_considered", _("It has been through this procedure before")
        LATE = "out_of_time", _("It is about something more than 12 months ago, and nothing kept them from saying so")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.TextField(unique=True, default=new_reference)
    kind = models.TextField(choices=Kind.choices)
    state = models.TextField(choices=State.choices, default=State.RECEIVED)
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="+")
    service_code = models.TextField(blank=True, default="")  # empty: none, or none in particular
    team_id = models.UUIDField()  # of the post that answers for it
    channel = models.TextField()  # a code of contacts.Channel
    words = models.TextField()
    wanted = models.TextField(blank=True, default="")  # what they want put right
    name = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    behalf_of = models.TextField(blank=True, default="")  # for whom they speak, and on what authority
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="complaints")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="complaints")
    source_kind = models.TextField(blank=True, default="")  # what it was made of: "mail", "survey_answer", "earlier"
    source_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()  # when it arrived, which may be before it was written down
    logged_at = models.DateTimeField()
    logged_by = models.UUIDField(null=True)  # a user; none: they sent it themselves
    keeper_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")  # answers for it, and its owner
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # trained; none: to be named
    stage = models.PositiveSmallIntegerField(default=0)  # formal stages begun
    due_on = models.DateField(null=True)  # the next date that was promised
    route = models.TextField(choices=Route.choices, blank=True, default="")
    ended_words = models.TextField(blank=True, default="")  # how it was settled, answered, redirected or why withdrawn
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["team_id", "received_at", "id"], condition=Q(state__in=OPEN), name="complaint_open_team"
            ),
            models.Index(fields=["owner"], condition=Q(state__in=OPEN), name="complaint_open_owner"),
            models.Index(
                fields=["customer", "-received_at"], condition=Q(customer__isnull=False), name="complaint_of_customer"
            ),
            models.Index(fields=["case"], condition=Q(case__isnull=False), name="complaint_of_case"),
            models.Index(fields=["received_at", "id"], name="complaint_received"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id"],
                condition=Q(source_id__isnull=False),
                name="complaint_once_of_source",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, ended_at=None) | (~Q(state__in=OPEN) & Q(ended_at__isnull=False)),
                name="complaint_ended_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REDIRECTED) | (~Q(route="") & ~Q(ended_words="")),
                name="complaint_redirected_says_where",
            ),
            models.CheckConstraint(
                condition=Q(kind="complaint") | Q(stage=0), name="complaint_stages_are_of_complaints"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="complaint", id=self.id)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Stage(models.Model):
    """One formal stage of one complaint."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="stages")
    number = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField()  # the complaint's arrival, or when stage 2 was asked for
    acknowledge_by = models.DateField()
    understood = models.TextField(blank=True, default="")  # what we understand it to be about
    acknowledged_at = models.DateTimeField(null=True)
    first_due_on = models.DateField(null=True)
    due_on = models.DateField(null=True)  # later than the first when it was extended
    extended_why = models.TextField(blank=True, default="")  # as the customer was told, the last time
    finding = models.TextField(choices=Finding.choices, blank=True, default="")
    reply = models.TextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "number"], name="complaint_stage_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, finding="", reply="")
                | (Q(answered_at__isnull=False) & ~Q(finding="") & ~Q(reply="")),
                name="complaint_answer_is_whole",
            ),
        ]
