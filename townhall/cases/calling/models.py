"""Calls from an adviser to the back office, which of them need a manager first, and the path that a difficult case climbs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Post, Team, User
from townhall.cases.states import CallState, Step
from townhall.contacts.models import Contact
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject


class CallRule(models.Model):
    """What a service agreed with customer services about calls to its back office."""

    class Needs(models.TextChoices):
        NONE = "none", _("No call needs authority")
        OUTSIDE = "outside", _("Calls outside the agreed process need a team manager's authority")
        ALL = "all", _("Every call needs a team manager's authority")

    service_code = models.TextField(primary_key=True)
    needs = models.TextField(choices=Needs.choices, default=Needs.OUTSIDE)
    agreed = models.TextField(blank=True, default="")  # the agreed process, in words
    number = models.TextField(blank=True, default="")  # to ring
    minutes = models.PositiveSmallIntegerField(default=10)  # in which a manager answers
    set_by = models.TextField()
    set_at = models.DateTimeField()


class BackOfficeCall(models.Model):
    """One call, or the wish to make one. Its reason and whether the agreed process provides for it are told before it is made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # What it is about: a case, or a conversation about a service that no case was made in.
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="back_office_calls", null=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+", null=True, db_constraint=False)
    service_code = models.TextField()
    adviser = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", null=True)  # whose managers are asked
    reason = models.TextField()
    is_inside = models.BooleanField()  # the agreed process
    needs_authority = models.BooleanField()
    state = models.TextField(choices=CallState.choices)
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)  # where authority is needed
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    answer = models.TextField(blank=True, default="")  # the manager's reason
    made_at = models.DateTimeField(null=True)
    spoke_with = models.TextField(blank=True, default="")
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(contact__isnull=False), name="call_about_something"
            ),
            models.CheckConstraint(
                condition=Q(needs_authority=False) | ~Q(state__in=["cleared", "made"]) | Q(answered_by__isnull=False),
                name="call_made_by_authority",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(state="asked"), name="cases_calls_asked"),
            models.Index(fields=["asked_at"], name="cases_calls_at"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="back_office_call", id=self.id)


class PathStep(models.Model):
    """Who held a difficult case, from when to when, on its way up."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="path_steps")
    step = models.TextField(choices=Step.choices)
    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", null=True)
    why = models.TextField(blank=True, default="")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)  # null while it is there

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(until_at=None), name="path_held_once"),
            models.UniqueConstraint(fields=["case", "step"], name="path_step_once"),
            models.CheckConstraint(
                condition=Q(holder__isnull=False) | Q(post__isnull=False), name="path_step_held_by_somebody"
            ),
        ]
