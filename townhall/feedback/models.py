"""Short surveys: when they are sent, who was asked, what was answered, what is put right after it, and the counts of each month."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Post
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.models import Customer
from townhall.feedback.states import RecoveryState


class Point(models.TextChoices):
    """When a survey is sent."""

    CASE_CLOSED = "case_closed", _("When a request is closed")
    CONTACT = "contact", _("After a conversation with us")


class SurveyRule(models.Model):
    """How many are asked at one point, for one service or for all that have no rule of their own."""

    point = models.TextField(choices=Point.choices)
    service_code = models.TextField(blank=True, default="")
    sample_percent = models.PositiveSmallIntegerField()  # 0: nobody is asked
    gap_days = models.PositiveSmallIntegerField()  # after one survey nobody is sent another for so long
    set_by = models.UUIDField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["point", "service_code"], name="survey_rule_once"),
            models.CheckConstraint(condition=Q(sample_percent__lte=100), name="survey_rule_percent"),
        ]


class Asked(models.Model):
    """One customer was sent a survey about one thing. Its link is signed, and answers once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    point = models.TextField(choices=Point.choices)
    about_kind = models.TextField()  # "case" or "contact"
    about_id = models.UUIDField()
    service_code = models.TextField(blank=True, default="")
    channel = models.TextField(blank=True, default="")  # by which they had come to us
    reference = models.TextField(blank=True, default="")  # of the request, to remind them of it
    sent_at = models.DateTimeField()
    until_at = models.DateTimeField()  # then the link is over

    class Meta:
        constraints = [models.UniqueConstraint(fields=["about_kind", "about_id"], name="survey_once_about")]
        indexes = [models.Index(fields=["customer", "-sent_at"], name="survey_asked_of")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="survey", id=self.id)


class Answer(models.Model):
    """What one customer answered. A dissatisfied one has a reason and stands with the request it is about."""

    class Score(models.IntegerChoices):
        VERY_GOOD = 5, _("Very satisfied")
        GOOD = 4, _("Satisfied")
        NEITHER = 3, _("Neither satisfied nor dissatisfied")
        POOR = 2, _("Dissatisfied")
        VERY_POOR = 1, _("Very dissatisfied")

    class Reason(models.TextChoices):
        NOT_DONE = "not_done", _("It was not done, or not properly")
        TOO_LONG = "too_long", _("It took too long")
        NOT_TOLD = "not_told", _("I was not told what was happening")
        MANNER = "manner", _("How I was spoken to")
        HARD = "hard", _("It was hard to reach you or to use")
        DECISION = "decision", _("I do not agree with the decision")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asked = models.OneToOneField(Asked, on_delete=models.CASCADE, related_name="answer")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField(choices=Score.choices)
    reason = models.TextField(choices=Reason.choices, blank=True, default="")
    comment = models.TextField(blank=True, default="")
    case_id = models.UUIDField(null=True)  # the service request that it is about
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="survey_score"),
            models.CheckConstraint(condition=Q(score__gte=3) | ~Q(reason=""), name="survey_dissatisfied_has_reason"),
        ]
        indexes = [
            models.Index(fields=["customer", "-at"], name="survey_answers_of"),
            models.Index(fields=["case_id"], condition=Q(case_id__isnull=False), name="survey_answer_of_case"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="survey_answer", id=self.id)

    @property
    def is_dissatisfied(self) -> bool:
        return self.score <= self.Score.POOR


class Recovery(models.Model):
    """Somebody was not content: its owner gets in touch and puts it right."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="recovery")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    service_code = models.TextField(blank=True, default="")
    owner_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=RecoveryState.choices, default=RecoveryState.OPEN)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    words = models.TextField(blank=True, default="")  # what was done
    done_at = models.DateTimeField(null=True)
    done_by = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["owner_post", "due_on"], condition=Q(state="open"), name="recovery_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", done_at=None) | (Q(state="done", done_at__isnull=False) & ~Q(words="")),
                name="recovery_done_is_whole",
            )
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="recovery", id=self.id)


class Month(models.Model):
    """The answers of one month, counted as they come: pages of results read these rows and no answer."""

    month = models.DateField()  # its first day
    point = models.TextField(choices=Point.choices)
    service_code = models.TextField(blank=True, default="")
    channel = models.TextField(blank=True, default="")
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    satisfied = models.PositiveIntegerField(default=0)
    dissatisfied = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "point", "service_code", "channel"], name="survey_month_once"),
            models.CheckConstraint(
                condition=Q(satisfied__lte=F("answered") - F("dissatisfied")), name="survey_month_adds_up"
            ),
        ]
