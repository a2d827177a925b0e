"""Who may read a mail: those who are readers of its mailbox, and nobody for their role alone."""

from __future__ import annotations

from django.db.models import QuerySet

from townhall.accounts import permissions
from townhall.core.actors import Actor, ActorKind
from townhall.mailroom.models import Mail

READ = "mail.read"


def readable_by(actor: Actor) -> QuerySet[Mail]:
    """Raises NotAllowed for somebody who reads no mailboxes at all."""
    permissions.require(actor, READ)
    mails = Mail.objects.select_related("mailbox")
    return mails if actor.kind == ActorKind.SYSTEM else mails.filter(mailbox__readers__contains=[actor.id])
