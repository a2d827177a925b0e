"""Which service each kind of report goes to, and the services made on the way for kinds that have none."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.accounts import operations as accounts
from townhall.accounts.models import Role, Team
from townhall.catalogue import operations as catalogue_operations
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import Outcome, Public, Published, Refusal, ServicePack
from townhall.core.actors import Actor
from townhall.core.loading.faults import Refused
from townhall.street.importing.mapping import Map, NewServices

LONGEST_CODE = 60


class Services:
    """`of(kind)` gives the service of a kind of report. `new` lists those that are not in the catalogue yet."""

    def __init__(self, mapped: Map, kinds: Counter[tuple[str, str]], *, create: bool) -> None:
        self._mapped = mapped
        self._known = {pack.code: pack for pack in catalogue.services(live_only=False)}
        self._names = {pack.name.casefold(): pack for pack in self._known.values()}
        self._by_kind: dict[str, ServicePack] = {}
        self.new: list[ServicePack] = []
        groups: dict[str, Counter[str]] = {}
        for (kind, group), count in kinds.items():
            groups.setdefault(kind, Counter())[group] += count
        for kind, counted in sorted(groups.items()):
            self._by_kind[kind] = self._choose(kind, counted.most_common(1)[0][0], create=create)

    @property
    def used(self) -> list[ServicePack]:
        """Every service that a kind of the file goes to."""
        return list({pack.code: pack for pack in self._by_kind.values()}.values())

    def of(self, kind: str) -> ServicePack:
        return self._by_kind[kind]

    def _choose(self, kind: str, group: str, *, create: bool) -> ServicePack:
        code = self._mapped.services.get(kind)
        if code is None and kind and create:
            return self._known.get(code_of(kind)) or self._names.get(kind.casefold()) or self._make(kind, group)
        found = self._known.get(code or self._mapped.default_service)
        if found is not None:
            return found
        if code is not None and code != self._mapped.default_service:
            raise Refused(f"There is no service {code!r}, which the map names for {kind!r}.")
        return self._make(_("Other report"), "", code=self._mapped.default_service)

    def _make(self, name: str, group: str, *, code: str = "") -> ServicePack:
        pack = minimal_pack(code or code_of(name), name, group, self._mapped)
        self._known[pack.code] = self._names[pack.name.casefold()] = pack
        self.new.append(pack)
        return pack


def code_of(name: str) -> str:
    """A code made of a name, the same every time; what does not fit is told apart by a few characters."""
    code = slugify(name)
    if code and len(code) <= LONGEST_CODE:
        return code
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{code[: LONGEST_CODE - 9].strip('-_') or 'kind'}-{mark}"


def minimal_pack(code: str, name: str, group: str, mapped: Map) -> ServicePack:
    """A service that says only what is known of it: where its reports came from, and who answers for them here."""
    new = mapped.new_services
    source = {"source": mapped.name}
    return ServicePack(
        code=code,
        name=name[:300],
        group=group[:300] or new.group,
        summary=_("Reports of this kind came from %(source)s.") % source,
        done=_("We look at every report and say what will be done about it."),
        refused=(
            Refusal(
                code="not-ours",
                reason=_("It is not for this council to do"),
                explanation=_("Somebody else looks after this."),
            ),
            Refusal(
                code="no-action",
                reason=_("Nothing needs to be done"),
                explanation=_("We looked at this and found nothing that we should do."),
            ),
        ),
        next_step=_("The team will look at it and tell you what it will do."),
        owner_team=new.owner_team,
        teller=new.teller,
        senior_manager=new.senior_manager,
        portfolio_holder=new.portfolio_holder,
        published=Published(days=new.days, calendar=new.calendar),
        outcomes=(
            Outcome(code="done", name=_("Dealt with")),
            Outcome(code="no-action", name=_("Nothing was to be done"), fixed=False),
        ),
        live=new.live,
        public=Public(listed=mapped.public),
    )


@transaction.atomic
def make(packs: Iterable[ServicePack], new: NewServices, *, by: Actor, at: datetime) -> None:
    """Keep the new services, with the team and posts that they name."""
    team_id = _team(new.owner_team, by=by, at=at)
    posts = (
        (new.teller, Role.OFFICER),
        (new.senior_manager, Role.SENIOR_MANAGER),
        (new.portfolio_holder, Role.PORTFOLIO_HOLDER),
    )
    for code, role in posts:
        try:
            directory.post(code)
        except directory.UnknownCode:
            accounts.create_post(code=code, title=_title(code), team_id=team_id, role=role, by=by, at=at)
    catalogue_operations.keep_packs(list(packs), by=by, at=at)


def _team(code: str, *, by: Actor, at: datetime) -> UUID:
    try:
        return directory.team(code).id
    except directory.UnknownCode:
        return accounts.create_team(code=code, name=_title(code), kind=Team.Kind.COUNCIL, by=by, at=at).pk


def _title(code: str) -> str:
    return code.replace("-", " ").capitalize()


def check_people(packs: Iterable[ServicePack]) -> None:
    """Raise Refused unless the teams and posts of these services exist: every case needs its owner."""
    for pack in packs:
        try:
            directory.team(pack.owner_team)
            directory.post(pack.teller)
        except directory.UnknownCode as error:
            raise Refused(f"The service {pack.code!r} cannot own a report. {error}") from error
