"""Everything that changes the catalogue."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.catalogue import checks, gates, queries, reading
from townhall.catalogue.errors import PackRefused
from townhall.catalogue.models import Service, ServiceVersion
from townhall.catalogue.pack import ServicePack
from townhall.catalogue.reading import BadPack, Fault
from townhall.catalogue.search import words_of
from townhall.core.actors import Actor
from townhall.core.errors import NotFound, WrongState
from townhall.core.subjects import Subject
from townhall.core.turns import take_turn
from townhall.ledger import operations as ledger

OUR_PACKS = Path(__file__).parent / "packs"
_LOCK = 7_041_001  # one loader at a time: two would both find nothing and both insert


def load_packs(folder: Path, *, by: Actor, at: datetime, reason: str = "") -> list[str]:
    """Load every pack of a folder, all or none; the codes that are new or changed. Loading twice is loading once.

    reason: why it has to be, where a higher app keeps the gate (`catalogue.gates`) and would refuse it otherwise.
    Raises BadPack with every fault of every pack. Services already there and not in the folder stay as they are.
    """
    return keep_packs(reading.read_folder(folder), by=by, at=at, reason=reason)


@transaction.atomic
def keep_packs(packs: list[ServicePack], *, by: Actor, at: datetime, reason: str = "") -> list[str]:
    """As `load_packs`, for packs made in the process."""
    take_turn(_LOCK)
    present = {service.code: service for service in Service.objects.select_for_update().order_by("pk")}
    _refuse_bad(packs, known=frozenset(present))
    changed = [pack for pack in packs if _keep(pack, present.get(pack.code), by=by, at=at, reason=reason)]
    return [pack.code for pack in changed]


@transaction.atomic
def edit(code: str, changes: dict[str, Any], *, version: int, by: Actor, at: datetime, reason: str = "") -> ServicePack:
    """Change some fields of a service, given as in YAML, and keep it as a new version.

    version: the one that was being looked at. reason: as `load_packs`.
    Raises NotFound, WrongState when somebody changed it meanwhile, PackRefused when the result would not do.
    """
    service = Service.objects.select_for_update().filter(code=code).first()
    if service is None:
        raise NotFound
    if service.version != version:
        raise WrongState
    pack = _changed(service.pack, changes)
    if pack.code != code:
        raise PackRefused(_("The code of a service stays the same."))
    others = frozenset(Service.objects.exclude(code=code).values_list("code", flat=True))
    problems = [
        *checks.problems_in(pack),
        *((path, text) for _c, path, text in checks.problems_between([pack], known=others)),
    ]
    if problems:
        raise PackRefused(" ".join(f"{path.removeprefix('$.')}: {text}" for path, text in problems))
    _keep(pack, service, by=by, at=at, reason=reason)
    return pack


def export_yaml(code: str) -> str:
    """The service as YAML, with nothing lost: reading it gives the same pack. Raises NotFound."""
    kept = Service.objects.filter(code=code).values_list("pack", flat=True).first()
    if kept is None:
        raise NotFound
    return reading.write_pack(reading.from_builtins(kept))


def _changed(kept: dict[str, Any], changes: dict[str, Any]) -> ServicePack:
    try:
        return reading.from_builtins({**kept, **changes})
    except msgspec.ValidationError as error:
        raise PackRefused(str(error)) from error


def _refuse_bad(packs: list[ServicePack], *, known: frozenset[str]) -> None:
    found = [
        *((pack.code, path, text) for pack in packs for path, text in checks.problems_in(pack)),
        *checks.problems_between(packs, known=known),
    ]
    if found:
        raise BadPack(
            [Fault(file=f"{code}/service.yaml", line=1, path=path, message=text) for code, path, text in found]
        )


def _keep(pack: ServicePack, service: Service | None, *, by: Actor, at: datetime, reason: str) -> bool:
    """Store the pack as the next version, with its ledger entry. False when nothing is different."""
    plain = reading.to_builtins(pack)
    if service is not None and service.pack == plain:
        return False
    old = reading.from_builtins(service.pack) if service is not None else None
    gates.changing.passes(old, pack, reason=reason, by=by, at=at)
    if service is None:
        service = Service(code=pack.code, version=0)
    was = service.pack if service.version else {}
    service.name, service.group, service.is_live = pack.name, pack.group, pack.live
    service.lgsl_id, service.lgil_id = pack.lgsl_id, pack.lgil_id
    service.pack, service.version, service.updated_at = plain, service.version + 1, at
    service.search_text = " ".join(words_of(" ".join([pack.name, *pack.keywords, *pack.synonyms])))
    service.save()
    ServiceVersion.objects.create(
        service=service, version=service.version, pack=plain, at=at, by_kind=by.kind, by_id=by.id
    )
    keys = sorted(key for key in plain.keys() | was.keys() if plain.get(key) != was.get(key))
    ledger.record(
        "service.changed" if was else "service.added",
        about=Subject(kind="service", id=service.id),
        by=by,
        at=at,
        data={"code": pack.code, "version": service.version, "keys": keys},
    )
    queries.forget()
    transaction.on_commit(queries.forget)
    return True
