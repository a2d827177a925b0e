from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class Round(models.Model):
    """A bin round: a stream collected on a weekday, every so many weeks."""

    code = models.SlugField(primary_key=True)
    stream = models.TextField()  # refuse, recycling, garden, food
    weekday = models.SmallIntegerField()  # 0 is Monday
    every_weeks = models.SmallIntegerField(default=1)
    first_on = models.DateField()  # a collection day, from which the weeks are counted
    ends_at = models.TimeField()  # when the crew is normally finished
    report_days = models.SmallIntegerField(default=2)  # working days after the collection to report a miss
    service_code = models.TextField(default="missed-bin")  # the service under which a miss is reported


class RoundChange(models.Model):
    """A collection moved (bank holidays) or cancelled."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    from_on = models.DateField()
    to_on = models.DateField(null=True)  # null: cancelled
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "from_on"], name="round_changed_once")]


class AddressRound(models.Model):
    id = models.BigAutoField(primary_key=True)
    uprn = models.TextField(db_index=True)
    usrn = models.TextField(blank=True, default="")
    round = models.ForeignKey(Round, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uprn", "round"], name="address_on_round_once")]


class CrewEvent(models.Model):
    """What the crew reported from the round: a bin not presented, a street blocked, or the round completed."""

    class Kind(models.TextChoices):
        COMPLETED = "completed", _("The round was finished")
        NOT_PRESENTED = "not_presented", _("The bin was not out")
        CONTAMINATED = "contaminated", _("The bin had the wrong things in it")
        EXCESS_WASTE = "excess_waste", _("The lid was open or there were bags beside the bin")
        TOO_HEAVY = "too_heavy", _("The bin was too heavy to lift")
        DAMAGED = "damaged", _("The bin was damaged")
        BLOCKED = "blocked", _("The lorry could not get past parked vehicles")
        ROADWORKS = "roadworks", _("The road was closed")
        LOCKED = "locked", _("A gate or store was locked")
        BREAKDOWN = "breakdown", _("The lorry broke down")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE)
    on = models.DateField()
    at = models.DateTimeField()
    kind = models.TextField(choices=Kind.choices)
    uprn = models.TextField(blank=True, default="")  # one address, or
    usrn = models.TextField(blank=True, default="")  # one street, or neither: the whole round
    detail = models.TextField(blank=True, default="")
    return_on = models.DateField(null=True)  # when the crew will come back
    event_id = models.TextField(blank=True, default="")  # the sender's own id, so that twice is once

    class Meta:
        indexes = [models.Index(fields=["round", "on"])]
        constraints = [
            models.UniqueConstraint(fields=["event_id"], condition=~models.Q(event_id=""), name="crew_event_once")
        ]


class Incident(models.Model):
    """Something the council already knows about an address, a street, a round or an area, told before anybody asks."""

    class Scope(models.TextChoices):
        ADDRESS = "address", _("One address")
        STREET = "street", _("A street")
        ROUND = "round", _("A bin round")
        AREA = "area", _("A ward")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField()
    scope = models.TextField(choices=Scope.choices)
    scope_code = models.TextField()  # uprn, usrn, round code or ward code
    title = models.TextField()
    message = models.TextField()  # what residents are told
    reason = models.TextField(blank=True, default="")  # the crew's reason
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    posted_by = models.TextField()
    posted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # somebody said that it is over
    told = models.IntegerField(default=0)  # subscribers told when it was posted

    class Meta:
        indexes = [models.Index(fields=["scope", "scope_code", "starts_at"], name="incident_scope")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="incident", id=self.id)


class Subscription(models.Model):
    """Somebody who asked to be told about incidents at an address, a street, on a round or in an area.

    An address also hears of its street, its rounds and its area.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField(blank=True, default="")  # empty: every service
    scope = models.TextField(choices=Incident.Scope.choices)
    scope_code = models.TextField()
    usrn = models.TextField(blank=True, default="", db_index=True)  # of an address
    area_code = models.TextField(blank=True, default="", db_index=True)  # ward of an address or street
    name = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    customer_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["scope", "scope_code"], name="subscription_scope")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "scope_code", "service_code", "email"],
                condition=~models.Q(email="") & models.Q(ended_at__isnull=True),
                name="subscribed_once_by_email",
            )
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="subscription", id=self.id)
