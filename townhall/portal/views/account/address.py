"""Where somebody lives, and showing it: by a letter, by a number on a bill, or at a desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from townhall.accounts.errors import TooManyAttempts
from townhall.accounts.residents import providers, sessions
from townhall.accounts.residents.web import safe_path
from townhall.core.access import resident
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.customers.accounts import checking, levels, links, standard
from townhall.customers.accounts.models import Level
from townhall.customers.models import CustomerNumber
from townhall.places import queries as places
from townhall.portal.account.web import Me, required
from townhall.portal.views import limits
from townhall.portal.views.account.drawing import draw, problems_of, too_many
from townhall.portal.views.account.entering import typed_line

NUMBERS = (
    CustomerNumber.Kind.COUNCIL_TAX,
    CustomerNumber.Kind.RENT,
    CustomerNumber.Kind.LEASEHOLD,
    CustomerNumber.Kind.LIBRARY,
    CustomerNumber.Kind.ACCOUNT,
)


def _own(request: HttpRequest) -> Me:
    who = required(request)
    if who.is_helping:  # a helper changes nothing about the person
        raise Http404
    return who


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Choose the address, or another one after a move."""
    who = _own(request)
    words = " ".join(request.GET.get("q", "").split())[:200]
    if words and (wait := limits.held_up(request, limits.LOOK_UPS)):
        return wait
    found = places.choices(words) if words else []
    problems: dict[str, str] = {}
    if request.method == "POST":
        choice = typed_line(request, "choice", longest=12)
        if not choice.isdecimal() or places.address(choice) is None:
            problems["choice"] = _("Search for your address and select it from the list")
        else:
            try:
                checking.move(who.acting.customer_id, choice, by=who.actor, at=now())
            except RuleBroken as error:
                problems = problems_of(error, "choice")
            else:
                return redirect(f"{reverse('portal:account')}?said=address")
    elif words and not found:
        problems["q"] = _("We found no address like that. Check it and try again")
    return draw(request, "address", problems=problems, typed=words, found=found)


def _act_for(who: Me, customer_id: UUID, *, at: datetime) -> None:
    """The record that was found is the one that the pages show from now on."""
    opened = links.opened_by(who.person.account_id, at=at)
    found = next((one for one in opened if one.customer_id == customer_id), None)
    if found is not None:
        sessions.act_for(who.person.session_id, found.link_id)


@resident
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """How sure we are of who they are, and what there is to do about it."""
    who, at = _own(request), now()
    customer_id = who.acting.customer_id
    if request.method != "POST":
        return _verify_page(request, who)
    try:
        if "letter" in request.POST:
            checking.post_code(customer_id, by=who.actor, at=at)
            return redirect(f"{reverse('portal:verify')}?said=posted")
        if "code" in request.POST:
            checking.type_code(customer_id, typed_line(request, "code"), by=who.actor, at=at)
        else:
            held = checking.match_record(
                who.person.account_id,
                kind=typed_line(request, "kind"),
                number=typed_line(request, "number"),
                name=who.acting.name,
                postcode=typed_line(request, "postcode"),
                by=who.actor,
                at=at,
            )
            _act_for(who, held.pk, at=at)
    except TooManyAttempts as error:
        return too_many(request, error)
    except RuleBroken as error:
        return _verify_page(request, who, problems=problems_of(error, "letter"))
    # Back to the service that asked for it, when it did.
    return redirect(safe_path(request.GET.get("next", "")) or f"{reverse('portal:verify')}?said=verified")


def _verify_page(request: HttpRequest, who: Me, *, problems: dict[str, str] | None = None) -> HttpResponse:
    at = now()
    typed = {name: typed_line(request, name) for name in ("kind", "number", "postcode")} if problems else {}
    context: dict[str, Any] = {
        "level": who.acting.level,
        "levels": Level,
        "checks": [(one, standard.rule(one.method)) for one in levels.checks_of(who.acting.customer_id, at=at)],
        "waiting": checking.code_waiting(who.acting.customer_id, at=at),
        "rules": standard.rules(),
        "provers": [one for one in providers.configured() if one.identity_vtr]
        if "provider" in standard.rules()
        else [],
        "next": safe_path(request.GET.get("next", "")),
        "kinds": [(kind.value, kind.label) for kind in NUMBERS],
        "typed": typed,
    }
    return draw(request, "verify", problems=problems, **context)


@resident
@require_safe
def strong(request: HttpRequest) -> HttpResponse:
    """This service asks for two factors, and this session began with one."""
    return draw(request, "strong")
