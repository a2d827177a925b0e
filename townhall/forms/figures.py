"""How each form goes, page by page: begun, given up, time, faults (FORM-12). Rolled up from drafts before they are forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Count, F, Max, Q

from townhall.core.time import aware, council_date, start_of
from townhall.forms.models import Draft, Figure, Submission

LONGEST = 1800.0  # seconds that one page may count for: longer, somebody was away
AWAY = timedelta(days=1)  # untouched for so long, a draft counts as given up
_MOST = 5000  # drafts looked at for the newest figures
Trace: TypeAlias = Mapping[str, list[float]]  # page → [times passed, faults, seconds]


@dataclass
class Sums:
    """Of one page, or of a form as a whole."""

    reached: int = 0
    left: int = 0
    passes: int = 0
    faults: int = 0
    seconds: int = 0

    @property
    def mean_seconds(self) -> int:
        return round(self.seconds / self.reached) if self.reached else 0

    def add(self, other: Sums) -> None:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass
class FormFigures:
    whole: Sums = field(default_factory=Sums)
    under_way: int = 0  # begun within a day and not sent yet: neither sent nor left
    pages: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))

    @property
    def sent(self) -> int:
        return self.whole.reached - self.whole.left - self.under_way

    def put(self, page: str, sums: Sums) -> None:
        (self.pages[page] if page else self.whole).add(sums)


def traced(trace: Trace, page: str, *, has_fault: bool, seconds: float) -> dict[str, list[float]]:
    """The trace after one more time that a page was sent in."""
    passed, faults, spent = trace.get(page, [0, 0, 0])
    here = [passed + (not has_fault), faults + has_fault, round(spent + min(max(seconds, 0.0), LONGEST))]
    return {**trace, page: here}


def figures(form_code: str, *, since: date, at: datetime) -> FormFigures:
    """What was begun since that day: the rolled-up figures, and the drafts that are not in them yet. Two queries."""
    found = FormFigures()
    for row in Figure.objects.filter(form_code=form_code, on__gte=since):
        found.put(row.page, Sums(row.reached, row.left, row.passes, row.faults, row.seconds))
    drafts = _uncounted().filter(form_code=form_code, started_at__gte=start_of(since)).order_by("-started_at")[:_MOST]
    for draft in drafts:
        is_under_way = draft.result_id is None and draft.updated_at > aware(at) - AWAY
        found.under_way += is_under_way
        for page, sums in _sums_of(draft, is_left=draft.result_id is None and not is_under_way):
            found.put(page, sums)
    return found


def _uncounted() -> Any:
    return Draft.objects.filter(trace__isnull=False, is_counted=False, is_test=False)


def _sums_of(draft: Draft, *, is_left: bool) -> Iterable[tuple[str, Sums]]:
    """Of the whole form, then of each page. It was given up on the page after the last that was sent in; that one is named."""
    last = draft.step.partition(".")[0] or next(iter(draft.trace or {}), "")  # no step yet: only the first page
    seconds = 0
    for page, (passed, faults, spent) in (draft.trace or {}).items():
        seconds += int(spent)
        yield page, Sums(1, int(is_left and page == last), int(passed), int(faults), int(spent))
    yield "", Sums(1, int(is_left), 0, 0, seconds)


@transaction.atomic
def roll_up(at: datetime, *, limit: int = 1000) -> int:
    """Add the traces of drafts that were sent, or whose time is over, to the figures: each once. How many."""
    is_over = Q(result_id__isnull=False) | Q(expires_at__lte=aware(at))
    drafts = list(_uncounted().filter(is_over).order_by("pk").select_for_update(skip_locked=True)[:limit])
    sums: dict[tuple[str, date, str], Sums] = defaultdict(Sums)
    for draft in drafts:
        for page, one in _sums_of(draft, is_left=draft.result_id is None):
            sums[draft.form_code, council_date(draft.started_at), page].add(one)
    for (code, on, page), one in sorted(sums.items()):
        Figure.objects.get_or_create(form_code=code, on=on, page=page)
        changes = {name: F(name) + value for name, value in vars(one).items()}
        Figure.objects.filter(form_code=code, on=on, page=page).update(**changes)
    Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).update(is_counted=True)
    return len(drafts)


def sent_by_day(*, since: date, form_code: str = "") -> Iterable[tuple[str, date, int]]:
    """Form, day begun and how many of these were sent, from the roll-up. One query."""
    rows = Figure.objects.filter(page="", on__gte=since, reached__gt=F("left")).exclude(
        form_code__startswith="service/"
    )
    if form_code:
        rows = rows.filter(form_code=form_code)
    return (
        rows.annotate(sent=F("reached") - F("left")).order_by("on", "form_code").values_list("form_code", "on", "sent")
    )


@dataclass(frozen=True, kw_only=True)
class Volume:
    form_code: str
    sent: int
    by_staff: int  # filled in with or for somebody
    last_at: datetime


def volumes(*, since: datetime) -> list[Volume]:
    """Every form that was sent since then, the most used first. Forms of reports are counted with their cases. One query."""
    rows = Submission.objects.filter(received_at__gte=aware(since), is_test=False).exclude(
        form_code__startswith="service/"
    )
    counted = rows.values("form_code").annotate(
        sent=Count("pk"), by_staff=Count("pk", filter=Q(by_kind="staff")), last_at=Max("received_at")
    )
    return [Volume(**row) for row in counted.order_by("-sent", "form_code")]
