"""Cases and complaints of an earlier system, from a CSV file: with owner, promise and history, and nobody is told of anything.

A complaint comes in as a case of the service that the map names for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.operations.past import STATES, PastCase, load_past, problems
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.contacts.models import Channel
from townhall.core.db import fetch_all
from townhall.core.ids import uuid7
from townhall.core.loading import Batch, Given, Kind, Stored, Values
from townhall.core.loading.kept import Made, store_once
from townhall.customers.loading import customers_called
from townhall.places.place import Place, Source

COLUMNS = {
    "id": ("id", "case_id", "reference", "case_reference"),
    "customer": ("customer", "customer_id", "person_id"),
    "service": ("service", "service_code", "type"),
    "opened": ("opened", "received", "created", "date"),
    "closed": ("closed", "ended", "completed"),
    "state": ("state", "status"),
    "outcome": ("outcome",),
    "reason": ("decline_reason", "reason"),
    "referred_to": ("referred_to",),
    "description": ("description", "details"),
    "answer": ("answer", "outcome_text", "response"),
    "channel": ("channel", "method"),
    "address": ("address", "location"),
    "uprn": ("uprn",),
}


def _read(given: Given, batch: Batch) -> Values:
    opened, closed = given.at("opened", required=True), given.at("closed")
    code = given.code("service", required=True)
    pack = _pack(given, code)
    states = {one.value for one in STATES}
    state = given.code("state", among=states) or (State.CLOSED if closed else State.AWAITING_DECISION)
    external_id = given.text("id", most=200, required=True)
    values: Values = {"external_id": external_id, "customer": given.text("customer", most=200), "case": None}
    channel = given.code("channel", among=_channels(batch.at))
    words = {
        name: given.text(name, most=10_000) for name in ("outcome", "reason", "referred_to", "description", "answer")
    }
    address, uprn = given.text("address", most=500), given.digits("uprn", most=12)
    if given.faults or pack is None or opened is None:
        return values
    case = PastCase(
        id=uuid7(),
        pack=pack,
        place=Place(source=Source.IMPORT, address=address, uprn=uprn),
        opened_at=opened,
        state=State(state),
        ended_at=closed,
        outcome_code=(words["outcome"] or pack.outcomes[0].code) if state == State.CLOSED else "",
        outcome_text=words["answer"],
        decline_reason=words["reason"],
        referred_to=words["referred_to"],
        description=words["description"],
        channel=channel,
        external_ref=external_id,
        is_public=False,
    )
    for what, reason in problems(case, at=batch.at).items():
        given.wrong(what, reason)
    return {**values, "case": case}


@lru_cache(maxsize=1)
def _channels(_at: datetime) -> frozenset[str]:
    """Read once for a load."""
    return frozenset(Channel.objects.values_list("code", flat=True))


def _pack(given: Given, code: str) -> ServicePack | None:
    """The service, if it can own a case."""
    found = next((pack for pack in catalogue.services(live_only=False) if pack.code == code), None)
    if found is None:
        if code:
            given.wrong("service", _("There is no service %(code)s. Say in the map what it means.") % {"code": code})
        return None
    try:
        directory.team(found.owner_team)
        directory.post(found.teller)
    except directory.UnknownCode as error:
        given.wrong("service", str(error))
        return None
    return found


def _store(rows: list[Values], batch: Batch) -> Stored:
    return store_once(rows, batch, _make)


def _make(rows: list[Values], batch: Batch) -> Sequence[Made]:
    whose = customers_called(batch.source, [row["customer"] for row in rows])
    cases = [replace(row["case"], customer_id=whose.get(row["customer"])) for row in rows]
    load_past(cases, source=batch.source, by=batch.by, at=batch.at)
    return [[("cases_case", case.id), *parts] for case, parts in zip(cases, _parts(cases), strict=True)]


_PARTS = """
    SELECT case_id, 'clocks_clock', id FROM clocks_clock WHERE case_id = ANY(%(ids)s)
    UNION ALL SELECT case_id, 'contacts_contact', contact_id FROM cases_casecontact WHERE case_id = ANY(%(ids)s)
    UNION ALL SELECT case_id, 'cases_casecontact', id FROM cases_casecontact WHERE case_id = ANY(%(ids)s)"""


def _parts(cases: Sequence[PastCase]) -> list[list[tuple[str, object]]]:
    """What a case came with: its clocks, and the contact it began with."""
    found: dict[UUID, list[tuple[str, object]]] = {case.id: [] for case in cases}
    for case_id, table, key in fetch_all(_PARTS, {"ids": list(found)}):
        found[case_id].append((table, key))
    return [found[case.id] for case in cases]


# What somebody else did with a case since it came in.
_TOUCHED = """
    SELECT DISTINCT case_id::text FROM ledger_entry
    WHERE case_id = ANY(%s::uuid[]) AND NOT (actor_kind = 'connector' AND actor_id = %s)"""


def used(rows: Sequence[str], *, began_at: datetime, by: str) -> Mapping[str, str]:
    """Cases that somebody worked on since."""
    del began_at
    found = fetch_all(_TOUCHED, (list(rows), by))
    return {row: _("somebody worked on this case since") for (row,) in found}


def _kind(code: str) -> Kind:
    return Kind(
        code=code,
        columns=COLUMNS,
        id="id",
        read=_read,
        key=lambda row: str(row["external_id"]),
        store=_store,
        required=("id", "opened"),
    )


CASES, COMPLAINTS = _kind("cases"), _kind("complaints")
