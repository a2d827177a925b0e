"""The page register (KNOW-10): every public page with its kind, owner and review date.

The doors say which pages they have: from the table of addresses and the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Role
from townhall.accounts.permissions import require
from townhall.accounts.queries import mail_of
from townhall.clocks import operations as clocks
from townhall.clocks.events import ClockRang
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date
from townhall.insight.models import Page, PageMix
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

MAY: Final = "pages.manage"
CLOCK: Final = "page.review"
FIRST, LAST = timedelta(days=30), timedelta(days=365)  # after a page is first seen: reviews are spread over a year


@dataclass(frozen=True, kw_only=True)
class KnownPage:
    """A page that the site has now."""

    name: str  # as it is counted: "portal:service/pothole"
    title: str
    path: str
    kind: Page.Kind
    owner: str = ""  # code of the post that answers for it by itself; empty: the website's own


_sources: list[Callable[[], Iterable[KnownPage]]] = []


def pages_come_from(source: Callable[[], Iterable[KnownPage]]) -> None:
    """A door tells which pages it has."""
    if source not in _sources:
        _sources.append(source)


def known_pages() -> dict[str, KnownPage]:
    return {page.name: page for source in _sources for page in source()}


def refresh(at: datetime) -> int:
    """Bring the register up to what the site has now, and note its mix today; how many pages came, went or were renamed."""
    known, today = known_pages(), council_date(at)
    with transaction.atomic():
        held = {page.name: page for page in Page.objects.select_for_update().order_by("pk")}
        fresh = [page for name, page in sorted(known.items()) if name not in held]
        for number, page in enumerate(fresh):
            _add(page, today=today, review_on=today + FIRST + (LAST - FIRST) * number // len(fresh), at=at)
        changed = sum(_follow(page, known.get(name), at=at) for name, page in held.items())
        _note_mix(today)
    return len(fresh) + changed


def _add(page: KnownPage, *, today: date, review_on: date, at: datetime) -> None:
    owner = directory.post(page.owner) if page.owner else _website_owner()
    row = Page.objects.create(
        name=page.name,
        title=page.title,
        path=page.path,
        kind=page.kind,
        owner_post_id=owner.id if owner else None,
        review_on=review_on,
        first_seen_on=today,
    )
    clocks.start(CLOCK, about=row.subject, at=at, due_on=review_on)


def _website_owner() -> directory.PostEntry | None:
    """Who answers for pages of no service: the first administrator's post."""
    return next((post for post in directory.all_posts() if post.role == Role.ADMINISTRATOR), None)


def _follow(row: Page, page: KnownPage | None, *, at: datetime) -> bool:
    """Take over a new title or address, and note a page that went or came back."""
    gone_on = None if page else row.gone_on or council_date(at)
    title, path = (page.title, page.path) if page else (row.title, row.path)
    if (title, path, gone_on) == (row.title, row.path, row.gone_on):
        return False
    if (gone_on is None) != (row.gone_on is None):
        if gone_on:
            clocks.stop(CLOCK, about=row.subject, at=at)
        else:
            clocks.start(CLOCK, about=row.subject, at=at, due_on=row.review_on)
    row.title, row.path, row.gone_on = title, path, gone_on
    row.save(update_fields=["title", "path", "gone_on"])
    return True


def _note_mix(today: date) -> None:
    found = dict(Page.objects.filter(gone_on=None).values_list("kind").annotate(pages=Count("pk")))
    for kind in Page.Kind.values:
        PageMix.objects.update_or_create(on=today, kind=kind, defaults={"pages": found.get(kind, 0)})


@dataclass(frozen=True, kw_only=True)
class Review:
    """What somebody decided about a page. is_reviewed: they have read it and it is right."""

    kind: str
    owner_post_id: UUID
    review_on: date
    is_reviewed: bool


@transaction.atomic
def keep(page_id: UUID, review: Review, *, by: Actor, at: datetime) -> Page:
    """Change who answers for a page, its kind or next review, and note a review. Raises NotAllowed, NotFound, BadInput."""
    require(by, MAY)
    page = Page.objects.select_for_update().filter(pk=page_id, gone_on=None).first()
    if page is None:
        raise NotFound
    _refuse(review, page, today=council_date(at))
    moved = page.review_on != review.review_on
    page.kind, page.owner_post_id, page.review_on = review.kind, review.owner_post_id, review.review_on
    if review.is_reviewed:
        page.reviewed_at, page.reviewed_by = at, by.id
    if moved:
        page.overdue_at = None
        end = clocks.finish if review.is_reviewed else clocks.stop
        end(CLOCK, about=page.subject, at=at)
        clocks.start(CLOCK, about=page.subject, at=at, due_on=review.review_on)
    page.save()
    owner = directory.post_by_id(review.owner_post_id).code
    data: dict[str, object] = {"kind": review.kind, "owner": owner, "review_on": review.review_on.isoformat()}
    ledger.record(
        "page.reviewed" if review.is_reviewed else "page.changed", about=page.subject, by=by, at=at, data=data
    )
    return page


def _refuse(review: Review, page: Page, *, today: date) -> None:
    problems: dict[str, str] = {}
    if review.kind not in Page.Kind.values:
        problems["kind"] = _("Select what kind of page it is")
    if review.owner_post_id not in {post.id for post in directory.all_posts()}:
        problems["owner"] = _("Select who answers for the page")
    if review.review_on <= today and (review.is_reviewed or review.review_on != page.review_on):
        problems["review_on"] = _("The next review must be in the future")
    if problems:
        raise BadInput(problems)


def review_rang(event: ClockRang) -> None:
    """The review is late: whoever holds the page's post is told, or its team when nobody does."""
    if event.kind != CLOCK or event.rung != "due":
        return
    page = Page.objects.select_for_update().filter(pk=event.subject.id, gone_on=None).first()
    if page is None or page.overdue_at is not None:
        return
    page.overdue_at = event.at
    page.save(update_fields=["overdue_at"])
    ledger.record("page.review_overdue", about=page.subject, by=SYSTEM, at=event.at)
    if page.owner_post_id is None:
        return
    post = directory.post_by_id(page.owner_post_id)
    context = {
        "title": page.title,
        "review_on": page.review_on,
        "page_link": f"{settings.PUBLIC_URL}/work/website/pages/{page.pk}",
    }
    for email in mail_of(post.id, on=council_date(event.at)):
        notifications.send(
            "staff/page_review",
            to=Recipient(name=post.title, email=email),
            about=page.subject,
            key=f"page-review-{page.pk}-{page.review_on}-{email}",
            context=context,
            at=event.at,
        )
