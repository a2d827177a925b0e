"""Who owns a complaint: somebody trained in complaints, of the grade that the stage asks for, and never nobody (PEOP-02, CCC-13).

A post always answers for a complaint. Where nobody trained holds the right post, its holders are to name an owner, and are told so.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.models import Post, PostHolder, Role, User
from townhall.accounts.permissions import require
from townhall.accounts.queries import mail_of
from townhall.catalogue import queries as catalogue
from townhall.complaints.errors import MayNotOwn
from townhall.complaints.models import Complaint, Procedure
from townhall.complaints.states import OPEN
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import NotAllowed, NotFound, WrongState
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.workforce import queries as workforce

OWN = "complaints.own"
MANAGERS = frozenset({Role.TEAM_MANAGER, Role.SENIOR_MANAGER})
_LOAD = """SELECT owner_id, count(*) FROM complaints_complaint
    WHERE owner_id = ANY(%s) AND state = ANY(%s) GROUP BY owner_id"""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who may own a complaint at a stage."""

    user_id: UUID
    name: str
    post_id: UUID
    post: str
    team_id: UUID
    load: int  # open complaints of theirs


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """Which post answers for a complaint, and who owns it: None where nobody is trained."""

    post_id: UUID
    team_id: UUID
    owner_id: UUID | None


def candidates(team_id: UUID, owners: Collection[str], *, on: date, besides: Collection[UUID] = ()) -> list[Candidate]:
    """Who may own a complaint of this team: its own people first, then who has fewest. Five queries at most."""
    trained = workforce.trained_in_complaints(on)
    held = PostHolder.objects.filter(
        Q(until_on=None) | Q(until_on__gte=on),
        from_on__lte=on,
        user__is_active=True,
        post__is_active=True,
        post__team__is_active=True,
        post__role__in=list(owners),
    ).exclude(user_id__in=list(besides))
    if trained is not None:
        held = held.filter(user_id__in=list(trained))
    rows = list(held.select_related("user", "post").order_by("user__name", "post__title")[:500])
    load = dict(fetch_all(_LOAD, ([row.user_id for row in rows], list(OPEN))))
    found: dict[UUID, Candidate] = {}
    for row in sorted(rows, key=lambda one: (one.post.team_id != team_id, load.get(one.user_id, 0))):
        one = Candidate(
            user_id=row.user_id,
            name=row.user.name,
            post_id=row.post_id,
            post=row.post.title,
            team_id=row.post.team_id,
            load=load.get(row.user_id, 0),
        )
        found.setdefault(one.user_id, one)
    return list(found.values())


def keeping_of(service_code: str, procedure: Procedure, *, on: date) -> Keeping:
    """Who has a complaint as it comes in: a trained owner of the service's team, else a trained one anywhere, else a post alone."""
    post = _keeper(service_code, procedure)
    owners = procedure.stages.get(number=1).owners
    found = candidates(post.team_id, owners, on=on)
    own = next((one for one in found if one.team_id == post.team_id), None)
    if own is not None:
        return Keeping(post_id=own.post_id, team_id=post.team_id, owner_id=own.user_id)
    return Keeping(post_id=post.id, team_id=post.team_id, owner_id=found[0].user_id if found else None)


def _keeper(service_code: str, procedure: Procedure) -> directory.PostEntry:
    """The manager of the service's team; the complaints officer; any senior manager; any manager."""
    for team_id in _team_of(service_code):
        if manager := directory.manager_of(team_id):
            return manager
    if procedure.officer_post_id is not None:
        with suppress(directory.UnknownCode):  # it is no longer in use
            return directory.post_by_id(procedure.officer_post_id)
    posts = directory.all_posts()
    for role in (Role.SENIOR_MANAGER, Role.TEAM_MANAGER, Role.ADMINISTRATOR):
        if found := next((one for one in posts if one.role == role), None):
            return found
    return posts[0]  # a council without a post has nobody who could sign in


def _team_of(service_code: str) -> list[UUID]:
    try:
        return [directory.team(catalogue.entry(service_code).pack.owner_team).id] if service_code else []
    except (NotFound, directory.UnknownCode):
        return []


def stage_of(complaint: Complaint) -> int:
    """The stage that an owner is for now: before the first is begun, the first."""
    return 2 if complaint.state in ("asked_2", "stage_2") else 1


def who_may(complaint: Complaint, *, at: datetime) -> list[Candidate]:
    """Whoever may own it now; at stage 2 nobody who answered stage 1."""
    owners = complaint.procedure.stages.get(number=stage_of(complaint)).owners
    return candidates(complaint.team_id, owners, on=council_date(at), besides=_answered(complaint))


def _answered(complaint: Complaint) -> list[UUID]:
    if stage_of(complaint) == 1:
        return []
    rows = complaint.stages.filter(number=1, answered_by__isnull=False).values_list("answered_by", flat=True)
    return [one for one in rows if one is not None]


def require_fit(complaint: Complaint, user_id: UUID, *, at: datetime) -> Candidate:
    """This person as its owner. Raises MayNotOwn, which says why not and who may."""
    others = who_may(complaint, at=at)
    found = next((one for one in others if one.user_id == user_id), None)
    if found is not None:
        return found
    name = User.objects.filter(pk=user_id).values_list("name", flat=True).first() or _("They")
    if user_id in _answered(complaint):
        why = _("%(name)s answered stage 1, and stage 2 is for somebody else.") % {"name": name}
    elif not workforce.may_own_complaints(user_id, council_date(at)):
        why = _("%(name)s is not trained in complaints, or the training is out of date.") % {"name": name}
    else:
        why = _("%(name)s does not hold a post that may own a complaint at stage %(stage)s.") % {
            "name": name,
            "stage": stage_of(complaint),
        }
    raise MayNotOwn(why, others)


@transaction.atomic
def give(complaint_id: UUID, user_id: UUID, *, by: Actor, at: datetime) -> Complaint:
    """Somebody else owns it from now on. Its owner and its team's managers may; anybody who may own it may take it when it has none.

    Raises NotFound, NotAllowed, WrongState, MayNotOwn.
    """
    require(by, OWN)
    complaint = Complaint.objects.select_for_update().filter(pk=complaint_id).first()
    if complaint is None:
        raise NotFound
    if not complaint.is_open:
        raise WrongState
    is_taking = needs_owner(complaint, on=council_date(at)) and by.id == str(user_id)
    if not (is_taking or is_in_charge(complaint, by)):
        raise NotAllowed(_("Its owner, or a manager of the team that it is with, gives it to somebody else."))
    found = require_fit(complaint, user_id, at=at)
    complaint.owner_id, complaint.keeper_post_id = found.user_id, found.post_id
    complaint.save(update_fields=["owner", "keeper_post"])
    ledger.record(
        "complaint.given",
        about=complaint.subject,
        by=by,
        at=at,
        customer_id=complaint.customer_id,
        data={"owner": str(found.user_id), "post": str(found.post_id)},
    )
    tell_owner(complaint, at=at, why="given")
    return complaint


def is_in_charge(complaint: Complaint, by: Actor) -> bool:
    """Its owner, a manager of the team that it is with, whoever holds the post that answers for it, or a senior manager."""
    if by.id == str(complaint.owner_id) or Role.SENIOR_MANAGER in by.roles:
        return True
    return complaint.keeper_post_id in by.posts or (Role.TEAM_MANAGER in by.roles and complaint.team_id in by.teams)


def gone(on: date) -> Q:
    """Complaints whose owner has left, or holds no post any more: whoever answers for them is to name another."""
    holds = PostHolder.objects.filter(
        Q(until_on=None) | Q(until_on__gte=on), user_id=OuterRef("owner_id"), from_on__lte=on, post__is_active=True
    )
    return Q(owner__is_active=False) | Q(~Exists(holds), owner__isnull=False)


def needs_owner(complaint: Complaint, *, on: date) -> bool:
    """Whether nobody who works here owns it. One query at most."""
    return complaint.owner_id is None or Complaint.objects.filter(gone(on), pk=complaint.pk).exists()


def require_acting(complaint: Complaint, by: Actor, *, at: datetime) -> None:
    """For looking into it and answering: in charge of it, and trained. Raises NotAllowed, MayNotOwn."""
    require(by, OWN)
    if not is_in_charge(complaint, by):
        raise NotAllowed(_("Its owner, or a manager of the team that it is with, does that."))
    require_fit(complaint, UUID(by.id), at=at)


def tell_owner(complaint: Complaint, *, at: datetime, why: str) -> None:
    """By email: to the owner; to the holders of the post that answers for it where it has none. `why`: given, unowned, due_soon or due."""
    post = Post.objects.get(pk=complaint.keeper_post_id)
    is_unowned = needs_owner(complaint, on=council_date(at))
    if is_unowned:
        emails = _answering(complaint, on=council_date(at))
    else:
        assert complaint.owner_id is not None
        emails = [User.objects.values_list("email", flat=True).get(pk=complaint.owner_id)]
    of = at.isoformat() if why in ("given", "unowned") else complaint.due_on  # each time that it changes hands
    for email in [one for one in emails if one]:
        notifications.send(
            "staff/complaint",
            to=Recipient(name=post.title, email=email),
            about=complaint.subject,
            key=f"complaint-{why}-{complaint.pk}-{of}-{email}",
            context={
                "why": "unowned" if is_unowned else why,
                "reference": complaint.reference,
                "kind": complaint.get_kind_display(),
                "due_on": complaint.due_on,
                "link": f"{settings.PUBLIC_URL}/work/complaints/{complaint.pk}",
            },
            at=at,
        )


def _answering(complaint: Complaint, *, on: date) -> list[str]:
    """Addresses of the post that answers for it; where nobody reads those any more, of a manager of its team."""
    posts = directory.all_posts()
    managers = [one.id for one in posts if one.team_id == complaint.team_id and one.role == Role.TEAM_MANAGER]
    for post_id in (complaint.keeper_post_id, *managers):
        with suppress(directory.UnknownCode):
            if emails := [one for one in mail_of(post_id, on=on) if one]:
                return emails
    return []
