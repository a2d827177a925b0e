"""What staff may read of what another department holds about a customer: with their agreement, or on a recorded lawful basis.

Everything that lists a customer's entries asks `reach` first and puts `Reach.sql` into its statement, so what is held elsewhere is never
read. A service's holder is the team that owns it. Each team reads its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts import directory, permissions
from townhall.accounts.models import Role, User
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.customers import gates
from townhall.customers.accounts.models import Consent
from townhall.customers.sharing_models import SharingBasis
from townhall.forms.typed import clean_line
from townhall.ledger import operations as ledger
from townhall.ui import naming

RECORD = "sharing.record"
EVERYTHING = "share-services"  # the purpose of the consent by which every service may see what any other holds
# A consent by which a group of departments sees what one of the group was told: purpose → the teams of the group.
GROUPS: Final = {
    "share-benefits": frozenset({"revenues", "housing", "benefits"}),
    "share-family": frozenset({"revenues", "housing", "benefits", "school-admissions"}),
}
_FRONT = frozenset({Role.ADVISER.value, Role.RECEPTIONIST.value})
_MANAGERS = frozenset(
    {Role.TEAM_MANAGER.value, Role.SENIOR_MANAGER.value, Role.PORTFOLIO_HOLDER.value, Role.ADMINISTRATOR.value}
)
_UNBOUND = frozenset({Role.DATA_PROTECTION_OFFICER.value, Role.AUDITOR.value})  # whose task is to look at all of it
LONGEST = 500
MOST = 300  # lines of the list


def readers_words(code: str) -> str:
    """Who may see what is shared, by the council's own name of its operation."""
    if code == SharingBasis.Readers.FRONT:
        return _("The %(operation)s and reception") % {"operation": naming.name(naming.OPERATION)}
    return str(SharingBasis.Readers(code).label)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A lawful basis that holds. `service`: what is shared, empty for every service but those in `besides`."""

    service: str
    readers: str
    basis: str
    why: StrOrPromise
    team_id: UUID | None = None
    besides: frozenset[str] = frozenset()


# What holds in every council until it records otherwise. A row for the same service and readers replaces one of these.
_FIRST: Final = (
    Basis(
        service="",
        readers=SharingBasis.Readers.FRONT,
        basis=SharingBasis.Basis.PUBLIC_TASK,
        why=gettext_lazy("Whoever answers the public answers for every service of the council."),
    ),
    Basis(
        service="",
        readers=SharingBasis.Readers.MANAGERS,
        basis=SharingBasis.Basis.PUBLIC_TASK,
        why=gettext_lazy(
            "Managers answer for complaints, for work that is late and for what the council does together."
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which services' entries may be read in full: all but `named` when `by_default`, else only those. Those of no service always may."""

    by_default: bool
    named: frozenset[str] = frozenset()

    def opens(self, service: str) -> bool:
        return not service or (service in self.named) is not self.by_default

    @property
    def is_whole(self) -> bool:
        return self.by_default and not self.named

    @property
    def parameters(self) -> dict[str, object]:
        """For `OPENS`."""
        return {"reach_named": sorted(self.named), "reach_default": self.by_default}


# SQL: whether the entries of a service may be read in full. `{service}` is never null; takes `Reach.parameters`.
OPENS = "({service} = '' OR ({service} = ANY(%(reach_named)s::text[])) IS DISTINCT FROM %(reach_default)s)"
WHOLE = Reach(by_default=True)


def _load() -> tuple[Basis, ...]:
    rows = list(SharingBasis.objects.order_by("recorded_at", "id"))
    replaced = {(row.service_code, row.readers) for row in rows if row.team_id is None}
    kept = [one for one in _FIRST if (one.service, one.readers) not in replaced]
    recorded = [
        Basis(
            service=row.service_code,
            readers=row.readers,
            basis=row.basis,
            why=row.why,
            team_id=row.team_id,
            besides=frozenset(row.besides),
        )
        for row in rows
        if row.ended_at is None
    ]
    return (*kept, *recorded)


_bases = Refreshing(_load)


def bases() -> Sequence[Basis]:
    """What holds now; at most a few seconds old."""
    return _bases.get()


def reach(by: Actor, *, agreed: Collection[str] = ()) -> Reach:
    """What `by` may read in full of a customer who agreed to these purposes. No query where nothing changed."""
    if not by.is_staff or by.roles & _UNBOUND or EVERYTHING in agreed:
        return WHOLE
    readers = _readers(by)
    own = _owned(by.teams) | _grouped(by.teams, agreed)
    held = [one for one in bases() if one.readers in readers or (one.team_id is not None and one.team_id in by.teams)]
    named = own | {one.service for one in held if one.service}
    wide = [one.besides for one in held if not one.service]
    if not wide:
        return Reach(by_default=False, named=frozenset(named))
    return Reach(by_default=True, named=frozenset.intersection(*wide) - named)


def reach_of(by: Actor, customer_id: UUID) -> Reach:
    """What `by` may read in full of this customer. At most one query."""
    usual = reach(by)
    if usual.is_whole:
        return usual
    given = Consent.objects.filter(customer_id=customer_id, withdrawn_at=None, purpose__in=(EVERYTHING, *GROUPS))
    return reach(by, agreed=list(given.values_list("purpose", flat=True)))


def holder_of(service: str) -> str:
    """Who holds what belongs to a service, in words: the name of the service, which says where to ask."""
    try:
        return catalogue.entry(service).pack.name
    except NotFound:
        return service


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A basis as a line of the list. Without an id it holds since Townhall was set up."""

    id: UUID | None
    service: str
    besides: Sequence[str]
    readers: str
    team: str
    basis: str
    why: StrOrPromise
    by: str
    at: datetime | None
    ended_at: datetime | None


def recorded() -> list[Recorded]:
    """Every basis that holds or held, those that hold first. Two queries."""
    rows = list(SharingBasis.objects.select_related("team").order_by("-recorded_at", "-id")[:MOST])
    names = dict(User.objects.filter(pk__in=[row.recorded_by_id for row in rows]).values_list("pk", "name"))
    lines = [
        Recorded(
            id=row.pk,
            service=row.service_code,
            besides=row.besides,
            readers=readers_words(row.readers),
            team=row.team.name if row.team else "",
            basis=row.get_basis_display(),
            why=row.why,
            by=names.get(row.recorded_by_id, "") if row.recorded_by_id else "",
            at=row.recorded_at,
            ended_at=row.ended_at,
        )
        for row in rows
    ]
    replaced = {(row.service_code, row.readers) for row in rows if row.team_id is None}
    return sorted([*_first(replaced), *lines], key=lambda one: one.ended_at is not None)


def _first(replaced: Collection[tuple[str, str]]) -> list[Recorded]:
    return [
        Recorded(
            id=None,
            service=one.service,
            besides=(),
            readers=readers_words(one.readers),
            team="",
            basis=str(SharingBasis.Basis(one.basis).label),
            why=one.why,
            by="",
            at=None,
            ended_at=None,
        )
        for one in _FIRST
        if (one.service, one.readers) not in replaced
    ]


@transaction.atomic
def record_basis(
    *,
    service: str,
    readers: str,
    basis: str,
    why: str,
    by: Actor,
    at: datetime,
    team_id: UUID | None = None,
    besides: Collection[str] = (),
) -> SharingBasis:
    """From now on these staff may see what the service holds. Raises NotAllowed, BadInput, WrongState when it is recorded already."""
    permissions.require(by, RECORD)
    _check(service, besides, readers=readers, team_id=team_id, basis=basis, why=clean_line(why))
    if not _is_narrower(service, readers, besides):
        gates.sharing.passes(None, _named(service, readers, team_id), reason=clean_line(why), by=by, at=at)
    try:
        with transaction.atomic():
            row = SharingBasis.objects.create(
                service_code=service,
                besides=sorted(besides) if not service else [],
                readers=readers,
                team_id=team_id if readers == SharingBasis.Readers.TEAM else None,
                basis=basis,
                why=clean_line(why)[:LONGEST],
                recorded_by_id=UUID(by.id) if by.is_staff else None,
                recorded_at=at,
            )
    except IntegrityError as error:
        raise WrongState(_("That is recorded already. End it first to record it anew.")) from error
    data: dict[str, object] = {"service": service, "readers": readers, "basis": basis, "besides": sorted(besides)}
    ledger.record("sharing.recorded", about=_subject(row), by=by, at=at, data=data)
    _bases.forget()
    return row


@transaction.atomic
def end_basis(basis_id: UUID, *, by: Actor, at: datetime) -> SharingBasis:
    """It holds no longer, from the next page on. Twice is once. Raises NotAllowed, NotFound."""
    permissions.require(by, RECORD)
    row = SharingBasis.objects.select_for_update().filter(pk=basis_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at, row.ended_by_id = at, UUID(by.id) if by.is_staff else None
        row.save(update_fields=["ended_at", "ended_by_id"])
        ledger.record("sharing.ended", about=_subject(row), by=by, at=at, data={"service": row.service_code})
        _bases.forget()
    return row


def _check(service: str, besides: Collection[str], *, readers: str, team_id: UUID | None, basis: str, why: str) -> None:
    known = {pack.code for pack in catalogue.services(live_only=False)}
    problems: dict[str, str] = {}
    if service and service not in known:
        problems["service"] = _("Select a service")
    if not set(besides) <= known:
        problems["besides"] = _("Select services that there are")
    if readers not in SharingBasis.Readers.values:
        problems["readers"] = _("Select who may see it")
    elif readers == SharingBasis.Readers.TEAM and team_id not in {team.id for team in directory.all_teams()}:
        problems["team"] = _("Select the team")
    if basis not in SharingBasis.Basis.values:
        problems["basis"] = _("Select the lawful basis")
    if not why:
        problems["why"] = _("Enter why they need to see it")
    if problems:
        raise BadInput(problems)


def _is_narrower(service: str, readers: str, besides: Collection[str]) -> bool:
    """Whether these readers see all of it already: then what is recorded only takes something away."""
    return readers != SharingBasis.Readers.TEAM and any(
        (one.service, one.readers) == (service, readers) and one.besides <= frozenset(besides) for one in bases()
    )


def _named(service: str, readers: str, team_id: UUID | None) -> str:
    """As its assessment names it: "pothole:front", or with the team's code."""
    teams = {team.id: team.code for team in directory.all_teams()}
    who = teams.get(team_id, readers) if team_id and readers == SharingBasis.Readers.TEAM else readers
    return f"{service or 'every'}:{who}"


def _readers(by: Actor) -> frozenset[str]:
    found = {SharingBasis.Readers.FRONT.value} if by.roles & _FRONT else set()
    return frozenset(found | ({SharingBasis.Readers.MANAGERS.value} if by.roles & _MANAGERS else set()))


def _owned(teams: Collection[UUID]) -> frozenset[str]:
    return frozenset(pack.code for pack in catalogue.services(live_only=False) if _team_id(pack.owner_team) in teams)


def _grouped(teams: Collection[UUID], agreed: Collection[str]) -> frozenset[str]:
    """What the customer agreed that this team's group may see."""
    found: set[str] = set()
    for purpose in agreed:
        group = GROUPS.get(purpose, frozenset())
        if any(_team_id(code) in teams for code in group):
            found |= {pack.code for pack in catalogue.services(live_only=False) if pack.owner_team in group}
    return frozenset(found)


def _team_id(code: str) -> UUID | None:
    try:
        return directory.team(code).id
    except directory.UnknownCode:
        return None


def _subject(row: SharingBasis) -> Subject:
    return Subject(kind="sharing_basis", id=row.pk)
