"""Bringing people to the quicker way: what was said to whom and what it did, campaigns, taking part, and help for who needs it."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.outreach.states import ActivityState, BookingState, CampaignState, NudgeState, SessionState


class Nudge(models.Model):
    """A short message. Once in use its words never change: what it did is counted for these words."""

    class Audience(models.TextChoices):
        EVERYBODY = "everybody", _("Everybody")
        WITHOUT_ACCOUNT = "without_account", _("Who is not known to have an account")
        WITH_ACCOUNT = "with_account", _("Who has an account")

    class Place(models.TextChoices):
        ACKNOWLEDGEMENT = "acknowledgement", _("In acknowledgements")
        LETTER = "letter", _("In letters")
        RECEIPT = "receipt", _("In receipts")
        CONFIRMATION = "confirmation", _("On confirmation pages")
        SCRIPT = "script", _("Said by advisers")
        HOLD = "hold", _("Heard while waiting on the phone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(unique=True)
    words = models.TextField()
    leads_to = models.TextField()  # a path of the public site
    places = ArrayField(models.TextField(choices=Place.choices))
    services = ArrayField(models.TextField(), default=list)  # codes; empty: every service
    channels = ArrayField(models.TextField(), default=list)  # how they got in touch; empty: however
    audience = models.TextField(choices=Audience.choices, default=Audience.WITHOUT_ACCOUNT)
    share = models.PositiveSmallIntegerField(default=100)  # per cent of those it fits; the rest see nothing, to compare
    within_days = models.PositiveSmallIntegerField(default=28)  # of a showing, for what followed to count
    state = models.TextField(choices=NudgeState.choices, default=NudgeState.DRAFT)
    written_by = models.TextField()
    written_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(share__gte=1, share__lte=100), name="nudge_share")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="nudge", id=self.id)


class Shown(models.Model):
    """A nudge shown once to one person. `about`: the message, case or contact it was shown with. Kept without who it was after a while."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    nudge = models.ForeignKey(Nudge, on_delete=models.CASCADE, related_name="showings", db_index=False)
    place = models.TextField()
    service_code = models.TextField(blank=True, default="")
    about_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    mailbox = models.TextField(blank=True, default="")  # keyed hash of the email address it went to
    shown_at = models.DateTimeField()
    followed_at = models.DateTimeField(null=True)  # its link was opened
    taken_at = models.DateTimeField(null=True)
    taken_how = models.TextField(blank=True, default="")  # account, online

    class Meta:
        constraints = [models.UniqueConstraint(fields=["about_id", "place"], name="nudge_shown_once")]
        indexes = [
            models.Index(fields=["nudge", "shown_at"], name="nudge_shown_when"),
            models.Index(fields=["mailbox"], condition=~Q(mailbox="") & Q(taken_at=None), name="nudge_shown_mailbox"),
            models.Index(
                fields=["customer_id"], condition=Q(customer_id__isnull=False, taken_at=None), name="nudge_shown_to"
            ),
        ]


class Reached(models.Model):
    """How far a sweep has read something that grows."""

    name = models.SlugField(primary_key=True)
    last = models.UUIDField()


class Campaign(models.Model):
    """A message to many, at a trigger point of the year, with the effect it is meant to have."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    code = models.TextField(unique=True)  # in its links, and to ask for at the desk
    trigger_row_id = models.UUIDField(null=True)  # a row of the forward calendar
    trigger_on = models.DateField(null=True)
    goes_on = models.DateField()
    audience: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)  # see audience.py
    services = ArrayField(models.TextField(), default=list)  # whose contacts it is to change
    subject_line = models.TextField()
    body = models.TextField()
    leads_to = models.TextField(default="/services")  # a path of the public site
    expected = models.TextField()  # in words
    expected_percent = models.SmallIntegerField(default=0)  # change of contacts; negative: fewer
    state = models.TextField(choices=CampaignState.choices, default=CampaignState.DRAFT)
    written_by = models.TextField()
    written_at = models.DateTimeField()
    approved_by = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reached = models.UUIDField(null=True)
    queued = models.IntegerField(default=0)
    result = models.TextField(blank=True, default="")  # what came of it, in words

    class Meta:
        indexes = [models.Index(fields=["goes_on"], name="campaign_day")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="campaign", id=self.id)


class CodeVisits(models.Model):
    """How often the page behind a printed code was opened on a day. Nobody's name is in it."""

    code = models.TextField()
    on = models.DateField()
    visits = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "on"], name="code_visits_day")]


class CodeContact(models.Model):
    """A conversation in which somebody named a printed code."""

    contact_id = models.UUIDField(primary_key=True)
    code = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["code"], name="code_contact_code")]


class Activity(models.Model):
    """Something to take part in."""

    class Kind(models.TextChoices):
        CONSULTATION = "consultation", _("Consultation")
        FORUM = "forum", _("Forum")
        FOCUS_GROUP = "focus_group", _("Focus group")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    title = models.TextField()
    about = models.TextField()
    how = models.TextField(blank=True, default="")  # where and when, or where to answer
    places = models.PositiveIntegerField(default=0)  # for volunteers; 0: as many as come
    closes_on = models.DateField()
    state = models.TextField(choices=ActivityState.choices, default=ActivityState.DRAFT)
    findings = models.TextField(blank=True, default="")
    reported_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    written_by = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "closes_on"], name="activity_open")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="activity", id=self.id)


class Volunteer(models.Model):
    """An account holder who takes part, until they withdraw."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="volunteers", db_index=False)
    customer_id = models.UUIDField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "customer_id"], condition=Q(ended_at=None), name="volunteer_once"
            )
        ]
        indexes = [models.Index(fields=["customer_id"], condition=Q(ended_at=None), name="volunteer_customer")]


class Assisted(models.Model):
    """A contact in which staff did something online with somebody, or learned what keeps them from it."""

    class Barrier(models.TextChoices):
        NO_DEVICE = "no_device", _("No computer or phone to do it on")
        NO_INTERNET = "no_internet", _("No internet, or none that is paid for")
        NOT_SURE_HOW = "not_sure_how", _("Not sure how")
        NO_EMAIL = "no_email", _("No email address")
        LANGUAGE = "language", _("Language")
        DISABILITY = "disability", _("Disability or health")
        TRUST = "trust", _("Does not trust it")
        WEBSITE = "website", _("Our website did not work or was unclear")
        PREFERS_PEOPLE = "prefers_people", _("Would rather speak to somebody")

    contact_id = models.UUIDField(primary_key=True)
    customer_id = models.UUIDField(null=True)
    service_code = models.TextField(blank=True, default="")
    was_assisted = models.BooleanField()
    barrier = models.TextField(choices=Barrier.choices, blank=True, default="")
    wants_help = models.BooleanField(default=False)
    by_id = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(F("at").desc(), name="assisted_when"),
            models.Index(fields=["customer_id"], condition=Q(customer_id__isnull=False), name="assisted_customer"),
        ]


class Session(models.Model):
    """A course, or a masterclass on the website and the account, with so many places."""

    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        MASTERCLASS = "masterclass", _("Website and account masterclass")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    title = models.TextField()
    where = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveIntegerField()
    state = models.TextField(choices=SessionState.choices, default=SessionState.PLANNED)
    planned_by = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_later"),
            models.CheckConstraint(condition=Q(places__gte=1), name="session_has_places"),
        ]
        indexes = [models.Index(fields=["starts_at"], name="session_starts")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="session", id=self.id)


class Booking(models.Model):
    """A place on a session."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    customer_id = models.UUIDField()
    contact_id = models.UUIDField(null=True)  # the conversation in which it was booked
    state = models.TextField(choices=BookingState.choices, default=BookingState.BOOKED)
    booked_at = models.DateTimeField()
    booked_by = models.TextField()
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "customer_id"], name="booking_once")]
        indexes = [models.Index(fields=["customer_id"], name="booking_customer")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="booking", id=self.id)
