"""Key tasks (KNOW-10): how many pages and clicks each takes from entry to finish, its ceiling, and what makes one longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.refreshing import Refreshing
from townhall.core.time import council_date
from townhall.forms import queries as forms
from townhall.forms.definition import Form
from townhall.forms.lengths import Length, length_of
from townhall.insight.errors import TaskLonger
from townhall.insight.models import KeyTask, TaskChange
from townhall.ledger import operations as ledger

MAY: Final = "pages.manage"
ENTRY_PAGES: Final = 2  # the home page and the service's own
ENTRY_CLICKS: Final = 2  # the service on the home page, and its "Start now" or "Report it"
MOST_LINKS: Final = 6  # to main tasks, on a public page
_reports: list[Callable[[ServicePack], Length]] = []


def reports_are_measured_by(measure: Callable[[ServicePack], Length]) -> None:
    """The door that has the pages of a report tells how many they are."""
    _reports[:] = [measure]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A key task as it is now. `length` counts from the first page after "Start now"; None where nothing can be measured."""

    task: KeyTask
    name: str
    length: Length | None

    @property
    def pages(self) -> int:
        return self.length.most_pages if self.length else 0

    @property
    def clicks(self) -> int:
        return self.length.most_clicks + ENTRY_CLICKS if self.length else 0

    @property
    def is_over(self) -> bool:
        return self.pages > self.task.most_pages or self.clicks > self.task.most_clicks


def standings(*, today: date) -> list[Standing]:
    """Every key task as published now, in its order."""
    packs = {pack.code: pack for pack in catalogue.services(live_only=False)}
    return [
        Standing(task=task, name=pack.name, length=measured(pack, today=today))
        for task in KeyTask.objects.order_by("position", "service_code")
        if (pack := packs.get(task.service_code))
    ]


def measured(pack: ServicePack, *, today: date) -> Length | None:
    if not pack.form:
        return _reports[0](pack) if _reports else None
    try:
        return length_of(forms.flow(pack.form).form, today=today)
    except NotFound:
        return None


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    service_code: str
    most_pages: int | None
    most_clicks: int | None
    position: int
    is_linked: bool


@transaction.atomic
def keep(ceiling: Ceiling, *, by: Actor, at: datetime) -> KeyTask:
    """Make a service a key task, or give it another ceiling. Raises NotAllowed, BadInput."""
    require(by, MAY)
    problems: dict[str, str] = {}
    if ceiling.service_code not in {pack.code for pack in catalogue.services()}:
        problems["service_code"] = _("Select a service")
    if not ceiling.most_pages:
        problems["most_pages"] = _("Enter the most pages it may take, like 5")
    if not ceiling.most_clicks:
        problems["most_clicks"] = _("Enter the most clicks it may take, like 10")
    if problems:
        raise BadInput(problems)
    values = {
        "most_pages": ceiling.most_pages,
        "most_clicks": ceiling.most_clicks,
        "position": ceiling.position,
        "is_linked": ceiling.is_linked,
    }
    task, _made = KeyTask.objects.update_or_create(service_code=ceiling.service_code, defaults=values)
    data: dict[str, object] = {"service": task.service_code, "pages": task.most_pages, "clicks": task.most_clicks}
    ledger.record("key_task.kept", about=task.subject, by=by, at=at, data=data)
    _forget()
    return task


@transaction.atomic
def drop(task_id: UUID, *, by: Actor, at: datetime) -> None:
    """It is no key task any more. Raises NotAllowed, NotFound."""
    require(by, MAY)
    task = KeyTask.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise NotFound
    ledger.record("key_task.dropped", about=task.subject, by=by, at=at, data={"service": task.service_code})
    task.delete()
    _forget()


def _load() -> list[str]:
    return list(
        KeyTask.objects.filter(is_linked=True)
        .order_by("position", "service_code")
        .values_list("service_code", flat=True)
    )


_linked = Refreshing(_load)


def _forget() -> None:
    _linked.forget()
    transaction.on_commit(_linked.forget)


def main_tasks() -> list[ServicePack]:
    """The services that public pages link to, from the process's memory."""
    packs = {pack.code: pack for pack in catalogue.services()}
    return [packs[code] for code in _linked.get() if code in packs][:MOST_LINKS]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A key task that would take more pages or clicks than it does, at most or at least."""

    task: KeyTask
    name: str
    before: Length
    after: Length

    @property
    def words(self) -> str:
        pages = _range(self.before.most_pages, self.after.most_pages)
        clicks = _range(self.before.most_clicks + ENTRY_CLICKS, self.after.most_clicks + ENTRY_CLICKS)
        said = _("%(name)s: %(pages)s pages and %(clicks)s clicks.") % {
            "name": self.name,
            "pages": pages,
            "clicks": clicks,
        }
        over = [
            ngettext("Over its ceiling of %(number)s page.", "Over its ceiling of %(number)s pages.", most)
            % {"number": most}
            for most in [self.task.most_pages]
            if self.after.most_pages > most
        ] + [
            ngettext("Over its ceiling of %(number)s click.", "Over its ceiling of %(number)s clicks.", most)
            % {"number": most}
            for most in [self.task.most_clicks]
            if self.after.most_clicks + ENTRY_CLICKS > most
        ]
        return " ".join([said, *over])


def _range(before: int, after: int) -> str:
    return str(after) if before == after else _("from %(before)s to %(after)s") % {"before": before, "after": after}


def growth(pack: ServicePack, before: Length | None, after: Length | None) -> Growth | None:
    """None where the service is no key task, or it takes no longer."""
    task = KeyTask.objects.filter(service_code=pack.code).first()
    if task is None or before is None or after is None:
        return None
    grew = any(getattr(after, name) > getattr(before, name) for name in Length.__dataclass_fields__)
    return Growth(task=task, name=pack.name, before=before, after=after) if grew else None


def growth_by_form(old: Form | None, new: Form, *, today: date) -> Growth | None:
    """What publishing this version would do to the key task that the form serves."""
    pack = next((pack for pack in catalogue.services() if pack.form == new.code), None)
    if pack is None or old is None:
        return None
    if not KeyTask.objects.filter(service_code=pack.code).exists():
        return None  # nobody has to measure it
    return growth(pack, length_of(old, today=today), length_of(new, today=today))


def form_published(old: Form | None, new: Form, *, reason: str, by: Actor, at: datetime) -> None:
    """Keeps `forms.gates.publishing`. Raises TaskLonger where a key task would grow and no reason is given."""
    _hold(growth_by_form(old, new, today=council_date(at)), reason=reason, by=by, at=at)


def pack_changed(old: ServicePack | None, new: ServicePack, *, reason: str, by: Actor, at: datetime) -> None:
    """Keeps `catalogue.gates.changing`, for what is reported. What a form asks is measured with the form."""
    if old is None or old.form or new.form or not _reports:
        return
    _hold(growth(new, _reports[0](old), _reports[0](new)), reason=reason, by=by, at=at)


def _hold(grown: Growth | None, *, reason: str, by: Actor, at: datetime) -> None:
    if grown is None:
        return
    if not reason.strip():
        raise TaskLonger(f"{grown.words} {TaskLonger.user_message}")
    TaskChange.objects.create(
        service_code=grown.task.service_code,
        pages_before=grown.before.most_pages,
        pages_after=grown.after.most_pages,
        clicks_before=grown.before.most_clicks + ENTRY_CLICKS,
        clicks_after=grown.after.most_clicks + ENTRY_CLICKS,
        most_pages=grown.task.most_pages,
        most_clicks=grown.task.most_clicks,
        reason=reason.strip(),
        by_kind=by.kind.value,
        by_id=by.id,
        at=at,
    )
    ledger.record(
        "key_task.lengthened",
        about=grown.task.subject,
        by=by,
        at=at,
        data={"service": grown.task.service_code, "before": grown.before.most_pages, "after": grown.after.most_pages},
    )
