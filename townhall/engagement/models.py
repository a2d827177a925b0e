"""Who wants to be told of what, what there is to tell, and what was told."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.engagement.topics import HALF_A_MILE

_HOLDS = Q(confirmed_at__isnull=False, ended_at__isnull=True)


class AlertSubscription(models.Model):
    """Somebody who turned an alert on: signed in, or by confirming an email address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    topic = models.TextField()
    email = models.TextField()  # in lower case
    phone = models.TextField(blank=True, default="")
    by_text = models.BooleanField(default=False)
    name = models.TextField(blank=True, default="")
    customer_id = models.UUIDField(null=True)
    place_key = models.TextField(blank=True, default="")  # the UPRN, or the capitals and digits of a bill's number
    place = models.TextField(blank=True, default="")  # in words
    easting = models.IntegerField(null=True)
    northing = models.IntegerField(null=True)
    radius_m = models.IntegerField(default=HALF_A_MILE)
    number = models.TextField(blank=True, default="", db_default="")  # the phone as +44…, of an alert by text
    looked_at = models.DateTimeField(null=True)  # when another system was last asked for it
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(blank=True, default="")  # stopped, replaced, texted

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "email", "place_key"], condition=_HOLDS, name="alert_on_once"),
        ]
        indexes = [
            models.Index(fields=["topic", "easting"], condition=_HOLDS, name="alert_around"),
            models.Index(fields=["topic", "place_key"], condition=_HOLDS, name="alert_of_bill"),
            models.Index(fields=["customer_id"], condition=Q(customer_id__isnull=False), name="alert_customer"),
            models.Index(fields=["created_at"], condition=Q(confirmed_at__isnull=True), name="alert_unconfirmed"),
            models.Index(fields=["number"], condition=~Q(number=""), name="alert_by_number"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject(kind="alert_subscription", id=self.id)


class AlertItem(models.Model):
    """Something new to tell of. Published anew, it is still the same item."""

    class Scope(models.TextChoices):
        ADDRESS = "address"  # a UPRN
        STREET = "street"  # a USRN
        ROUND = "round"  # a bin round
        AREA = "area"  # a ward
        CUSTOMER = "customer"  # one customer
        EVERYBODY = "everybody"  # everybody who asked for the topic

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    topic = models.TextField()
    key = models.TextField()  # what it is, whoever publishes it and however often
    source = models.TextField()
    data = models.JSONField()  # what its message says
    easting = models.IntegerField(null=True)  # who is near enough is told, or
    northing = models.IntegerField(null=True)
    scope = models.TextField(
        blank=True, default="", db_default=""
    )  # Scope: whom it touches, where it has no place of its own
    scope_code = models.TextField(blank=True, default="", db_default="")
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told = models.IntegerField(default=0)  # people

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "key"], name="alert_item_once")]
        indexes = [models.Index(fields=["found_at"], condition=Q(told_at__isnull=True), name="alert_item_to_tell")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="alert_item", id=self.id)


class Alert(models.Model):
    """One item told to one person. Whether it arrived is what its message says."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(AlertSubscription, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    topic = models.TextField()
    item = models.TextField()  # AlertItem.key, or a bill and its day
    words = models.TextField()  # what it was about
    source = models.TextField()
    made_at = models.DateTimeField()
    message_key = models.TextField(unique=True)  # of person, topic and item: one person hears of one item once

    class Meta:
        indexes = [
            models.Index(F("subscription"), F("made_at").desc(), name="alert_of_subscription"),
            models.Index(F("made_at").desc(), F("id").desc(), name="alert_newest"),
        ]


class Issue(models.Model):
    """A month's newsletter."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being written")
        APPROVED = "approved", _("Approved")
        SENDING = "sending", _("Being queued")
        SENT = "sent", _("Queued for everybody")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    month = models.DateField(unique=True)  # its first day
    subject_line = models.TextField()
    sections = models.JSONField(default=dict)  # Section → words
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    written_by = models.TextField()
    written_at = models.DateTimeField()
    approved_by = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reached = models.UUIDField(null=True)  # the last reader it was queued for
    queued = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["month"], condition=Q(state="sending"), name="issue_sending")]

    @property
    def subject(self) -> Subject:
        return Subject(kind="newsletter_issue", id=self.id)


class Reader(models.Model):
    """An account holder's own link that stops the newsletter; and whether mail reaches them."""

    customer_id = models.UUIDField(primary_key=True)
    token = models.UUIDField(unique=True, default=uuid4)
    bounced_email = models.TextField(blank=True, default="")  # mail to this address came back for good
    bounced_at = models.DateTimeField(null=True)


class TextStop(models.Model):
    """A number that texted STOP: no alert goes to it by text until it texts START, or its owner turns one on again."""

    number = models.TextField(primary_key=True)  # +44…
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


from townhall.engagement.deals import models as deal_models  # noqa: E402, F401 - its tables are of this app
from townhall.engagement.texting import models as text_models  # noqa: E402, F401 - and these
