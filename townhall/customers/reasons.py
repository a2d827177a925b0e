"""Why staff look at a customer's record: what shows it, and what they are asked when nothing does. Kept with each look."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

CONTACT = "contact"  # an open conversation with them
CASE = "case"
CALL = "call"
CHANGE = "change"  # something on it was just changed, or is about to be
PROPERTY = "property"

# Asked for when nothing shows it.
ASKED: Mapping[str, StrOrPromise] = {
    CONTACT: _("They are getting in touch now"),
    CASE: _("A case of theirs"),
    "check": _("To check or correct the record"),
    "request": _("They asked what we keep about them"),
}
WORDS: Mapping[str, StrOrPromise] = {
    **ASKED,
    CALL: _("They were calling"),
    CHANGE: _("To change the record"),
    PROPERTY: _("What is going on at an address"),
    "account": _("Their account and checks"),
    "bill": _("A question about a bill"),
    "draft": _("Help with a form they had begun"),
    "alerts": _("A question about their alerts"),
    "staff": _("In the course of their work"),
}


def words_of(reason: str) -> str:
    """A reason as the data protection officer reads it; what is not of this list stays as it is."""
    return str(WORDS.get(reason, reason))


# Why staff see an account as its owner sees it.
ACCOUNT: Mapping[str, StrOrPromise] = {name: WORDS[name] for name in (CONTACT, "bill", "draft", "alerts", "request")}
