"""What phone platforms tell: the events as they came, the call they make up, and the half-hours they are counted in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from townhall.accounts.models import Team, User
from townhall.contacts.models import CallBack, Contact
from townhall.core.ids import uuid7
from townhall.customers.models import Customer
from townhall.telephony.states import CallState


class PhoneLine(models.Model):
    """Who answers as an agent of a phone platform."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    platform = models.TextField()  # the connector's code
    agent = models.TextField()  # the platform's own id of somebody
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "agent"], name="phone_line_once")]


class PhoneQueue(models.Model):
    """A queue of the platforms by its code: which service its calls are about and which team answers."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    service_code = models.TextField(blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")


class PhoneStandard(models.Model):
    """How calls are measured from a day on (standards of contact centres). What came before keeps the standard of its day."""

    from_on = models.DateField(primary_key=True)
    answer_seconds = models.PositiveSmallIntegerField(
        default=20
    )  # answered within so many counts for the service level
    short_seconds = models.PositiveSmallIntegerField(default=5)  # given up sooner: left out
    target_percent = models.PositiveSmallIntegerField(default=80)


class Call(models.Model):
    """One call, as its events add up to (calls/folding.py). Events in any order, twice or missing give the same row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    platform = models.TextField()
    external_id = models.TextField()
    number = models.TextField(blank=True, default="")  # the caller's, normalised; empty when withheld
    queue = models.TextField(blank=True, default="")
    service_code = models.TextField(blank=True, default="")
    is_automated = models.BooleanField(default=False)  # the caller served themselves by phone
    did = models.TextField(blank=True, default="")  # what an automated call was for: pay, status
    state = models.TextField(choices=CallState.choices, default=CallState.WAITING)
    offered_at = models.DateTimeField()  # its first event
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    wait_seconds = models.PositiveIntegerField(default=0)  # in the queue: until answered or given up
    handling_seconds = models.PositiveIntegerField(null=True)  # talk, hold and work after the call; null until told
    transfers = models.PositiveSmallIntegerField(default=0)
    tried = models.JSONField(default=list)  # of its last transfer: who was rung and for how many seconds
    agent = models.TextField(blank=True, default="")  # who answered last
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    rings_at = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    rings_since = models.DateTimeField(null=True)  # at whoever it rings, or since its last transfer
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    call_back = models.ForeignKey(CallBack, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    half_hour = models.DateTimeField()  # of offered_at
    version = models.PositiveIntegerField(default=0)
    counted = models.PositiveIntegerField(default=0)  # the version that the half-hours have
    counted_half_hour = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "external_id"], name="call_once")]
        indexes = [
            models.Index(fields=["half_hour"], name="call_half_hour"),
            models.Index(fields=["rings_at"], condition=Q(rings_at__isnull=False), name="call_ringing"),
            # Transfers that nobody has picked up yet, or ever did, and of which there is no message.
            models.Index(
                fields=["offered_at"], condition=Q(call_back__isnull=True) & ~Q(tried=[]), name="call_not_picked_up"
            ),
            models.Index(fields=["id"], condition=~Q(version=models.F("counted")), name="call_uncounted"),
            models.Index(fields=["number", "offered_at"], condition=~Q(number=""), name="call_number"),
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="call_contact"),
            models.Index(fields=["customer"], condition=Q(customer__isnull=False), name="call_customer"),
        ]


class CallEvent(models.Model):
    """One event as told, kept by month: 600,000 of them come in a month of 120,000 calls. The table is made by hand."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events", db_constraint=False)
    kind = models.TextField()
    at = models.DateTimeField()  # by the platform's clock
    agent = models.TextField()
    told = models.JSONField()  # the rest of it
    received_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "telephony_callevent"


class CallHalfHour(models.Model):
    """The calls offered in one half-hour to one queue, counted. Rates are made from these sums, never averaged."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    half_hour = models.DateTimeField()  # its beginning
    queue = models.TextField()
    service_code = models.TextField()
    is_automated = models.BooleanField()
    offered = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    answered_in_time = models.PositiveIntegerField()
    abandoned = models.PositiveIntegerField()  # after the short time
    short = models.PositiveIntegerField()  # given up within the short time
    wait_seconds = models.PositiveBigIntegerField()  # of those answered
    handled = models.PositiveIntegerField()  # answered, and over
    handling_seconds = models.PositiveBigIntegerField()
    transferred = models.PositiveIntegerField()  # with one transfer or more

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["half_hour", "queue", "service_code", "is_automated"], name="call_half_hour_once"
            )
        ]


class AgentEvent(models.Model):
    """Somebody signed in to the phone system, went away, came back or signed out."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    platform = models.TextField()
    agent = models.TextField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    state = models.TextField()  # available, busy, away or signed_out

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "agent", "at", "state"], name="agent_event_once")]
        indexes = [models.Index(fields=["user", "at"], condition=Q(user__isnull=False), name="agent_event_of_user")]
