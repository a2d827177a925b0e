"""What the command line does with sign-ins and keys. Each returns the words to print."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify

from townhall.accounts import key_operations, operations
from townhall.accounts.models import ApiKey, Post, PostHolder, Role, Team, User
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput
from townhall.core.time import council_date, now


@transaction.atomic
def add_staff(email: str, name: str, *, role: str, team: str) -> str:
    """Somebody with a post of this role in the team of this name, both made when they are not there; and their set-up link."""
    if role not in Role.values:
        raise BadInput({"role": f"There is no role {role!r}. The roles are: {', '.join(Role.values)}."})
    at = now()
    user = User.objects.filter(email=email.strip().lower()).first()
    user = user or operations.create_user(email=email, name=name, by=SYSTEM, at=at)
    post = post_in(role, team)
    if not PostHolder.objects.filter(user=user, post=post, until_on=None).exists():
        operations.hold_post(user.pk, post.pk, from_on=council_date(at), by=SYSTEM, at=at)
    token = operations.make_set_up_link(user.pk, by=SYSTEM, at=at)
    link = f"{settings.PUBLIC_URL}{reverse('accounts:set_up', args=[token])}"
    return f"{user.name} is {post.title} in {post.team.name}.\nTo choose a password, within three days: {link}"


def create_key(name: str, *, scopes: Iterable[str], rate_per_minute: int, team: str = "") -> str:
    """`team`: the name or code of the team whose work the key may see and do, a contractor's for example."""
    made, key = key_operations.create_key(
        name=name,
        scopes=scopes,
        rate_per_minute=rate_per_minute,
        team_id=_team_called(team) if team else None,
        by=SYSTEM,
        at=now(),
    )
    return f"{key}\nKeep it: it is not shown again. Its id is {made.pk}, its scopes: {' '.join(made.scopes) or 'none'}."


def revoke_key(key_id: UUID) -> str:
    key_operations.revoke_key(key_id, by=SYSTEM, at=now())
    return "Revoked. Web processes stop taking it within a few seconds."


def list_keys() -> str:
    rows = ApiKey.objects.order_by("created_at")
    lines = []
    for row in rows:
        state = "in use" if row.is_active else "revoked"
        used = f"last used {row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never used"
        lines.append(f"{row.pk}  {row.prefix}…  {state}  {row.name}  [{' '.join(row.scopes)}]  {used}")
    return "\n".join(lines) or "There are no keys."


def _team_called(team: str) -> UUID:
    found = Team.objects.filter(Q(code=team) | Q(name=team)).first()
    if found is None:
        raise BadInput({"team": f"There is no team {team!r}."})
    return found.pk


def post_in(role: str, team_name: str) -> Post:
    """The post of this role in the team of this name, both made when they are not there."""
    at = now()
    team = Team.objects.filter(name=team_name).first()
    if team is None:
        kind = {Role.CONTRACTOR: Team.Kind.CONTRACTOR, Role.PARTNER: Team.Kind.PARTNER}.get(
            Role(role), Team.Kind.COUNCIL
        )
        team = operations.create_team(code=slugify(team_name), name=team_name, kind=kind, by=SYSTEM, at=at)
    post = Post.objects.filter(team=team, role=role, is_active=True).order_by("site_code", "code").first()
    if post is None:
        code, title = f"{team.code}-{slugify(role)}", str(Role(role).label)
        post = operations.create_post(code=code, title=title, team_id=team.pk, role=role, by=SYSTEM, at=at)
    return post
