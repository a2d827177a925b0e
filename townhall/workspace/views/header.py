"""What every staff page shows in its header: where this person may go, and what waits for them there.

The bar holds what people use all day; every other page is one press further, on the page of all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import may
from townhall.accounts.web import signed_in
from townhall.cases.calling import queries as calls
from townhall.core.access import staff as staff_page
from townhall.core.actors import Actor
from townhall.core.time import now
from townhall.ui.site import path_to
from townhall.workspace import queue
from townhall.workspace.views import doors

BAR = ""  # in the header of every page
WORK, TELLING, MANAGING, SETTING_UP = _("Work"), _("Telling people"), _("Managing"), _("Setting up")
GROUPS = (WORK, TELLING, MANAGING, SETTING_UP)
FEW = 9  # so many links or fewer are all in the bar


@dataclass(frozen=True, kw_only=True)
class Place:
    """A link of the header for those who may use it. `name` is a URL's name; the link appears once the page exists.

    group: the heading under which the page of all pages has it, or BAR.
    """

    name: str
    text: StrOrPromise
    may: str
    group: StrOrPromise = WORK
    counts: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place as one person is shown it. `active`: it is where they are."""

    name: str
    text: str
    href: str
    active: bool
    group: StrOrPromise
    in_bar: bool


PLACES = (
    Place(name="workspace:queue", text=_("Team queue"), may="cases.see", group=BAR),
    Place(name="workspace:offers", text=_("Offers"), may="cases.hand_off", group=BAR, counts=True),
    Place(name="workspace:lookup", text=_("Look up"), may="customers.see", group=BAR),
    Place(name="workspace:new_contact", text=_("New contact"), may="contacts.log", group=BAR),
    Place(name="workspace:tasks", text=_("My tasks"), may="tasks.own", group=BAR),
    Place(name="workspace:waiting", text=_("Waiting work"), may="work.take", group=BAR),
    Place(name="workspace:calls", text=_("Calls to authorise"), may="calls.authorise", group=MANAGING, counts=True),
    Place(name="workspace:training", text=_("Training"), may="training.see", group=MANAGING),
    Place(name="workspace:champions", text=_("Champions"), may="champions.manage", group=MANAGING),
    Place(name="workspace:guidelines", text=_("Guidelines"), may="tasks.own"),
    Place(name="workspace:presence", text=_("Who is where"), may="teams.manage", group=MANAGING),
    Place(name="workspace:loans", text=_("Lent backlogs"), may="queues.lend", group=MANAGING),
    Place(name="workspace:incidents", text=_("Incidents"), may="incidents.declare", group=TELLING),
    Place(name="workspace:comments", text=_("Comments"), may="comments.moderate", group=TELLING),
    Place(name="workspace:complaints", text=_("Complaints"), may="complaints.see"),
    Place(name="workspace:surveys", text=_("Surveys"), may="surveys.see", group=MANAGING),
    Place(name="workspace:safety", text=_("Safety"), may="safety.report"),
    Place(name="workspace:inclusion", text=_("Languages and access"), may="needs.meet"),
    Place(name="workspace:repairs", text=_("Repairs"), may="repairs.manage"),
    Place(name="workspace:penalties", text=_("Penalty notices"), may="penalties.decide"),
    Place(name="workspace:admissions", text=_("School admissions"), may="admissions.manage"),
    Place(name="workspace:permits", text=_("Parking permits"), may="permits.check"),
    Place(name="workspace:benefits", text=_("Benefit claims"), may="benefits.see"),
    Place(name="workspace:payments", text=_("Payments"), may="payments.see"),
    Place(name="workspace:exceptions", text=_("Exceptions"), may="figures.see", group=MANAGING),
    Place(name="workspace:undelivered", text=_("Not delivered"), may="messages.resend"),
    Place(name="workspace:untold", text=_("To be told another way"), may="customers.see"),
    Place(name="workspace:letters_to_post", text=_("Letters to print and post"), may="letters.write"),
    Place(name="workspace:layouts", text=_("Layouts of letters and emails"), may="layouts.see", group=TELLING),
    Place(name="workspace:contractor", text=_("Contractor jobs"), may="contractor.work", group=BAR),
    Place(name="workspace:access", text=_("Who sees and does what"), may="tasks.own", group=MANAGING),
    Place(name="workspace:audit", text=_("Audit"), may="audit.see", group=MANAGING),
    Place(name="workspace:unusual_looks", text=_("Looks worth a question"), may="audit.see", group=MANAGING),
    Place(name="workspace:retention", text=_("How long things are kept"), may="retention.see", group=MANAGING),
    Place(name="workspace:retention_holds", text=_("What is held"), may="retention.see", group=MANAGING),
    Place(
        name="workspace:subject_requests", text=_("Requests for their records"), may="requests.answer", group=MANAGING
    ),
    Place(name="workspace:freedom", text=_("Freedom of information"), may="requests.open"),
    Place(name="workspace:assessments", text=_("Assessments"), may="assessments.see", group=MANAGING),
    Place(name="workspace:my_looks", text=_("Questions about looks of mine"), may="customers.see"),
    Place(name="workspace:sharing", text=_("Sharing between services"), may="sharing.see", group=MANAGING),
    Place(name="workspace:resolution", text=_("Resolved first time"), may="figures.see", group=MANAGING),
    Place(name="workspace:duplicates", text=_("May be one customer"), may="customers.merge"),
    Place(name="workspace:properties", text=_("Addresses"), may="cases.see"),
    Place(name="workspace:systems", text=_("Other systems"), may="deliveries.manage", group=SETTING_UP),
    Place(name="workspace:services", text=_("Services"), may="catalogue.administer", group=SETTING_UP),
    Place(name="workspace:forms", text=_("Forms"), may="forms.build", group=SETTING_UP),
    Place(name="workspace:call_backs", text=_("Call-backs"), may="contacts.log"),
    Place(name="workspace:phone", text=_("Telephones"), may="phone.see"),
    Place(name="workspace:mails", text=_("Mail"), may="mail.read", group=BAR),
    Place(name="workspace:partner_queue", text=_("Your queue"), may="partner.work", group=BAR),
    Place(name="workspace:partners", text=_("Partners"), may="partners.see"),
    Place(name="workspace:post", text=_("Post that came in"), may="post.index"),
    Place(name="workspace:mailboxes", text=_("Mailboxes"), may="mailboxes.see", group=MANAGING),
    Place(name="workspace:mail_routing", text=_("How mail is routed"), may="mail.route", group=MANAGING),
    Place(name="workspace:alerts_sent", text=_("Alerts and texts"), may="customers.see", group=TELLING),
    Place(name="workspace:texting", text=_("Texts to many"), may="texts.see", group=TELLING),
    Place(name="workspace:deals", text=_("Deals"), may="deals.decide", group=TELLING),
    Place(name="workspace:newsletter", text=_("Newsletter"), may="newsletter.write", group=TELLING),
    Place(name="workspace:website", text=_("Website"), may="website.see", group=MANAGING),
    Place(name="workspace:outreach", text=_("The quicker way"), may="outreach.see", group=TELLING),
    Place(name="workspace:knowledge", text=_("Knowledge"), may="knowledge.see"),
    Place(name="workspace:addresses", text=_("Published addresses"), may="addresses.see", group=MANAGING),
    Place(name="workspace:meet_and_greet", text=_("Meet and greet"), may="contacts.log"),
    Place(name="workspace:registers", text=_("Registers"), may="registers.see", group=MANAGING),
    Place(name="workspace:names", text=_("What we call ourselves"), may="names.see", group=SETTING_UP),
    Place(name="workspace:hours", text=_("Opening hours"), may="catalogue.administer", group=SETTING_UP),
    Place(name="accounts:people", text=_("People"), may="people.administer", group=SETTING_UP),
    Place(name="workspace:posts", text=_("Posts and their sites"), may="people.administer", group=SETTING_UP),
)


ALL_PAGES = Place(name="workspace:all_pages", text=_("More pages"), may="", group=BAR)


def staff(request: HttpRequest) -> dict[str, Callable[..., object]]:
    """Context processor. Asks nothing until a staff page draws its header, or asks whether a page opens for this person."""
    return {"staff_links": cache(partial(links, request)), "door_to": partial(doors.path_for, request)}


@staff_page
@never_cache
@require_safe
def all_pages(request: HttpRequest) -> HttpResponse:
    """Everything this person may open, under headings."""
    return render(request, "workspace/all_pages.html", {"groups": grouped(links(request))})


def grouped(shown: list[Link]) -> list[tuple[StrOrPromise, list[Link]]]:
    named: list[tuple[StrOrPromise, StrOrPromise]] = [(_("Every day"), BAR), *((one, one) for one in GROUPS)]
    found = [
        (name, [link for link in shown if link.group == group and link.name != ALL_PAGES.name]) for name, group in named
    ]
    return [(name, ours) for name, ours in found if ours]


@cache
def _paths() -> list[tuple[Place, str]]:
    """The pages that exist, with where they are: addresses do not change while a process runs."""
    found = [(place, path_to(place.name)) for place in PLACES]
    return [(place, path) for place, path in found if path]


def links(request: HttpRequest) -> list[Link]:
    """Every page this person may open. At most one query, for those who can be offered cases."""
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
    are_few = len(shown) <= FEW
    if not are_few:
        shown.append((ALL_PAGES, path_to(ALL_PAGES.name)))
    counts = {place.name: _COUNTS[place.name](person.actor) for place, _path in shown if place.counts}
    return [
        Link(
            name=place.name,
            text=_with_count(place, counts.get(place.name, 0)),
            href=path + _of_conversation(request) if place.name == "workspace:lookup" else path,
            active=here == path if place is ALL_PAGES else path == nearest,
            group=place.group,
            in_bar=are_few or place.group == BAR or path == nearest or counts.get(place.name, 0) > 0,
        )
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


# What waits behind a link that counts. Somebody is waiting, so such a link is in the bar while there is anything.
_COUNTS: dict[str, Callable[[Actor], int]] = {
    "workspace:offers": lambda by: queue.offers_waiting(list(by.teams)),
    "workspace:calls": lambda by: calls.number_waiting(by, at=now()),
}


def _with_count(place: Place, count: int) -> str:
    text = _text(place.name, get_language())
    return f"{text} ({count})" if count else text


@lru_cache
def _text(name: str, _language: str | None) -> str:
    return next(str(place.text) for place in (*PLACES, ALL_PAGES) if place.name == name)
