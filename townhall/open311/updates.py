"""What happened to reports, told as FixMyStreet's update extension tells it: from the ledger and from published notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import fetch_all
from townhall.open311.formats import stamp
from townhall.open311.requests import Window
from townhall.open311.statuses import UNCHANGED, status_of

# What of the ledger is told: its status, and in which words. Anything else is the council's own business.
TOLD: Final[Mapping[str, tuple[str, StrOrPromise]]] = {
    "case.accepted": (status_of(State.ACCEPTED), gettext_lazy("We have looked at this and will do the work.")),
    "case.awaiting_decision": (status_of(State.AWAITING_DECISION), gettext_lazy("We are looking at this again.")),
    "case.scheduled": (
        status_of(State.ACCEPTED, is_scheduled=True),
        gettext_lazy("The work is planned for %(date)s."),
    ),
    "case.waiting_for_customer": (
        status_of(State.WAITING_FOR_CUSTOMER),
        gettext_lazy("We have asked the person who reported this a question."),
    ),
    "case.contractor_sent": (
        status_of(State.ACCEPTED),
        gettext_lazy("Our contractor has been told to do the work."),
    ),
    "case.contractor_started": ("in_progress", gettext_lazy("The work is under way.")),
    "case.offer_accepted": (UNCHANGED, gettext_lazy("Another of our teams now looks after this.")),
    "case.due_changed": (UNCHANGED, gettext_lazy("The expected date is now %(date)s.")),
    "case.declined": (status_of(State.DECLINED), gettext_lazy("We will not do this work.")),
    "case.referred": (status_of(State.REFERRED), gettext_lazy("This is not ours to do. We have passed it on.")),
    "case.merged": (
        status_of(State.MERGED),
        gettext_lazy("This was reported before, so we have joined it to the earlier report."),
    ),
    "case.withdrawn": (status_of(State.WITHDRAWN), gettext_lazy("This report was withdrawn.")),
    "case.closed": (status_of(State.CLOSED), gettext_lazy("The work is done.")),
    "case.reopened": (status_of(State.AWAITING_DECISION), gettext_lazy("This is open again.")),
}

# The verbs are those of the index ledger_entry_told (migration 0001), written out so that PostgreSQL sees that it serves.
_UPDATES = """
    WITH happened AS (
        (SELECT e.id, e.case_id, e.at, e.verb, e.data::json AS data, '' AS words
        FROM ledger_entry e JOIN cases_case c ON c.id = e.case_id
        WHERE e.verb IN ('case.accepted', 'case.awaiting_decision', 'case.scheduled', 'case.waiting_for_customer',
            'case.contractor_started', 'case.offer_accepted', 'case.contractor_sent', 'case.due_changed', 'case.declined',
            'case.referred', 'case.merged', 'case.withdrawn', 'case.closed', 'case.reopened')
            AND e.at >= %(start)s AND e.at <= %(end)s
            AND NOT (e.verb = 'case.accepted' AND coalesce(e.data->>'was', '') IN ('closed', 'done', 'merged'))
            AND (c.is_public OR EXISTS (SELECT 1 FROM forms_submission s
                WHERE s.id = c.id AND s.by_kind = 'connector' AND s.by_id = %(key)s))
        ORDER BY e.at, e.id LIMIT %(most)s)
        UNION ALL
        (SELECT n.id, n.case_id, n.at, 'note', '{}'::json, n.text
        FROM cases_note n JOIN cases_case c ON c.id = n.case_id
        WHERE n.kind = 'update' AND n.at >= %(start)s AND n.at <= %(end)s
            AND (c.is_public OR EXISTS (SELECT 1 FROM forms_submission s
                WHERE s.id = c.id AND s.by_kind = 'connector' AND s.by_id = %(key)s))
        ORDER BY n.at, n.id LIMIT %(most)s)
    )
    SELECT h.id, h.at, h.verb, h.data, h.words, c.reference, c.service_code, c.state, c.outcome_code, c.outcome_text, c.decline_reason,
        c.public_note, c.external_ref,
        EXISTS (SELECT 1 FROM forms_submission s WHERE s.id = c.id AND s.by_kind = 'connector' AND s.by_id = %(key)s),
        CASE WHEN h.verb = 'case.closed' THEN (SELECT f.id FROM files_storedfile f
            WHERE f.case_id = c.id AND f.purpose = 'after' AND f.state = 'approved' AND f.content_type LIKE 'image/%%'
            ORDER BY f.created_at DESC LIMIT 1) END
    FROM happened h JOIN cases_case c ON c.id = h.case_id
    ORDER BY h.at, h.id LIMIT %(limit)s OFFSET %(skip)s"""


def updates(window: Window, *, by: Actor, skip: int, limit: int) -> list[dict[str, object]]:
    """Oldest first: those of public reports, and of any report that this key made."""
    key = by.id if by.kind is ActorKind.CONNECTOR else ""
    rows = fetch_all(
        _UPDATES,
        {"start": window.start, "end": window.end, "key": key, "most": skip + limit, "limit": limit, "skip": skip},
    )
    return [_update(row) for row in rows]


def _update(row: tuple[Any, ...]) -> dict[str, object]:
    entry_id, at, verb, data, words, reference, service_code = row[:7]
    external_ref, is_own, photo = row[12:15]
    pack = catalogue.service(service_code)
    status, description = (UNCHANGED, words) if verb == "note" else _told(verb, data, pack, row)
    return {
        "update_id": str(entry_id),
        "service_request_id": reference,
        "status": status,
        "updated_datetime": stamp(at),
        "description": description,
        "media_url": f"{settings.PUBLIC_URL}/files/{photo}" if photo and pack.public.photos else "",
        "external_status_code": verb.removeprefix("case."),
        # Whoever sent the number may read it back, so that a reply lost on the way does not part the two.
        **({"fixmystreet_id": external_ref} if is_own and external_ref.isascii() and external_ref.isdigit() else {}),
    }


def _told(verb: str, data: dict[str, Any], pack: ServicePack, row: tuple[Any, ...]) -> tuple[str, str]:
    """Status and words of one entry of the ledger. Words kept with the case are used only while they are still about this."""
    status, words = TOLD[verb]
    state, outcome_code, outcome_text, decline_reason, public_note = State(row[7]), *row[8:12]
    if verb == "case.accepted" and data.get("was") == State.WAITING_FOR_CUSTOMER.value:
        return status, _("We have had an answer to our question. The work goes on.")
    if verb == "case.declined" and state is State.DECLINED and (refusal := pack.refusal(decline_reason)):
        return status, refusal.explanation.strip()
    if verb == "case.referred" and state is State.REFERRED:
        return status, f"{words} {public_note}".strip()
    outcome = next((one for one in pack.outcomes if one.code == outcome_code), None)
    if verb == "case.closed" and state is State.CLOSED and outcome:
        return status_of(state, fixed=outcome.fixed), f"{outcome.name}. {outcome_text}".strip()
    date = _day(str(data.get("on") or data.get("due_on") or ""))
    return status, str(words) % {"date": date}


def _day(text: str) -> str:
    try:
        on = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{on.day} {on:%B %Y}"
