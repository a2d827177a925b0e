"""Every page that the public can open, for the page register: from the table of addresses and the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts import directory
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.access import Door, access_of
from townhall.forms.lengths import CHECK, Length, clicks_of
from townhall.insight.middleware import EACH
from townhall.insight.models import Page
from townhall.insight.register import KnownPage
from townhall.portal.journey import LOOK_UPS, Journey

_I, _N, _T = Page.Kind.INFORMATION, Page.Kind.NEWS, Page.Kind.TRANSACTION
# Route → its kind and title. A route that is not here is information, or a transaction of the account, under its own name.
PAGES: Final[dict[str, tuple[Page.Kind, StrOrPromise]]] = {
    "home": (_I, gettext_lazy("Home")),
    "services": (_I, gettext_lazy("Services A to Z")),
    "report": (_I, gettext_lazy("Report a problem: choose which")),
    "contact": (_I, gettext_lazy("Contact us")),
    "accessibility": (_I, gettext_lazy("Accessibility statement")),
    "privacy": (_I, gettext_lazy("Privacy")),
    "cookies": (_I, gettext_lazy("Cookies")),
    "leaflets": (_I, gettext_lazy("Leaflets and posters")),
    "article": (_I, gettext_lazy("An article of help")),
    "elsewhere_help": (_I, gettext_lazy("Who else can help")),
    "flag": (_T, gettext_lazy("Say that a page is unclear or wrong")),
    "answering": (_I, gettext_lazy("A script for an answering service")),
    "reports": (_I, gettext_lazy("Open reports")),
    "near_me": (_I, gettext_lazy("What is near an address")),
    "wards": (_I, gettext_lazy("Wards")),
    "ward": (_I, gettext_lazy("A ward and its councillors")),
    "planning": (_N, gettext_lazy("Planning and licensing applications")),
    "planning_item": (_N, gettext_lazy("A planning or licensing application")),
    "taking_part": (_N, gettext_lazy("Have your say")),
    "activity": (_N, gettext_lazy("A consultation, forum or focus group")),
    "newsletter": (_N, gettext_lazy("The newsletter")),
    "follow": (_T, gettext_lazy("Follow a report: find it")),
    "follow_page": (_T, gettext_lazy("Follow a report")),
    "received": (_T, gettext_lazy("A report was received")),
    "subscribed": (_T, gettext_lazy("Be told of a street or round")),
    "subscription": (_T, gettext_lazy("What you are told of a street or round")),
    "where": (_T, gettext_lazy("Report: where is it?")),
    "elsewhere": (_T, gettext_lazy("Report: somebody else looks after it")),
    "bin_round": (_T, gettext_lazy("Report: which collection was missed?")),
    "nearby": (_T, gettext_lazy("Report: is it one of these?")),
    "known": (_T, gettext_lazy("Report: we know of this")),
    "details": (_T, gettext_lazy("Report: what is it?")),
    "photos": (_T, gettext_lazy("Report: photos")),
    "contact_details": (_T, gettext_lazy("Report: who shall we tell?")),
    "check": (_T, gettext_lazy("Report: check your answers")),
    "ask": (_T, gettext_lazy("Ask about a service")),
    "form_step": (_T, gettext_lazy("Forms: a page of questions")),
    "form_check": (_T, gettext_lazy("Forms: check your answers")),
    "form_again": (_T, gettext_lazy("Forms: begin again")),
    "form_save": (_T, gettext_lazy("Forms: save for later")),
    "form_resume": (_T, gettext_lazy("Forms: go on with saved answers")),
    "planning_comment": (_T, gettext_lazy("Comment on an application")),
    "planning_stop": (_T, gettext_lazy("Stop hearing of an application")),
    "newsletter_stop": (_T, gettext_lazy("Stop the newsletter")),
    "stop": (_T, gettext_lazy("Stop following a report")),
    "alerts": (_T, gettext_lazy("Alerts")),
    "alert_confirm": (_T, gettext_lazy("Confirm an alert")),
    "alert_stop": (_T, gettext_lazy("Stop an alert")),
    "pay_find": (_T, gettext_lazy("Pay: find a bill")),
    "pay": (_T, gettext_lazy("Pay a bill")),
    "pay_back": (_T, gettext_lazy("Pay: the receipt")),
    "penalty_find": (_T, gettext_lazy("Penalty notice: find it")),
    "penalty": (_T, gettext_lazy("A penalty notice")),
    "penalty_appeal": (_T, gettext_lazy("Appeal against a penalty notice")),
    "account": (_T, gettext_lazy("Account home")),
    "register": (_T, gettext_lazy("Open an account")),
    "sign_in": (_T, gettext_lazy("Sign in to the account")),
    "accept": (_T, gettext_lazy("Account: help somebody with theirs")),
    "opened_for_you": (_T, gettext_lazy("Account: opened for you by our staff")),
    "account_security": (_T, gettext_lazy("Account: signing in")),
    "address": (_T, gettext_lazy("Account: your address")),
    "calendar": (_T, gettext_lazy("Account: bin days in your calendar")),
    "close_account": (_T, gettext_lazy("Account: close it")),
    "code": (_T, gettext_lazy("Account: the code we sent")),
    "code_off": (_T, gettext_lazy("Account: no code from an app any more")),
    "email": (_T, gettext_lazy("Account: another email address")),
    "email_code": (_T, gettext_lazy("Account: confirm another email address")),
    "helpers": (_T, gettext_lazy("Account: who helps you")),
    "inbox": (_T, gettext_lazy("Account: messages")),
    "my_data": (_T, gettext_lazy("Account: what we hold about you")),
    "my_data_page": (_T, gettext_lazy("Account: a copy of what we hold")),
    "new_password": (_T, gettext_lazy("Account: a new password")),
    "password": (_T, gettext_lazy("Account: change the password")),
    "preferences": (_T, gettext_lazy("Account: preferences")),
    "provider_email": (_T, gettext_lazy("Account: an email address for who signs in elsewhere")),
    "recover": (_T, gettext_lazy("Account: the password is forgotten")),
    "recovery_codes": (_T, gettext_lazy("Account: recovery codes")),
    "request": (_T, gettext_lazy("Account: one of your requests")),
    "request_cancel": (_T, gettext_lazy("Account: cancel a request")),
    "requests": (_T, gettext_lazy("Account: your requests")),
    "second_factor": (_T, gettext_lazy("Account: the second step of signing in")),
    "set_up_code": (_T, gettext_lazy("Account: codes from an app")),
    "sign_in_again": (_T, gettext_lazy("Account: sign in again")),
    "strong": (_T, gettext_lazy("Account: prove who you are")),
    "this_device": (_T, gettext_lazy("Account: this device is shared")),
    "verify": (_T, gettext_lazy("Account: prove your address")),
    "moving_in": (_I, gettext_lazy("New here")),
}
# Addresses that answer with no page of their own: files, feeds, parts of a page, and what is only sent to.
NO_PAGES: Final = frozenset(
    {
        "nearby_pins",
        "follow_instead",
        "tell_me",
        "followers",
        "new_link",
        "reopening",
        "reply",
        "more",
        "tell_of_street",
        "answering_data",
        "answering_paper",
        "leaflet_file",
    }
    | {"planning_followers", "alert_end", "security", "robots", "sitemap", "calendar_file", "calendar_made", "seen"}
    | {"sign_out", "stay", "passkey_options", "passkey_sign_in", "passkey_adding", "passkey_add", "passkey_end"}
    | {"provider", "provider_back", "provider_logout", "my_data_json", "consent", "acting", "identity_end"}
    | {"other_sessions_end", "session_end", "helper_end", "helping_end", "request_more", "request_reply", "draft"}
)
_FILE = re.compile(r"\.[a-z]+$")
_GAP = re.compile(r"<[^>]+>")
_DOORS = (Door.PUBLIC, Door.RESIDENT)


def kind_of(route: str) -> Page.Kind:
    """Of a route of the portal, by its own name."""
    return PAGES[route][0] if route in PAGES else _I


def known_pages() -> Iterator[KnownPage]:
    """A page for each address, and two for each service: what is done about it, and asking for it."""
    for route, (path, door) in _routes().items():
        name = f"portal:{route}"
        if name in EACH:
            continue
        kind, title = PAGES.get(route, (_T if door is Door.RESIDENT else _I, route.replace("_", " ").capitalize()))
        yield KnownPage(name=name, title=str(title), path=_GAP.sub("…", path), kind=kind)
    for pack in catalogue.services():
        yield from _of_service(pack)


@cache
def _routes() -> dict[str, tuple[str, Door]]:
    """The portal's addresses that show a page, with who may open them."""
    found: dict[str, tuple[str, Door]] = {}
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace == "portal":
            for pattern in entry.url_patterns:
                access = access_of(pattern.callback) if isinstance(pattern, URLPattern) else None
                path = f"/{pattern.pattern}"
                route = getattr(pattern, "name", None)
                if route and route not in NO_PAGES and access and access.door in _DOORS and not _FILE.search(path):
                    found.setdefault(route, (path, access.door))
    return found


def _of_service(pack: ServicePack) -> Iterator[KnownPage]:
    owner = _owner_of(pack)
    yield KnownPage(
        name=f"portal:service/{pack.code}",
        title=pack.name,
        path=reverse("portal:service", args=[pack.code]),
        kind=_I,
        owner=owner,
    )
    route, code = ("form", pack.form) if pack.form else ("start", pack.code)
    if "web" in pack.channels:
        yield KnownPage(
            name=f"portal:{route}/{code}",
            title=_("%(service)s: begin") % {"service": pack.name},
            path=reverse(f"portal:{route}", args=[code]),
            kind=_T,
            owner=owner,
        )


def _owner_of(pack: ServicePack) -> str:
    """The manager of the accountable team, or else the senior manager of the service; empty where neither post exists yet."""
    try:
        manager = directory.manager_of(directory.team(pack.owner_team).id)
        return manager.code if manager else directory.post(pack.senior_manager).code
    except directory.UnknownCode:
        return ""


def report_length(pack: ServicePack) -> Length:
    """Of a report, from its first page to its check. What is near is looked up in between, and shown where something is."""
    journey = Journey(pack=pack, version=0, draft=None)
    fewest = [step for step in journey.steps if step not in LOOK_UPS and step != "round"]
    chosen = sum(clicks_of(question) for question in journey.questions)
    place = 1  # the address found, or the point on the map
    assert fewest[-1] == "check"
    return Length(
        fewest_pages=len(fewest) - 1 + CHECK,
        most_pages=len(journey.steps) - 1 + CHECK,
        fewest_clicks=len(fewest) + place,
        most_clicks=len(journey.steps) + place + chosen,
    )
