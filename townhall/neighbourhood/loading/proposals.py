"""Planning, building control and licensing applications: the columns of the LGA's planning open data, or of planning.data.gov.uk."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from townhall.core.db import fetch_all
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.neighbourhood.events import NewProposal, ProposalsAppeared
from townhall.neighbourhood.models import Proposal
from townhall.neighbourhood.telling_followers import tell_followers
from townhall.places.loading.spots import COLUMNS as SPOT
from townhall.places.loading.spots import spot_of
from townhall.places.loading.storing import stored
from townhall.places.text import folded
from townhall.places.whereabouts import whereabouts

COLUMNS = {
    "reference": ("casereference", "reference", "licence_reference", "licence_number", "ref", "id"),
    "description": ("casetext", "description", "proposal", "licensable_activities", "name"),
    "location": ("locationtext", "address-text", "address", "premises", "site", "location"),
    "category": ("servicetypelabel", "planning-application-type", "licence_type", "category", "type"),
    "status": ("status", "planning-application-status", "app_state"),
    "decision": ("decision", "planning-decision"),
    "received": ("casedate", "received", "received_on", "start-date", "date_received", "valid_date"),
    "comment_from": ("publicconsultationstartdate", "comment_from", "consultation_start"),
    "comment_until": ("publicconsultationenddate", "comment_until", "consultation_end", "representations_by"),
    "target": ("decisiontargetdate", "target", "target_on", "hearing_date"),
    "decided": ("decisiondate", "planning-decision-date", "decided", "decided_on", "decision_date"),
    "responses_for": ("responsesfor",),
    "responses_against": ("responsesagainst",),
    "url": ("caseurl", "documentation-url", "url", "link"),
    "uprn": ("uprn",),
    **SPOT,
}
# Words of a status that say it is over, whoever wrote it; "undecided" is one word and none of them.
_OVER = frozenset((
    "approved", "closed", "complete", "completed", "conditions", "decided", "determined", "disposed", "expired", "finalised", "granted",
    "invalid", "issued", "lapsed", "permit", "permitted", "refused", "rejected", "withdrawn",
))  # fmt: skip
_STILL = frozenset({"consultation", "comments", "representations"})  # these may be closed while it is not

_OLD = "SELECT id, reference, status, decision FROM neighbourhood_proposal WHERE kind = %s AND reference = ANY(%s)"
_ADDRESSES = "SELECT uprn, easting, northing, ward_code FROM places_address WHERE uprn = ANY(%s)"


def is_over(status: str, decision: str) -> bool:
    words = set(folded(status).split())
    return bool(decision) or bool(_OVER & words and not _STILL & words)


def _reader(kind: Proposal.Kind) -> Callable[[Given, Batch], Values]:
    def read(given: Given, batch: Batch) -> Values:
        reference = given.text("reference", most=100, required=True)
        description = given.text("description")
        location = given.text("location", most=1_000)
        if not description and not location and not given.faults:
            given.wrong("description", _("It says neither what is proposed nor where."))
        decision, status = given.text("decision", most=200), given.text("status", most=200)
        decided_on = given.on("decided")
        first, last = given.on("comment_from"), given.on("comment_until")
        if first and last and last < first:
            given.wrong("comment_until", _("It is before the day from which comments are taken."))
        spot = spot_of(given)
        return {
            "id": uuid7(),
            "kind": kind.value,
            "reference": reference,
            "description": description,
            "location": location,
            "category": given.text("category", most=200),
            "status": status,
            "is_open": decided_on is None and not is_over(status, decision),
            "decision": decision,
            "received_on": given.on("received"),
            "comment_from_on": first,
            "comment_until_on": last,
            "target_on": given.on("target"),
            "decided_on": decided_on,
            "responses_for": given.whole("responses_for"),
            "responses_against": given.whole("responses_against"),
            "url": given.link("url"),
            "uprn": given.digits("uprn", most=12),
            "easting": spot[0] if spot else None,
            "northing": spot[1] if spot else None,
            "ward_code": whereabouts(*spot).ward_code if spot else "",
            "search_text": folded(f"{reference} {description} {location}"),
            "source": batch.source,
            "first_seen_at": batch.at,
            "updated_at": batch.at,
        }

    return read


def _store(rows: list[Values], batch: Batch) -> Stored:
    """Those without a place get their address's. Followers of those whose status or decision changed are told."""
    _place(rows)
    by_reference = {row["reference"]: row for row in rows}
    old = fetch_all(_OLD, (rows[0]["kind"], list(by_reference)))
    found = stored(
        "neighbourhood_proposal",
        rows,
        batch,
        key=["kind", "reference"],
        once=["id", "first_seen_at"],
        quiet=["updated_at", "source"],
    )
    moved = [
        proposal_id
        for proposal_id, reference, status, decision in old
        if (by_reference[reference]["status"], by_reference[reference]["decision"]) != (status, decision)
    ]
    tell_followers(moved, at=batch.at)
    known = {reference for _id, reference, *_rest in old}
    appeared = [_announced(row) for reference, row in by_reference.items() if reference not in known]
    if appeared:
        publish(ProposalsAppeared(kind=rows[0]["kind"], proposals=appeared, source=batch.source, at=batch.at))
    return found


def _announced(row: Values) -> NewProposal:
    return NewProposal(**{name: row[name] for name in NewProposal.__dataclass_fields__})


def _place(rows: list[Values]) -> None:
    wanted = [row["uprn"] for row in rows if row["uprn"] and row["easting"] is None]
    known = {uprn: rest for uprn, *rest in fetch_all(_ADDRESSES, (wanted,))} if wanted else {}
    for row in rows:
        if row["easting"] is None and row["uprn"] in known:
            row["easting"], row["northing"], row["ward_code"] = known[row["uprn"]]


def _kind(kind: Proposal.Kind) -> Kind:
    return Kind(
        code=kind.value,
        columns=COLUMNS,
        id="reference",
        read=_reader(kind),
        key=lambda values: str(values["reference"]),
        store=_store,
        required=("reference",),
    )


PLANNING = _kind(Proposal.Kind.PLANNING)
BUILDING_CONTROL = _kind(Proposal.Kind.BUILDING_CONTROL)
LICENSING = _kind(Proposal.Kind.LICENSING)
