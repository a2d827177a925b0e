"""Helpers: a customer asks somebody to deal with the council for them, and ends it when they like. Both names are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.residents import limits, registering
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.accounts import links
from townhall.customers.accounts.models import AccountLink, HelperInvite
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

LASTS = timedelta(days=14)
MOST = 10
_SIGNER = signing.Signer(salt="townhall.helper", sep=".")


@transaction.atomic
def invite(customer_id: UUID, *, account_id: UUID, name: str, email: str, by: Actor, at: datetime) -> HelperInvite:
    """Mail somebody the question. Nothing is open to them before they say yes, signed in. Raises BadInput, TooManyAttempts."""
    customer = locked(customer_id, by=by, own=True)
    email = registering.clean_email(email)
    if not name:
        raise BadInput({"name": _("Enter their name")})
    limits.count((limits.MAIL, email), at=at)
    if len(invites_of(customer_id, at=at)) >= MOST:
        raise BadInput({"email": _("You have as many helpers as one can have. End one first")})
    made = HelperInvite.objects.create(
        id=uuid7(),
        customer_id=customer_id,
        by_account_id=account_id,
        name=name[:200],
        email=email,
        made_at=at,
        expires_at=at + LASTS,
    )
    record("helper_invited", customer_id, by=by, at=at, invite=str(made.pk))
    notifications.send(
        "account/helper",
        to=Recipient(name=made.name, email=email),
        about=Subject(kind="helper_invite", id=made.pk),
        key=f"helper-{made.pk}",
        context={"customer": customer.name, "link": f"{settings.PUBLIC_URL}/account/help/{token_of(made)}"},
        at=at,
        channel="email",
    )
    return made


def token_of(invite: HelperInvite) -> str:
    return _SIGNER.sign(invite.pk.hex)


def invite_in(token: str, *, at: datetime) -> HelperInvite:
    """The invitation of a mail's link, while it waits. Raises NotFound."""
    try:
        invite_id = UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound from error
    found = HelperInvite.objects.filter(pk=invite_id, accepted_at=None, ended_at=None, expires_at__gt=at)
    invite = found.select_related("customer").first()
    if invite is None:
        raise NotFound
    return invite


def invites_of(customer_id: UUID, *, at: datetime) -> list[HelperInvite]:
    """Helpers, and invitations that wait, the newest first. One query."""
    rows = HelperInvite.objects.filter(customer_id=customer_id, ended_at=None).exclude(
        accepted_at=None, expires_at__lte=at
    )
    return list(rows.select_related("link__account").order_by("-made_at")[:50])


@transaction.atomic
def accept(token: str, *, account_id: UUID, email: str, by: Actor, at: datetime) -> AccountLink:
    """They say yes, signed in to an account with the address that was invited. Raises NotFound, WrongState."""
    invite = HelperInvite.objects.select_for_update().get(pk=invite_in(token, at=at).pk)
    if invite.accepted_at is not None or invite.ended_at is not None:
        raise NotFound
    if invite.email != email:
        raise WrongState(_("This invitation was sent to another email address. Sign in with that one."))
    if AccountLink.objects.filter(account_id=account_id, customer_id=invite.customer_id, ended_at=None).exists():
        raise WrongState(_("Your account opens this record already."))
    link = links.link(account_id, invite.customer_id, role=AccountLink.Role.HELPER, by=by, at=at)
    invite.accepted_at, invite.link = at, link
    invite.save(update_fields=["accepted_at", "link"])
    record("helper_accepted", invite.customer_id, by=by, at=at, invite=str(invite.pk), account=str(account_id))
    return link


@transaction.atomic
def end(invite_id: UUID, *, customer_id: UUID, by: Actor, at: datetime) -> None:
    """The customer ends it: from the helper's next request on nothing is open. Raises NotFound for another customer's."""
    locked(customer_id, by=by, own=True)
    invite = HelperInvite.objects.filter(pk=invite_id, customer_id=customer_id, ended_at=None).first()
    if invite is None:
        raise NotFound
    _ended(invite, because="withdrawn", by=by, at=at)


@transaction.atomic
def leave(link_id: UUID, *, account_id: UUID, by: Actor, at: datetime) -> None:
    """The helper stops helping. Raises NotFound for a link that is not theirs."""
    link = AccountLink.objects.filter(pk=link_id, account_id=account_id, role="helper", ended_at=None).first()
    if link is None:
        raise NotFound
    invite = HelperInvite.objects.filter(link=link).first()
    if invite is not None:
        _ended(invite, because="left", by=by, at=at)
    else:
        links.unlink(link.pk, because="left", by=by, at=at)


def _ended(invite: HelperInvite, *, because: str, by: Actor, at: datetime) -> None:
    if HelperInvite.objects.filter(pk=invite.pk, ended_at=None).update(ended_at=at):
        record("helper_ended", invite.customer_id, by=by, at=at, invite=str(invite.pk), because=because)
    if invite.link_id is not None:
        links.unlink(invite.link_id, because=because, by=by, at=at)
