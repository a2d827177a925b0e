"""Out of hours: what counts as an emergency, who is on call, what the answering partner took down, and who was paged."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from townhall.accounts.models import User
from townhall.cases.models import Case
from townhall.contacts.models import Contact
from townhall.core.ids import uuid7
from townhall.customers.models import Customer
from townhall.telephony.states import NightState


class CorporateDay(models.Model):
    """The hours that every service should be reached by phone, and the windows before and after that are looked at apart. One row."""

    id = models.BooleanField(primary_key=True, default=True)
    opens = models.TimeField(default="08:30")
    closes = models.TimeField(default="17:30")
    early_from = models.TimeField(default="07:00")
    late_until = models.TimeField(default="19:00")


class NightService(models.Model):
    """A service that is answered out of hours: what is urgent, what the partner says, how long an officer has to answer a page."""

    service_code = models.TextField(primary_key=True)
    urgent_when = models.TextField()
    script = models.TextField()
    page_minutes = models.PositiveSmallIntegerField(default=10)
    is_active = models.BooleanField(default=True)


class OnCallTurn(models.Model):
    """Somebody is on call for a service from one moment to another. The lowest position is paged first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    phone = models.TextField()  # as normalised_phone gives it
    position = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_turn_order")]
        indexes = [models.Index(fields=["service_code", "ends_at"], name="on_call_turn")]


class NightCall(models.Model):
    """A call that the answering partner took. At once a contact and a case; paged when it is urgent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.TextField()  # the partner's connector
    external_id = models.TextField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    half_hour = models.DateTimeField()  # of started_at
    service_code = models.TextField()
    name = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    address = models.TextField(blank=True, default="")
    words = models.TextField(blank=True, default="")
    answers = models.JSONField(default=dict)  # to the script's questions
    is_urgent = models.BooleanField(default=False)
    state = models.TextField(choices=NightState.choices, default=NightState.WAITING)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    next_page_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")  # in the officer's words
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="night_call_once")]
        indexes = [
            models.Index(fields=["started_at"], name="night_call_started"),
            models.Index(fields=["next_page_at"], condition=Q(next_page_at__isnull=False), name="night_call_to_page"),
        ]


class NightPage(models.Model):
    """Somebody on call was paged about a call, with a link of their own to say that they have it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    call = models.ForeignKey(NightCall, on_delete=models.CASCADE, related_name="pages")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: to a post, as nobody was on call
    to = models.TextField()  # name or post, as paged
    phone = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    token = models.TextField(unique=True)
    answered_at = models.DateTimeField(null=True)
