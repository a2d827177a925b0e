"""Ending a conversation: why they got in touch, whether it could have been avoided, resolved or referred, anything else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.contacts import callback_queries as callbacks
from townhall.contacts.models import Contact
from townhall.contacts.operations import WrapUp
from townhall.core.access import staff
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.time import now
from townhall.customers import queries as customers
from townhall.outreach import assisting
from townhall.outreach.assisting import More
from townhall.outreach.models import Assisted
from townhall.payments import taken
from townhall.payments.taken import Taken
from townhall.workspace import customer_page, script_desk
from townhall.workspace.case_line import CaseLine
from townhall.workspace.desk_fields import long_text, text
from townhall.workspace.views.desk import draw, own_contact, path_of

NAMES = ("reason_code", "outcome", "avoidable", "avoidable_reason", "anything_else", "service_code")
MORE = ("assisted", "barrier", "wants_help", "said", "campaign_code")
_YES_NO = {"yes": True, "no": False}


@staff(may="contacts.log")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wrap_up(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """What was filled in stays when something is missing. "Anything else: yes" leads straight into the further conversation."""
    contact = own_contact(request, contact_id)
    if contact.ended_at is not None:
        return redirect("workspace:contact", contact.pk)
    by = actor(request)
    lines = customer_page.cases_of_contact(contact.pk)
    typed = {name: text(request.POST, name) for name in (*NAMES, *MORE)} | {"notes": long_text(request.POST, "notes")}
    if request.method != "POST":
        typed |= _begun(contact, lines) | {"notes": script_desk.notes(contact)[:LONGEST_NOTES]}
    context: dict[str, Any] = {
        "contact": contact,
        "known": customers.record(contact.customer_id, by=by) if contact.customer_id else None,
        "typed": typed,
        "lines": [line for line, _team in lines],
        "script": assisting.script_for(contact),
        "barriers": [("", _("Nothing, or not asked")), *Assisted.Barrier.choices],
        "services": [(pack.code, pack.name) for pack in catalogue.services()],
        "keys": [("c", path_of("contact", contact.pk), _("Back to the conversation"))],
    }
    if request.method != "POST":
        return draw(request, "wrap_up", **context)
    if len(typed["notes"]) > LONGEST_NOTES:
        return draw(request, "wrap_up", problems={"notes": _("Notes must be 4,000 characters or fewer")}, **context)
    if typed["avoidable"] not in (*_YES_NO, "unsure"):
        missing = {"avoidable": _("Select whether the contact could have been avoided")}
        return draw(request, "wrap_up", problems=missing, **context)
    try:
        further = assisting.wrap_up(contact.pk, _answers(typed), _more(typed), by=by, at=now())
    except BadInput as error:
        return draw(request, "wrap_up", problems=error.problems, **context)
    except RuleBroken as error:
        return draw(request, "wrap_up", problems={"": str(error)}, status=409, **context)
    if further is not None:
        messages.success(request, _("Wrapped up. This is the further conversation: what else can we do?"))
        return redirect("workspace:contact", further.pk)
    messages.success(request, _("The conversation is wrapped up."))
    if typed["wants_help"] and contact.customer_id and may(by, assisting.RUN).allowed:
        return redirect("workspace:session_book", contact.customer_id)
    return redirect("workspace:lookup")


LONGEST_NOTES = 4000


def _suggested(service_code: str, lines: list[tuple[CaseLine, UUID]]) -> dict[str, str]:
    """What the conversation already shows: a report taken, a form filled in together, a case chased."""
    kinds = {line.kind for line, _team in lines}
    service = service_code or (lines[0][0].service if lines else "")
    if "origin" in kinds:
        taken = [line.service for line, _team in lines if line.kind == "origin"]
        together = {"assisted": "yes"} if any(catalogue.service(one).form for one in taken) else {}
        return {"reason_code": "report", "outcome": "referred", "service_code": service, **together}
    if "chaser" in kinds:
        chased = {"avoidable": "yes", "avoidable_reason": "progress_chasing"}
        return {"reason_code": "progress", "outcome": "referred", "service_code": service, **chased}
    return {"service_code": service}


def _begun(contact: Contact, lines: list[tuple[CaseLine, UUID]]) -> dict[str, str]:
    """As `_suggested`, and without a case: what the script came to, or that they will be called back."""
    found = {name: value for name, value in _suggested(contact.service_code, lines).items() if value}
    if lines:
        return found
    promised = {"outcome": "referred"} if callbacks.of_contact(contact.pk) else {}
    paid = {"reason_code": "payment", "outcome": "resolved"} if payments_in(contact) else {}
    told = script_desk.suggested(contact)
    return ({"reason_code": "information"} if promised else {}) | told | paid | promised | found


def payments_in(contact: Contact) -> list[Taken]:
    """What this adviser took by card in the conversation, of the customer that it is with."""
    by = str(contact.adviser_id)
    return taken.taken_since(contact.started_at, by_id=by, customer_id=contact.customer_id)


def usual(contact: Contact, lines: list[tuple[CaseLine, UUID]]) -> dict[str, str]:
    """The whole wrap-up of a conversation in which nothing was unusual, ready to be sent; empty when something has to be asked."""
    found = _begun(contact, lines)
    if not found.get("reason_code") or not found.get("outcome"):
        return {}
    return {"avoidable": "no", **found, "notes": script_desk.notes(contact)[:LONGEST_NOTES], "anything_else": "no"}


def _more(typed: dict[str, str]) -> More:
    return More(
        was_assisted=typed["assisted"] == "yes",
        barrier=typed["barrier"],
        wants_help=typed["wants_help"] == "yes",
        said=typed["said"],
        code=typed["campaign_code"],
    )


def _answers(typed: dict[str, str]) -> WrapUp:
    return WrapUp(
        reason_code=typed["reason_code"],
        outcome=typed["outcome"],
        avoidable=_YES_NO.get(typed["avoidable"]),
        avoidable_reason=typed["avoidable_reason"],
        anything_else=_YES_NO.get(typed["anything_else"]),
        notes=typed["notes"],
        service_code=typed["service_code"],
    )
