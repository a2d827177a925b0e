"""Which posts the council named for approving markers, for hearing appeals, and for coming when help is called."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.accounts.models import Post
from townhall.core.actors import Actor
from townhall.core.errors import NotFound, refuse
from townhall.core.subjects import Subject
from townhall.places.models import Site
from townhall.safety.models import Nominee
from townhall.safety.recording import record

MANAGE = "people.administer"


@transaction.atomic
def nominate(*, duty: str, post_code: str, rank: int = 1, site_code: str = "", by: Actor, at: datetime) -> Nominee:
    """Name a post for a duty; its rank, if it is named already. Raises NotAllowed, BadInput."""
    permissions.require(by, MANAGE)
    post = Post.objects.filter(code=post_code, is_active=True).first()
    site = Site.objects.filter(pk=site_code).first() if site_code else None
    problems = {
        "duty": "" if duty in Nominee.Duty.values else _("Select a duty"),
        "post": "" if post else _("Select a post"),
        "rank": "" if 1 <= rank <= 9 else _("Enter a rank from 1 to 9"),
        "site": _("Select a site of the list") if site_code and site is None else "",
    }
    refuse(problems)
    assert post is not None
    made, _new = Nominee.objects.update_or_create(duty=duty, post=post, site=site, defaults={"rank": rank})
    record("safety.nominated", about=_subject(made), by=by, at=at, duty=duty, post=post.code, rank=rank, site=site_code)
    return made


@transaction.atomic
def withdraw(nominee_id: UUID, *, by: Actor, at: datetime) -> None:
    """Raises NotAllowed, NotFound."""
    permissions.require(by, MANAGE)
    found = Nominee.objects.filter(pk=nominee_id).first()
    if found is None:
        raise NotFound
    record("safety.nomination_ended", about=_subject(found), by=by, at=at, duty=found.duty)
    found.delete()


def rank_of(by: Actor, duty: str) -> int:
    """The highest rank that `by` holds a post of for this duty; 0 when their posts are not named for it. One query."""
    ranks = Nominee.objects.filter(duty=duty, post_id__in=by.posts).values_list("rank", flat=True)
    return max(ranks, default=0)


def _subject(one: Nominee) -> Subject:
    return Subject(kind="nominee", id=one.pk)
