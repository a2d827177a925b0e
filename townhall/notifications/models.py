from __future__ import annotations

from django.db import models
from django.db.models import Q

from townhall.core.ids import uuid7
from townhall.notifications.html import as_html
from townhall.notifications.states import UNFINISHED, Channel, Failing, State


class Message(models.Model):
    """One message to one recipient, as worded when it was made. The row is also the job that sends it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    key = models.TextField(unique=True)  # one key, one message
    template = models.TextField()
    template_version = models.TextField(
        blank=True, default="", db_default=""
    )  # which wording of it: `wording.version_of`, or what the caller said
    service_code = models.TextField(
        blank=True, default="", db_default=""
    )  # the service it is about, for what they said of that
    channel = models.TextField(choices=Channel.choices)
    # The recipient as given at the time, linked to a customer or not.
    recipient_name = models.TextField(blank=True)
    recipient_address = models.TextField(blank=True)  # an email address or a phone number
    customer_id = models.UUIDField(null=True)
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    subject_line = models.TextField(blank=True)
    body_text = models.TextField()
    unsubscribe_url = models.TextField(blank=True)
    fallback = models.JSONField(
        null=True
    )  # other allowed channels, best first: channel, address, subject_line, body_text
    state = models.TextField(choices=State.choices)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)  # while sending: when the claim runs out
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    message_id = models.TextField(blank=True)  # the Message-ID header, fixed when the message is made
    answers = models.TextField(
        blank=True, default="", db_default=""
    )  # Message-IDs of the mails that this one answers, the last of all last
    reply_to = models.TextField(
        blank=True, default="", db_default=""
    )  # the shared mailbox that an answer to this goes to
    provider_id = models.TextField(blank=True)  # the text provider's id of its latest attempt
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                "next_attempt_at", name="message_due", condition=Q(state__in=[state.value for state in UNFINISHED])
            ),
            models.Index("id", name="message_failed", condition=Q(state=State.FAILED.value)),
            models.Index("case_id", "created_at", name="message_case", condition=Q(case_id__isnull=False)),
            models.Index(
                "customer_id", "created_at", "id", name="message_inbox", condition=Q(customer_id__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_due_while_unfinished",
                condition=Q(next_attempt_at__isnull=False) | ~Q(state__in=[state.value for state in UNFINISHED]),
            ),
        ]

    @property
    def body_html(self) -> str:
        return as_html(self.body_text)


class Receipt(models.Model):
    """What a provider told us about one attempt, kept once however often it is repeated."""

    provider_id = models.TextField()
    status = models.TextField()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_id", "status"], name="receipt_once")]


class Try(models.Model):
    """One attempt that did not succeed, in the provider's words. The one that did is on the message itself."""

    class CameTo(models.TextChoices):
        LATER = "later"  # it is tried again
        FAILED = "failed"  # it was given up

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    number = models.IntegerField()  # of the message's attempts
    at = models.DateTimeField()
    came_to = models.TextField(choices=CameTo.choices)
    words = models.TextField(blank=True, default="")


class Unreached(models.Model):
    """Nothing that we may use brought a message to somebody: a person tells them another way. One task a message."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True)
    owner_post_id = models.UUIDField(null=True)  # null: whoever answers for messages as such
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, default="")
    how = models.TextField(blank=True, default="")  # how they were told, in the words of who told them

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True), name="unreached_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_by=""), name="unreached_ended_by_somebody"
            )
        ]


class Letter(models.Model):
    """What a letter brings beside its words, and how far GOV.UK Notify says it is: it tells of letters only when asked."""

    class Postage(models.TextChoices):
        FIRST = "first"
        SECOND = "second"
        ECONOMY = "economy"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True)
    pdf = models.BinaryField(null=True)  # the letter as it is printed; without one the words fill Notify's own template
    postage = models.TextField(choices=Postage.choices, default=Postage.SECOND)
    status = models.TextField(blank=True, default="")  # in Notify's words
    look_at = models.DateTimeField(null=True)  # when to ask next
    # What is printed in the house rather than by a provider: who had it on paper, and who gave it to the post.
    printed_at = models.DateTimeField(null=True)
    printed_by = models.TextField(blank=True, default="", db_default="")
    posted_at = models.DateTimeField(null=True)
    posted_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index("look_at", name="letter_to_look", condition=Q(look_at__isnull=False))]


class Enclosed(models.Model):
    """A file that goes with a mail that somebody on the staff wrote."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, db_index=False)
    place = models.PositiveSmallIntegerField()  # from 0
    name = models.TextField()
    content_type = models.TextField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "place"], name="message_enclosed_once")]


class Unreachable(models.Model):
    """An address that messages do not reach, or that asked for none: nothing is sent to it until this is over."""

    channel = models.TextField(choices=Channel.choices)
    address = models.TextField()  # as `recipients.address_key` writes it
    because = models.TextField(choices=Failing.choices)
    detail = models.TextField(blank=True, default="")  # in the provider's words
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"], condition=Q(ended_at__isnull=True), name="unreachable_once"
            )
        ]


class ReceivedText(models.Model):
    """A text message that somebody sent us, kept once however often the provider repeats it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider_id = models.TextField(unique=True)
    number = models.TextField()  # +44…
    body = models.TextField(blank=True)
    sent_at = models.DateTimeField()  # as the provider says
    received_at = models.DateTimeField()
    done = models.TextField(blank=True, default="")  # what became of it: stop, stop_all, start, help, case
    case_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["number", "received_at"], name="received_text_of"),
            models.Index(fields=["received_at"], condition=Q(done=""), name="received_text_to_do"),
        ]
