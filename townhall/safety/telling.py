"""Who hears of something here, and by which message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings

from townhall.accounts import directory
from townhall.accounts.directory import PostEntry, UnknownCode
from townhall.accounts.models import Role, User
from townhall.accounts.queries import mail_of
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.safety.models import Nominee


def managers_of(team_ids: Iterable[UUID]) -> list[PostEntry]:
    """The manager's post of each of these teams; where a team has none, its senior managers'."""
    found: dict[UUID, PostEntry] = {}
    for team_id in team_ids:
        manager = directory.manager_of(team_id)
        leading = [manager] if manager else [post for post in seniors() if post.team_id == team_id]
        found |= {post.id: post for post in leading}
    return list(found.values())


def above(post: PostEntry) -> list[PostEntry]:
    """Who stands above a post: its team's manager, and for a manager the senior managers."""
    manager = directory.manager_of(post.team_id)
    if manager is not None and manager.id != post.id:
        return [manager]
    everyone = seniors()
    return [one for one in everyone if one.team_id == post.team_id] or everyone


def seniors() -> list[PostEntry]:
    return [one for one in directory.all_posts() if one.role == Role.SENIOR_MANAGER]


def security_of(site_code: str | None) -> list[PostEntry]:
    """The posts that come when help is called at a site: its own, and those of every site."""
    rows = Nominee.objects.filter(duty=Nominee.Duty.SECURITY)
    return [found for row in rows if row.site_id in (None, site_code) and (found := post_of(row.post_id))]


def named_for(duty: str) -> list[PostEntry]:
    """The posts that the council named for a duty. One query."""
    rows = Nominee.objects.filter(duty=duty).values_list("post_id", flat=True)
    return [found for post_id in rows if (found := post_of(post_id))]


def post_of(post_id: UUID) -> PostEntry | None:
    try:
        return directory.post_by_id(post_id)
    except UnknownCode:
        return None


def tell_posts(
    template: str,
    posts: Iterable[PostEntry],
    *,
    about: Subject,
    key: str,
    context: dict[str, object],
    path: str,
    at: datetime,
) -> int:
    """One message to each holder of each post; how many."""
    addresses = {email: post.title for post in posts for email in mail_of(post.id, on=council_date(at)) if email}
    for email, title in addresses.items():
        send(
            template,
            Recipient(name=title, email=email),
            about=about,
            key=f"{key}-{email}",
            context=context,
            path=path,
            at=at,
        )
    return len(addresses)


def tell_person(
    template: str, user_id: UUID, *, about: Subject, key: str, context: dict[str, object], path: str, at: datetime
) -> None:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is not None:
        to = Recipient(name=person.name, email=person.email)
        send(template, to, about=about, key=f"{key}-{user_id}", context=context, path=path, at=at)


def send(
    template: str, to: Recipient, *, about: Subject, key: str, context: dict[str, object], path: str, at: datetime
) -> None:
    link = f"{settings.PUBLIC_URL}{path}"
    notifications.send(template, to=to, about=about, key=key, context={**context, "link": link}, at=at)


def names_of(user_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """One query."""
    wanted = {one for one in user_ids if one is not None}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
