"""Everything the council has done with a customer, from every channel and department, in one list: what the adviser's page shows.

One statement reads the ledger by customer, with the contacts, cases and messages that it names. What another department holds is not
read unless it is shared (customers.sharing): of such an entry only the date and whose it is are left. A verb that nobody registered is
shown all the same, by its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.accounts import fields, sites
from townhall.cases.access import MOST_CASES, SEE_ALL, cases_visible_to
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.paging import Page, page_of, read_cursor
from townhall.customers import sharing
from townhall.customers.merging.aliases import also_known_as
from townhall.customers.sharing import Reach
from townhall.workspace import timeline_sql
from townhall.workspace.case_line import CaseLine
from townhall.workspace.happened import verb_words

SIZE = 20
NOTES = "contact.notes"
_FROM_THE_END: Final = (datetime(9000, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A sort of entry that the list can be narrowed to. `prefixes`: the first words of the ledger's verbs that are of it."""

    code: str
    title: StrOrPromise
    prefixes: frozenset[str] = frozenset()


_kinds: dict[str, Kind] = {}
_verbs: dict[str, StrOrPromise] = {}
_quiet: set[str] = set()
_services: dict[str, str] = {}  # first word of a verb → the service that holds it
LINKS: Final = {
    "payment": "workspace:payment",
    "permit": "workspace:permit",
    "admission_application": "workspace:admission",
    "penalty": "workspace:penalty",
    "document": "workspace:document",
    "partner_referral": "workspace:partner_passed",
    "complaint": "workspace:complaint",
}


def register(kind: Kind, *, verbs: Mapping[str, StrOrPromise] | None = None, service: str = "") -> None:
    """An app's entries: how they are called in the list, and the service that holds them where an entry does not say."""
    before = _kinds.get(kind.code)
    prefixes = kind.prefixes | (before.prefixes if before else frozenset())
    _kinds[kind.code] = Kind(code=kind.code, title=kind.title, prefixes=prefixes)
    _verbs.update(verbs or {})
    if service:
        _services.update(dict.fromkeys(kind.prefixes, service))


def words_of(verb: str) -> str:
    """What a verb of the ledger is called."""
    return str(_verbs.get(verb) or verb_words(verb))


def leave_out(*verbs: str) -> None:
    """Verbs ("payment.started") or all with a first word ("draft.") that say nothing another line does not say."""
    _quiet.update(verbs)


def kinds() -> Sequence[Kind]:
    return list(_kinds.values())


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list is narrowed to; empty is everything."""

    kind: str = ""
    service: str = ""
    channel: str = ""

    @property
    def is_everything(self) -> bool:
        return not (self.kind or self.service or self.channel)


class ContactData(msgspec.Struct, frozen=True):
    """What only a contact has."""

    reason: str = ""
    outcome: str = ""
    going_on: bool = False
    adviser: str | None = None
    notes: str = ""
    not_resolved: bool = False
    is_repeat: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry. When it is held elsewhere (`is_open` is false) all but its date and its service is empty."""

    kind: str
    id: UUID
    at: datetime
    service: str
    is_open: bool
    channel: str = ""
    title: StrOrPromise = ""
    words: str = ""
    state: str = ""
    pence: int | None = None
    form: str = ""
    link: tuple[str, UUID] | None = None  # a URL's name and its argument
    contact: ContactData = field(default_factory=ContactData)
    cases: Sequence[CaseLine] = ()


def of_customer(
    customer_id: UUID, *, by: Actor, wanted: Wanted | None = None, after: str = "", size: int = SIZE
) -> Page[Line]:
    """A page of it, newest first, from a cursor on. Two statements; four for those with whom not everything is shared."""
    ids = [customer_id, *also_known_as(customer_id)]
    reach = sharing.reach_of(by, customer_id)
    own = _own_cases(ids, by=by, reach=reach)
    at, key = _cursor(after)
    wanted = wanted or Wanted()
    rows = fetch_all(
        timeline_sql.statement(limit=size + 1, many=len(ids) > 1),
        {
            "id": customer_id,
            "ids": ids,
            "at": at,
            "key": key,
            "kind": wanted.kind,
            "service": wanted.service,
            "channel": wanted.channel,
            "own": own or [],
            "me": by.id if by.is_staff else "",
            "note_sites": _note_sites(by),
            "quiet": sorted(_quiet),
            "kinds": msgspec.json.encode(_kind_of_prefix()).decode(),
            "services": msgspec.json.encode(_services).decode(),
            **reach.parameters,
        },
    )
    opens_all = bool(by.roles & SEE_ALL) or own is None
    found = [_line(row, opens_all=opens_all, own=frozenset(own or ())) for row in rows]
    if by.is_staff and not fields.sees(by, NOTES):
        found = [replace(one, contact=msgspec.structs.replace(one.contact, notes="")) for one in found]
    return page_of(found, size=size, key=lambda one: (one.at.isoformat(), one.id))


def _note_sites(by: Actor) -> list[str] | None:
    """At which sites' counters they read the notes of conversations; None for all."""
    found = sites.sites_for(by, NOTES) if by.is_staff else None
    return None if found is None else sorted(found)


def _own_cases(ids: Sequence[UUID], *, by: Actor, reach: Reach) -> list[UUID] | None:
    """The cases that the reader may open whoever holds them; None for all."""
    if by.roles & SEE_ALL and reach.is_whole:
        return None
    return list(cases_visible_to(by).filter(customer_id__in=ids).values_list("pk", flat=True)[:MOST_CASES])


def _kind_of_prefix() -> dict[str, str]:
    return {prefix: kind.code for kind in _kinds.values() for prefix in kind.prefixes}


def _line(row: tuple[Any, ...], *, opens_all: bool, own: frozenset[UUID]) -> Line:
    kind, entry_id, at, service, is_open, channel, verb, data, words, subject_kind, subject_id, cases = row
    lines = [_case(one, opens_all=opens_all, own=own) for one in _CASES.decode(cases)] if cases else []
    if not is_open:
        return Line(kind=kind, id=entry_id, at=at, service=service, is_open=False)
    given = msgspec.json.decode(data) if data else {}
    link = LINKS.get(subject_kind)
    return Line(
        kind=kind,
        id=entry_id,
        at=at,
        service=service,
        is_open=True,
        channel=channel,
        title=_verbs.get(verb) or verb_words(verb),
        words=words or "",
        state=str(given.get("state", "")),
        pence=given.get("pence") if isinstance(given.get("pence"), int) else None,
        form=str(given.get("form", "")),
        link=(link, subject_id) if link else None,
        contact=msgspec.convert(given, ContactData) if kind == "contact" else ContactData(),
        cases=lines,
    )


_CASES = msgspec.json.Decoder(list[CaseLine])


def _case(line: CaseLine, *, opens_all: bool, own: frozenset[UUID]) -> CaseLine:
    return line if opens_all or line.id in own else msgspec.structs.replace(line, may_open=False)


def _cursor(text: str) -> tuple[datetime, UUID]:
    values = read_cursor(text, length=2) if text else None
    try:
        return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else _FROM_THE_END
    except ValueError:
        return _FROM_THE_END


register(Kind(code="contact", title=_("Contacts")))
register(Kind(code="case", title=_("Cases"), prefixes=frozenset({"case"})))
register(Kind(code="message", title=_("Messages and alerts sent"), prefixes=frozenset({"message"})))
