"""Mailboxes, their mails, where each belongs, and what was answered."""

from townhall.mailroom.models.answering import Answer, Enclosed, Part
from townhall.mailroom.models.boxes import Mailbox
from townhall.mailroom.models.mails import Mail, Original
from townhall.mailroom.models.routing import Route, RoutingRule, RoutingVersion, Urgency

__all__ = [
    "Answer",
    "Enclosed",
    "Mail",
    "Mailbox",
    "Original",
    "Part",
    "Route",
    "RoutingRule",
    "RoutingVersion",
    "Urgency",
]
