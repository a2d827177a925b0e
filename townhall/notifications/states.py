"""Where a message goes and how far it has come. Kept apart from the models, so that `send` needs no app registry."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    EMAIL = "email", _("Email")
    TEXT = "text", _("Text message")
    LETTER = "letter", _("Letter")
    INBOX = "inbox", _("Account inbox")
    SCREEN = "screen", _("On screen")  # no address was given: what was shown is recorded


class State(TextChoices):
    PENDING = "pending", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")  # the mail server or text provider has taken it
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Could not be delivered")
    WITHDRAWN = "withdrawn", _("Withdrawn before it was sent")
    RECORDED = "recorded", _("Shown on screen")


class Failing(TextChoices):
    """Why an address is not used."""

    BOUNCED = "bounced", _("Messages to it come back")
    RETURNED = "returned", _("Letters to it come back")
    STOPPED = "stopped", _("They asked us not to text this number")


UNFINISHED = (State.PENDING, State.SENDING)
