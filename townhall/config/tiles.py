"""The tiles of a resident's home page: the one list. A council adds its own here, or in a settings module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from townhall.admissions import queries as admissions
from townhall.admissions.queries import Shown as Application
from townhall.benefits import queries as benefits
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.complaints import queries as complaints
from townhall.complaints.models import Complaint
from townhall.core.actors import Actor, ActorKind
from townhall.core.time import council_date
from townhall.customers.accounts.models import Level
from townhall.documents.queries import OF_CUSTOMER as DOCUMENTS_OF
from townhall.documents.queries import DocumentLine, documents_of
from townhall.forms import queries as forms
from townhall.forms.queries import DraftLine
from townhall.housing import queries as housing
from townhall.housing.models import Visit
from townhall.housing.queries import Whole as RepairWhole
from townhall.neighbourhood.around import Around, around
from townhall.neighbourhood.queries import NextCollection, next_collections
from townhall.notifications.queries import Told, inbox_of
from townhall.outreach import participation
from townhall.outreach.models import Activity
from townhall.payments import queries as payments
from townhall.payments.queries import PaymentLine
from townhall.permits import queries as permits
from townhall.permits.queries import Shown as ShownPermit
from townhall.portal import case_parts
from townhall.portal.account.tiles import Tile, Viewer, register
from townhall.portal.case_parts import CasePart
from townhall.standing import kinds as standing_kinds
from townhall.standing import queries as standing
from townhall.standing.kinds import Kind
from townhall.street.bins import stream_name

HERE = frozenset({"resident", "leaseholder", "employee", "business", "tenant", "landlord", "helper"})
UNSENT = 5
MESSAGES = 3
DOCUMENTS = 3
SUGGESTED = 4
_ASKED = "ARRAY(SELECT DISTINCT service_code FROM cases_case WHERE customer_id = %(customer)s LIMIT 50)"


def connect() -> None:
    for tile in _tiles():
        register(tile)
    for number, kind in enumerate(one for one in standing_kinds.every() if not one.at_desk_only):
        register(_standing_tile(number, kind))
    case_parts.register(benefits.SERVICE, CasePart(template="decided", read=lambda case_id, at: benefits.told(case_id)))
    case_parts.register("housing-repair", CasePart(template="repair", read=repair))
    case_parts.register(
        admissions.SERVICE, CasePart(template="admission", read=lambda case_id, at: admissions.of_case(case_id, at=at))
    )
    case_parts.register(
        permits.SERVICE, CasePart(template="permit", read=lambda case_id, at: permits.of_case(case_id, at=at))
    )


def _tiles() -> Sequence[Tile]:
    """In the order in which a home shows them."""
    return (
        Tile(
            code="drafts", title=_("Not sent yet"), template="tile_drafts", order=5, read=unsent, asks=forms.DRAFTS_OF
        ),
        Tile(
            code="repairs",
            title=_("Repair visits"),
            template="tile_repairs",
            order=8,
            read=repairs,
            asks=housing.OF_CUSTOMER,
            for_helpers=False,
        ),
        Tile(
            code="collections",
            title=_("Your next collections"),
            template="tile_collections",
            order=10,
            read=collections,
            needs_address=True,
            for_kinds=HERE,
        ),
        Tile(
            code="bills",
            title=_("Bills and payments"),
            template="tile_bills",
            order=20,
            read=bills,
            asks=payments.OF_CUSTOMER,
            for_helpers=False,
        ),
        Tile(
            code="documents",
            title=_("My documents"),
            template="tile_documents",
            order=25,
            read=documents,
            asks=DOCUMENTS_OF,
            for_helpers=False,
        ),
        Tile(
            code="permits",
            title=_("Parking permits"),
            template="tile_permits",
            order=25,
            read=parking_permits,
            asks=permits.OF_CUSTOMER,
        ),
        Tile(
            code="schools",
            title=_("School places"),
            template="tile_schools",
            order=26,
            read=school_places,
            asks=admissions.OF_CUSTOMER,
        ),
        Tile(
            code="complaints",
            title=_("Complaints and comments"),
            template="tile_complaints",
            order=28,
            read=own_complaints,
            asks=complaints.OF_CUSTOMER,
            for_helpers=False,
        ),
        Tile(code="messages", title=_("Messages"), template="tile_messages", order=30, read=messages),
        Tile(code="near", title=_("Near you"), template="tile_near", order=40, read=near, needs_address=True),
        Tile(
            code="taking-part",
            title=_("Have your say"),
            template="tile_taking_part",
            order=60,
            read=taking_part,
            for_helpers=False,
        ),
        Tile(
            code="more-accounts",
            title=_("More of your accounts"),
            template="tile_more_accounts",
            order=80,
            read=more_accounts,
            asks=standing.KINDS_HELD,
            for_helpers=False,
        ),
        Tile(
            code="suggested",
            title=_("You may also need"),
            template="tile_suggested",
            order=90,
            read=suggested,
            asks=_ASKED,
        ),
    )


def _standing_tile(number: int, kind: Kind) -> Tile:
    return Tile(
        code=f"standing-{kind.code}",
        title=kind.title,
        template="tile_standing",
        order=21 + number,
        read=lambda viewer: _standing(viewer, kind),
        asks=standing.has_number(kind),
        needs_address=not kind.number_kind,
        for_kinds=frozenset({"resident"}) if not kind.number_kind else frozenset(),
        for_helpers=False,
    )


def _standing(viewer: Viewer, kind: Kind) -> dict[str, object]:
    """Where to ask: the other system is not asked before the page is there."""
    return {"kind": kind, "is_locked": viewer.level < Level.ADDRESS}


def repair(case_id: UUID, at: datetime) -> tuple[str, RepairWhole] | None:
    """The visit for a repair, and the way to choose, change or cancel it. Three queries."""
    known = housing.of_case(case_id)
    whole = housing.whole(known.pk) if known else None
    return (housing.token_for(whole.repair.pk), whole) if whole else None


def repairs(viewer: Viewer) -> list[tuple[Visit, str]] | None:
    """Visits to come, each with the way to change it. One query."""
    return [(one, housing.token_for(one.repair_id)) for one in housing.of_customer(viewer.customer_id)] or None


def more_accounts(viewer: Viewer) -> Sequence[Kind] | None:
    """Accounts whose number we do not know yet."""
    return standing.without_number(viewer.answers["more-accounts"]) or None


def collections(viewer: Viewer) -> list[tuple[str, NextCollection]] | None:
    """Each stream's next collection, named as its service names it. One query."""
    pack = next((one for one in catalogue.services() if one.place.checks_round), None)
    found = next_collections(viewer.uprn, at=viewer.at)
    name = (lambda stream: stream_name(pack, stream)) if pack else (lambda stream: stream)
    return [(name(one.stream), one) for one in found] or None


def bills(viewer: Viewer) -> list[PaymentLine] | None:
    return payments.of_customer(viewer.customer_id, limit=5) or None


def unsent(viewer: Viewer) -> list[tuple[DraftLine, str]] | None:
    """Forms begun and not sent, each with its title. One query, and one more for each version not read before."""
    found = forms.drafts_of(viewer.customer_id, at=viewer.at)
    return [(one, _title(one)) for one in found if not one.form_code.startswith("report")][:UNSENT] or None


def _title(line: DraftLine) -> str:
    return forms.flow(line.form_code, version=line.form_version).form.title


def documents(viewer: Viewer) -> list[DocumentLine] | None:
    """The newest of what the council gave them. One query."""
    by = Actor(kind=ActorKind.CUSTOMER, id=str(viewer.customer_id))
    return list(documents_of(viewer.customer_id, by=by, size=DOCUMENTS).rows) or None


def school_places(viewer: Viewer) -> list[Application] | None:
    """Applications for school places. Two queries."""
    return admissions.of_customer(viewer.customer_id, at=viewer.at) or None


def parking_permits(viewer: Viewer) -> list[ShownPermit] | None:
    """Those asked for or running, or over for less than a month. Two queries."""
    recent = council_date(viewer.at) - timedelta(days=28)
    every = permits.of_customer(viewer.customer_id, at=viewer.at)
    return [one for one in every if not one.is_over or (one.ends_on or recent) > recent] or None


def own_complaints(viewer: Viewer) -> list[Complaint] | None:
    """The newest of what they complained of, commented on or praised. One query."""
    return complaints.of_customer(viewer.customer_id, limit=5) or None


def messages(viewer: Viewer) -> list[Told] | None:
    return list(inbox_of(viewer.customer_id, size=MESSAGES).rows) or None


def near(viewer: Viewer) -> Around | None:
    """Planning and licensing within half a mile, events, and the ward's councillors. Two queries."""
    return around(viewer.uprn, at=viewer.at)


def suggested(viewer: Viewer) -> list[ServicePack] | None:
    """Services related to those they asked for; none is better than one that does not fit. No query but what the tile asks."""
    asked = frozenset(viewer.answers["suggested"])
    every = {one.code: one for one in catalogue.services()}
    related = [code for one in asked if one in every for code in every[one].related]
    order = [code for code in dict.fromkeys(related) if code in every and code not in asked]
    return [every[code] for code in order[:SUGGESTED]] or None


def taking_part(viewer: Viewer) -> list[tuple[Activity, bool]] | None:
    """What is open to take part in, and whether they do. One query, or none when nothing is open."""
    found = participation.open_lately(at=viewer.at, limit=3)
    mine = participation.takes_part([one.pk for one in found], viewer.customer_id) if found else set()
    return [(one, one.pk in mine) for one in found] or None
