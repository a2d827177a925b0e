"""Accounts that other systems keep: council tax, rent, leasehold, library, the electoral register. Asked live, each for itself."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.access import resident
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.customers.typed import normalised_number
from townhall.payments.typed import pence_of
from townhall.portal.account.web import Me, required
from townhall.portal.views.account.drawing import draw
from townhall.portal.views.account.gate import barred
from townhall.standing import kinds, operations, queries
from townhall.standing.kinds import Kind

LEVEL: Final = "address"  # how sure we are of who asks, before another system's account is shown
LINKS: Final = {
    "council-tax": gettext_lazy("Instalments, paying and Direct Debit"),
    "rent": gettext_lazy("Statement, paying and arrangements"),
    "leasehold": gettext_lazy("Charges, planned works and paying"),
    "library": gettext_lazy("Your books and fines"),
    "electoral": gettext_lazy("Your registration"),
}
SERVICES: Final = {
    "council-tax": ("direct-debit", "council-tax-instalments", "council-tax-move", "single-person-discount"),
    "rent": ("direct-debit", "rent-arrangement", "housing-repair"),
    "leasehold": ("leaseholder-works", "direct-debit"),
    "electoral": ("register-to-vote",),
}


@resident
@require_safe
def show(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind of account; as a part of another page when that asks for it."""
    chosen = _kind(kind)
    if (bar := barred(request, LEVEL)) is not None:
        return bar
    return _page(request, _own(request), chosen)


@resident
@require_POST
def pay(request: HttpRequest, kind: str) -> HttpResponse:
    """An amount of one's own choice, on to the page where it is paid."""
    chosen, who = _kind(kind), _own(request)
    if (bar := barred(request, LEVEL)) is not None:
        return bar
    number, typed = request.POST.get("number", "")[:40], request.POST.get("amount", "")[:20].strip()
    try:
        pence = pence_of(typed)
        charge = operations.pay(
            who.acting.customer_id,
            chosen,
            number,
            pence=pence,
            key=_key(request.POST.get("key", "")),
            by=who.actor,
            at=now(),
        )
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return _page(request, who, chosen, problem=error.problems["amount"], typed={"amount": typed, "number": number})
    return redirect("portal:pay", charge.pk)


def _key(typed: str) -> str:
    """The page's own, so that a second click is the same payment."""
    try:
        return str(UUID(typed))
    except ValueError:
        return str(uuid7())


def _kind(code: str) -> Kind:
    found = kinds.kind_of(code)
    if found is None or found.at_desk_only:
        raise Http404
    return found


def _own(request: HttpRequest) -> Me:
    who = required(request)
    if who.is_helping:  # what somebody owes is not the helper's to see
        raise Http404
    return who


def _page(
    request: HttpRequest, who: Me, kind: Kind, *, problem: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    found = queries.look(who.acting.customer_id, kind, at=now())
    place = next((number for number, one in enumerate(found, 1) if _same(one.number, typed)), 1)
    return draw(
        request,
        "standing_part" if "part" in request.GET else "standing",
        problems={f"amount-{place}": problem} if problem else {},
        kind=kind,
        found=found,
        typed=typed or {},
        key=str(uuid7()),
        links=LINKS,
        services=_services(kind.code),
    )


def _same(number: str, typed: dict[str, str] | None) -> bool:
    return bool(typed) and normalised_number(number) == normalised_number((typed or {}).get("number", ""))


def _services(code: str) -> list[ServicePack]:
    every = {one.code: one for one in catalogue.services()}
    return [every[one] for one in SERVICES.get(code, ()) if one in every]
