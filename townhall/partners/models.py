"""Partner bodies that share a building or a phone line with the council, their desks, and what is passed to them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Team
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.accounts import consents
from townhall.partners.states import OPEN_PASSED, PassedState

PURPOSE = consents.PARTNER


class Shared(models.TextChoices):
    """What a partner may be told of a customer beside their name, where they agreed to it."""

    CONTACT = "contact", _("Phone number and email address")
    ADDRESS = "address", _("Address")
    NEEDS = "needs", _("What they need so that people can deal with them")


class Partner(models.Model):
    """A body with people of its own, who sign in by the posts of its team."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.OneToOneField(Team, on_delete=models.PROTECT, related_name="partner")
    about = models.TextField()  # what it does for people
    site_codes = ArrayField(models.TextField(), default=list, blank=True)  # buildings that it shares with us
    line = models.TextField(blank=True, default="")  # the phone line that it shares
    readers = ArrayField(models.UUIDField(), default=list, blank=True)  # our own people who may see its queue
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    @property
    def subject(self) -> Subject:
        return Subject(kind="partner", id=self.id)

    @property
    def purpose(self) -> str:
        """Of the consent by which a customer lets us pass something to them (customers.accounts.consents)."""
        return f"{PURPOSE}{self.team.code}"


class DeskTurn(models.Model):
    """Somebody of a partner is at a desk, or on the line, on one weekday of every week. Times are London wall time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="turns")
    site_code = models.TextField(blank=True, default="")  # empty: on the phone line
    weekday = models.PositiveSmallIntegerField()  # Monday is 0
    starts = models.TimeField()
    ends = models.TimeField()
    who = models.TextField(blank=True, default="")
    from_on = models.DateField()
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="desk_turn_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="desk_turn_weekday"),
        ]
        indexes = [models.Index(fields=["weekday", "starts"], name="desk_turns")]


class LoggedContact(models.Model):
    """A contact that was for a partner: counted against it, and left in its queue when somebody is to ring or write."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="logged")
    contact_id = models.UUIDField(unique=True)
    name = models.TextField(blank=True, default="")
    reach = models.TextField(blank=True, default="")  # how to reach them
    words = models.TextField(blank=True, default="")
    at = models.DateTimeField()
    logged_by = models.TextField(blank=True, default="")
    waits = models.BooleanField(default=False)
    dealt_at = models.DateTimeField(null=True)
    dealt_by = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["partner", "at", "id"], condition=Q(waits=True), name="partner_contacts_waiting"),
            models.Index(fields=["partner", "-at"], name="partner_contacts"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="partner_contact", id=self.id)


class Passed(models.Model):
    """A customer referred to a partner, with their consent in the wording of that day."""

    class Outcome(models.TextChoices):
        HELPED = "helped", _("Helped")
        ADVISED = "advised", _("Told where else to go")
        NOT_REACHED = "not_reached", _("Could not be reached")
        NOT_WANTED = "not_wanted", _("They did not want it any more")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="passed")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="+", db_column="customer_id"
    )
    contact_id = models.UUIDField(null=True)  # the conversation in which it was agreed
    need = models.TextField()
    shares = ArrayField(models.TextField(), default=list)  # codes of Shared
    consent_version = models.PositiveIntegerField()
    consent_channel = models.TextField()
    state = models.TextField(choices=PassedState.choices, default=PassedState.SENT)
    sent_at = models.DateTimeField()
    sent_by = models.TextField()
    received_at = models.DateTimeField(null=True)
    received_by = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")
    outcome = models.TextField(choices=Outcome.choices, blank=True, default="")
    words = models.TextField(blank=True, default="")  # what came of it, or why it came back

    class Meta:
        indexes = [
            models.Index(fields=["partner", "sent_at", "id"], condition=Q(state__in=OPEN_PASSED), name="partner_queue"),
            models.Index(fields=["customer", "-sent_at"], name="passed_of_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OPEN_PASSED) | Q(ended_at__isnull=False), name="passed_ended_has_time"
            ),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(outcome=""), name="passed_done_has_outcome"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="partner_referral", id=self.id)
