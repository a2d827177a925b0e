"""Everything that changes who works here and what they hold. Done by an administrator, or by Townhall at set-up (SYSTEM)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions, sessions, sites
from townhall.accounts.errors import LinkOver
from townhall.accounts.models import Post, PostHolder, Role, SetUpLink, Team, User
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger.operations import record

LINK_LASTS = timedelta(days=3)
MAY = "people.administer"


@transaction.atomic
def create_user(*, email: str, name: str, by: Actor, at: datetime) -> User:
    """Somebody who can be given a post. They have no password until they follow a set-up link. Raises BadInput, NotAllowed."""
    permissions.require(by, MAY)
    email, name = email.strip().lower(), name.strip()
    check_person(email, name)
    user = User(email=email, name=name)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise BadInput({"email": _("Somebody with this email address is on the list already")}) from error
    record("staff.added", about=_person(user.pk), by=by, at=at)
    return user


@transaction.atomic
def make_set_up_link(user_id: UUID, *, by: Actor, at: datetime) -> str:
    """The token of a link to choose a password, shown this once. Earlier links stop working. Raises NotAllowed, NotFound."""
    permissions.require(by, MAY)
    user = _locked(user_id)
    SetUpLink.objects.filter(user=user, used_at=None).update(used_at=at)
    token = secrets.token_urlsafe(32)
    SetUpLink.objects.create(user=user, token_hash=_token_hash(token), expires_at=at + LINK_LASTS)
    record("staff.set_up_link_made", about=_person(user.pk), by=by, at=at)
    return token


def link_holder(token: str, at: datetime) -> User:
    """Whose link this is. Raises LinkOver."""
    found = SetUpLink.objects.select_related("user").filter(
        token_hash=_token_hash(token), used_at=None, expires_at__gt=at, user__is_active=True
    )
    link = found.first()
    if link is None:
        raise LinkOver
    return link.user


@transaction.atomic
def choose_password(token: str, password: str, *, at: datetime) -> User:
    """Use a link to set a password; ends every session of its owner. Raises LinkOver, or BadInput with what is wrong."""
    user = link_holder(token, at)
    _check_password(password, user)
    if not SetUpLink.objects.filter(token_hash=_token_hash(token), used_at=None).update(used_at=at):
        raise LinkOver
    _set_password(user.pk, password, because="set_up", by=permissions.themselves(user.pk), at=at)
    return user


def change_password(user_id: UUID, *, present: str, new: str, by: Actor, at: datetime, keep: UUID | None) -> None:
    """Change one's own password; every other session ends. Raises BadInput under `present` or `password`."""
    user = User.objects.get(pk=user_id)
    if not check_password(present, user.password):
        record("staff.password_refused", about=_person(user_id), by=by, at=at)
        raise BadInput({"present": _("Your present password is not right")})
    _check_password(new, user)
    with transaction.atomic():
        _set_password(user_id, new, because="changed", by=by, at=at, keep=keep)


@transaction.atomic
def set_password(user_id: UUID, password: str, *, by: Actor, at: datetime) -> None:
    """Set somebody's password, from the command line or for the demo. Raises BadInput, NotAllowed."""
    permissions.require(by, MAY)
    user = _locked(user_id)
    _check_password(password, user)
    _set_password(user_id, password, because="set", by=by, at=at)


@transaction.atomic
def disable(user_id: UUID, *, by: Actor, at: datetime) -> None:
    """Close somebody's sign-in at once: their sessions end and their set-up links stop. Posts stay, so work is not orphaned."""
    permissions.require(by, MAY)
    user = _locked(user_id)
    if not user.is_active:
        raise WrongState
    if by.id == str(user_id):
        raise WrongState(_("You cannot close your own sign-in. Ask another administrator."))
    user.is_active = False
    user.save(update_fields=["is_active"])
    SetUpLink.objects.filter(user=user, used_at=None).update(used_at=at)
    record("staff.disabled", about=_person(user_id), by=by, at=at)
    sessions.end_all(user_id, because="disabled", by=by, at=at)


@transaction.atomic
def enable(user_id: UUID, *, by: Actor, at: datetime) -> None:
    permissions.require(by, MAY)
    user = _locked(user_id)
    if user.is_active:
        raise WrongState
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("staff.enabled", about=_person(user_id), by=by, at=at)


@transaction.atomic
def hold_post(user_id: UUID, post_id: UUID, *, from_on: date, by: Actor, at: datetime) -> PostHolder:
    """Give somebody a post from a council date. Raises WrongState when they hold it already."""
    permissions.require(by, MAY)
    user = _locked(user_id)
    post = Post.objects.filter(pk=post_id, is_active=True).first()
    if post is None:
        raise NotFound
    if PostHolder.objects.filter(user=user, post=post, until_on=None).exists():
        raise WrongState(_("They hold this post already."))
    held = PostHolder.objects.create(user=user, post=post, from_on=from_on)
    data: dict[str, object] = {
        "post": str(post.pk),
        "role": post.role,
        "team": str(post.team_id),
        "from_on": str(from_on),
    }
    record("staff.post_given", about=_person(user_id), by=by, at=at, data=data)
    return held


@transaction.atomic
def leave_post(user_id: UUID, post_id: UUID, *, by: Actor, at: datetime) -> None:
    """End a post at once: its last day held was yesterday, or it was never held when it began today. Raises WrongState."""
    permissions.require(by, MAY)
    user = _locked(user_id)
    held = PostHolder.objects.select_related("post").filter(user=user, post_id=post_id, until_on=None).first()
    if held is None:
        raise WrongState(_("They do not hold this post."))
    today = council_date(at)
    if held.from_on >= today:
        held.delete()
    else:
        held.until_on = today - timedelta(days=1)
        held.save(update_fields=["until_on"])
    data: dict[str, object] = {"post": str(post_id), "role": held.post.role, "team": str(held.post.team_id)}
    record("staff.post_left", about=_person(user_id), by=by, at=at, data=data)


@transaction.atomic
def create_team(*, code: str, name: str, kind: str, by: Actor, at: datetime, email: str = "", phone: str = "") -> Team:
    permissions.require(by, MAY)
    team = Team.objects.create(code=code, name=name, kind=Team.Kind(kind), email=email, phone=phone)
    record("team.added", about=Subject(kind="team", id=team.pk), by=by, at=at)
    return team


@transaction.atomic
def create_post(*, code: str, title: str, team_id: UUID, role: str, by: Actor, at: datetime) -> Post:
    permissions.require(by, MAY)
    post = Post.objects.create(code=code, title=title, team_id=team_id, role=Role(role))
    data: dict[str, object] = {"role": post.role, "team": str(team_id)}
    record("post.added", about=Subject(kind="post", id=post.pk), by=by, at=at, data=data)
    return post


@transaction.atomic
def set_site(post_id: UUID, site_code: str, *, by: Actor, at: datetime) -> Post:
    """Where a post works; empty for every site. Holds for its holders at once. Raises NotAllowed, NotFound, BadInput."""
    permissions.require(by, MAY)
    post = Post.objects.select_for_update().filter(pk=post_id, is_active=True).first()
    if post is None:
        raise NotFound
    if site_code and site_code not in sites.names():
        raise BadInput({"site": _("Select a site of the list")})
    if post.site_code != site_code:
        data: dict[str, object] = {"site": site_code, "before": post.site_code}
        post.site_code = site_code
        post.save(update_fields=["site_code"])
        record("post.site_set", about=Subject(kind="post", id=post.pk), by=by, at=at, data=data)
    return post


def _set_password(
    user_id: UUID, password: str, *, because: str, by: Actor, at: datetime, keep: UUID | None = None
) -> None:
    user = _locked(user_id)
    user.set_password(password)
    user.save(update_fields=["password"])
    record("staff.password_set", about=_person(user_id), by=by, at=at, data={"because": because})
    sessions.end_all(user_id, because="password", by=by, at=at, keep=keep)


def _check_password(password: str, user: User) -> None:
    if len(password) > 4_000:
        raise BadInput({"password": _("Choose a password of fewer than 4,000 characters")})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput({"password": " ".join(error.messages)}) from error


def check_person(email: str, name: str) -> None:
    problems = {}
    try:
        validate_email(email)
    except ValidationError:
        problems["email"] = _("Enter an email address in the correct format, like name@example.com")
    if not name or "\0" in name:
        problems["name"] = _("Enter their full name")
    if problems:
        raise BadInput(problems)


def _locked(user_id: UUID) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _person(user_id: UUID) -> Subject:
    return Subject(kind="user", id=user_id)
