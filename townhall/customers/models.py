from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from townhall.core.ids import uuid7


class Customer(models.Model):
    """A person or an organisation the council deals with."""

    class Kind(models.TextChoices):
        PERSON = "person"
        ORGANISATION = "organisation"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices, default=Kind.PERSON)
    name = models.TextField()
    search_name = models.TextField()  # folded: lower case, no accents or punctuation
    date_of_birth = models.DateField(null=True, blank=True)
    preferred_channel = models.TextField(blank=True, default="")  # email, text, letter, phone
    language = models.TextField(default="en")  # BCP 47
    access_needs = ArrayField(models.TextField(), default=list, blank=True)  # codes of standards: large_print, bsl …
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [GinIndex(fields=["search_name"], opclasses=["gin_trgm_ops"], name="customer_name_trigram")]


class ContactPoint(models.Model):
    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.TextField(choices=Kind.choices)
    value = models.TextField()  # as given
    normalised = models.TextField()  # lower-case email; phone as +44…
    verified_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["normalised"])]
        constraints = [models.UniqueConstraint(fields=["customer", "kind", "normalised"], name="contact_point_once")]


class CustomerAddress(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    uprn = models.TextField(blank=True, default="", db_index=True)
    line = models.TextField()
    postcode = models.TextField(blank=True, default="", db_index=True)  # compact
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)  # past addresses are kept


class CustomerRole(models.Model):
    """In what capacity: resident, leaseholder, landlord, trader, employee, councillor …"""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="roles")
    role = models.TextField()
    detail = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "role", "detail"], name="customer_role_once")]


class CustomerNumber(models.Model):
    """A number another system knows the customer by: account, notice, permit …"""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="numbers")
    kind = models.TextField()
    value = models.TextField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="customer_number_once")]


class Link(models.Model):
    """One customer acting for, or as part of, another, with the evidence of authority."""

    class Relation(models.TextChoices):
        CONTACT_AT = "contact_at"  # a person at an organisation
        RELATIVE = "relative"
        ADVISER = "adviser"
        COUNCILLOR = "councillor"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="represented_by")
    representative = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="represents")
    relation = models.TextField(choices=Relation.choices)
    evidence = models.TextField(blank=True, default="")  # for example "Letter of authority seen 3 May 2026"
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(customer=models.F("representative")), name="link_two_customers"),
            models.CheckConstraint(
                condition=models.Q(relation="contact_at") | ~models.Q(evidence=""), name="link_evidence_of_authority"
            ),
        ]
