"""Everything that changes an entry: writing a version, offering it to a second person, approving it, reading it again, withdrawing it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date
from townhall.knowledge import library, scripts
from townhall.knowledge.errors import ChangedMeanwhile
from townhall.knowledge.models import Audience, Entry, Kind, Version
from townhall.knowledge.permissions import WRITE, require_approve, require_own_service
from townhall.knowledge.states import VersionState, check_version
from townhall.ledger import operations as ledger

REVIEW = "knowledge.review"
REVIEW_AFTER = timedelta(days=365)
LONGEST_TITLE, LONGEST_BODY = 200, 50_000
_IN_HAND = (VersionState.DRAFT, VersionState.OFFERED)


@dataclass(frozen=True, kw_only=True)
class About:
    """What an entry is and whose it is, beside its words. Posts and teams by code; empty for none."""

    audience: str = Audience.STAFF
    service_codes: tuple[str, ...] = ()
    topic: str = ""
    keywords: tuple[str, ...] = ()
    form_code: str = ""
    owner_post: str = ""
    client_team: str = ""
    review_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Written:
    """Words for a version. note: what is different from the one in use, and why."""

    title: str
    body: str
    note: str = ""
    about: About = field(default_factory=About)


@transaction.atomic
def write(kind: str, written: Written, *, by: Actor, at: datetime, code: str = "") -> Entry:
    """A new entry with its first version, not in use yet. Raises NotAllowed, BadInput."""
    require(by, WRITE)
    cleaned = _checked(Kind(kind), written, at=at)
    code = code or _free_code(cleaned.title)
    if Entry.objects.filter(code=code).exists():
        raise BadInput({"title": _("There is an entry with this name already")})
    entry = Entry(code=code, kind=kind, title=cleaned.title, made_at=at, changed_at=at)
    _set_about(entry, cleaned.about)
    entry.save()
    _add_version(entry, cleaned, by=by, at=at)
    ledger.record("knowledge.written", about=entry.subject, by=by, at=at, data={"kind": kind, "number": 1})
    return entry


@transaction.atomic
def rewrite(entry_id: UUID, written: Written, *, held: int, by: Actor, at: datetime) -> Version:
    """Other words for an entry, as a draft; what is in use stays until they are approved. Whose it is changes at once.

    held: the newest version when its words were read. That everybody may read what is in use is for a second person too.
    Raises NotAllowed, SecondPerson, NotFound, BadInput, ChangedMeanwhile.
    """
    require(by, WRITE)
    entry = _locked(entry_id)
    cleaned = _checked(Kind(entry.kind), written, at=at)
    newest = entry.versions.order_by("-number").first()
    if newest is None or newest.number != held:
        raise ChangedMeanwhile
    if entry.is_live and cleaned.about.audience == Audience.PUBLIC != entry.audience:
        require_approve(entry, entry.versions.get(number=entry.version), by)
    was, team_id = entry.review_on, entry.client_team_id
    _set_about(entry, cleaned.about)
    if entry.is_live and entry.client_team_id != team_id:
        require_own_service(entry, team_id, by)
    entry.save()
    if entry.is_live and entry.review_on != was:
        _clock_again(entry, at=at)
    if (newest.title, newest.body) == (cleaned.title, cleaned.body):
        library.forget()
        return newest
    if newest.state in _IN_HAND:
        newest.delete()  # somebody's draft becomes the next one; what was approved is never changed
    made = _add_version(entry, cleaned, by=by, at=at, number=held + 1)
    ledger.record("knowledge.written", about=entry.subject, by=by, at=at, data={"number": made.number})
    library.forget()
    return made


@transaction.atomic
def offer(entry_id: UUID, *, by: Actor, at: datetime) -> Version:
    """Ask a second person to approve the draft. Raises NotAllowed, NotFound, WrongState."""
    require(by, WRITE)
    entry = _locked(entry_id)
    version = _in_hand(entry)
    check_version(version.state, VersionState.OFFERED)
    version.state = VersionState.OFFERED
    version.save(update_fields=["state"])
    ledger.record("knowledge.offered", about=entry.subject, by=by, at=at, data={"number": version.number})
    return version


@transaction.atomic
def approve(entry_id: UUID, *, number: int, by: Actor, at: datetime, words: str = "") -> Entry:
    """Put the offered version in use; the review date runs anew.

    number: of the version that was read. Raises NotAllowed, SecondPerson, NotTheService, NotFound, WrongState, ChangedMeanwhile.
    """
    entry = _locked(entry_id)
    version = _in_hand(entry)
    require_approve(entry, version, by)
    check_version(version.state, VersionState.APPROVED)
    if version.number != number:
        raise ChangedMeanwhile
    entry.versions.filter(state=VersionState.APPROVED).update(state=VersionState.REPLACED)
    version.state, version.decided_at, version.decided_by = VersionState.APPROVED, at, by.id
    version.decision = words.strip()[:2_000]
    version.save()
    entry.title, entry.body, entry.version, entry.changed_at = version.title, version.body, version.number, at
    entry.withdrawn_at = None
    if entry.review_on is None or entry.review_on <= council_date(at):
        entry.review_on = council_date(at) + REVIEW_AFTER
    entry.save()
    _clock_again(entry, at=at)
    ledger.record("knowledge.approved", about=entry.subject, by=by, at=at, data={"number": number})
    library.forget()
    return entry


@transaction.atomic
def send_back(entry_id: UUID, *, number: int, words: str, by: Actor, at: datetime) -> Version:
    """It cannot be used as it is. Raises as `approve`, and BadInput without a reason."""
    entry = _locked(entry_id)
    version = _in_hand(entry)
    require_approve(entry, version, by)
    check_version(version.state, VersionState.DRAFT)
    if version.number != number:
        raise ChangedMeanwhile
    if not words.strip():
        raise BadInput({"words": _("Enter what has to be changed")})
    refuse_card_numbers(words=words)
    version.state, version.decision = VersionState.DRAFT, words.strip()[:2_000]
    version.save(update_fields=["state", "decision"])
    ledger.record("knowledge.sent_back", about=entry.subject, by=by, at=at, data={"number": number})
    return version


@transaction.atomic
def review(entry_id: UUID, *, next_on: date, by: Actor, at: datetime) -> Entry:
    """Somebody read it and it still holds. Raises NotAllowed, NotFound, WrongState when not in use, BadInput."""
    require(by, WRITE)
    entry = _locked(entry_id)
    if not entry.is_live:
        raise WrongState
    if next_on <= council_date(at):
        raise BadInput({"review_on": _("The next review must be in the future")})
    clocks.finish(REVIEW, about=entry.subject, at=at)
    entry.review_on, entry.reviewed_at, entry.reviewed_by = next_on, at, by.id
    entry.save(update_fields=["review_on", "reviewed_at", "reviewed_by"])
    clocks.start(REVIEW, about=entry.subject, at=at, due_on=next_on)
    ledger.record("knowledge.reviewed", about=entry.subject, by=by, at=at, data={"review_on": next_on.isoformat()})
    return entry


@transaction.atomic
def withdraw(entry_id: UUID, *, by: Actor, at: datetime) -> Entry:
    """Nobody is to use it any more; it can be read. Raises NotAllowed, NotFound, WrongState."""
    require(by, WRITE)
    entry = _locked(entry_id)
    if not entry.is_live:
        raise WrongState
    entry.withdrawn_at = at
    entry.save(update_fields=["withdrawn_at"])
    clocks.stop(REVIEW, about=entry.subject, at=at)
    ledger.record("knowledge.withdrawn", about=entry.subject, by=by, at=at)
    library.forget()
    return entry


def _clock_again(entry: Entry, *, at: datetime) -> None:
    clocks.stop(REVIEW, about=entry.subject, at=at)
    if entry.review_on is not None:
        clocks.start(REVIEW, about=entry.subject, at=at, due_on=entry.review_on)


def _add_version(entry: Entry, written: Written, *, by: Actor, at: datetime, number: int = 0) -> Version:
    number = number or (entry.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    return Version.objects.create(
        entry=entry,
        number=number,
        title=written.title,
        body=written.body,
        note=written.note,
        written_at=at,
        written_by=by.id,
    )


def _locked(entry_id: UUID) -> Entry:
    entry = Entry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


def _in_hand(entry: Entry) -> Version:
    found = entry.versions.filter(state__in=_IN_HAND).first()
    if found is None:
        raise WrongState
    return found


def _set_about(entry: Entry, about: About) -> None:
    entry.audience, entry.topic, entry.form_code = about.audience, about.topic, about.form_code
    entry.service_codes, entry.keywords = list(about.service_codes), list(about.keywords)
    entry.owner_post_id = directory.post(about.owner_post).id if about.owner_post else None
    entry.client_team_id = directory.team(about.client_team).id if about.client_team else None
    entry.review_on = about.review_on


def _checked(kind: Kind, written: Written, *, at: datetime) -> Written:
    title, body = " ".join(written.title.split()), written.body.strip()
    about = written.about
    problems = _about_problems(kind, about, at=at)
    if not title or len(title) > LONGEST_TITLE:
        problems["title"] = _("Enter a title of up to %(most)d characters") % {"most": LONGEST_TITLE}
    if not body or len(body) > LONGEST_BODY:
        problems["body"] = _("Enter what it says, up to %(most)d characters") % {"most": LONGEST_BODY}
    elif kind is Kind.SCRIPT:
        problems |= _script_problems(body)
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(title=title, body=body)
    return Written(title=title, body=body, note=written.note.strip()[:1_000], about=about)


def _script_problems(body: str) -> dict[str, str]:
    try:
        scripts.read(body)
    except scripts.BadScript as error:
        return {"body": str(error)}
    return {}


def _about_problems(kind: Kind, about: About, *, at: datetime) -> dict[str, str]:
    problems: dict[str, str] = {}
    if missing := catalogue.unknown(about.service_codes):
        problems["services"] = _("There is no service %(code)s") % {"code": missing[0]}
    if about.owner_post not in {post.code for post in directory.all_posts()}:
        problems["owner_post"] = _("Select who answers for it")
    if about.client_team and about.client_team not in {team.code for team in directory.all_teams()}:
        problems["client_team"] = _("Select a team")
    if kind in (Kind.PROCEDURE, Kind.TRAINING) and not about.client_team:
        problems["client_team"] = _("Select the service that it describes and that signs it off")
    if kind is Kind.REPLY and not about.topic.strip():
        problems["topic"] = _("Enter what customers ask that this answers")
    if about.audience not in Audience.values:
        problems["audience"] = _("Select who may read it")
    if about.audience == Audience.PUBLIC and kind is not Kind.ARTICLE:
        problems["audience"] = _("Only articles can be read by everybody")
    return problems


def _free_code(title: str) -> str:
    reserved = frozenset(
        {"new", "flag", "tasks", "missed", "synonyms", "referrals", "changes", "handouts", "elsewhere"}
    )
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "entry"
    taken = reserved | set(Entry.objects.filter(code__startswith=plain).values_list("code", flat=True))
    return next(code for code in (plain, *(f"{plain}-{number}" for number in range(2, 10_000))) if code not in taken)


def codes_of(text: str) -> tuple[str, ...]:
    """Words or codes typed with commas or on lines, as a tuple without doubles."""
    parts: Sequence[str] = [" ".join(part.split()) for part in re.split(r"[,\n]", text)]
    return tuple(dict.fromkeys(part for part in parts if part))
