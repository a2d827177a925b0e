"""Training modules, what asks for them, who passed them and the sessions at which they are taught."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import User
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.workforce.states import PassState, SessionState


class Module(models.Model):
    """Something that staff and Members are trained in. To have passed it, and lately enough, is a skill."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    months = models.PositiveSmallIntegerField(default=24)  # a pass holds so long; 0: for good
    opens = models.TextField(blank=True, default="")  # what it opens, in words
    roles = ArrayField(models.TextField(), default=list)  # who has to have it
    for_complaints = models.BooleanField(default=False)  # who has it may own complaints
    is_active = models.BooleanField(default=True)


class Gate(models.Model):
    """Which module something asks for, where a council chose another than it comes with."""

    code = models.TextField(primary_key=True)  # as in gates.py
    module = models.ForeignKey(Module, on_delete=models.PROTECT, null=True)  # null: it asks for none
    set_by = models.TextField()
    set_at = models.DateTimeField()


class Session(models.Model):
    """One occasion of training: of customer services with a client service or a neighbouring council, or why not."""

    class With(models.TextChoices):
        SERVICE = "service", _("A client service")
        COUNCIL = "council", _("A neighbouring council")
        NOBODY = "", _("Nobody else")

    class Because(models.TextChoices):
        LAW = "law", _("A change of law")
        SERVICE = "new_service", _("A new or changed service")
        REFRESHER = "refresher", _("A refresher")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.TextField()
    module = models.ForeignKey(Module, on_delete=models.PROTECT, null=True)
    joint_with = models.TextField(choices=With.choices, blank=True)
    partner = models.TextField(blank=True, default="")  # which service or council
    why_alone = models.TextField(blank=True, default="")
    because = models.TextField(choices=Because.choices)
    because_of = models.TextField(blank=True, default="")  # which law or service
    starts_at = models.DateTimeField()
    where = models.TextField()
    places = models.PositiveSmallIntegerField()
    trainer = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.TextField(choices=SessionState.choices, default=SessionState.PLANNED)
    planned_by = models.TextField()
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(~Q(joint_with="") & ~Q(partner="")) | (Q(joint_with="") & ~Q(why_alone="")),
                name="session_joint_or_why_not",
            ),
        ]
        indexes = [models.Index(fields=["starts_at"], name="training_session_starts")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="training_session", id=self.id)


class Attendance(models.Model):
    """A place at a session: of somebody of ours, or of a guest from the other side."""

    class State(models.TextChoices):
        BOOKED = "booked", _("Booked")
        ATTENDED = "attended", _("Came")
        MISSED = "missed", _("Did not come")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    guest = models.TextField(blank=True, default="")
    state = models.TextField(choices=State.choices, default=State.BOOKED)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "user"], condition=Q(user__isnull=False), name="attendance_once"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, guest="") | (Q(user=None) & ~Q(guest="")), name="attendance_of_one"
            ),
        ]


class Pass(models.Model):
    """Somebody passed a module on a day. Its clock tells before it lapses, and when it does."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="passes")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="passes")
    passed_on = models.DateField()
    expires_on = models.DateField(null=True)  # the last day it holds; null: for good
    state = models.TextField(choices=PassState.choices, default=PassState.HELD)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True)
    recorded_by = models.TextField()
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True, default="")  # it was withdrawn

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "module"], condition=Q(state__in=["held", "lapsed"]), name="pass_one_that_counts"
            ),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=models.F("passed_on")), name="pass_holds_a_while"
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="training_pass", id=self.id)
