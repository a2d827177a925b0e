"""What can be searched for: services, entries and referrals, and what other apps add (forms, documents, pages)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from uuid import UUID

from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from townhall.accounts import directory
from townhall.catalogue import queries as catalogue
from townhall.catalogue.search import Thing, thing_of
from townhall.knowledge import referrals
from townhall.knowledge.library import InUse, in_use
from townhall.knowledge.models import Audience, Kind
from townhall.ui.markdown import markdown

KIND_WORDS: dict[str, StrOrPromise] = {
    "service": _("Service"),
    "article": _("Article"),
    "reply": _("Approved reply"),
    "procedure": _("Procedure"),
    "training": _("Training note"),
    "script": _("Script"),
    "referral": _("Somebody else deals with this"),
    "form": _("Form"),
    "document": _("Document"),
    "page": _("Page"),
}
SUMMARY = 160  # characters


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Something that a search shows. path: where the public reads it; staff_path: where staff do, when that is elsewhere."""

    kind: str
    key: str
    title: str
    summary: str = ""
    path: str = ""
    staff_path: str = ""
    is_public: bool = True
    owner_post_id: UUID | None = None

    @property
    def kind_words(self) -> str:
        return str(KIND_WORDS.get(self.kind, self.kind))

    @property
    def about_kind(self) -> str:
        """Of the content task about it."""
        return self.kind if self.kind in ("service", "referral", "form", "document", "page") else "knowledge"


Source = Callable[[], Iterable[Thing[Listed]]]
_sources: list[Source] = []


def things_come_from(source: Source) -> None:
    """An app above says what else there is, in `config`."""
    if source not in _sources:
        _sources.append(source)


def every_thing() -> list[Thing[Listed]]:
    return [*_services(), *_entries(), *_referrals(), *(thing for source in _sources for thing in source())]


def _services() -> Iterable[Thing[Listed]]:
    for pack in catalogue.services():
        yield thing_of(
            pack,
            Listed(
                kind="service",
                key=pack.code,
                title=pack.name,
                summary=pack.summary,
                path=f"/services/{pack.code}",
                owner_post_id=_post(pack.teller),
            ),
        )


def _post(code: str) -> UUID | None:
    try:
        return directory.post(code).id
    except directory.UnknownCode:
        return None


def _entries() -> Iterable[Thing[Listed]]:
    for one in in_use():
        yield Thing(
            item=_listed(one),
            name=one.title,
            named=((1.0, (one.title,)), (0.85, (*one.keywords, *([one.topic] if one.topic else ())))),
            mentions="" if one.kind == Kind.SCRIPT else one.body[:20_000],
        )


def _listed(one: InUse) -> Listed:
    is_public = one.audience == Audience.PUBLIC
    return Listed(
        kind=one.kind,
        key=one.code,
        title=one.title,
        summary=one.topic or ("" if one.kind == Kind.SCRIPT else _shortened(unescape(strip_tags(markdown(one.body))))),
        path=f"/help/{one.code}" if is_public else "",
        staff_path=f"/work/knowledge/{one.code}",
        is_public=is_public,
        owner_post_id=one.owner_post_id,
    )


def _referrals() -> Iterable[Thing[Listed]]:
    for one in referrals.every():
        yield Thing(
            item=Listed(
                kind="referral",
                key=str(one.id),
                title=one.name,
                summary=_shortened(one.deals_with),
                path=f"/help/elsewhere#{one.id}",
                owner_post_id=one.owner_post_id,
            ),
            name=one.name,
            named=((1.0, (one.name,)), (0.85, tuple(one.keywords))),
            told=((0.5, (one.deals_with,)),),
            mentions=one.deals_with,
        )


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SUMMARY else plain[:SUMMARY].rsplit(" ", 1)[0] + " …"
