"""Everything other code may read of the catalogue. Packs come from memory; a change shows within `FRESH_SECONDS` everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from townhall.catalogue.models import ServiceVersion
from townhall.catalogue.pack import ServicePack
from townhall.catalogue.reading import from_builtins
from townhall.catalogue.search import Index
from townhall.core.db import fetch_all, fetch_one
from townhall.core.errors import NotFound
from townhall.core.refreshing import Refreshing

FRESH_SECONDS = 2.0

_STAMP = "SELECT count(*), md5(string_agg(id::text || version || is_live, ',' ORDER BY code)) FROM catalogue_service"
_ALL = "SELECT id, code, version, is_live, updated_at, pack::text FROM catalogue_service ORDER BY name, code"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A service with the row it is kept in."""

    id: UUID
    version: int
    is_live: bool
    updated_at: datetime
    pack: ServicePack


@dataclass(frozen=True, kw_only=True)
class _Catalogue:
    stamp: object
    by_code: dict[str, Entry]  # in order of name
    index: Index


_held: _Catalogue | None = None


def _look() -> _Catalogue:
    """The catalogue, read again only when the stamp says that a service changed."""
    global _held  # noqa: PLW0603 - what was read last
    stamp = fetch_one(_STAMP)
    if _held is None or _held.stamp != stamp:
        entries = {
            code: Entry(
                id=key,
                version=version,
                is_live=is_live,
                updated_at=updated_at,
                pack=msgspec.json.decode(pack, type=ServicePack),
            )
            for key, code, version, is_live, updated_at, pack in fetch_all(_ALL)
        }
        index = Index([found.pack for found in entries.values() if found.is_live])
        _held = _Catalogue(stamp=stamp, by_code=entries, index=index)
    return _held


_kept = Refreshing(_look, seconds=FRESH_SECONDS)


def forget() -> None:
    """Look again at the next question. Called when this process changed a service."""
    _kept.forget()


def entry(code: str) -> Entry:
    """The service and its row, live or not. Raises NotFound."""
    found = _kept.get().by_code.get(code)
    if found is None:
        raise NotFound
    return found


def service(code: str) -> ServicePack:
    """The service as it stands now, live or not. Raises NotFound."""
    return entry(code).pack


def services(*, live_only: bool = True) -> list[ServicePack]:
    """Every service in order of name."""
    return [found.pack for found in _kept.get().by_code.values() if found.is_live or not live_only]


def unknown(codes: Iterable[str]) -> list[str]:
    """Those of them that are no service's, live or not."""
    known = _kept.get().by_code
    return [code for code in codes if code not in known]


def entries() -> list[Entry]:
    """Every service with its row, live or not, in order of name."""
    return list(_kept.get().by_code.values())


def groups() -> dict[str, list[ServicePack]]:
    """Live services by group, groups and services in order of name."""
    found: dict[str, list[ServicePack]] = {}
    for pack in services():
        found.setdefault(pack.group, []).append(pack)
    return dict(sorted(found.items()))


def search(text: str, *, limit: int = 10) -> list[ServicePack]:
    """Live services for what somebody typed, best first; misspelling and everyday words are understood."""
    return [hit.pack for hit in _kept.get().index.search(text, limit=limit)]


def as_of(code: str, version: int) -> ServicePack:
    """The service as it stood in that version. Raises NotFound."""
    row = ServiceVersion.objects.filter(service__code=code, version=version).values_list("pack", flat=True).first()
    if row is None:
        raise NotFound
    return from_builtins(row)


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    version: int
    at: datetime
    by_kind: str
    by_id: str


def versions(code: str) -> list[VersionLine]:
    """When the service changed and by whom, newest first."""
    rows = ServiceVersion.objects.filter(service__code=code).order_by("-version")
    return [VersionLine(version=row.version, at=row.at, by_kind=row.by_kind, by_id=row.by_id) for row in rows]
