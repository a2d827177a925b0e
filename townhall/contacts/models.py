from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Post, Team, User
from townhall.contacts.states import OPEN_CALL_BACKS, CallBackState
from townhall.core.ids import uuid7
from townhall.customers.models import Customer


class Channel(models.Model):
    """A way in. The list is the council's to edit."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    order = models.SmallIntegerField(default=0)


class Reason(models.Model):
    """Why people get in touch."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    is_active = models.BooleanField(default=True)
    order = models.SmallIntegerField(default=0)


class AvoidableReason(models.Model):
    """A kind of contact that need not have happened, with two worked examples for whoever codes it."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    examples = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    order = models.SmallIntegerField(default=0)


class Contact(models.Model):
    """One time someone got in touch, by any channel. It counts once."""

    class Outcome(models.TextChoices):
        RESOLVED = "resolved"
        REFERRED = "referred"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, db_constraint=False, db_index=False, db_column="channel"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: still going on
    adviser_id = models.UUIDField(null=True)  # a user; null when nobody took it, as on the web
    site_code = models.TextField(blank=True, default="")
    service_code = models.TextField(blank=True, default="")
    reason_code = models.TextField(blank=True, default="")
    outcome = models.TextField(choices=Outcome.choices, blank=True, default="")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, db_index=False)  # null until matched
    given_name = models.TextField(blank=True, default="")  # as given at the time
    given_email = models.TextField(blank=True, default="")
    given_phone = models.TextField(blank=True, default="")
    avoidable = models.BooleanField(null=True)  # null: not assessed
    avoidable_reason = models.TextField(blank=True, default="")
    anything_else = models.BooleanField(null=True)  # the answer to "anything else we can do?"
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)  # opened by that "yes"
    notes = models.TextField(blank=True, default="")
    # They came back about the same matter: the later contact names the earlier, and the earlier was not resolved after all.
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    not_resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # An adviser's contact ends with a wrap-up, whole or not at all.
                condition=models.Q(ended_at__isnull=True)
                | models.Q(adviser_id__isnull=True)
                | (~models.Q(reason_code="") & ~models.Q(outcome="") & models.Q(anything_else__isnull=False)),
                name="contact_wrapped_up",
            ),
            models.CheckConstraint(
                condition=~models.Q(avoidable=True) | ~models.Q(avoidable_reason=""),
                name="contact_avoidable_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["adviser_id"], condition=models.Q(ended_at__isnull=True), name="contact_open_by_adviser"
            ),
            # One customer's, newest first.
            models.Index(
                fields=["customer", "-started_at", "-id"],
                condition=models.Q(customer__isnull=False),
                name="contact_of_customer",
            ),
            # What was settled in a month, without the rows themselves.
            models.Index(
                fields=["ended_at"],
                include=["service_code", "outcome", "not_resolved_at", "repeats"],
                condition=models.Q(adviser_id__isnull=False, ended_at__isnull=False),
                name="contact_ended",
            ),
            # How much sign-language video and text relay are used, by site.
            models.Index(
                fields=["channel", "site_code", "started_at"],
                condition=models.Q(channel__in=["bsl_vrs", "relay_text"]),
                name="contact_by_relay",
            ),
        ]


class RepeatWindow(models.Model):
    """In how many days somebody who comes back about this service shows that the earlier contact did not resolve it."""

    service_code = models.TextField(primary_key=True)
    days = models.PositiveSmallIntegerField()
    set_by_id = models.UUIDField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(days__gte=1, days__lte=90), name="repeat_window_days"),
        ]


class CallBack(models.Model):
    """A message somebody left: to be called back by its owner, in time. The owner is a post, so that leave orphans nothing."""

    class Source(models.TextChoices):
        MESSAGE = "message", _("A message was taken")
        TRANSFER = "transfer", _("A transferred call that nobody picked up")
        NIGHT = "night", _("A call out of hours")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.TextField(choices=Source.choices, default=Source.MESSAGE)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.TextField(blank=True, default="")
    phone = models.TextField()  # as normalised_phone gives it
    email = models.TextField(blank=True, default="")
    about = models.TextField(blank=True, default="")  # in words; erasable
    service_code = models.TextField(blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    owner_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.TextField(choices=CallBackState.choices, default=CallBackState.DUE)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    missed_at = models.DateTimeField(null=True)  # when its clock rang with nobody having reached them
    finished_at = models.DateTimeField(null=True)
    key = models.TextField(unique=True, null=True)  # the same message twice is one call-back

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN_CALL_BACKS, finished_at__isnull=True)
                | (~models.Q(state__in=OPEN_CALL_BACKS) & models.Q(finished_at__isnull=False)),
                name="call_back_finished_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state__in=OPEN_CALL_BACKS), name="call_back_open"),
            models.Index(fields=["asked_at"], name="call_back_asked"),
            models.Index(fields=["phone", "asked_at"], name="call_back_phone"),
        ]


class CallBackTry(models.Model):
    """One attempt to call somebody back."""

    class Result(models.TextChoices):
        SPOKE = "spoke", _("Spoke to them")
        NO_ANSWER = "no_answer", _("No answer")
        ENGAGED = "engaged", _("Engaged")
        LEFT_MESSAGE = "left_message", _("Left a message")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    call_back = models.ForeignKey(CallBack, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.TextField(choices=Result.choices)
    note = models.TextField(blank=True, default="")
