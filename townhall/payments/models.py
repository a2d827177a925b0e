"""What is owed, what was paid and given back, and what the payment provider says of it. No card data: there is no field for any."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.payments.states import REFUNDS_UNDER_WAY, UNFINISHED, ChargeState, PaymentState, RefundState


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Method(models.TextChoices):
    CARD = "card", _("Card, online")
    TERMINAL = "terminal", _("Card, at a counter")
    PHONE = "phone", _("Automated phone line")


class ChargeKind(models.Model):
    """Something the council is paid for. The list is the council's to edit."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()  # for example "Council tax"
    reference_hint = models.TextField(blank=True, default="")  # where the payer finds the reference
    service_code = models.TextField(blank=True, default="")  # of the catalogue
    order = models.SmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    first_at_counters = models.BooleanField(default=False)  # a centre takes cards for these before any others


class Charge(models.Model):
    """What somebody owes for one thing. It is paid whole, once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.ForeignKey(ChargeKind, on_delete=models.PROTECT, db_index=False)
    reference = models.TextField()  # as the bill has it
    reference_key = models.TextField()  # its capitals and digits
    description = models.TextField()  # what for, as the payer reads it
    amount_pence = models.IntegerField()
    discount_pence = models.IntegerField(default=0)  # taken off until `discount_until`
    discount_until = models.DateField(null=True)  # the last day of the discount
    due_on = models.DateField(null=True)
    by_direct_debit = models.BooleanField(default=False, db_default=False)  # the bank sends it; nobody is reminded
    payer_name = models.TextField(blank=True, default="")
    payer_email = models.TextField(blank=True, default="")
    customer_id = models.UUIDField(null=True)
    site_code = models.TextField(blank=True, default="")
    source = models.TextField()  # the system that says it is owed
    source_key = models.TextField()  # its own name for it
    subject_kind = models.TextField(blank=True, default="")  # what it is about, for the app above that posted it
    subject_id = models.UUIDField(null=True)
    state = models.TextField(choices=ChargeState.choices, default=ChargeState.OPEN)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_key"], name="charge_once"),
            models.CheckConstraint(
                condition=Q(amount_pence__gt=0)
                & Q(discount_pence__gte=0)
                & Q(discount_pence__lt=models.F("amount_pence")),
                name="charge_amount",
            ),
            models.CheckConstraint(
                condition=Q(discount_pence=0) | Q(discount_until__isnull=False), name="charge_discount_ends"
            ),
        ]
        indexes = [
            models.Index(fields=["reference_key", "kind"], name="charge_reference"),
            models.Index(fields=["customer_id", "id"], condition=Q(customer_id__isnull=False), name="charge_customer"),
            models.Index(fields=["subject_id"], condition=Q(subject_id__isnull=False), name="charge_subject"),
            models.Index(
                fields=["kind", "due_on"],
                condition=Q(state=ChargeState.OPEN.value, by_direct_debit=False, due_on__isnull=False),
                name="charge_to_remind_of",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="charge", id=self.id)

    @property
    def words(self) -> str:
        """What it is for, with its kind named once."""
        kind = self.kind.name
        return self.description if self.description.startswith(kind) else f"{kind}: {self.description}"


class Payment(models.Model):
    """One try to pay a charge."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token = models.TextField(unique=True, default=new_token)  # of the page that the payer comes back to
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="payments")
    method = models.TextField(choices=Method.choices)
    provider = models.TextField()
    provider_id = models.TextField(blank=True, default="")  # empty until the provider has it
    next_url = models.TextField(blank=True, default="")  # the provider's page
    state = models.TextField(choices=PaymentState.choices, default=PaymentState.CREATED)
    code = models.TextField(blank=True, default="")  # why not, as the provider says it: P0010 …
    amount_pence = models.IntegerField()
    refunded_pence = models.IntegerField(default=0)
    is_surplus = models.BooleanField(default=False)  # the charge was paid already: this money has to go back
    email = models.TextField(blank=True, default="")  # where the receipt goes
    customer_id = models.UUIDField(null=True)
    kind_code = models.TextField()
    site_code = models.TextField(blank=True, default="")
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)  # when to ask the provider again; empty once it is over
    looks = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["charge"], condition=Q(state__in=UNFINISHED), name="payment_one_unfinished"
            ),
            models.UniqueConstraint(
                fields=["charge"], condition=Q(state=PaymentState.SUCCESS, is_surplus=False), name="payment_pays_once"
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_id"], condition=~Q(provider_id=""), name="payment_of_provider_once"
            ),
            models.CheckConstraint(
                condition=Q(refunded_pence__gte=0) & Q(refunded_pence__lte=models.F("amount_pence")),
                name="payment_refunded_within",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED, finished_at__isnull=True)
                | (~Q(state__in=UNFINISHED) & Q(finished_at__isnull=False)),
                name="payment_finished_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="payment_to_look_at"),
            models.Index(fields=["customer_id", "id"], condition=Q(customer_id__isnull=False), name="payment_customer"),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="payment_finished"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="payment", id=self.id)

    @property
    def receipt_number(self) -> str:
        """To read out and to find it by: the random end of its id."""
        return self.id.hex[-10:].upper()


class Refund(models.Model):
    """Money given back to the card it came from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_pence = models.IntegerField()
    reason = models.TextField()
    state = models.TextField(choices=RefundState.choices, default=RefundState.REQUESTED)
    provider_id = models.TextField(blank=True, default="")
    error = models.TextField(blank=True, default="")
    requested_by = models.TextField()  # user id
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)
    looks = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(state__in=REFUNDS_UNDER_WAY), name="refund_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="refund_amount"),
        ]
        indexes = [
            models.Index(fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="refund_to_look_at"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="refund", id=self.id)


class WebhookEvent(models.Model):
    """A signed message of a provider, taken once. It says only that something is to be looked at; the provider is then asked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.TextField()
    message_id = models.TextField()
    event_type = models.TextField()
    provider_id = models.TextField()  # of the payment
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "message_id"], name="payment_webhook_once")]


class CounterSwitch(models.Model):
    """From which day a centre takes cards at its counter for one kind of charge."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    site_code = models.TextField()
    kind = models.ForeignKey(ChargeKind, on_delete=models.PROTECT)
    live_on = models.DateField()
    ended_on = models.DateField(null=True)  # the first day without
    set_by = models.TextField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site_code", "kind"], name="counter_switch_once")]


class Income(models.Model):
    """What came in and went back on one day, by kind, method and site: the figures of the reports, kept up by each operation."""

    on = models.DateField()
    kind_code = models.TextField()
    method = models.TextField()
    site_code = models.TextField(blank=True, default="")
    payments = models.IntegerField(default=0)
    pence = models.BigIntegerField(default=0)
    refunds = models.IntegerField(default=0)
    refunded_pence = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["on", "kind_code", "method", "site_code"], name="income_once"),
        ]


class ReconciliationRun(models.Model):
    """One comparison of a council date's payments with the provider's list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.TextField()
    on = models.DateField()
    done_at = models.DateTimeField()
    ours = models.IntegerField()
    theirs = models.IntegerField()
    our_pence = models.BigIntegerField()
    their_pence = models.BigIntegerField()
    differences = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["provider", "on"], name="reconciliation_of_a_day")]


class Difference(models.Model):
    """Where the provider and we do not agree, until somebody has settled it."""

    class Kind(models.TextChoices):
        NOT_HERE = "not_here", _("The provider took it, and we do not know it")
        NOT_THERE = "not_there", _("We have it as paid, and the provider does not know it")
        STATE = "state", _("Paid on one side only")
        AMOUNT = "amount", _("The amounts differ")
        REFUND = "refund", _("The refunds differ")
        SURPLUS = "surplus", _("Paid twice: one has to go back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Kind.choices)
    provider = models.TextField()
    provider_id = models.TextField()
    reference = models.TextField(blank=True, default="")  # as the provider has it
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True)
    our_pence = models.IntegerField(null=True)
    their_pence = models.IntegerField(null=True)
    our_state = models.TextField(blank=True, default="")
    their_state = models.TextField(blank=True, default="")
    on = models.DateField()
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True, default="")
    settled_how = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id", "kind"], name="difference_once"),
        ]
        indexes = [models.Index(fields=["found_at"], condition=Q(settled_at__isnull=True), name="difference_open")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="difference", id=self.id)


class SettlementLine(models.Model):
    """What the provider paid into the council's bank for one payment."""

    provider = models.TextField()
    provider_id = models.TextField()
    settled_on = models.DateField()
    pence = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "provider_id"], name="settlement_once")]
