"""A conversation: who it is with, what it is about. Several may be open at once, listed at the side of every page of the desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases.access import cases_visible_to
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.contacts import callback_queries as callbacks
from townhall.contacts import coming_back
from townhall.contacts import operations as contacts
from townhall.contacts.models import Contact
from townhall.contacts.operations import Given
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, KeyReused, NotFound, RuleBroken
from townhall.core.ids import uuid7
from townhall.core.references import parse_reference
from townhall.core.time import now
from townhall.customers import queries as customers
from townhall.customers.queries import Person
from townhall.customers.typed import normalised_phone, shown_phone
from townhall.ledger import operations as ledger
from townhall.outreach import assisting
from townhall.workspace import customer_page
from townhall.workspace.case_line import CaseLine
from townhall.workspace.desk_fields import long_text, text
from townhall.workspace.views import desk_wrap_up
from townhall.workspace.views.desk import as_uuid, conversations_of, draw, own_contact, path_of

MOST_PERHAPS = 5  # of those who use one number


@staff(may="contacts.log")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_contact(request: HttpRequest) -> HttpResponse:
    """Begin a conversation, with somebody known or not. From a record or a call the customer and the number are there already."""
    by, at = actor(request), now()
    asked = request.POST if request.method == "POST" else request.GET
    typed = {name: text(asked, name) for name in ("channel", "name", "phone")}
    customer_id = as_uuid(asked.get("customer", ""))
    known = _known(customer_id, by)
    if request.method != "POST":
        typed["channel"] = typed["channel"] or "phone"
        if known is not None:
            ledger.looked(by=by, at=at, customer_id=known.id, page="contact.new", reason="contact")
        return draw(request, "new_contact", typed=typed | {"key": str(uuid7())}, known=known)
    typed["key"] = text(asked, "key")
    given = Given(name=typed["name"] or (known.name if known else ""), phone=typed["phone"])
    try:
        made = contacts.start(
            channel=typed["channel"],
            given=given,
            customer_id=known.id if known else None,
            by=by,
            at=at,
            key=typed["key"],
        )
    except BadInput as error:
        return draw(request, "new_contact", problems=error.problems, typed=typed, known=known)
    except KeyReused:  # they went back and changed it: that is another conversation
        return draw(
            request,
            "new_contact",
            problems={"": _("Press Start once more.")},
            typed=typed | {"key": str(uuid7())},
            known=known,
        )
    return redirect("workspace:contact", made.pk)


def _known(customer_id: UUID | None, by: Actor) -> customers.Record | None:
    if customer_id is None:
        return None
    try:
        return customers.record(customer_id, by=by)
    except NotFound as error:
        raise Http404 from error


@staff(may="contacts.log")
@never_cache
@require_safe
def show(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    return page(request, own_contact(request, contact_id))


@staff(may="contacts.log")
@never_cache
@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """From any page back to the conversation that was begun last; to the look-up while none is open."""
    opened = conversations_of(actor(request))
    return redirect("workspace:contact", opened[-1].id) if opened else redirect("workspace:lookup")


def page(
    request: HttpRequest, contact: Contact, *, problems: dict[str, str] | None = None, **typed: str
) -> HttpResponse:
    """The conversation with what it can do next. Looking at who it is with is written down, the conversation being the reason."""
    by, at = actor(request), now()
    known = _known(contact.customer_id, by)
    if known is not None:
        ledger.looked(by=by, at=at, customer_id=known.id, page="contact", reason="contact")
    lines = customer_page.cases_of_contact(contact.pk)
    here = {line.id for line, _team in lines}
    theirs = customer_page.open_cases(known.id, by=by) if known and contact.ended_at is None else []
    context: dict[str, Any] = {
        "contact": contact,
        "known": known,
        "done": [_spoken(line, team) for line, team in lines],
        "open_cases": [line for line in theirs if line.id not in here],
        "perhaps": _perhaps(contact, lines, by) if known is None and contact.ended_at is None else [],
        "usual": desk_wrap_up.usual(contact, lines) if contact.ended_at is None else {},
        "promised": callbacks.of_contact(contact.pk),
        "paid": desk_wrap_up.payments_in(contact) if contact.ended_at is None else [],
        "often": coming_back.how_often(known.id, at=at, besides=contact.pk) if known else [],
        "typed": typed,
        "script": assisting.script_for(contact) if contact.ended_at is None else None,
        "may_book": may(by, assisting.RUN).allowed,
        "may_take": may(by, "payments.take").allowed,
    }
    context["keys"] = _keys(contact, known, has_usual=bool(context["usual"]), may_take=context["may_take"])
    return draw(request, "contact", problems=problems, **context)


def _keys(
    contact: Contact, known: customers.Record | None, *, has_usual: bool, may_take: bool
) -> list[tuple[str, str, str]]:
    """What the keys after g do in a conversation: each part of the page, without going through those before it."""
    if contact.ended_at is not None:
        return []
    one = contact.pk
    return [
        ("r", path_of("contact_report", one), _("Take a report")),
        ("s", path_of("contact_scripts", one), _("Scripts")),
        ("h", path_of("knowledge"), _("Knowledge")),
        ("k", "#about-case :is(.desk-cases button, #reference)", _("A case we have: they ask for progress")),
        ("b", f"{path_of('call_back_new')}?contact={one}", _("Have them called back")),
        ("o", path_of("contact_calls", one), _("Ring the back office")),
        ("m", path_of("counter") if may_take else "", _("Take a card payment")),
        ("i", "#language", _("Interpreter")),
        ("x", "#abusive", _("Abusive or threatening")),
        ("p", path_of("customer", known.id) if known else "", _("Their record")),
        ("w", path_of("wrap_up", one), _("Wrap up")),
        ("d", "#usual" if has_usual else "", _("Wrap up as it stands")),
        ("a", "#usual-more" if has_usual else "", _("As it stands, and there is something else")),
    ]


def _perhaps(contact: Contact, lines: list[tuple[CaseLine, UUID]], by: Actor) -> list[tuple[Person, str]]:
    """Who a conversation with nobody known may be with, and why: whose number it comes from, or whose case it is about."""
    if not may(by, "customers.see").allowed:
        return []
    at = now()
    found: dict[UUID, tuple[Person, str]] = {}
    for customer_id, reference in customer_page.customers_of_cases([line.id for line, _team in lines]):
        person = customers.person(customer_id, by=by, at=at)
        if person is not None:
            found[person.id] = (person, _("%(reference)s is theirs") % {"reference": reference})
    if phone := normalised_phone(contact.given_phone):
        for person in customers.look_up(shown_phone(phone), by=by, at=at).people[:MOST_PERHAPS]:
            found.setdefault(person.id, (person, _("known by %(phone)s") % {"phone": contact.given_phone}))
    return list(found.values())


def _spoken(line: CaseLine, team_id: UUID) -> dict[str, Any]:
    """What the adviser can say of a case of this conversation: reference, whether we do this, next step, date and owner."""
    try:
        pack = catalogue.service(line.service)
    except NotFound:
        pack = None
    return {
        "line": line,
        "service": pack.name if pack else line.service,
        "done": pack.done if pack and line.kind == "origin" else "",
        "next_step": pack.next_step if pack and line.kind == "origin" else "",
        "team": directory.team_by_id(team_id).name,
    }


@staff(may="contacts.log")
@require_POST
def customer(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Say who this conversation is with."""
    contact = own_contact(request, contact_id)
    by = actor(request)
    known = _known(as_uuid(request.POST.get("customer", "")), by)
    if known is None:
        raise Http404
    try:
        contacts.link_customer(contact.pk, known.id, by=by, at=now())
    except RuleBroken as error:
        return page(request, contact, problems={"": str(error)})
    messages.success(request, _("This conversation is with %(name)s.") % {"name": known.name})
    return redirect("workspace:contact", contact.pk)


def case_in(request: HttpRequest) -> Case:
    """The case that was chosen or whose reference was typed, if this adviser may see it. Raises BadInput."""
    typed = text(request.POST, "reference")
    reference = parse_reference(typed)
    found = cases_visible_to(actor(request)).filter(reference=reference).first() if reference else None
    if found is None:
        problem = _("We have no case with that reference") if typed else _("Select a case or enter its reference")
        raise BadInput({"reference": problem})
    return found


@staff(may="cases.chase")
@require_POST
def chasers(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """The customer asks how far it is: a chaser of the case there is, not new work."""
    contact = own_contact(request, contact_id)
    try:
        _still_open(contact)
        chased = cases.chase(case_in(request).pk, contact_id=contact.pk, by=actor(request), at=now())
    except BadInput as error:
        return page(request, contact, problems=error.problems, reference=text(request.POST, "reference"))
    except RuleBroken as error:
        return page(request, contact, problems={"reference": str(error)}, reference=text(request.POST, "reference"))
    words = ngettext(
        "%(reference)s is marked as chased: once so far.",
        "%(reference)s is marked as chased: %(num)d times so far.",
        chased.chasers,
    )
    messages.success(request, words % {"reference": chased.reference, "num": chased.chasers})
    return redirect("workspace:contact", contact.pk)


@staff(may="cases.chase")
@require_POST
def information(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """More about a case there is, in the customer's words."""
    contact = own_contact(request, contact_id)
    said = long_text(request.POST, "said")
    typed = {"reference": text(request.POST, "reference"), "said": said}
    try:
        _still_open(contact)
        _has_words(said)
        case = cases.attach(case_in(request).pk, contact_id=contact.pk, text=said, by=actor(request), at=now())
    except BadInput as error:
        problems = {("said" if name in ("text", "reply") else name): words for name, words in error.problems.items()}
        return page(request, contact, problems=problems, **typed)
    except RuleBroken as error:
        return page(request, contact, problems={"said": str(error)}, **typed)
    messages.success(request, _("It is on case %(reference)s.") % {"reference": case.reference})
    return redirect("workspace:contact", contact.pk)


def _has_words(said: str) -> None:
    if not said:
        raise BadInput({"said": _("Enter what they said")})


def _still_open(contact: Contact) -> None:
    if contact.ended_at is not None:
        raise BadInput({"reference": _("This conversation was wrapped up. Start another.")})
