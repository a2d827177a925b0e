from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from townhall.core.ids import uuid7


class Street(models.Model):
    usrn = models.TextField(primary_key=True)  # up to 8 digits, no leading zeros (BS 7666)
    name = models.TextField()
    locality = models.TextField(blank=True, default="")
    search_text = models.TextField()  # folded: lower case, no punctuation
    lines = models.JSONField(default=list)  # list of lines, each a list of [easting, northing] in metres
    easting = models.IntegerField()  # a point on the street, for a pin
    northing = models.IntegerField()
    maintained_by = models.TextField(default="council")  # a LandOwner code, or "council"


class Address(models.Model):
    uprn = models.TextField(primary_key=True)  # up to 12 digits, no leading zeros
    street = models.ForeignKey(Street, on_delete=models.PROTECT, null=True, db_column="usrn")
    line = models.TextField()  # "12 Harbour Row, Aldermere"
    postcode = models.TextField()  # compact: "ZZ12AB"
    search_text = models.TextField()
    easting = models.IntegerField()
    northing = models.IntegerField()
    ward_code = models.TextField(blank=True, default="")
    classification = models.TextField(blank=True, default="R")  # first letter as in AddressBase


class Postcode(models.Model):
    """Where a postcode is, for those whose address is not known."""

    code = models.TextField(primary_key=True)  # compact: "ZZ12AB"
    easting = models.IntegerField()
    northing = models.IntegerField()
    ward_code = models.TextField(blank=True, default="")
    ended_on = models.DateField(null=True)  # no longer in use since


class Area(models.Model):
    """A named area with its rings: the council's boundary, a ward, or land in somebody else's care."""

    class Kind(models.TextChoices):
        BOUNDARY = "boundary"
        WARD = "ward"
        LAND = "land"  # not the council's
        ZONE = "zone"  # where a permit is needed to park

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    code = models.TextField()
    name = models.TextField()
    rings = models.JSONField()  # list of rings, each a list of [easting, northing]; even-odd rule, so holes work
    owner_name = models.TextField(blank=True, default="")  # land: who looks after it
    owner_contact = models.TextField(blank=True, default="")  # land: a web address or phone for the public
    service_codes = ArrayField(
        models.TextField(), default=list, blank=True
    )  # land: services it applies to; empty is all

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="area_once")]


class Site(models.Model):
    code = models.SlugField(primary_key=True)
    name = models.TextField()
    address = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")


class OpeningHours(models.Model):
    """One stretch of opening on one weekday, for a service, a channel, a site or any of their combinations (empty is any)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True)
    service_code = models.TextField(blank=True, default="")
    channel = models.TextField(blank=True, default="")
    weekday = models.SmallIntegerField()  # 0 is Monday
    opens = models.TimeField()
    closes = models.TimeField()
    closes_latest = models.TimeField(null=True, blank=True)  # variable closing: may stay open until
    by_appointment = models.BooleanField(default=False)
    answerphone = models.BooleanField(default=False)  # an answerphone takes messages at these times
    from_on = models.DateField(null=True, blank=True)  # a season; null is always
    until_on = models.DateField(null=True, blank=True)


class HoursException(models.Model):
    """A date on which the usual hours do not hold: closed, or other hours."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True)
    service_code = models.TextField(blank=True, default="")
    channel = models.TextField(blank=True, default="")
    on = models.DateField()
    opens = models.TimeField(null=True, blank=True)  # null: closed all day
    closes = models.TimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")


class CouncilProjection(models.Model):
    """How the council's places become metres. No row: the National Grid."""

    id = models.BooleanField(primary_key=True, default=True)  # one row: true
    code = models.TextField()  # as in projections.read
    chosen_at = models.DateTimeField()
