"""What forms saved (FORM-12): printing, post and handling that nobody had to do, at unit costs that hold from a day on.

Saved by one form that was sent: printed forms × the cost of one + letters × the cost of one + (minutes on paper − minutes now) × the
cost of a minute. Each figure is the one in force on the day the form was begun; where one is not set, its part counts nothing and the
page says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput
from townhall.core.money import Pence
from townhall.forms.figures import sent_by_day
from townhall.insight.models import FormSaving, UnitCost
from townhall.ledger import operations as ledger

MAY: Final = "pages.manage"
What = UnitCost.What
_NOTHING: Final = Decimal(0)


@dataclass
class Saved:
    """Of some forms over some days. Pence are exact until shown."""

    sent: int = 0
    printed_forms: Decimal = _NOTHING
    letters: Decimal = _NOTHING
    minutes: Decimal = _NOTHING
    print_and_post: Decimal = _NOTHING
    handling: Decimal = _NOTHING

    def add(self, other: Saved) -> None:
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def print_and_post_pence(self) -> Pence:
        return _whole(self.print_and_post)

    @property
    def handling_pence(self) -> Pence:
        return _whole(self.handling)

    @property
    def pence(self) -> Pence:
        return _whole(self.print_and_post + self.handling)

    @property
    def hours(self) -> int:
        return int((self.minutes / 60).quantize(Decimal(1), ROUND_HALF_UP))


def _whole(pence: Decimal) -> Pence:
    return Pence(int(pence.quantize(Decimal(1), ROUND_HALF_UP)))


@dataclass
class Report:
    total: Saved = field(default_factory=Saved)
    by_form: dict[str, Saved] = field(default_factory=lambda: defaultdict(Saved))
    by_month: dict[date, Saved] = field(default_factory=lambda: defaultdict(Saved))
    unknown: set[str] = field(default_factory=set)  # UnitCost.What, or "minutes": not set for some of these days


@dataclass(frozen=True, kw_only=True)
class _Rates:
    costs: Mapping[str, list[tuple[date, Decimal]]]  # by what, the newest first
    forms: Mapping[str, list[FormSaving]]  # by form, the newest first

    def cost(self, what: str, on: date) -> Decimal | None:
        return next((pence for from_on, pence in self.costs.get(what, ()) if from_on <= on), None)

    def saving(self, form_code: str, on: date) -> FormSaving | None:
        rows = (*self.forms.get(form_code, ()), *self.forms.get("", ()))
        return next((row for row in rows if row.from_on <= on), None)


def report(*, since: date, form_code: str = "") -> Report:
    """Over all forms begun since that day, or over one. From the roll-up of forms; three queries."""
    rates, found = _rates(), Report()
    for code, on, sent in sent_by_day(since=since, form_code=form_code):
        one = _saved(code, on, sent, rates, found.unknown)
        found.total.add(one)
        found.by_form[code].add(one)
        found.by_month[on.replace(day=1)].add(one)
    return found


def _rates() -> _Rates:
    costs: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for cost in UnitCost.objects.order_by("-from_on"):
        costs[cost.what].append((cost.from_on, cost.pence))
    forms: dict[str, list[FormSaving]] = defaultdict(list)
    for saving in FormSaving.objects.order_by("-from_on"):
        forms[saving.form_code].append(saving)
    return _Rates(costs=costs, forms=forms)


def _saved(code: str, on: date, sent: int, rates: _Rates, unknown: set[str]) -> Saved:
    rule = rates.saving(code, on)
    if rule is None:
        unknown.add("minutes")
        return Saved(sent=sent)
    printed, letters = rule.printed_forms * sent, rule.letters * sent
    minutes = (rule.minutes_before - rule.minutes_now) * sent
    amounts = {What.FORM: printed, What.LETTER: letters, What.MINUTE: minutes}
    pence: dict[str, Decimal] = {}
    for what, amount in amounts.items():
        cost = rates.cost(what, on)
        if cost is None and amount:
            unknown.add(what.value)
        pence[what] = amount * (cost or _NOTHING)
    return Saved(
        sent=sent,
        printed_forms=printed,
        letters=letters,
        minutes=minutes,
        print_and_post=pence[What.FORM] + pence[What.LETTER],
        handling=pence[What.MINUTE],
    )


@transaction.atomic
def set_cost(
    what: str, *, from_on: date | None, pence: Decimal | None, source: str, by: Actor, at: datetime
) -> UnitCost:
    """What one of something costs from a day on. The same day again puts a figure right. Raises NotAllowed, BadInput."""
    require(by, MAY)
    problems = _wrong(from_on=from_on, amounts={"pence": pence})
    if what not in What.values:
        problems["what"] = _("Select what the cost is of")
    if not source:
        problems["source"] = _("Enter where the figure comes from")
    if problems:
        raise BadInput(problems)
    assert from_on is not None
    values: dict[str, Any] = {"pence": pence, "source": source, "by": by.id, "at": at}
    row, _made = UnitCost.objects.update_or_create(what=what, from_on=from_on, defaults=values)
    ledger.record("unit_cost.set", about=row.subject, by=by, at=at, data={"what": what, "pence": str(pence)})
    return row


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """What one form does away with."""

    printed_forms: Decimal | None
    letters: Decimal | None
    minutes_before: Decimal | None
    minutes_now: Decimal | None


@transaction.atomic
def set_saving(form_code: str, *, from_on: date | None, amounts: Amounts, by: Actor, at: datetime) -> FormSaving:
    """What one form sent online does away with from a day on. form_code empty: all that have no figures of their own.

    Raises NotAllowed, BadInput.
    """
    require(by, MAY)
    if problems := _wrong(from_on=from_on, amounts=vars(amounts)):
        raise BadInput(problems)
    assert from_on is not None
    values: dict[str, Any] = {**vars(amounts), "by": by.id, "at": at}
    row, _made = FormSaving.objects.update_or_create(form_code=form_code, from_on=from_on, defaults=values)
    ledger.record("form_saving.set", about=row.subject, by=by, at=at, data={"form": form_code or "all"})
    return row


def _wrong(*, from_on: date | None, amounts: Mapping[str, Decimal | None]) -> dict[str, str]:
    problems = {
        name: _("Enter a number, like 1.50")
        for name, amount in amounts.items()
        if amount is None or not 0 <= amount < 100_000
    }
    if from_on is None:
        problems["from_on"] = _("Enter the day it holds from")
    return problems


def costs() -> Iterable[UnitCost]:
    return UnitCost.objects.order_by("what", "-from_on")


def savings() -> Iterable[FormSaving]:
    return FormSaving.objects.order_by("form_code", "-from_on")
