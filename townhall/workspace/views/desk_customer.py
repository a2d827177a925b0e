"""A customer's record: what they need first, how to reach them, and everything so far."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import fields
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import SEE_ALL
from townhall.catalogue import queries as catalogue
from townhall.contacts import coming_back
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.customers import household, queries
from townhall.customers import operations as customers
from townhall.customers.models import AccessNeed, Customer, CustomerNumber, CustomerRole, Link
from townhall.customers.queries import Record
from townhall.customers.reasons import ASKED, CALL, CASE, CHANGE, CONTACT
from townhall.forms import queries as forms
from townhall.ledger import operations as ledger
from townhall.places import queries as places
from townhall.workspace import customer_page, panels, timeline
from townhall.workspace.desk_fields import read_born, text
from townhall.workspace.timeline import Wanted
from townhall.workspace.views.desk import address_choices, as_uuid, conversation_with, conversations_of, draw, path_of

CHOICES: dict[str, type[Any]] = {
    "needs": AccessNeed.Need,
    "roles": CustomerRole.Role,
    "numbers": CustomerNumber.Kind,
    "representatives": Link.Relation,
}


@staff(may="customers.see")
@never_cache
@require_safe
def show(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Nothing of the record is shown before there is a reason to: a conversation, a call, a case, or the one that is asked for."""
    by, at = actor(request), now()
    record = _record(customer_id, by)
    conversations = conversations_of(by)
    conversation = conversation_with(customer_id, conversations)
    after, wanted = request.GET.get("after", ""), _wanted(request)
    why = _why(request, customer_id, by, has_conversation=conversation is not None)
    if not why:
        problems = {"reason": _("Select why you need this record")} if "asked" in request.GET else {}
        keys = [_take_key(by, has_conversation=False)]
        return draw(
            request, "why", problems=problems, choices=list(ASKED.items()), after=after, whose=customer_id, keys=keys
        )
    ledger.looked(by=by, at=at, customer_id=customer_id, page="customer.record", reason=why)
    is_first = not after and wanted.is_everything
    homes = {one.uprn for one in record.addresses if one.uprn and one.until_on is None}
    living = household.at_properties(homes, by=by, on=council_date(at)) if is_first else []
    kept = {name: value for name, value in {**vars(wanted), "reason": why}.items() if value}
    return draw(
        request,
        "customer",
        record=record,
        page=timeline.of_customer(customer_id, by=by, wanted=wanted, after=after),
        wanted=wanted,
        kinds=[(one.code, one.title) for one in timeline.kinds()],
        form_name=_form_name,
        may_see=lambda name: may(by, MAY_SEE[name]).allowed,
        services=[(pack.code, pack.name) for pack in catalogue.services()],
        often=coming_back.how_often(customer_id, at=at, besides=conversation) if is_first else [],
        household=[one for one in living if one.id != customer_id],
        panels=panels.of_customer(customer_id, by=by, at=at) if is_first else [],
        conversation=conversation,
        conversations=conversations,
        call=request.GET.get("call", ""),
        labels=_labels(),
        why=why,
        kept=urlencode(kept),
        is_first=is_first,
        may_request=may(by, "requests.open").allowed,
        may_complain=may(by, "complaints.record").allowed,
        keys=[
            ("c", path_of("contact", conversation) if conversation else "", _("Back to the conversation")),
            _take_key(by, has_conversation=conversation is not None),
            (
                "m",
                path_of("customer_add", customer_id, "addresses") if may(by, "customers.change").allowed else "",
                _("They moved"),
            ),
            ("v", path_of("account_seen", customer_id), _("Their account, as they see it")),
        ],
    )


def _take_key(by: Actor, *, has_conversation: bool) -> tuple[str, str, str]:
    """The key that begins a conversation with whose record it is."""
    is_offered = may(by, "contacts.log").allowed and not has_conversation
    return ("t", "#take" if is_offered else "", _("They are on the phone"))


# What somebody needs to open what a line is about.
MAY_SEE = {
    "workspace:payment": "payments.see",
    "workspace:permit": "permits.check",
    "workspace:admission": "admissions.manage",
    "workspace:penalty": "penalties.decide",
    "workspace:document": "customers.see",
    "workspace:complaint": "complaints.see",
    "workspace:partner_passed": "customers.see",
}


def _form_name(code: str) -> str:
    version = forms.published_version(code)
    try:
        return str(forms.flow(code, version=version).form.title) if version else code
    except NotFound:
        return code


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted(**{name: request.GET.get(name, "")[:60] for name in ("kind", "service", "channel")})


def _why(request: HttpRequest, customer_id: UUID, by: Actor, *, has_conversation: bool) -> str:
    """The reason that shows, or the one that was selected; empty: it has to be asked for."""
    if has_conversation:
        return CONTACT
    if "call" in request.GET:
        return CALL
    reason = request.GET.get("reason", "")
    if reason in (*ASKED, CALL, CHANGE):
        return reason
    return CASE if not by.roles & SEE_ALL and customer_page.has_open_case(customer_id, by=by) else ""


def _changed(customer_id: UUID) -> str:
    """The record again, after something on it was changed."""
    return f"{reverse('workspace:customer', args=[customer_id])}?reason={CHANGE}"


def _record(customer_id: UUID, by: Actor) -> Record:
    try:
        return queries.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error


def _labels() -> dict[str, dict[str, str]]:
    return _labels_in(get_language())


@lru_cache
def _labels_in(_language: str | None) -> dict[str, dict[str, str]]:
    kinds: dict[str, type[Any]] = {**CHOICES, "prefers": Customer.Prefers, "kinds": Customer.Kind}
    return {name: {str(value): str(label) for value, label in choices.choices} for name, choices in kinds.items()}


@staff(may="customers.change")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by, at = actor(request), now()
    record = _record(customer_id, by)
    on = record.date_of_birth
    typed = {
        "name": record.name,
        "kind": record.kind,
        "preferred_channel": record.preferred_channel,
        "language": record.language,
    }
    born = {"day": str(on.day), "month": str(on.month), "year": str(on.year)} if on else {}
    sees_born = fields.sees(by, "customer.date_of_birth")  # else it is neither asked for nor touched
    context: dict[str, Any] = {"record": record, "typed": typed, "born": born, "sees_born": sees_born}
    if request.method != "POST":
        ledger.looked(by=by, at=at, customer_id=customer_id, page="customer.details", reason="change")
        return draw(request, "details", **context)
    typed |= {name: text(request.POST, name) for name in typed}
    given = read_born(request.POST)
    context["born"] = given.typed
    if given.problem:
        return draw(request, "details", problems={"born": given.problem}, **context)
    try:
        customers.change(
            customer_id,
            name=typed["name"],
            kind=typed["kind"],
            preferred_channel=typed["preferred_channel"],
            language=typed["language"],
            date_of_birth=given.on if sees_born else None,
            forget_birth=sees_born and given.on is None,
            by=by,
            at=at,
        )
    except BadInput as error:
        return draw(request, "details", problems=error.problems, **context)
    messages.success(request, _("The details are changed."))
    return redirect(_changed(customer_id))


def _add_point(customer_id: UUID, given: dict[str, str], by: Actor, at: datetime) -> None:
    for kind in ("email", "phone"):
        if given[kind]:
            customers.add_contact_point(customer_id, kind=kind, value=given[kind], by=by, at=at)
    if not given["email"] and not given["phone"]:
        raise BadInput({"email": _("Enter an email address or a phone number")})


def _add_address(customer_id: UUID, given: dict[str, str], by: Actor, at: datetime) -> None:
    customers.add_address(
        customer_id,
        uprn=given["choice"],
        line=given["address"],
        postcode="" if given["choice"] else given["postcode"],
        from_on=council_date(at) if given["moved"] else None,
        moved=bool(given["moved"]),
        by=by,
        at=at,
    )


def _agree_need(customer_id: UUID, given: dict[str, str], by: Actor, at: datetime) -> None:
    customers.agree_need(
        customer_id, need=given["need"], detail=given["detail"], may_share=bool(given["may_share"]), by=by, at=at
    )


def _add_role(customer_id: UUID, given: dict[str, str], by: Actor, at: datetime) -> None:
    customers.add_role(customer_id, role=given["role"], detail=given["detail"], by=by, at=at)


def _add_number(customer_id: UUID, given: dict[str, str], by: Actor, at: datetime) -> None:
    customers.add_number(customer_id, kind=given["kind"], value=given["number"], by=by, at=at)


def _represent(customer_id: UUID, given: dict[str, str], by: Actor, at: datetime) -> None:
    other = as_uuid(given["representative"])
    if other is None:
        raise BadInput({"q": _("Search for the person and select them from the list")})
    customers.link(customer_id, other, relation=given["relation"], evidence=given["evidence"], by=by, at=at)


Adder = Callable[[UUID, dict[str, str], Actor, datetime], None]
PARTS: dict[str, tuple[Adder, tuple[str, ...]]] = {
    "contact-points": (_add_point, ("email", "phone")),
    "addresses": (_add_address, ("q", "choice", "address", "postcode", "moved")),
    "needs": (_agree_need, ("need", "detail", "may_share")),
    "roles": (_add_role, ("role", "detail")),
    "numbers": (_add_number, ("kind", "number")),
    "representatives": (_represent, ("q", "representative", "relation", "evidence")),
}


@staff(may="customers.change")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, customer_id: UUID, part: str) -> HttpResponse:
    """Add to one part of the record. "Find" looks up an address or a person and keeps what was typed."""
    if part not in PARTS:
        raise Http404
    by, at = actor(request), now()
    record = _record(customer_id, by)
    adder, names = PARTS[part]
    asked = request.POST if request.method == "POST" else request.GET
    typed = {name: text(asked, name) for name in names}
    found: Any = []
    if typed.get("q") and part == "addresses":
        found = places.find(typed["q"], addresses_only=True)
    elif typed.get("q") and part == "representatives":
        found = [one for one in queries.look_up(typed["q"], by=by, at=at).people if one.id != customer_id]
    context: dict[str, Any] = {
        "record": record,
        "part": part,
        "typed": typed,
        "found": found,
        "address_choices": address_choices(found) if part == "addresses" else [],
        "labels": _labels(),
    }
    if request.method != "POST" or "find" in request.POST:
        ledger.looked(by=by, at=at, customer_id=customer_id, page=f"customer.{part}", reason="change")
        return draw(request, "add", **context)
    try:
        adder(customer_id, typed, by, at)
    except BadInput as error:
        return draw(request, "add", problems=error.problems, **context)
    except RuleBroken as error:
        return draw(request, "add", problems={"": str(error)}, status=409, **context)
    messages.success(request, _("It is on the record."))
    return redirect(f"{_changed(customer_id)}#{part}")


@staff(may="customers.change")
@require_POST
def item(request: HttpRequest, customer_id: UUID, part: str, item_id: UUID, move: str) -> HttpResponse:
    """End or verify one item of the record."""
    by, at = actor(request), now()
    record = _record(customer_id, by)
    moves: dict[tuple[str, str], Callable[[], object]] = {
        ("contact-points", "verified"): lambda: customers.verify_contact_point(item_id, by=by, at=at),
        ("contact-points", "ended"): lambda: customers.end_contact_point(item_id, by=by, at=at),
        ("addresses", "ended"): lambda: customers.end_address(item_id, until_on=council_date(at), by=by, at=at),
        ("needs", "ended"): lambda: customers.end_need(item_id, by=by, at=at),
        ("roles", "ended"): lambda: customers.end_role(item_id, by=by, at=at),
        ("numbers", "ended"): lambda: customers.remove_number(item_id, by=by, at=at),
        ("representatives", "ended"): lambda: customers.end_link(item_id, by=by, at=at),
    }
    held = (record.points, record.addresses, record.needs, record.roles, record.numbers, record.links)
    if (part, move) not in moves or not any(item_id == one.id for group in held for one in group):
        raise Http404
    try:
        moves[part, move]()
    except RuleBroken as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The record is changed."))
    return redirect(f"{_changed(customer_id)}#{part}")
