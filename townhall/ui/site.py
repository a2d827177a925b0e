"""Who the council is, as every page says it. From settings only, so that error pages need no database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Site:
    name: str  # "Aldermere Council"
    phone: str
    email: str
    is_demo: bool
    phase: str  # "alpha", "beta" or "" when live
    brand_css: str  # static path of the council's colours
    source_url: str  # where the running source code is, or ""
    staff_idle_seconds: int


@dataclass(frozen=True, kw_only=True)
class Link:
    name: str  # the URL's name; the link appears once the page exists
    text: str | Promise
    arguments: tuple[str, ...] = ()


PUBLIC_LINKS = (
    Link(name="portal:services", text=_("Services A to Z")),
    Link(name="portal:report", text=_("Report a problem")),
    Link(name="portal:pay_find", text=_("Pay")),
    Link(name="portal:follow", text=_("Follow a report")),
    Link(name="portal:contact", text=_("Contact us")),
    Link(name="portal:account", text=_("Your account")),
)
FOOTER_LINKS = (
    Link(name="portal:contact", text=_("Contact us")),
    Link(name="portal:accessibility", text=_("Accessibility statement")),
    Link(name="portal:privacy", text=_("Privacy")),
    Link(name="portal:cookies", text=_("Cookies")),
)
STAFF_LINKS = (
    Link(name="workspace:queue", text=_("Team queue")),
    Link(name="workspace:lookup", text=_("Look up")),
    Link(name="workspace:new_contact", text=_("New contact")),
    Link(name="workspace:exceptions", text=_("Exceptions")),
)


@cache
def site() -> Site:
    """Read once: settings do not change while a process runs."""
    return Site(
        name=getattr(settings, "COUNCIL_NAME", "Townhall"),
        phone=getattr(settings, "COUNCIL_PHONE", ""),
        email=getattr(settings, "COUNCIL_EMAIL", ""),
        is_demo=bool(getattr(settings, "DEMO", False)),
        phase=getattr(settings, "PHASE", ""),
        brand_css=getattr(settings, "BRAND_CSS", "ui/brand.css"),
        source_url=getattr(settings, "SOURCE_URL", ""),
        staff_idle_seconds=int(getattr(settings, "STAFF_IDLE_SECONDS", 15 * 60)),
    )


def path_to(name: str, *arguments: object) -> str:
    """Where a named page is, or empty when this council does not have it (so layouts can leave the link out)."""
    return _path_to(name, arguments, settings.ROOT_URLCONF)


@lru_cache(maxsize=1_000)
def _path_to(name: str, arguments: tuple[object, ...], urls: str) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def links(wanted: tuple[Link, ...], *, here: str = "") -> list[dict[str, object]]:
    """Links that exist, with `active` on the one that leads to `here` (a path) or to a folder above it."""
    found = [(link, path_to(link.name, *link.arguments)) for link in wanted]
    shown = [(link, path) for link, path in found if path]
    nearest = nearest_of(wanted, here)
    return [{"text": link.text, "href": path, "active": path == nearest} for link, path in shown]


def nearest_of(wanted: tuple[Link, ...], here: str) -> str:
    """The path among these links that leads to `here` or to a folder above it; empty when none does."""
    paths = [path_to(link.name, *link.arguments) for link in wanted]
    return max((path for path in paths if path and f"{here}/".startswith(f"{path}/")), key=len, default="")
