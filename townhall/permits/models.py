"""Parking permits: the zones with their rules and prices, who has a permit, and for which vehicle."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.permits.states import State


class Band(models.TextChoices):
    """What the fee goes by: the engine."""

    ELECTRIC = "electric", _("Electric")
    LOW = "low", _("Up to 100 g of CO2 a kilometre")
    MIDDLE = "middle", _("101 to 150 g of CO2 a kilometre")
    HIGH = "high", _("Over 150 g of CO2 a kilometre, or not known")


class ZoneRule(models.Model):
    """What holds in a permit zone. Where the zone is, is an area of `places` with the same code."""

    zone_code = models.TextField(primary_key=True)
    hours = models.TextField(blank=True, default="")  # when a permit is needed, in words
    most_per_home = models.PositiveSmallIntegerField(default=3)
    is_open = models.BooleanField(default=True)  # new permits are issued


class Price(models.Model):
    """The fee from a day on. The most exact row holds: the zone's own before any zone's, then the latest day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    zone_code = models.TextField(blank=True, default="")  # empty: any zone
    band = models.TextField(choices=Band.choices)
    number = (
        models.PositiveSmallIntegerField()
    )  # the home's first, second … permit; the highest holds for those after it
    months = models.PositiveSmallIntegerField()
    pence = models.PositiveIntegerField()
    from_on = models.DateField()
    set_by = models.TextField(blank=True, default="", db_default="")  # user id; empty: it came with Townhall
    set_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["zone_code", "band", "number", "months", "from_on"], name="permit_price")
        ]


class Permit(models.Model):
    """One permit for one vehicle at a time. It and the case it was asked for by have no other tie than `case_id`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.TextField(unique=True)  # for example "PP-7K3M-92QX"
    case_id = models.UUIDField(unique=True)
    customer_id = models.UUIDField(null=True)
    holder_name = models.TextField()
    holder_email = models.TextField(blank=True, default="")
    holder_phone = models.TextField(blank=True, default="")
    uprn = models.TextField()
    address = models.TextField()
    zone_code = models.TextField()
    months = models.PositiveSmallIntegerField()
    place_in_home = models.PositiveSmallIntegerField()  # the home's first, second … permit when it was asked for
    price_pence = models.PositiveIntegerField()
    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="renewals")
    state = models.TextField(choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.TextField(blank=True, default="")  # user id, or who else: "system" for a plain renewal
    site_code = models.TextField(blank=True, default="")  # the centre where its evidence was seen
    seen = models.TextField(blank=True, default="")  # what was seen, in the words of who checked it
    issued_at = models.DateTimeField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)  # the last day
    ended_at = models.DateTimeField(null=True)  # refused, lapsed or given up
    end_reason = models.TextField(blank=True, default="")  # in words, as the holder reads it
    refund_pence = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["issued", "given_up"])
                | Q(issued_at__isnull=False, starts_on__isnull=False, ends_on__isnull=False, paid_at__isnull=False),
                name="permit_issued_when_paid",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(end_reason=""), name="permit_refused_why"),
            # A permit is renewed once at a time: what was refused or never paid does not count.
            models.UniqueConstraint(
                fields=["renews"], condition=Q(state__in=["asked", "issued"]), name="permit_renewed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["customer_id"], condition=Q(customer_id__isnull=False), name="permit_customer"),
            models.Index(fields=["uprn"], name="permit_home"),
            models.Index(fields=["ends_on", "id"], condition=Q(state="issued"), name="permit_ending"),
            models.Index(fields=["asked_at", "id"], condition=Q(state="asked"), name="permit_waiting"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="permit", id=self.id)


class Vehicle(models.Model):
    """A vehicle of a permit from a moment until another. One that is still to be paid for has no beginning."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="vehicles")
    mark = models.TextField()  # as on the plate
    mark_key = models.TextField()  # its capitals and digits
    band = models.TextField(choices=Band.choices)
    extra_pence = models.PositiveIntegerField(default=0)  # what the change costs
    asked_at = models.DateTimeField()
    from_at = models.DateTimeField(null=True)
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["permit"], condition=Q(from_at__isnull=False, until_at__isnull=True), name="permit_one_vehicle"
            ),
            models.UniqueConstraint(
                fields=["permit"], condition=Q(from_at__isnull=True, until_at__isnull=True), name="permit_one_change"
            ),
        ]
        indexes = [models.Index(fields=["mark_key"], condition=Q(until_at__isnull=True), name="permit_mark")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="permit_vehicle", id=self.id)
