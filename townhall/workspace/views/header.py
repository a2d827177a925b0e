"""What every staff page shows in its header: where this person may go, and what waits for them there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import may
from townhall.accounts.web import signed_in
from townhall.core.actors import Actor
from townhall.ui.site import path_to
from townhall.workspace import queue


@dataclass(frozen=True, kw_only=True)
class Place:
    """A link of the header for those who may use it. `name` is a URL's name; the link appears once the page exists."""

    name: str
    text: StrOrPromise
    may: str
    counts: bool = False


PLACES = (
    Place(name="workspace:queue", text=_("Team queue"), may="cases.see"),
    Place(name="workspace:offers", text=_("Offers"), may="cases.hand_off", counts=True),
    Place(name="workspace:lookup", text=_("Look up"), may="customers.see"),
    Place(name="workspace:new_contact", text=_("New contact"), may="contacts.log"),
    Place(name="workspace:incidents", text=_("Incidents"), may="incidents.declare"),
    Place(name="workspace:comments", text=_("Comments"), may="comments.moderate"),
    Place(name="workspace:repairs", text=_("Repairs"), may="repairs.manage"),
    Place(name="workspace:penalties", text=_("Penalty notices"), may="penalties.decide"),
    Place(name="workspace:admissions", text=_("School admissions"), may="admissions.manage"),
    Place(name="workspace:permits", text=_("Parking permits"), may="permits.check"),
    Place(name="workspace:benefits", text=_("Benefit claims"), may="benefits.see"),
    Place(name="workspace:payments", text=_("Payments"), may="payments.see"),
    Place(name="workspace:exceptions", text=_("Exceptions"), may="figures.see"),
    Place(name="workspace:undelivered", text=_("Not delivered"), may="messages.resend"),
    Place(name="workspace:contractor", text=_("Contractor jobs"), may="contractor.work"),
    Place(name="workspace:audit", text=_("Audit"), may="audit.see"),
    Place(name="workspace:systems", text=_("Other systems"), may="deliveries.manage"),
    Place(name="workspace:services", text=_("Services"), may="catalogue.administer"),
    Place(name="workspace:forms", text=_("Forms"), may="forms.build"),
    Place(name="workspace:mails", text=_("Mail"), may="mail.read"),
    Place(name="workspace:mailboxes", text=_("Mailboxes"), may="mailboxes.see"),
    Place(name="workspace:alerts_sent", text=_("Alerts and texts"), may="customers.see"),
    Place(name="workspace:deals", text=_("Deals"), may="deals.decide"),
    Place(name="workspace:newsletter", text=_("Newsletter"), may="newsletter.write"),
    Place(name="workspace:website", text=_("Website"), may="website.see"),
    Place(name="workspace:outreach", text=_("The quicker way"), may="outreach.see"),
    Place(name="workspace:registers", text=_("Registers"), may="registers.see"),
    Place(name="workspace:hours", text=_("Opening hours"), may="catalogue.administer"),
    Place(name="accounts:people", text=_("People"), may="people.administer"),
)


def staff(request: HttpRequest) -> dict[str, Callable[[], list[dict[str, object]]]]:
    """Context processor. Asks nothing until a staff page draws its header."""
    return {"staff_links": cache(partial(links, request))}


@cache
def _paths() -> list[tuple[Place, str]]:
    """The pages that exist, with where they are: addresses do not change while a process runs."""
    found = [(place, path_to(place.name)) for place in PLACES]
    return [(place, path) for place, path in found if path]


def links(request: HttpRequest) -> list[dict[str, object]]:
    """At most one query, for those who can be offered cases."""
    person = signed_in(request)
    if person is None:
        return []
    shown = [(place, path) for place, path in _paths() if may(person.actor, place.may).allowed]
    here = request.path
    # The queue is nearest to every page of the workspace; it is where one is only on its own page and on a case's.
    queue_path = path_to("workspace:queue")
    in_queue = here in (queue_path, f"{queue_path}find") or here.startswith(f"{queue_path}cases/")
    nearest = max(
        (path for _place, path in shown if here.startswith(path) and (path != queue_path or in_queue)),
        key=len,
        default="",
    )
    return [
        {
            "text": _with_count(place, person.actor),
            "href": path + _of_conversation(request) if place.name == "workspace:lookup" else path,
            "active": path == nearest,
        }
        for place, path in shown
    ]


def _of_conversation(request: HttpRequest) -> str:
    """Looking somebody up in the middle of a conversation stays in it, so that the caller's name and number are not lost."""
    match = request.resolver_match
    contact_id = (match.kwargs.get("contact_id") if match else None) or request.GET.get("contact")
    try:
        return f"?contact={UUID(str(contact_id))}" if contact_id else ""
    except ValueError:
        return ""


def _with_count(place: Place, by: Actor) -> str:
    count = queue.offers_waiting(list(by.teams)) if place.counts else 0
    text = _text(place.name, get_language())
    return f"{text} ({count})" if count else text


@lru_cache
def _text(name: str, _language: str | None) -> str:
    return next(str(place.text) for place in PLACES if place.name == name)
