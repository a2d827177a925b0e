"""Incidents, markers with their fair process, calls for help, warnings given, and what was learnt. Words live here, never in the ledger."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Post
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.models import Customer
from townhall.places.models import Site
from townhall.safety.states import IN_FORCE, AlarmState, IncidentState, MarkerState, RecommendationState


class Nominee(models.Model):
    """A post that the council named for a duty of this app. `rank`: who hears an appeal stands above who approved."""

    class Duty(models.TextChoices):
        APPROVE = "approve", _("Approves markers")
        APPEAL = "appeal", _("Hears appeals against markers")
        SECURITY = "security", _("Comes when help is called")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    duty = models.TextField(choices=Duty.choices)
    post = models.ForeignKey(Post, on_delete=models.CASCADE)
    rank = models.PositiveSmallIntegerField(default=1)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True)  # security of one site; none: of all

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duty", "post", "site"], nulls_distinct=False, name="nominee_once")
        ]


class Station(models.Model):
    """Where somebody works just now, so that a call for help says it."""

    user_id = models.UUIDField(primary_key=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True)
    place = models.TextField(blank=True, default="")  # "Desk 4"
    set_at = models.DateTimeField()


class Alarm(models.Model):
    """Somebody pressed the help button."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    raised_by = models.UUIDField()  # a user
    raised_at = models.DateTimeField()
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True)
    place = models.TextField(blank=True, default="")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True)
    contact_id = models.UUIDField(null=True)
    team_ids = ArrayField(models.UUIDField(), default=list)  # whose open workspaces show it
    state = models.TextField(choices=AlarmState.choices, default=AlarmState.RAISED)
    acknowledged_by = models.UUIDField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    report_due_at = models.DateTimeField(
        null=True
    )  # when no report has come by then, one is asked for; empty once it came
    prompted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["raised_at"], condition=~Q(state="over"), name="alarm_going_on"),
            models.Index(
                fields=["report_due_at"],
                condition=Q(prompted_at=None, report_due_at__isnull=False),
                name="alarm_to_report",
            ),
            models.Index(fields=["raised_by", "-raised_at"], name="alarm_by"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_by=None, acknowledged_at=None)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="alarm_acknowledged_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="over", over_at__isnull=False) | (~Q(state="over") & Q(over_at=None)),
                name="alarm_over_has_time",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="alarm", id=self.id)


class CallWarning(models.Model):
    """A caller was warned that the call would be ended, and whether it was."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact_id = models.UUIDField(unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True)
    by = models.UUIDField()  # a user
    warned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # the call was ended for it
    report_due_at = models.DateTimeField(null=True)
    prompted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["report_due_at"],
                condition=Q(prompted_at=None, report_due_at__isnull=False),
                name="warning_to_report",
            ),
            models.Index(fields=["by", "-warned_at"], name="warning_by"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="call_warning", id=self.id)


class Incident(models.Model):
    """What happened, as whoever was there told it in two minutes."""

    class Kind(models.TextChoices):
        ABUSE = "abuse", _("Shouting, insults or abuse")
        THREAT = "threat", _("Threat")
        ASSAULT = "assault", _("Assault")
        WEAPON = "weapon", _("Weapon shown or used")
        ANIMAL = "animal", _("Dog or other animal")
        DAMAGE = "damage", _("Damage to property")
        DISTRESS = "distress", _("Somebody in distress or at risk")
        OTHER = "other", _("Something else")

    class Harm(models.TextChoices):
        NONE = "none", _("Nobody was hurt")
        SHAKEN = "shaken", _("Somebody was shaken")
        MINOR = "minor", _("Minor injury")
        SERIOUS = "serious", _("Serious injury, or hospital")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.TextField(unique=True)  # of the page it was typed into: one report, however often it is sent
    kind = models.TextField(choices=Kind.choices)
    harm = models.TextField(choices=Harm.choices)
    happened_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)  # the page, to know how long the report takes
    reported_at = models.DateTimeField()
    reported_by = models.UUIDField()
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True)
    place = models.TextField(blank=True, default="")
    what = models.TextField()
    people = models.TextField(blank=True, default="")  # who was there, in words
    witnesses = models.TextField(blank=True, default="")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True)
    victims = ArrayField(models.UUIDField(), default=list)  # staff who were hurt, threatened or abused
    team_ids = ArrayField(models.UUIDField(), default=list)  # of whoever reported it
    contact_id = models.UUIDField(null=True)
    alarm = models.ForeignKey(Alarm, on_delete=models.SET_NULL, null=True)
    warning = models.ForeignKey(CallWarning, on_delete=models.SET_NULL, null=True)
    state = models.TextField(choices=IncidentState.choices, default=IncidentState.REPORTED)
    investigator_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True)
    findings = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-reported_at", "-id"], name="incident_newest"),
            models.Index(fields=["site", "happened_at"], name="incident_site"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="incident_says_what"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
                name="incident_closed_has_time",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="safety_incident", id=self.id)

    @property
    def seconds_taken(self) -> int | None:
        """From opening the page to sending it."""
        return int((self.reported_at - self.opened_at).total_seconds()) if self.opened_at else None


class Recommendation(models.Model):
    """What is to change after an incident: who puts it in place by when, and the evidence that they did."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="recommendations")
    words = models.TextField()
    post = models.ForeignKey(Post, on_delete=models.PROTECT)  # the line manager's
    shared_team_ids = ArrayField(models.UUIDField(), default=list)
    due_on = models.DateField()
    state = models.TextField(choices=RecommendationState.choices, default=RecommendationState.GIVEN)
    evidence = models.TextField(blank=True, default="")
    given_at = models.DateTimeField()
    given_by = models.UUIDField()
    ended_at = models.DateTimeField(null=True)
    risen_at = models.DateTimeField(null=True)  # it was overdue, and whoever is above was told

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state="done") | ~Q(evidence=""), name="recommendation_done_is_shown")
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="recommendation_due")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="recommendation", id=self.id)


class Marker(models.Model):
    """What staff have to know before they deal with somebody, for a time. Tied to the person, never to an address."""

    class Kind(models.TextChoices):
        WARNING = "warning", _("Warning marker")
        RESTRICTION = "restriction", _("Contact restriction")

    class Category(models.TextChoices):
        HARM = "harm", _("Serious bodily harm")
        WEAPON = "weapon", _("Weapon, or threat of one")
        THREAT = "threat", _("Threatening behaviour")
        ABUSE = "abuse", _("Abusive behaviour")
        ANIMAL = "animal", _("Dangerous animal")
        UNREASONABLE = "unreasonable", _("Unreasonable contact")

    class Precaution(models.TextChoices):
        TWO_OFFICERS = "two_officers", _("Two officers")
        SECURE_ROOM = "secure_room", _("Secure room")
        PHONE_ONLY = "phone_only", _("Phone only")
        PHONE_FIRST = "phone_first", _("Phone before a visit")
        NO_VISITS = "no_visits", _("No visits")
        ANIMAL_SHUT_IN = "animal_shut_in", _("Ask for the animal to be shut in")
        SINGLE_CONTACT = "single_contact", _("One named contact only")
        WRITING_ONLY = "writing_only", _("In writing only")

    class Told(models.TextChoices):
        NOT_YET = "", _("Not told yet")
        LETTER = "letter", _("Told by letter")
        NOT_TOLD = "not_told", _("Not told, for a reason")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="markers")
    kind = models.TextField(choices=Kind.choices, default=Kind.WARNING)
    category = models.TextField(choices=Category.choices)
    severity = models.PositiveSmallIntegerField()  # 1 lowest to 3 highest
    precautions = ArrayField(models.TextField())
    single_contact = models.TextField(blank=True, default="")  # who, when there is one named contact only
    facts = models.TextField()  # what was done and said
    evidence = models.TextField()
    place_uprn = models.TextField(blank=True, default="")  # where it is about a property or an animal there
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="markers")
    state = models.TextField(choices=MarkerState.choices, default=MarkerState.PROPOSED)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_rank = models.PositiveSmallIntegerField(default=0)  # of the nominated post that approved
    decision = models.TextField(blank=True, default="")  # why it was approved or not
    told = models.TextField(choices=Told.choices, blank=True, default="")
    not_told_reason = models.TextField(blank=True, default="")
    not_told_review_on = models.DateField(null=True)
    letter_id = models.UUIDField(null=True)  # a document
    review_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)  # the last day it holds
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["customer"], condition=Q(state__in=IN_FORCE), name="marker_in_force"),
            models.Index(fields=["state", "-proposed_at"], name="marker_register"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by")), name="marker_two_persons"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=IN_FORCE)
                | Q(decided_by__isnull=False, expires_on__isnull=False, review_on__isnull=False),
                name="marker_in_force_is_approved_and_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=IN_FORCE) | Q(told="letter") | (Q(told="not_told") & ~Q(not_told_reason="")),
                name="marker_told_or_why_not",
            ),
            models.CheckConstraint(
                condition=Q(severity__gte=1, severity__lte=3) & ~Q(facts="") & ~Q(precautions=[]), name="marker_whole"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="marker", id=self.id)


class Renewal(models.Model):
    """Why a marker was looked at again and goes on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marker = models.ForeignKey(Marker, on_delete=models.CASCADE, related_name="renewals")
    by = models.UUIDField()
    at = models.DateTimeField()
    reason = models.TextField()
    until_on = models.DateField()


class Share(models.Model):
    """Who outside the council was told the precautions of a marker, and why that was needed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marker = models.ForeignKey(Marker, on_delete=models.CASCADE, related_name="shares")
    with_whom = models.TextField()
    reason = models.TextField()
    by = models.UUIDField()
    at = models.DateTimeField()


class Appeal(models.Model):
    """The person says that a marker is wrong. Heard by somebody who stands above whoever approved it."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("The marker stays as it is")
        VARIED = "varied", _("The marker is changed")
        REMOVED = "removed", _("The marker is removed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marker = models.ForeignKey(Marker, on_delete=models.CASCADE, related_name="appeals")
    words = models.TextField()
    received_at = models.DateTimeField()
    taken_by = models.UUIDField()
    due_on = models.DateField()
    outcome = models.TextField(choices=Outcome.choices, blank=True, default="")
    reasons = models.TextField(blank=True, default="")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    letter_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marker"], condition=Q(decided_at=None), name="marker_appeal_one_open"),
            models.CheckConstraint(
                condition=Q(decided_at=None, outcome="", decided_by=None)
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="") & ~Q(reasons="")),
                name="marker_appeal_decided_whole",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="marker_appeal", id=self.id)
