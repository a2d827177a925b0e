"""The directory of who else deals with what, and when: offered where a service is out of scope or closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.refreshing import Refreshing
from townhall.core.time import council_date
from townhall.knowledge import hours
from townhall.knowledge.models import Referral
from townhall.knowledge.permissions import WRITE
from townhall.ledger import operations as ledger

REVIEW = "knowledge.review"


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is said of somebody outside. hours: as hours.py reads them."""

    name: str
    deals_with: str
    keywords: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    link: str = ""
    hours: str = ""
    owner_post: str = ""
    review_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Offered:
    """Somebody to send a customer to. is_open: None when their hours are not known."""

    referral: Referral
    is_open: bool | None
    hours_words: str = field(default="")


def _load() -> tuple[Referral, ...]:
    return tuple(Referral.objects.filter(ended_at=None).order_by("name", "id"))


_kept = Refreshing(_load)


def every() -> tuple[Referral, ...]:
    """Those that hold, by name; at most a few seconds old."""
    return _kept.get()


def offered(service_code: str, *, at: datetime, refer_to: Sequence[str] = ()) -> list[Offered]:
    """Who stands in for one of our services, those who can be reached now first. refer_to: names that its routing knows."""
    named = {name.lower() for name in refer_to}
    found = [one for one in every() if service_code in one.service_codes or one.name.lower() in named]
    return shown(found, at=at)


def shown(found: Sequence[Referral], *, at: datetime) -> list[Offered]:
    lines = [
        Offered(referral=one, is_open=hours.is_open(one.hours, at=at), hours_words=hours.in_words(one.hours))
        for one in found
    ]
    order = {True: 0, None: 1, False: 2}
    return sorted(lines, key=lambda line: (order[line.is_open], line.referral.name))


@transaction.atomic
def keep(given: Given, *, by: Actor, at: datetime, referral_id: UUID | None = None) -> Referral:
    """Enter somebody, or say otherwise; the review date runs anew. Raises NotAllowed, NotFound, BadInput."""
    require(by, WRITE)
    _refuse(given, at=at)
    row = Referral() if referral_id is None else Referral.objects.select_for_update().filter(pk=referral_id).first()
    if row is None or row.ended_at is not None:
        raise NotFound
    row.name, row.deals_with = " ".join(given.name.split()), given.deals_with.strip()
    row.keywords, row.service_codes = list(given.keywords), list(given.service_codes)
    row.phone, row.email, row.link, row.hours = given.phone, given.email, given.link, given.hours
    row.owner_post_id = directory.post(given.owner_post).id
    row.review_on, row.changed_at = given.review_on, at
    row.save()
    clocks.stop(REVIEW, about=row.subject, at=at)
    if row.review_on:
        clocks.start(REVIEW, about=row.subject, at=at, due_on=row.review_on)
    ledger.record("knowledge.referral_kept", about=row.subject, by=by, at=at)
    forget()
    return row


@transaction.atomic
def end(referral_id: UUID, *, by: Actor, at: datetime) -> None:
    """They do not deal with it any more. Raises NotAllowed, NotFound."""
    require(by, WRITE)
    row = Referral.objects.select_for_update().filter(pk=referral_id, ended_at=None).first()
    if row is None:
        raise NotFound
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    clocks.stop(REVIEW, about=row.subject, at=at)
    ledger.record("knowledge.referral_ended", about=row.subject, by=by, at=at)
    forget()


def forget() -> None:
    _kept.forget()
    transaction.on_commit(_kept.forget)


def _refuse(given: Given, *, at: datetime) -> None:
    problems = {}
    if not given.name.strip() or len(given.name) > 200:
        problems["name"] = _("Enter who they are")
    if not given.deals_with.strip() or len(given.deals_with) > 2_000:
        problems["deals_with"] = _("Enter what they deal with")
    if not (given.phone or given.email or given.link):
        problems["phone"] = _("Enter a telephone number, an email address or a web address")
    if given.link and not given.link.startswith(("https://", "http://")):
        problems["link"] = _("Enter a web address that begins with https://")
    try:
        hours.read(given.hours)
    except ValueError as error:
        problems["hours"] = str(error)
    if missing := catalogue.unknown(given.service_codes):
        problems["services"] = _("There is no service %(code)s") % {"code": missing[0]}
    if given.owner_post not in {post.code for post in directory.all_posts()}:
        problems["owner_post"] = _("Select who answers for it")
    if given.review_on and given.review_on <= council_date(at):
        problems["review_on"] = _("The next review must be in the future")
    if problems:
        raise BadInput(problems)
