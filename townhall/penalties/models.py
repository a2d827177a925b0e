"""Penalty notices and the appeals against them. What is to be paid is a charge of `payments`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.references import new_reference
from townhall.core.subjects import Subject
from townhall.penalties.states import AppealState, NoticeState


class PenaltyNotice(models.Model):
    """A notice for one vehicle at one place and time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.TextField()  # as printed, for example "AL12345678"
    number_key = models.TextField(unique=True)  # its capitals and digits
    mark = models.TextField()  # of the vehicle, as it is read
    mark_key = models.TextField()
    contravention_code = models.TextField()
    contravention = models.TextField()  # in words
    place = models.TextField()
    seen_at = models.DateTimeField()
    issued_on = models.DateField()
    amount_pence = models.IntegerField()
    discount_pence = models.IntegerField(default=0)
    discount_until = models.DateField(null=True)
    due_on = models.DateField()
    charge_id = models.UUIDField(unique=True)
    customer_id = models.UUIDField(null=True)
    state = models.TextField(choices=NoticeState.choices, default=NoticeState.ISSUED)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["customer_id"], condition=Q(customer_id__isnull=False), name="notice_customer")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="penalty", id=self.id)


class Appeal(models.Model):
    """Somebody says that a notice is wrong. While it waits for a decision nothing has to be paid."""

    class Ground(models.TextChoices):
        DID_NOT_OCCUR = "did_not_occur", _("It did not happen")
        NOT_OWNER = "not_owner", _("I was not the owner then")
        TAKEN = "taken", _("The vehicle was taken without consent")
        HIRED = "hired", _("It was on hire to somebody else")
        TOO_MUCH = "too_much", _("The penalty is more than it should be")
        PROCEDURE = "procedure", _("The council did not follow the procedure")
        ORDER = "order", _("The traffic order is not valid")
        PAID = "paid", _("It was paid already")
        OTHER = "other", _("There are other reasons the council should consider")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.TextField(unique=True, default=new_reference)
    notice = models.ForeignKey(PenaltyNotice, on_delete=models.PROTECT, related_name="appeals")
    ground = models.TextField(choices=Ground.choices)
    words = models.TextField()
    name = models.TextField()
    email = models.TextField()
    state = models.TextField(choices=AppealState.choices, default=AppealState.RECEIVED)
    in_discount = models.BooleanField(default=False)  # it came while the lower amount held
    received_at = models.DateTimeField()
    decide_by = models.DateField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")  # user id
    decision_words = models.TextField(blank=True, default="")  # what the appellant was told

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice"], condition=Q(state=AppealState.RECEIVED), name="appeal_one_open"),
            models.CheckConstraint(
                condition=Q(state=AppealState.RECEIVED, decided_at__isnull=True)
                | (~Q(state=AppealState.RECEIVED) & Q(decided_at__isnull=False)),
                name="appeal_decided_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["received_at"], condition=Q(state=AppealState.RECEIVED), name="appeal_open")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="appeal", id=self.id)
