"""What knowledge hears from the apps above it: forms and leaflets to be found, pages whose links are checked, what a change needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from townhall.catalogue import queries as catalogue
from townhall.catalogue.search import Thing
from townhall.core.errors import NotFound
from townhall.forms import queries as forms
from townhall.insight import register as pages
from townhall.knowledge import changes, leaflets, links, things
from townhall.knowledge.changes import Missing
from townhall.knowledge.links import WatchedPage
from townhall.knowledge.models import Change, Part
from townhall.knowledge.states import TaskState
from townhall.knowledge.things import Listed

_NOT_LOOKED_AT = (
    "/account",
    "/forms/",
    "/pay",
    "/answering",
)  # beginning them costs a draft, or needs somebody signed in


def connect() -> None:
    things.things_come_from(_forms)
    things.things_come_from(_leaflets)
    links.pages_come_from(_pages)
    changes.checked_by(_forms_are_published)


def _forms() -> Iterator[Thing[Listed]]:
    """Published forms that no service leads to: a service's own form is found as the service."""
    led_to = {pack.form for pack in catalogue.services()}
    for one in forms.forms():
        if one.published and one.code not in led_to:
            item = Listed(kind="form", key=one.code, title=one.title, path=f"/forms/{one.code}")
            yield Thing(item=item, name=one.title, named=((1.0, (one.title,)),))


def _leaflets() -> Iterator[Thing[Listed]]:
    for one in leaflets.every():
        item = Listed(
            kind="document",
            key=str(one.row.pk),
            title=one.row.title,
            summary=one.imprint,
            path=str(one.row.values.get("file") or "/leaflets"),
            staff_path="/work/leaflets",
            owner_post_id=one.row.owner_post_id,
        )
        yield Thing(item=item, name=one.row.title, named=((1.0, (one.row.title,)),))


def _pages() -> Iterable[WatchedPage]:
    for page in pages.known_pages().values():
        if "\u2026" not in page.path and not page.path.startswith(_NOT_LOOKED_AT):
            yield WatchedPage(key=page.name, title=page.title, path=page.path, owner=page.owner)


def _forms_are_published(change: Change) -> Iterator[Missing]:
    """Where forms were touched: every form of its services is published, and no draft of it is left."""
    if not change.tasks.filter(part=Part.FORMS, state=TaskState.DONE).exists():
        return
    for code in change.service_codes:
        try:
            form = catalogue.service(code).form
        except NotFound:
            continue
        if not form:
            continue
        try:
            forms.published_version(form)
        except NotFound:
            yield Missing(words=_("The form %(code)s is not published") % {"code": form}, path=f"/work/forms/{form}")
        if forms.draft_of(form) is not None:
            words = _("A draft of the form %(code)s is not published") % {"code": form}
            yield Missing(words=words, path=f"/work/forms/{form}")
