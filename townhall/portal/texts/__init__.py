"""The pages of plain text: accessibility, privacy, cookies. Markdown with a few names filled in; a council's own folder comes first.

Names: $council, $phone, $contact (path of the contact page), $prepared and $reviewed (dates), $cookies (the list of cookies).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Template

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from townhall.accounts.residents.web import SESSION as ACCOUNT_COOKIE
from townhall.accounts.residents.web import SHARED as SHARED_COOKIE
from townhall.accounts.residents.web import STEP as STEP_COOKIE
from townhall.portal.form_language import COOKIE as LANGUAGE_COOKIE
from townhall.portal.wording import days_of_keeping
from townhall.ui.words import long_date

OURS = Path(__file__).parent
PREPARED_ON = date(2026, 11, 22)
REVIEWED_ON = date(2026, 11, 22)


@dataclass(frozen=True, kw_only=True)
class Cookie:
    name: str
    purpose: str
    lasts: str


def cookies() -> list[Cookie]:
    """Every cookie that the public site sets."""
    return [
        Cookie(
            name=_("report- and the name of the service"),
            purpose=_("Finds the answers of the report that you are making, so that none is lost"),
            lasts=_("%(time)s, or until the report is sent") % {"time": days_of_keeping()},
        ),
        Cookie(
            name=_("form- and the name of the form"),
            purpose=_("Finds the answers of the form that you are filling in, so that none is lost"),
            lasts=_("%(time)s, or until the form is sent") % {"time": days_of_keeping()},
        ),
        Cookie(
            name=LANGUAGE_COOKIE,
            purpose=_("Only when you choose another language on a form: keeps it in that language"),
            lasts=_("Until the browser is closed"),
        ),
        Cookie(
            name=ACCOUNT_COOKIE,
            purpose=_("Only when you sign in to your account: keeps you signed in"),
            lasts=_("Until the browser is closed, you sign out, or nothing happens for a while"),
        ),
        Cookie(
            name=STEP_COOKIE,
            purpose=_("Only while you sign in or open an account: ties the code we send you to this browser"),
            lasts=_("10 minutes"),
        ),
        Cookie(
            name=SHARED_COOKIE,
            purpose=_("Only when somebody has told us that this device is shared: signs people out sooner"),
            lasts=_("1 year"),
        ),
        Cookie(
            name=settings.CSRF_COOKIE_NAME,
            purpose=_("Keeps other websites from sending forms in your name"),
            lasts=_("1 year"),
        ),
        Cookie(
            name=settings.SESSION_COOKIE_NAME,
            purpose=_("Only when staff sign in: keeps them signed in"),
            lasts=_("Until the browser is closed, at most 12 hours"),
        ),
    ]


def page(name: str) -> tuple[str, str]:
    """Title and Markdown of a page."""
    first, _line, rest = _read(name).partition("\n")
    names = _names()
    return Template(first.removeprefix("# ")).safe_substitute(names), Template(rest).safe_substitute(names)


def _names() -> Mapping[str, str]:
    lines = [f"- **{one.name}**: {one.purpose}. {_('It lasts: %(time)s') % {'time': one.lasts}}." for one in cookies()]
    return {
        "council": settings.COUNCIL_NAME,
        "phone": settings.COUNCIL_PHONE,
        "contact": reverse("portal:contact"),
        "prepared": long_date(PREPARED_ON),
        "reviewed": long_date(REVIEWED_ON),
        "cookies": "\n".join(lines),
    }


@lru_cache(maxsize=50)
def _read(name: str) -> str:
    folder = getattr(settings, "PUBLIC_TEXTS", "")
    own = Path(folder) / f"{name}.md" if folder else None
    return (own if own and own.exists() else OURS / f"{name}.md").read_text()
