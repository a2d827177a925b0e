"""What the desk's pages share: drawing with the open conversations at the side, and finding one's own conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.contacts import queries as contacts
from townhall.contacts.models import Contact
from townhall.contacts.queries import Conversation
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.core.ids import as_uuid as as_uuid  # noqa: PLC0414 - other pages have it from here
from townhall.core.time import council_date, now
from townhall.customers.queries import need_words
from townhall.customers.sharing import holder_of
from townhall.inclusion import applying, calling, languages, restricting
from townhall.places.queries import Found
from townhall.safety import queries as markers
from townhall.safety import warning
from townhall.ui.site import path_to
from townhall.workspace import down, keeping, queue
from townhall.workspace.bringing_up import desk_for

KEPT = frozenset(
    {"contact", "wrap_up", "report", "new_contact", "new_customer", "details", "add"}
)  # pages that are typed on
PARTS_OF_A_PAGE = frozenset({"chasers", "information"})  # where forms of a conversation's page are sent
HTTP_FOUND = 302
View = TypeVar("View", bound=Callable[..., HttpResponse])


def forgets(view: View) -> View:
    """Once what was typed on a page is sent, and the answer leads on, what was kept of it goes. Its parts are of the page above them."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if request.method == "POST" and answer.status_code == HTTP_FOUND:
            page, _slash, part = request.path.rpartition("/")
            keeping.forget(UUID(actor(request).id), page if part in PARTS_OF_A_PAGE else request.path)
        return answer

    return cast("View", wrapped)


def draw(
    request: HttpRequest, template: str, /, *, problems: dict[str, str] | None = None, status: int = 0, **context: Any
) -> HttpResponse:
    """A page of the desk. `problems`: field id to sentence; said at the top and beside the field."""
    by = actor(request)
    found = problems or {}
    if "conversations" not in context:
        context["conversations"] = conversations_of(by)
    # What was typed here before and never sent, unless this answers what is being sent now.
    keeps = template in KEPT and request.method in ("GET", "HEAD") and by.is_staff
    shown = {
        "kept": keeping.kept(UUID(by.id), request.path) if keeps else {},
        "keeps": template in KEPT,
        "words": contacts.words(),
        "down": down.systems(),
        "may_log": may(by, "contacts.log").allowed,
        "may_change": may(by, "customers.change").allowed,
        "problems": found,
        "errors": [{"text": text, "href": f"#{field}" if field else ""} for field, text in found.items()],
        "today": council_date(now()),
        "need_words": need_words,
        "service_name": queue.service_name,
        "holder_of": holder_of,
        "ordinal": ordinal,
        "page_keys": _keys(context),
        "warning_of": warning.of_contact,
        "closed_ways": restricting.closed_ways,
        "name_of_service": restricting.name_of,
        "interpreter_of": calling.of_contact,
        "interpreted_languages": languages.spoken,
        "language_name": languages.named,
        "desk_for": partial(desk_for, by_id=by.id),
        "meetings_of": partial(applying.at_meetings, by=by, at=now()),
        "flags_of": partial(markers.markers_of, by=by, at=now()),
        "flags_among": partial(markers.markers_among, by=by, at=now()),
        **context,
    }
    return render(request, f"workspace/desk/{template}.html", shown, status=status or (422 if found else 200))


def _keys(context: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Single keys of a page, after g: shown in the list that `?` opens."""
    return [key for key in context.get("keys", []) if key[1]]


def own_contact(request: HttpRequest, contact_id: UUID) -> Contact:
    """This adviser's conversation, open or over; 404 for anybody else's."""
    try:
        return contacts.own(contact_id, by=actor(request))
    except NotFound as error:
        raise Http404 from error


def conversations_of(by: Actor) -> list[Conversation]:
    """What stands at the side of every page."""
    return contacts.conversations(by) if may(by, "contacts.log").allowed else []


def conversation_with(customer_id: UUID, conversations: Sequence[Conversation]) -> UUID | None:
    """The newest of these that is with a customer, if any."""
    return next((one.id for one in reversed(conversations) if one.customer_id == customer_id), None)


def ordinal(number: int) -> str:
    """A number in order, to begin a sentence with."""
    words = {2: _("Second"), 3: _("Third"), 4: _("Fourth"), 5: _("Fifth")}
    return words.get(number) or _("Number %(number)d") % {"number": number}


def path_of(name: str, *arguments: object) -> str:
    return path_to(f"workspace:{name}", *arguments)


def address_choices(found: Sequence[Found]) -> list[tuple[str, str]]:
    """Addresses as something to choose: UPRN and line."""
    return [(one.code, one.label) for one in found]
