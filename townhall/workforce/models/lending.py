"""A backlog of one service that another team works on for a time, in the system of that service."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from townhall.accounts.models import Team, User
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.workforce.models.training import Module
from townhall.workforce.states import ItemState, LoanState


class Loan(models.Model):
    """What is shared, with whom, how long, and how many contacts each item done saves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.TextField()
    service_code = models.TextField()
    from_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")  # whose backlog it is
    to_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")  # who helps
    module = models.ForeignKey(Module, on_delete=models.PROTECT)  # without it nobody is offered an item
    from_on = models.DateField()
    until_on = models.DateField()  # the last day
    how = models.TextField()  # what is done with an item in the back-office system
    avoids = models.DecimalField(max_digits=5, decimal_places=2)  # contacts that one item left undone would bring
    avoids_why = models.TextField()  # where that figure comes from
    state = models.TextField(choices=LoanState.choices, default=LoanState.OPEN)
    lent_by = models.TextField()
    lent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="loan_for_a_time"),
            models.CheckConstraint(condition=Q(avoids__gte=0), name="loan_avoids_not_negative"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="loan", id=self.id)


class LoanItem(models.Model):
    """One item of the backlog, by its reference in the back-office system."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.CASCADE, related_name="items")
    reference = models.TextField()
    words = models.TextField(blank=True, default="")
    position = models.PositiveIntegerField()
    state = models.TextField(choices=ItemState.choices, default=ItemState.WAITING)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, default="")  # why it was given back, or what was odd

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "reference"], name="loan_item_once"),
            models.CheckConstraint(condition=Q(state="waiting") | Q(taken_by__isnull=False), name="loan_item_by_whom"),
        ]
        indexes = [
            models.Index(fields=["loan", "position"], condition=Q(state="waiting"), name="loan_items_waiting"),
            models.Index(fields=["taken_by"], condition=Q(state="taken"), name="loan_items_taken"),
        ]
