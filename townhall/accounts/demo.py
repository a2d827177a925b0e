"""For the demo council only: the codes its people's apps would show, so that nobody needs a phone to try it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from townhall.accounts import codes, queries
from townhall.accounts.models import Authenticator, User
from townhall.core.actors import SYSTEM
from townhall.core.sealing import opened, sealed
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger.operations import record

PASSWORD = "harbour-lantern-orchard"  # shown on the demo's sign-in page; these people do not exist  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    id: UUID
    name: str
    email: str
    posts: tuple[str, ...]
    code: str


def people_with_codes(at: datetime) -> list[DemoPerson]:
    """Everybody's code, the earliest that will still be taken. Empty unless this is the demo."""
    if not settings.DEMO:
        return []
    posts = {row.email: row.posts for row in queries.people(on=council_date(at))}
    rows = Authenticator.objects.filter(confirmed_at__isnull=False, user__is_active=True, user__email__in=list(posts))
    return [
        DemoPerson(
            id=row.user_id,
            name=row.user.name,
            email=row.user.email,
            posts=posts[row.user.email],
            code=_code_of(row, at),
        )
        for row in rows.select_related("user").order_by("user__created_at", "user__email")
    ]


def enrol(user: User, *, at: datetime) -> None:
    """Give a person of the demo an app whose codes the sign-in page shows. Keeps the one they have."""
    if not (settings.DEMO or settings.TESTING):
        raise RuntimeError("Only the demo's people get a second factor that they did not set up themselves.")
    _row, made = Authenticator.objects.get_or_create(
        user=user, defaults={"secret": sealed(codes.new_secret()), "confirmed_at": at}
    )
    if made:
        record("staff.second_factor_set", about=Subject(kind="user", id=user.pk), by=SYSTEM, at=at)


def _code_of(row: Authenticator, at: datetime) -> str:
    present = codes.step_at(at.timestamp())
    step = min(max(row.last_step + 1, present), present + 1)
    return codes.code_at(opened(row.secret), step)
