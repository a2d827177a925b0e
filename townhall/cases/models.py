from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Post, Team
from townhall.cases.states import OPEN, State
from townhall.contacts.models import Contact
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.models import Customer
from townhall.neighbourhood.models import Incident

OPEN_STATES = sorted(state.value for state in OPEN)


class Case(models.Model):
    """Work the council has been asked to consider, with an owner and a promise.

    At every moment it names three: the accountable service, the team doing the work, and the post that must tell the customer.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.TextField(unique=True)  # TH-7K3M-92QX
    service_code = models.TextField()  # the accountable service
    doer_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    doer_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    teller_post = models.ForeignKey(
        Post, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    state = models.TextField(choices=State.choices, default=State.AWAITING_DECISION)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, db_index=False)
    origin_channel = models.TextField()
    priority = models.SmallIntegerField(default=0)  # 0 usual; each follower beyond the first adds one, danger adds ten
    due_on = models.DateField()  # what the customer was told
    scheduled_on = models.DateField(null=True)

    description = models.TextField(blank=True, default="")  # the reporter's words; erasable
    attributes = models.JSONField(default=dict)  # answers to the service's questions, by code
    public_note = models.TextField(blank=True, default="")  # staff's words for the public page

    easting = models.IntegerField(null=True)  # metres, National Grid
    northing = models.IntegerField(null=True)
    lat = models.FloatField(null=True)  # WGS84
    lng = models.FloatField(null=True)
    place_source = models.TextField()
    address = models.TextField(blank=True, default="")
    place_words = models.TextField(blank=True, default="")
    uprn = models.TextField(blank=True, default="")
    usrn = models.TextField(blank=True, default="")
    ward_code = models.TextField(blank=True, default="")

    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()  # the last change a follower would notice
    accepted_at = models.DateTimeField(null=True)
    work_ended_at = models.DateTimeField(null=True)  # first tick: the work is over
    told_at = models.DateTimeField(null=True)  # second tick: the customer knows
    no_message_reason = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    outcome_code = models.TextField(blank=True, default="")
    outcome_text = models.TextField(blank=True, default="")  # what the customer is told was done
    decline_reason = models.TextField(blank=True, default="")  # a policy reason of the service
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged", db_index=False)
    followers = models.IntegerField(default=0)
    chasers = models.IntegerField(default=0)
    hops = models.IntegerField(default=0)  # hand-offs accepted or returned
    external_ref = models.TextField(blank=True, default="")  # the sender's or back office's own number
    is_public = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(service_code=""), name="case_accountable_service"),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""), name="case_declined_for_a_policy_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (
                    ~Q(outcome_code="")
                    & Q(work_ended_at__isnull=False)
                    & (Q(told_at__isnull=False) | ~Q(no_message_reason=""))
                ),
                name="case_closed_with_outcome_and_message",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="case_merged_into_another",
            ),
            models.CheckConstraint(
                condition=(
                    Q(easting__isnull=True) & Q(northing__isnull=True) & Q(lat__isnull=True) & Q(lng__isnull=True)
                )
                | (Q(easting__isnull=False) & Q(northing__isnull=False) & Q(lat__isnull=False) & Q(lng__isnull=False)),
                name="case_place_whole",
            ),
        ]
        indexes = [
            # A team's queue, soonest promise first.
            models.Index(fields=["doer_team", "due_on", "id"], condition=Q(state__in=OPEN_STATES), name="case_queue"),
            # The backlog, oldest first.
            models.Index(fields=["opened_at", "id"], condition=Q(state__in=OPEN_STATES), name="case_open_age"),
            models.Index(fields=["uprn"], condition=~Q(uprn=""), name="case_uprn"),
            models.Index(fields=["opened_at", "id"], name="case_opened"),
            models.Index(fields=["customer"], condition=Q(customer__isnull=False), name="case_customer"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="case_merged"),
        ]
        # 0006: the constraints above in the fewest words that mean the same, as PostgreSQL reads them anew for each report.
        # 0002: GiST (point(easting, northing), opened_at) for nearby search; updated_at index for Open311 polling.

    @property
    def subject(self) -> Subject:
        return Subject(kind="case", id=self.id)


class CaseContact(models.Model):
    """A contact that was about a case: the one that opened it, a chaser, or more information."""

    class Kind(models.TextChoices):
        ORIGIN = "origin"
        CHASER = "chaser"
        MORE = "more"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contacts", db_constraint=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    kind = models.TextField(choices=Kind.choices)
    at = models.DateTimeField()


class Follower(models.Model):
    """Somebody who is told of every change. The first is usually whoever reported it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follower_rows", db_constraint=False)
    original_case_id = models.UUIDField()  # where they began, so that an unmerge takes them back
    customer_id = models.UUIDField(null=True)
    name = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    prefers = models.TextField(blank=True, default="")
    is_reporter = models.BooleanField(default=False)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "email"],
                condition=~Q(email="") & Q(ended_at__isnull=True),
                name="follows_once_by_email",
            )
        ]
        indexes = [
            models.Index(fields=["customer_id"], condition=Q(customer_id__isnull=False), name="follower_customer")
        ]


class Handoff(models.Model):
    """An offer of a case to another team, which stays with the sender until it is accepted."""

    class State(models.TextChoices):
        OFFERED = "offered"
        ACCEPTED = "accepted"
        RETURNED = "returned"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handoffs")
    from_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    to_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=State.choices, default=State.OFFERED)
    note = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")  # why it was returned
    offered_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="offered"), name="one_offer_at_a_time"),
            models.CheckConstraint(condition=~Q(state="returned") | ~Q(reason=""), name="returned_with_a_reason"),
        ]


class Task(models.Model):
    """One service's part of a case that touches several. The case keeps the lead owner and the one reply."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    service_code = models.TextField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    title = models.TextField()
    due_on = models.DateField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    result = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team", "due_on", "id"], condition=Q(state="open"), name="task_list")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="task", id=self.id)


class Branch(models.Model):
    """One of those to whom a form was passed on. How far a delivery is stands with the delivery; this is what came of it."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="branches", db_index=False)
    code = models.TextField()
    name = models.TextField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    delivery_id = models.UUIDField(null=True, unique=True)
    email = models.TextField(blank=True, default="")  # of an invitation: whose account would end it
    state = models.TextField(choices=State.choices, default=State.OPEN)
    note = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="branch_once")]
        indexes = [models.Index(fields=["email"], condition=Q(state="open") & ~Q(email=""), name="branch_invited")]


class ContractorJob(models.Model):
    """Work sent to a contractor: contract, due date, obligations, and how far it is."""

    class State(models.TextChoices):
        SENT = "sent"
        ACCEPTED = "accepted"
        IN_PROGRESS = "in_progress"
        DONE = "done"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contractor_jobs")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")  # kind: contractor
    from_team = models.ForeignKey(
        Team, on_delete=models.PROTECT, related_name="+"
    )  # who sent it, and has it back if refused
    contract_ref = models.TextField()
    obligations = models.TextField(blank=True, default="")
    days = models.SmallIntegerField()  # working days to do it, by the contract
    due_on = models.DateField()
    state = models.TextField(choices=State.choices, default=State.SENT)
    scheduled_on = models.DateField(null=True)
    last_update = models.TextField(blank=True, default="")
    refusal = models.TextField(blank=True, default="")  # why the contractor will not do it
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["sent", "accepted", "in_progress"]), name="one_job_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(contract_ref=""), name="job_under_a_contract"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(refusal=""), name="refused_with_a_reason"),
        ]
        indexes = [
            # A contractor's list: open jobs, soonest due first.
            models.Index(fields=["team", "state", "due_on", "id"], name="job_list"),
            # What a team sent out, for its queue.
            models.Index(
                fields=["from_team"], condition=Q(state__in=["sent", "accepted", "in_progress"]), name="job_sent_out"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="contractor_job", id=self.id)


OPEN_JOBS = (ContractorJob.State.SENT, ContractorJob.State.ACCEPTED, ContractorJob.State.IN_PROGRESS)
OPEN_JOBS_IN_SQL = "(" + ", ".join(f"'{state.value}'" for state in OPEN_JOBS) + ")"


class Note(models.Model):
    """Words about a case: a question to the customer, their reply, a progress update, or staff's own note. Erasable."""

    class Kind(models.TextChoices):
        QUESTION = "question"
        REPLY = "reply"
        UPDATE = "update"  # told to followers and shown on the public page
        STAFF = "staff"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    kind = models.TextField(choices=Kind.choices)
    text = models.TextField()
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    update_id = models.TextField(blank=True, default="")  # the sender's id of an update that came by a door

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "update_id"], condition=~Q(update_id=""), name="case_update_once")
        ]


class Escalation(models.Model):
    """A case raised to somebody more senior, and why."""

    class Reason(models.TextChoices):
        CHASERS_MANAGER = "chasers_manager", _("The customer has chased it more than once")
        CHASERS_SENIOR = "chasers_senior", _("The customer has chased it many times")
        REFERRAL_AGE = "referral_age", _("It has been open too long")  # 30 days by default
        DECISION_AGE = "decision_age", _("It needs a decision now")  # 60 days by default
        OVERDUE = "overdue", _("The promised date has passed")
        HANDOFF_UNANSWERED = "handoff_unanswered", _("Another team has not answered an offer of it")
        JOB_OVERDUE = "job_overdue", _("A contractor is late with it")
        TASK_OVERDUE = "task_overdue", _("Another service is late with its part")
        NOT_TOLD = "not_told", _("The work is over and the customer has not been told")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="escalations")
    to_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(choices=Reason.choices)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "to_post", "reason"], name="escalated_once")]


class Extension(models.Model):
    """An approved later limit for a decision, with the reason and the new date the customer was told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extensions")
    until_on = models.DateField()
    reason = models.TextField()
    approved_by = models.TextField()
    at = models.DateTimeField()


class BulkAction(models.Model):
    """A clean-up of many cases at once: messages wait until the time to undo is over."""

    class Kind(models.TextChoices):
        CHASE = "chase", _("Chased")
        CLOSE = "close", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    by_id = models.TextField()
    at = models.DateTimeField()
    undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    case_states = models.JSONField()  # case id -> what it was before, to put back
    detail = models.JSONField(default=dict)  # the outcome chosen; how many messages


class Mismatch(models.Model):
    """A case and its item in a back-office system, one side open and the other closed. Found by the nightly look."""

    class Reason(models.TextChoices):
        OPEN_HERE = "open_here", _("Open here, finished there")
        OPEN_THERE = "open_there", _("Finished here, open there")
        UNKNOWN_THERE = "unknown_there", _("Open here, not known there")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="mismatches")
    target = models.TextField()  # connector code
    external_id = models.TextField()
    status_there = models.TextField(blank=True, default="")  # the other system's own word
    reason = models.TextField(choices=Reason.choices)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # the last look that still found it
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "target"], condition=Q(settled_at__isnull=True), name="mismatched_once"
            )
        ]


class IncidentContact(models.Model):
    """Somebody who got in touch about an incident that the council had already announced: no case was needed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="contacts")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "contact"], name="incident_contact_once")]


from townhall.cases import reached  # noqa: E402, F401 - its table is of this app
from townhall.cases.calling import models as calling  # noqa: E402, F401 - its tables are of this app
