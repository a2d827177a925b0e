"""What the public and staff do with a planning, building control or licensing application: comment, read comments, follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.db import insert_unless_there
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.idempotency import first_time
from townhall.core.ids import uuid7
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.neighbourhood.models import Proposal, ProposalComment, ProposalFollower
from townhall.neighbourhood.telling_followers import link_of
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, email_address

LONGEST_COMMENT = 10_000  # characters


@dataclass(frozen=True, kw_only=True)
class NewComment:
    """`key`: of the page it was written on, so that twice is once. `may_publish`: name and words, never the address."""

    stance: str
    text: str
    name: str
    address: str
    email: str = ""
    may_publish: bool = False
    key: str


def takes_comments(proposal: Proposal, *, at: datetime) -> bool:
    """While it is undecided and, where it has days for comments, on those days."""
    today = council_date(at)
    begun = proposal.comment_from_on is None or proposal.comment_from_on <= today
    return proposal.is_open and begun and (proposal.comment_until_on is None or today <= proposal.comment_until_on)


@transaction.atomic
def comment(proposal_id: UUID, new: NewComment, *, by: Actor, at: datetime) -> UUID:
    """Keep a comment for the officer; its id. The same key again gives the first one's.

    Raises NotFound, WrongState when comments are not taken (any more), BadInput for what is missing or too long.
    """
    proposal = Proposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    made = uuid7()
    asked = [str(proposal_id), new.stance, new.text, new.name, new.address, new.email, new.may_publish]
    earlier = first_time("proposal.comment", key=new.key, by=by, request=asked, result=made)
    if earlier is not None:
        return earlier
    if not takes_comments(proposal, at=at):
        raise WrongState(_("Comments on this application are closed."))
    _check(new)
    ProposalComment.objects.create(
        id=made,
        proposal=proposal,
        stance=new.stance,
        text=new.text.strip(),
        name=new.name.strip(),
        address=new.address.strip(),
        email=new.email.strip(),
        may_publish=new.may_publish,
        received_at=at,
    )
    about = ProposalComment(pk=made).subject
    ledger.record(
        "proposal.commented", about=about, by=by, at=at, data={"proposal": str(proposal.pk), "stance": new.stance}
    )
    if new.email.strip():
        notifications.send(
            "proposal/commented",
            to=Recipient(name=new.name.strip(), email=new.email.strip()),
            about=about,
            key=f"proposal-comment-{made}",
            context={"reference": proposal.reference, "location": proposal.location, "link": link_of(proposal.pk)},
            at=at,
        )
    return made


def _check(new: NewComment) -> None:
    problems = {}
    if new.stance not in ProposalComment.Stance.values:
        problems["stance"] = _("Select whether you object or support")
    if not new.text.strip():
        problems["text"] = _("Enter your comment")
    elif len(new.text) > LONGEST_COMMENT:
        problems["text"] = _("Your comment must be %(most)d characters or fewer") % {"most": LONGEST_COMMENT}
    if not new.name.strip():
        problems["name"] = _("Enter your name")
    if not new.address.strip():
        problems["address"] = _("Enter your address")
    if new.email.strip() and not email_address(new.email):
        problems["email"] = _("Enter an email address in the correct format, like name@example.com")
    if problems:
        raise BadInput(problems)


@transaction.atomic
def read_comment(comment_id: UUID, *, publish: bool, by: Actor, at: datetime, reason: str = "") -> ProposalComment:
    """Staff have read a comment, and publish it or keep it with the application alone.

    Raises NotAllowed, NotFound, WrongState when it was read before or its writer did not agree, BadInput without a reason for keeping
    what its writer would have published.
    """
    require(by, "comments.moderate")
    found = ProposalComment.objects.select_for_update().filter(pk=comment_id).first()
    if found is None:
        raise NotFound
    if found.state != ProposalComment.State.WAITING:
        raise WrongState(_("Somebody has read this comment already."))
    if publish and not found.may_publish:
        raise WrongState(_("Its writer did not agree to have it published."))
    if not publish and found.may_publish and not reason.strip():
        raise BadInput({"reason": _("Enter why it is not published")})
    found.state = ProposalComment.State.PUBLISHED if publish else ProposalComment.State.KEPT
    found.reason, found.read_at, found.read_by = reason.strip(), at, by.id
    found.save(update_fields=["state", "reason", "read_at", "read_by"])
    ledger.record("proposal.comment_read", about=found.subject, by=by, at=at, data={"state": found.state})
    return found


@transaction.atomic
def follow(proposal_id: UUID, *, email: str, by: Actor, at: datetime, customer_id: UUID | None = None) -> None:
    """Be told when it moves on. Twice is once. Raises NotFound, WrongState when it is decided, BadInput without a mail address."""
    address = email_address(email)
    if not address:
        raise BadInput({"email": _("Enter an email address in the correct format, like name@example.com")})
    proposal = Proposal.objects.filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    if not proposal.is_open:
        raise WrongState(_("This application is decided, so nothing more will happen to it."))
    made = ProposalFollower(
        id=uuid7(), proposal=proposal, email=address.lower(), customer_id=customer_id, created_at=at
    )
    row = {
        "id": made.pk,
        "proposal_id": proposal.pk,
        "email": made.email,
        "customer_id": customer_id,
        "created_at": at,
        "ended_at": None,
    }
    if insert_unless_there("neighbourhood_proposalfollower", row):
        ledger.record(
            "proposal.followed",
            about=made.subject,
            by=by,
            at=at,
            customer_id=customer_id,
            data={"proposal": str(proposal.pk)},
        )


@transaction.atomic
def stop_following(follower_id: UUID, *, by: Actor, at: datetime) -> None:
    """Be told no more. Twice is once. Raises NotFound."""
    found = ProposalFollower.objects.select_for_update().filter(pk=follower_id).first()
    if found is None:
        raise NotFound
    if found.ended_at is None:
        found.ended_at = at
        found.save(update_fields=["ended_at"])
        ledger.record("proposal.unfollowed", about=found.subject, by=by, at=at, customer_id=found.customer_id)
