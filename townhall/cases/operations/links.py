"""Personal links: for how long one says who follows, and how to get another.

A link works while the case is open and LINK_KEPT after it is over, so that an old mail shown to somebody else opens nothing. A new one
goes by mail, to an address that follows the case, and works as long from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction

from townhall.cases.models import OPEN_STATES, Follower
from townhall.cases.operations.telling import as_recipient, context_for, context_of, follower_in
from townhall.core.time import council_date
from townhall.notifications import operations as notifications

LINK_KEPT = timedelta(days=90)
_SIGNER = signing.Signer(salt="townhall.follower.until")


@dataclass(frozen=True, kw_only=True)
class Personal:
    """Who follows, by their link. has_ended: the link has, not their following."""

    follower: Follower
    has_ended: bool


def personal(token: str, *, case_id: UUID, at: datetime) -> Personal | None:
    """Who follows this case by a link's token; None for a token that is not ours, of another case, or of who follows no longer."""
    follower_id, until = follower_in(token), None
    if follower_id is None:
        follower_id, until = _read(token)
    if follower_id is None:
        return None
    found = Follower.objects.select_related("case").filter(pk=follower_id, case_id=case_id, ended_at=None).first()
    if found is None:
        return None
    case = found.case
    is_over = case.state not in OPEN_STATES and case.closed_at is not None and at > case.closed_at + LINK_KEPT
    return Personal(follower=found, has_ended=is_over and (until is None or at > until))


def is_ours(token: str) -> bool:
    """Whether we made this token, for whatever case. No statement."""
    return follower_in(token) is not None or _read(token)[0] is not None


@transaction.atomic
def send_new_link(case_id: UUID, *, email: str, at: datetime) -> None:
    """Mail a new personal link to this address if it follows the case, once a day. Whoever asks is not told whether it does."""
    follower = (
        Follower.objects.select_related("case").filter(case_id=case_id, email__iexact=email, ended_at=None).first()
    )
    if follower is None or not email:
        return
    case = follower.case
    link = f"{settings.PUBLIC_URL}/r/{case.reference}?me={_sign(follower.pk, until=at + LINK_KEPT)}"
    notifications.send(
        "case/new_link",
        to=as_recipient(follower),
        about=case.subject,
        key=f"case-new-link-{follower.pk}-{council_date(at).isoformat()}",
        context={
            **context_of(case),
            **context_for(follower, case.reference),
            "link": link,
            "until": council_date(at + LINK_KEPT),
        },
        channel="email",
        at=at,
        case_id=case.pk,
    )


def _sign(follower_id: UUID, *, until: datetime) -> str:
    return _SIGNER.sign(f"{follower_id.hex}-{int(until.timestamp())}")


def _read(token: str) -> tuple[UUID | None, datetime | None]:
    try:
        follower, _dash, until = _SIGNER.unsign(token).partition("-")
        return UUID(follower), datetime.fromtimestamp(int(until), tz=UTC)
    except (signing.BadSignature, ValueError):
        return None, None
