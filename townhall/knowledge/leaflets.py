"""Leaflets and posters: their register with versions, the file on the website, and which sites still hold an old version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import sites
from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.files.models import SERVED, StoredFile
from townhall.files.sanitising import Upload
from townhall.knowledge.models import Copies
from townhall.ledger import operations as ledger
from townhall.places.hours import site_names
from townhall.registers import operations as registers
from townhall.registers import queries
from townhall.registers.access import require_keep
from townhall.registers.models import Evidence, Row
from townhall.registers.typed import as_typed
from townhall.ui.words import long_date

REGISTER: Final = "leaflets"
CONFIRM: Final = "leaflets.confirm"


@dataclass(frozen=True, kw_only=True)
class Leaflet:
    """A leaflet or poster as it is now. old: the sites that were not confirmed to hold this version, with what they were seen to hold."""

    row: Row
    sites: Sequence[Copies]
    old: Sequence[Copies]

    @property
    def version(self) -> str:
        return str(self.row.values["version"])

    @property
    def imprint(self) -> str:
        """What is printed on the item."""
        return imprint(self.version, date.fromisoformat(self.row.values["issued_on"]), self.row.values["mailbox"])


def imprint(version: str, issued_on: date, mailbox: str) -> str:
    return _("Version %(version)s, %(date)s. %(mailbox)s") % {
        "version": version,
        "date": long_date(issued_on),
        "mailbox": mailbox,
    }


def every() -> list[Leaflet]:
    """Those that hold, by title. Two queries."""
    rows = queries.open_rows(REGISTER) if REGISTER in queries.definitions() else []
    held: dict[UUID, list[Copies]] = {row.pk: [] for row in rows}
    for one in Copies.objects.filter(row__in=rows).order_by("site_code"):
        held[one.row_id].append(one)
    return [
        Leaflet(row=row, sites=held[row.pk], old=[one for one in held[row.pk] if one.version != row.values["version"]])
        for row in sorted(rows, key=lambda row: row.title)
    ]


@dataclass(frozen=True, kw_only=True)
class OnRack:
    """What a site's rack should hold. is_right: confirmed in this version."""

    copies: Copies
    leaflet: Leaflet
    is_right: bool


def racks_of(site_code: str) -> list[OnRack]:
    """Everything one site holds, what is to be looked at first. Two queries."""
    found = [
        OnRack(copies=one, leaflet=leaflet, is_right=one.version == leaflet.version)
        for leaflet in every()
        for one in leaflet.sites
        if one.site_code == site_code
    ]
    return sorted(found, key=lambda one: (one.is_right, one.leaflet.row.title))


@transaction.atomic
def stands_at(row_id: UUID, site_codes: Iterable[str], *, by: Actor, at: datetime) -> None:
    """Say which sites hold it; a site that is new is to be confirmed. Raises NotAllowed, NotFound, BadInput."""
    row = _row(row_id)
    require_keep(queries.definition_of(REGISTER), by)
    wanted = set(site_codes)
    if unknown := wanted - site_names().keys():
        raise BadInput({"sites": _("There is no site %(code)s") % {"code": min(unknown)}})
    Copies.objects.filter(row=row).exclude(site_code__in=wanted).delete()
    for code in sorted(wanted):
        Copies.objects.get_or_create(row=row, site_code=code)
    ledger.record("leaflet.sites_set", about=row.subject, by=by, at=at, data={"sites": sorted(wanted)})


@transaction.atomic
def new_version(
    row_id: UUID,
    *,
    version: str,
    issued_on: date,
    expires_on: date,
    upload: Upload | None,
    held: int,
    by: Actor,
    at: datetime,
) -> Row:
    """A new version is out: every site holds the old one until somebody there confirms.

    held: the row's version that was looked at. Raises NotAllowed, NotFound, BadInput, WrongState when it changed meanwhile.
    """
    row = _row(row_id)
    version = " ".join(version.split())
    if not version or version == row.values["version"]:
        raise BadInput({"version": _("Enter another version than the one that holds")})
    if expires_on <= issued_on:
        raise BadInput({"expires_on": _("It must hold for longer than the day it is issued")})
    definition = queries.definition_of(REGISTER)
    given = {field.code: as_typed(field, row.values.get(field.code)) for field in definition.fields}
    given |= {"version": version, "issued_on": issued_on.isoformat(), "expires_on": expires_on.isoformat()}
    given["file"] = f"/leaflets/{row.pk}/file" if upload else ""
    changed = registers.change_row(row.pk, title=row.title, given=given, version=held, by=by, at=at)
    if upload is not None:
        registers.add_evidence(row.pk, words=_file_words(version), upload=upload, by=by, at=at)
    ledger.record("leaflet.new_version", about=row.subject, by=by, at=at, data={"version": version[:40]})
    return changed


@transaction.atomic
def confirm(copies_id: UUID, *, version: str, by: Actor, at: datetime) -> Copies:
    """The rack holds this version, and no older one. version: the one that was on the screen.

    Raises NotAllowed, NotFound, BadInput when a newer one is out by now.
    """
    require(by, CONFIRM)
    row = Copies.objects.select_for_update(of=("self",)).select_related("row").filter(pk=copies_id).first()
    if row is None:
        raise NotFound
    sites.require(by, CONFIRM, row.site_code)
    if version != row.row.values["version"]:
        raise BadInput({"version": _("A newer version is out. Look at the rack again.")})
    row.version, row.confirmed_at, row.confirmed_by = version, at, by.id
    row.save(update_fields=["version", "confirmed_at", "confirmed_by"])
    data: dict[str, object] = {"site": row.site_code, "version": version[:40]}
    ledger.record("leaflet.confirmed", about=row.row.subject, by=by, at=at, data=data)
    return row


def current_file(row_id: UUID) -> StoredFile | None:
    """The file of the version that holds, for everybody; None where there is none, or it is still being scanned."""
    row = queries.open_row_of(REGISTER, row_id)
    if row is None or not row.values.get("file"):
        return None
    words = _file_words(str(row.values["version"]))
    newest = Evidence.objects.filter(row=row, words=words, file_id__isnull=False).order_by("-added_at", "-id").first()
    if newest is None or newest.file_id is None:
        return None
    return StoredFile.objects.filter(pk=newest.file_id, scan__in=SERVED).first()


def _file_words(version: str) -> str:
    return f"File of version {version}"


def _row(row_id: UUID) -> Row:
    row = queries.open_row_of(REGISTER, row_id)
    if row is None:
        raise NotFound
    return row
