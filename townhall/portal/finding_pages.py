"""Pages that are no service of the catalogue, found by the words that people use for them: the search of services offers them too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.catalogue.search import words_of


@dataclass(frozen=True, kw_only=True)
class _Listed:
    title: StrOrPromise
    route: str
    args: tuple[str, ...] = ()
    phrases: tuple[str, ...]  # each is found when all of its words are typed


@dataclass(frozen=True, kw_only=True)
class PageFound:
    title: str
    path: str


_PAGES: Final = (
    _Listed(
        title=_("Your rent account: balance and payments"),
        route="standing",
        args=("rent",),
        phrases=("rent balance", "rent account", "rent statement", "rent owed", "pay rent"),
    ),
    _Listed(
        title=_("Your council tax account: balance and payments"),
        route="standing",
        args=("council-tax",),
        phrases=("council tax balance", "council tax account", "council tax bill", "council tax owed"),
    ),
    _Listed(
        title=_("Your documents: bills, letters and notices"),
        route="documents",
        phrases=("council tax bill", "rent bill", "bill copy", "document", "notice letter"),
    ),
    _Listed(title=_("Deals of local traders"), route="deals", phrases=("voucher", "deal", "local offer")),
    _Listed(
        title=_("Your next bin collections, and what is near an address"),
        route="near_me",
        phrases=("bin day", "bin collection day", "bin calendar", "collection day", "recycling day"),
    ),
    _Listed(title=_("Alerts by email or text"), route="alerts", phrases=("alert", "reminder", "bin reminder")),
    _Listed(title=_("Your messages"), route="inbox", phrases=("my message", "inbox")),
)


def pages_for(typed: str) -> list[PageFound]:
    """The pages of which one phrase is wholly among the typed words. Asks the database for nothing."""
    given = set(words_of(typed))
    found = []
    for one in _PAGES:
        if any(set(words_of(phrase)) <= given for phrase in one.phrases):
            try:
                path = reverse(f"portal:{one.route}", args=one.args)
            except NoReverseMatch:  # an installation without this page
                continue
            found.append(PageFound(title=str(one.title), path=path))
    return found
