"""Published addresses are shared boxes: everything that the public reads is scanned, and each personal address found is a task.

Pages are read over HTTP by the link checker, at least once a week; words that Townhall keeps itself are read each night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts import directory
from townhall.core.actors import SYSTEM
from townhall.core.ids import uuid7
from townhall.core.sweeps import each_by_itself
from townhall.core.time import council_date
from townhall.knowledge import personal, tasks
from townhall.knowledge.models import Task
from townhall.knowledge.personal import Seen
from townhall.knowledge.published_models import Allowance, Personal
from townhall.knowledge.states import TaskState
from townhall.ledger import operations as ledger

PAGE: Final = "page"
KINDS: Final[Mapping[str, StrOrPromise]] = {
    PAGE: gettext_lazy("Page of the website"),
    "knowledge": gettext_lazy("Article or approved reply"),
    "document": gettext_lazy("Leaflet or poster"),
    "service": gettext_lazy("Service"),
    "form": gettext_lazy("Form"),
    "message": gettext_lazy("Standard message"),
    "layout": gettext_lazy("Layout of letters and emails"),
    "key_message": gettext_lazy("Message on all pages"),
}
LONGEST = 2_000_000  # characters of one thing


@dataclass(frozen=True, kw_only=True)
class Published:
    """Something that the public reads. path: where it is put right; owner_post: who answers for it."""

    kind: str
    key: str
    title: str
    text: str
    path: str
    owner_post: UUID | None = None


_sources: list[Callable[[], Iterable[Published]]] = []


def texts_come_from(source: Callable[[], Iterable[Published]]) -> None:
    """An app says which words of its own the public reads, in `config`."""
    if source not in _sources:
        _sources.append(source)


def scan(at: datetime) -> int:
    """Sweep, nightly: read all words that are kept here, and close what is gone; how many personal addresses stand there now."""
    personal.forget()
    every = {(one.kind, one.key): one for source in _sources for one in source()}
    each_by_itself(list(every.values()), lambda one: read(one, at=at))
    gone = Personal.objects.filter(gone_at=None).exclude(kind=PAGE)
    stale = [row for row in gone if (row.kind, row.key) not in every]
    each_by_itself(stale, lambda row: close(row.pk, at=at))
    return 0


def read(thing: Published, *, at: datetime) -> int:
    """Note which personal addresses stand on one thing now: a task for each that is new, none for what is gone or allowed."""
    found = {one.address: one for one in personal.seen_in(thing.text[:LONGEST])}
    with transaction.atomic():
        rows = Personal.objects.select_for_update().filter(kind=thing.kind, key=thing.key, gone_at=None)
        held = {row.address: row for row in rows.order_by("id")}
        for address, seen in found.items():
            _stands(held.get(address), seen, thing, at=at)
        for address, row in held.items():
            if address not in found:
                _gone(row, at=at)
    return len(found)


def read_page(*, key: str, title: str, path: str, owner: str, body: bytes, at: datetime) -> int:
    """A page of ours as the link checker read it."""
    reader = _Words()
    reader.feed(body.decode("utf-8", "replace"))
    text = "\n".join(reader.found)
    return read(Published(kind=PAGE, key=key, title=title, text=text, path=path, owner_post=post_of(owner)), at=at)


class _Words(HTMLParser):
    """What a page says, and where its links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self.found += [value for name, value in attrs if name == "href" and value and value.startswith("mailto:")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in ("script", "style")))

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.found.append(data)


def post_of(code: str) -> UUID | None:
    try:
        return directory.post(code).id if code else None
    except directory.UnknownCode:
        return None


def close(row_id: UUID, *, at: datetime) -> int:
    """What it stood on is gone."""
    with transaction.atomic():
        row = Personal.objects.select_for_update().filter(pk=row_id, gone_at=None).first()
        if row is not None:
            _gone(row, at=at)
    return 1


def _stands(row: Personal | None, seen: Seen, thing: Published, *, at: datetime) -> None:
    if row is None:
        row = Personal(id=uuid7(), address=seen.address, kind=thing.kind, key=thing.key, first_seen_at=at)
        ledger.record("personal_address.found", about=row.subject, by=SYSTEM, at=at, data={"kind": thing.kind})
    row.title, row.path, row.excerpt, row.seen_at = thing.title, thing.path, seen.excerpt, at
    row.owner_post_id = thing.owner_post or tasks.fallback_owner()
    row.allowance = allowance_of(seen.address, kind=thing.kind, key=thing.key, at=at)
    if row.allowance is not None:
        _end_task(row, _("It may stand there until the day that was agreed."), is_done=False, at=at)
    elif row.task is None or row.task.state != TaskState.OPEN:
        row.task = _ask(row, seen, at=at)
    row.save()


def _ask(row: Personal, seen: Seen, *, at: datetime) -> Task:
    what = _("looks like somebody’s own address") if seen.like_a_name else _("is no shared mailbox that we know")
    words = _("%(address)s %(what)s. Put a shared mailbox in its place: “%(excerpt)s”") % {
        "address": row.address,
        "what": what,
        "excerpt": row.excerpt,
    }
    about = row.kind if row.kind in (PAGE, "knowledge", "document", "service", "form") else "knowledge"
    task = Task(
        about_kind=about,
        about_key=row.key,
        title=_("Personal address: %(title)s") % {"title": row.title},
        path=row.path,
        why=Task.Why.WRONG,
        words=words,
        owner_post_id=row.owner_post_id,
    )
    return tasks.begin(task, by=SYSTEM, at=at)


def _gone(row: Personal, *, at: datetime) -> None:
    _end_task(row, _("It was gone when the place was read again."), is_done=True, at=at)
    row.gone_at = at
    row.save(update_fields=["gone_at"])
    ledger.record("personal_address.gone", about=row.subject, by=SYSTEM, at=at, data={"kind": row.kind})


def _end_task(row: Personal, answer: str, *, is_done: bool, at: datetime) -> None:
    if row.task is not None and row.task.state == TaskState.OPEN:
        row.task = tasks.end(row.task.pk, is_done=is_done, answer=answer, by=SYSTEM, at=at)


def allowance_of(address: str, *, at: datetime, kind: str = "", key: str = "") -> Allowance | None:
    """What lets this address stand there, or be given out. One query."""
    anywhere = Q(kind="", key="")
    wanted = anywhere | Q(kind=kind, key=key) if kind else anywhere
    rows = Allowance.objects.filter(wanted, address=address.casefold(), ended_at=None, until_on__gte=council_date(at))
    return rows.order_by("-until_on").first()
