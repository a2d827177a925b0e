"""Finding a customer by whatever they say, by the number they call from, and making a record when there is none."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.contacts import operations as contacts
from townhall.core.access import staff
from townhall.core.errors import BadInput, KeyReused, RuleBroken
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers import queries
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
from townhall.customers.typed import Kind, normalised_phone, shown_phone
from townhall.places import queries as places
from townhall.safety import queries as markers
from townhall.workspace import case_page, queue
from townhall.workspace.desk_fields import Born, read_born, text
from townhall.workspace.views.desk import address_choices, as_uuid, draw, own_contact

TEXTS = ("kind", "name", "email", "phone", "preferred_channel", "q", "address", "postcode", "choice")


MOST_PROPERTIES = 3


@staff(may="customers.see")
@never_cache
@require_safe
def look_up(request: HttpRequest) -> HttpResponse:
    """As somebody types the list alone is asked for (`part`); without a script it is a page that answers the box."""
    typed = request.GET.get("q", "")[:300]
    contact = as_uuid(request.GET.get("contact", ""))
    by, at = actor(request), now()
    found = queries.look_up(typed, by=by, at=at)
    case = case_page.visible(found.typed.value, by=by) if found.typed.kind is Kind.REFERENCE else None
    context: dict[str, Any] = {
        "typed": typed,
        "found": found,
        "contact": contact,
        "case": _case_line(case) if case else None,
        "properties": _properties(found.typed.kind, typed),
    }
    if request.GET.get("part"):
        context["flags_among"] = partial(markers.markers_among, by=by, at=at)
        return render(request, "workspace/desk/people.html", context)
    return draw(request, "look_up", **context)


def _properties(kind: Kind, typed: str) -> list[places.Found]:
    """The addresses that may be meant, where an address or a UPRN was typed. At most one query."""
    if kind is Kind.DIGITS:
        found = places.address(typed.strip()) if typed.strip().isdecimal() else None
        return [found] if found else []
    return places.find(typed, addresses_only=True)[:MOST_PROPERTIES] if kind is Kind.ADDRESS else []


def _case_line(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "service": queue.service_name(case.service_code),
        "place": case.address or case.place_words,
        "customer_id": case.customer_id,
    }


@staff(may="customers.see")
@never_cache
@require_safe
def call(request: HttpRequest) -> HttpResponse:
    """For the telephone system: ?number=… opens the record of whoever is known by it, or the list to pick from."""
    number = request.GET.get("number", "").strip()
    number = (
        f"+{number}" if request.GET.get("number", "").startswith(" ") else number
    )  # a plus in an address is a space
    typed = shown_phone(normalised_phone(number)) or number[:100]
    found = queries.look_up(typed, by=actor(request), at=now())
    if len(found.people) == 1:
        return redirect(f"{reverse('workspace:customer', args=[found.people[0].id])}?call={typed.replace('+', '%2B')}")
    keys = [("t", "#take" if may(actor(request), "contacts.log").allowed else "", _("Take the call"))]
    return draw(request, "call", number=typed, found=found, typed=typed, contact=None, case=None, keys=keys)


@staff(may="customers.change")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_customer(request: HttpRequest) -> HttpResponse:
    """Whoever may be the same is shown first: a record is made only when somebody says that it is none of these."""
    asked = request.POST if request.method == "POST" else request.GET
    typed = {name: text(asked, name) for name in TEXTS}
    typed["kind"] = typed["kind"] or Customer.Kind.PERSON
    born = read_born(asked)
    found = places.find(typed["q"], addresses_only=True) if typed["q"] else []
    contact = as_uuid(asked.get("contact", ""))
    if contact is not None:
        with_whom = own_contact(request, contact)
        if request.method != "POST":  # what the conversation began with
            typed["name"] = typed["name"] or with_whom.given_name
            typed["phone"] = typed["phone"] or with_whom.given_phone
    context: dict[str, Any] = {
        "typed": typed,
        "born": born,
        "contact": contact,
        "key": text(asked, "key") or str(uuid4()),
        "found": found,
        "address_choices": address_choices(found),
    }
    if request.method != "POST" or "find" in request.POST:
        return draw(request, "new_customer", **context)
    problems = {"born": born.problem} if born.problem else {}
    if typed["q"] and not typed["choice"] and not typed["address"]:
        problems["address"] = _("Select the address from the list, or empty the box")
    if problems:
        return draw(request, "new_customer", problems=problems, **context)
    new = _new(typed, born)
    if "checked" not in request.POST and (alike := _alike(request, new)):
        return draw(request, "new_customer", alike=alike, **context)
    return _create(request, new, contact, context)


def _alike(request: HttpRequest, new: NewCustomer) -> list[queries.Person]:
    return queries.alike(
        name=new.name, email=new.email, phone=new.phone, born=new.date_of_birth, by=actor(request), at=now()
    )


def _create(request: HttpRequest, new: NewCustomer, contact: UUID | None, context: dict[str, Any]) -> HttpResponse:
    by, at = actor(request), now()
    try:
        made = customers.create(new, by=by, at=at, key=context["key"])
        if contact is not None:
            contacts.link_customer(contact, made.pk, by=by, at=at)
    except BadInput as error:
        return draw(request, "new_customer", problems=error.problems, **context)
    except KeyReused:
        return draw(request, "new_customer", problems={"name": _("This form was sent before. Start again.")}, **context)
    except RuleBroken as error:
        return draw(request, "new_customer", problems={"": str(error)}, **context)
    messages.success(request, _("The record of %(name)s is made.") % {"name": made.name})
    if contact is not None:
        return redirect("workspace:contact", contact)
    return redirect(f"{reverse('workspace:customer', args=[made.pk])}?reason=change")


def _new(typed: dict[str, str], born: Born) -> NewCustomer:
    on: date | None = born.on
    return NewCustomer(
        name=typed["name"],
        kind=typed["kind"],
        email=typed["email"],
        phone=typed["phone"],
        date_of_birth=on,
        preferred_channel=typed["preferred_channel"],
        uprn=typed["choice"],
        address=typed["address"],
        postcode=typed["postcode"],
    )
