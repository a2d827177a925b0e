"""Calls as they happen: what rings at one's phone, and what came back because nobody picked it up."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.queries import open_posts
from townhall.accounts.web import actor
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.customers.typed import shown_phone
from townhall.ledger import operations as ledger
from townhall.telephony.calls import meeting, ringing, unanswered
from townhall.telephony.models import Call
from townhall.workspace.desk_fields import long_text, text
from townhall.workspace.views.desk import as_uuid, draw
from townhall.workspace.views.typing_in import errors_of

MAY = "contacts.log"


@staff(may=MAY, keeps_alive=False)
@never_cache
@require_safe
def ringing_part(request: HttpRequest) -> HttpResponse:
    """Asked for every two seconds: 204 when nothing rings, else a part of the page that says what does."""
    calls = ringing.at_phone_of(UUID(actor(request).id), at=now())
    if not calls:
        return HttpResponse(status=204)
    return render(request, "workspace/phone/ringing_part.html", {"calls": calls})


@staff(may=MAY)
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The same as a page, for those without a script."""
    return draw(request, "calls", calls=ringing.at_phone_of(UUID(actor(request).id), at=now()))


def _own(request: HttpRequest, call_id: UUID) -> Call:
    found = Call.objects.filter(pk=call_id).first()
    if found is None or UUID(actor(request).id) not in (found.rings_at_id, found.user_id):
        raise Http404
    return found


@staff(may=MAY)
@never_cache
@require_safe
def who(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The record of whoever calls, or the list to pick from, before it is answered."""
    call = _own(request, call_id)
    if call.contact_id is not None:
        return redirect("workspace:contact", call.contact_id)
    if not call.number or not may(actor(request), "customers.see"):
        return redirect("workspace:my_calls")
    return redirect(f"{reverse('workspace:call')}?number={quote(shown_phone(call.number))}")


@staff(may=MAY)
@require_POST
def take(request: HttpRequest, call_id: UUID) -> HttpResponse:
    try:
        contact = meeting.take_up(
            call_id, by=actor(request), at=now(), customer_id=as_uuid(request.POST.get("customer", ""))
        )
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        messages.error(request, " ".join(error.problems.values()))
        return redirect("workspace:my_calls")
    except RuleBroken:
        messages.error(request, _("The caller has rung off."))
        return redirect("workspace:my_calls")
    return redirect("workspace:contact", contact.pk)


@staff(may=MAY)
@never_cache
@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    """Transferred calls that nobody picked up: who was tried, and for how long."""
    rows, at = unanswered.operators_list(now()), now()
    if rows:
        ledger.looked(by=actor(request), at=at, customer_id=None, page="workspace.operator")
    context = {"rows": rows, "shown_phone": shown_phone, "rings": unanswered.RINGS}
    return render(request, "workspace/phone/operator.html", context)


@staff(may=MAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Who called and what about: a call-back with an owner and a deadline."""
    call = Call.objects.filter(pk=call_id).first()
    if call is None or not (call.tried or call.call_back_id):
        raise Http404
    ledger.looked(
        by=actor(request), at=now(), customer_id=call.customer_id, page="workspace.operator", reason=str(call.pk)
    )
    problems: dict[str, str] = {}
    typed = {name: text(request.POST, name) for name in ("name", "phone", "owner")} | {
        "about": long_text(request.POST, "about")
    }
    if request.method == "POST":
        try:
            unanswered.take_message(
                call_id,
                name=typed["name"],
                about=typed["about"],
                phone=typed["phone"],
                owner_post=as_uuid(typed["owner"]),
                by=actor(request),
                at=now(),
            )
        except BadInput as error:
            problems = error.problems
        except RuleBroken:
            messages.info(request, _("There is a message of this call already."))
            return redirect("workspace:phone_operator")
        else:
            messages.success(request, _("They will be called back."))
            return redirect("workspace:phone_operator")
    else:
        typed["phone"] = shown_phone(call.number) if call.number else ""
        owner = unanswered.owner_of(call, at=now())
        typed["owner"] = str(owner or "")
    context = {
        "call": call,
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "posts": [("", _("Select")), *((str(key), words) for key, words in open_posts())],
    }
    return render(request, "workspace/phone/message.html", context, status=422 if problems else 200)
