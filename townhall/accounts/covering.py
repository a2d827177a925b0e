"""While somebody is away their posts are held by whoever covers for them, so that work, messages and rights pass together.

A holding is cut in three: until the day before, the cover's days, and from the day after. Nothing has to happen on the day itself.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.models import PostHolder, User
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed
from townhall.core.subjects import Subject
from townhall.ledger.operations import record

_DAY = timedelta(days=1)
ANYBODY = "people.administer"  # may have anybody cover for anybody
MANAGE = "phone.manage"  # may for the posts of their own teams


@transaction.atomic
def pass_posts(
    user_id: UUID, *, cover_id: UUID | None, from_on: date, until_on: date, by: Actor, at: datetime
) -> list[UUID]:
    """Have `cover_id` hold the posts of somebody who is away on these days; the posts that passed.

    Without a cover every post must have another holder on all of them. Raises BadInput, NotAllowed.
    """
    held = list(
        PostHolder.objects.select_for_update()
        .filter(
            Q(until_on=None) | Q(until_on__gte=from_on), user_id=user_id, from_on__lte=until_on, post__is_active=True
        )
        .select_related("post")
        .order_by("pk")
    )
    _check(held, user_id, cover_id, by=by)
    alone = [one.post.title for one in held if not _others(one, user_id, from_on, until_on)]
    if cover_id is None and alone:
        raise BadInput({"cover": _("Nobody else holds: %(posts)s. Select who covers") % {"posts": ", ".join(alone)}})
    for one in held:
        _cut(one, from_on=from_on, until_on=until_on)
        if cover_id is not None and not _holds(cover_id, one.post_id, from_on):
            PostHolder.objects.create(post_id=one.post_id, user_id=cover_id, from_on=from_on, until_on=until_on)
        data: dict[str, object] = {
            "post": str(one.post_id),
            "cover": str(cover_id or ""),
            "from_on": from_on.isoformat(),
            "until_on": until_on.isoformat(),
        }
        record("staff.post_covered", about=Subject(kind="user", id=user_id), by=by, at=at, data=data)
    return [one.post_id for one in held]


def _check(held: list[PostHolder], user_id: UUID, cover_id: UUID | None, *, by: Actor) -> None:
    """Oneself to a colleague in the same team; a manager in their own teams; an administrator anybody."""
    if permissions.may(by, ANYBODY):
        return
    teams = {one.post.team_id for one in held}
    is_own = by.is_staff and by.id == str(user_id)
    if not is_own and not (permissions.may(by, MANAGE) and teams <= by.teams):
        raise NotAllowed
    colleagues = User.objects.filter(posts_held__post__team__in=teams, posts_held__until_on=None)
    if is_own and cover_id is not None and not colleagues.filter(pk=cover_id).exists():
        raise BadInput({"cover": _("Select somebody in your own team, or ask your manager")})


def _others(one: PostHolder, user_id: UUID, from_on: date, until_on: date) -> bool:
    others = PostHolder.objects.filter(post_id=one.post_id, user__is_active=True, from_on__lte=from_on).exclude(
        user_id=user_id
    )
    return others.filter(Q(until_on=None) | Q(until_on__gte=until_on)).exists()


def _holds(user_id: UUID, post_id: UUID, on: date) -> bool:
    held = PostHolder.objects.filter(
        Q(until_on=None) | Q(until_on__gte=on), user_id=user_id, post_id=post_id, from_on__lte=on
    )
    return held.exists()


def _cut(one: PostHolder, *, from_on: date, until_on: date) -> None:
    """Take these days out of a holding."""
    ends = one.until_on
    if one.from_on < from_on:
        one.until_on = from_on - _DAY
        one.save(update_fields=["until_on"])
    else:
        one.delete()
    if ends is None or ends > until_on:
        PostHolder.objects.create(post_id=one.post_id, user_id=one.user_id, from_on=until_on + _DAY, until_on=ends)


@transaction.atomic
def take_back(
    user_id: UUID, posts: list[UUID], *, cover_id: UUID | None, until_on: date, on: date, by: Actor, at: datetime
) -> None:
    """They are back on `on`, before `until_on`: their posts are theirs again from that day."""
    rows = PostHolder.objects.select_for_update()
    for post_id in posts:
        later = rows.filter(post_id=post_id, user_id=user_id, from_on=until_on + _DAY).first()
        if later is not None:
            later.from_on = on
            later.save(update_fields=["from_on"])
        else:
            PostHolder.objects.create(post_id=post_id, user_id=user_id, from_on=on, until_on=until_on)
        covering = rows.filter(post_id=post_id, user_id=cover_id, until_on=until_on).first() if cover_id else None
        if covering is not None and covering.from_on >= on:
            covering.delete()
        elif covering is not None:
            covering.until_on = on - _DAY
            covering.save(update_fields=["until_on"])
        record(
            "staff.post_back",
            about=Subject(kind="user", id=user_id),
            by=by,
            at=at,
            data={"post": str(post_id), "on": on.isoformat()},
        )
