from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.residents.models import ResidentAccount
from townhall.core.ids import uuid7
from townhall.customers.models import Customer, CustomerAddress


class Level(models.IntegerChoices):
    """How sure we are of who somebody is. A service states the level it needs."""

    PUBLIC = 0, _("Open to everybody")
    EMAIL = 1, _("Verified email")
    ADDRESS = 2, _("Verified address")
    IDENTITY = 3, _("Verified identity")


class AccountLink(models.Model):
    """A customer's record that an account opens, and in what capacity."""

    class Role(models.TextChoices):
        SELF = "self", _("Yourself")
        HELPER = "helper", _("Somebody you help")
        BUSINESS = "business", _("Your business")
        PARISH = "parish", _("Your parish or town council")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ResidentAccount, on_delete=models.PROTECT, related_name="links", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="account_links", db_index=False)
    role = models.TextField(choices=Role.choices, default=Role.SELF)
    level = models.SmallIntegerField(choices=Level.choices, default=Level.EMAIL)
    level_until = models.DateField(
        null=True
    )  # the last day of the check that gave the level; afterwards it is EMAIL again
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(blank=True, default="")  # closed, withdrawn, left, replaced

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "customer"], condition=Q(ended_at=None), name="account_link_once"
            )
        ]
        indexes = [models.Index(fields=["customer"], condition=Q(ended_at=None), name="account_link_customer")]


class HelperInvite(models.Model):
    """A customer asks somebody to deal with the council for them. Nothing holds until it is accepted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    by_account = models.ForeignKey(ResidentAccount, on_delete=models.CASCADE, related_name="+")
    name = models.TextField()
    email = models.EmailField(max_length=254)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    link = models.OneToOneField(AccountLink, on_delete=models.SET_NULL, null=True, related_name="invite")


class CheckRule(models.Model):
    """The identity standard, the council's to change: what a kind of check proves, who may make it and how long it lasts."""

    method = models.SlugField(primary_key=True)
    name = models.TextField()
    level = models.SmallIntegerField(choices=Level.choices)
    lasts_days = models.PositiveIntegerField()
    roles = ArrayField(models.TextField(), default=list)  # of the staff who may make it; empty: no staff
    evidence = ArrayField(models.TextField(), default=list)  # what is accepted, in words
    is_active = models.BooleanField(default=True)


class Check(models.Model):
    """A check of who somebody is that was passed: its outcome, never the evidence itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="checks")
    method = models.TextField()
    level = models.SmallIntegerField(choices=Level.choices)
    evidence = models.TextField(blank=True, default="")  # which of the accepted kinds
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    until_on = models.DateField()
    ended_at = models.DateTimeField(null=True)  # the address changed, or the check was taken back


class AddressCode(models.Model):
    """A code that was posted to an address, to be typed by who lives there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    address = models.ForeignKey(CustomerAddress, on_delete=models.CASCADE, related_name="+")
    code_hash = models.TextField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used, or replaced by another


class ConsentWording(models.Model):
    """What people are asked to agree to. A changed wording is another version; earlier answers keep theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.SlugField()
    version = models.PositiveIntegerField()
    title = models.TextField()
    words = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="consent_version_once")]


class Consent(models.Model):
    """Something a customer agreed to: for which purpose, in which wording, when and by which channel; and when they took it back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.TextField()
    version = models.PositiveIntegerField()
    channel = models.TextField()
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_channel = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "purpose"], condition=Q(withdrawn_at=None), name="consent_once_at_a_time"
            )
        ]


class Feed(models.Model):
    """A calendar of collections that a customer subscribed to. Its address holds a signature, never the place."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    uprn = models.TextField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "uprn"], condition=Q(ended_at=None), name="feed_once")
        ]
