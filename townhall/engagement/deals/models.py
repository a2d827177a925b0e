"""What local traders offer to account holders, a month at a time, and the vouchers taken of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.engagement.states import Deal as State


class Deal(models.Model):
    """A trader's offer for one month. The next month's is another deal."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    trader_id = models.UUIDField()  # the customer, an organisation
    trader_name = models.TextField()  # as it was called when it offered
    title = models.TextField()
    offer = models.TextField()
    terms = models.TextField(blank=True, default="")
    where = models.TextField(blank=True, default="")  # the shop's address
    most = models.IntegerField(null=True)  # vouchers; None: as many as are asked for
    month = models.DateField()  # its first day
    state = models.TextField(choices=State.choices, default=State.OFFERED)
    offered_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")  # of a no
    ended_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # when the trader was asked to renew it
    renews = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="renewed_by")
    issued = models.IntegerField(default=0)  # vouchers

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(most__isnull=True) | Q(issued__lte=models.F("most")), name="deal_most"),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(reason=""), name="deal_declined_with_reason"),
        ]
        indexes = [
            models.Index(fields=["state", "month", "id"], name="deal_of_month"),
            models.Index(fields=["trader_id", "-month", "-id"], name="deal_of_trader"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="deal", id=self.id)


class Voucher(models.Model):
    """One customer's voucher of one deal: used once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="vouchers", db_index=False)
    customer_id = models.UUIDField()
    code = models.TextField(unique=True)  # as shown: DV-7K3M-92QX, the last a check character
    issued_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "customer_id"], name="voucher_once")]
        indexes = [models.Index(fields=["customer_id", "-issued_at"], name="voucher_of_customer")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="voucher", id=self.id)
