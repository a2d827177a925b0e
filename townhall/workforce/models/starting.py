"""What somebody new goes through: care standards and their own duties, accepted, and visits to where customers are met."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Role, User
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.workforce.states import InductionState


class Kind(models.TextChoices):
    STANDARD = "standard", _("Care standard")
    DUTY = "duty", _("Own duty")
    VISIT = "visit", _("Visit")
    TASK = "task", _("Other")


class InductionItem(models.Model):
    """One line of the list that everybody who starts in a role is given. An empty role: everybody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.TextField(choices=Role.choices, blank=True)
    kind = models.TextField(choices=Kind.choices)
    title = models.TextField()
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)


class Induction(models.Model):
    """Somebody's list. What is not done by `due_on` goes to their line manager."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="inductions")
    role = models.TextField(choices=Role.choices)
    started_on = models.DateField()
    due_on = models.DateField()
    state = models.TextField(choices=InductionState.choices, default=InductionState.OPEN)
    ended_at = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)  # since when the line manager knows that it is late

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="induction_once_in_a_role")]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="open"), name="induction_due")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="induction", id=self.id)


class Step(models.Model):
    """One line of somebody's list, as it was worded when they began."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    induction = models.ForeignKey(Induction, on_delete=models.CASCADE, related_name="steps")
    kind = models.TextField(choices=Kind.choices)
    title = models.TextField()
    order = models.PositiveSmallIntegerField()
    visit_at = models.DateTimeField(null=True)  # booked for
    visit_where = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)  # accepted, visited or done
    done_by = models.TextField(blank=True, default="")
