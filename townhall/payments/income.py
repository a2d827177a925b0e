"""What came in over time, by method, kind or site. Read from the day's figures, so a year costs what a week does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from townhall.accounts import sites
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.money import Pence

BY: Final = ("method", "kind_code", "site_code")
STEPS: Final = ("day", "month")

# Three constants each; nothing typed by anybody is in a statement.
_STATEMENTS: Final[Mapping[tuple[str, str], str]] = {
    (by, step): f"""SELECT date_trunc('{step}', "on")::date AS since, {by}, sum(payments)::int, sum(pence)::bigint,
                      sum(refunds)::int, sum(refunded_pence)::bigint
                    FROM payments_income WHERE "on" >= %s AND "on" <= %s AND (%s::text[] IS NULL OR site_code = ANY(%s::text[]))
                    GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608
    for by in BY
    for step in STEPS
}


@dataclass(frozen=True, kw_only=True)
class IncomeLine:
    """`since`: the day, or the first of the month. `what`: a code of what the report is by."""

    since: date
    what: str
    payments: int
    pence: Pence
    refunds: int
    refunded_pence: Pence

    @property
    def net_pence(self) -> Pence:
        return Pence(self.pence - self.refunded_pence)


def report(*, first_on: date, last_on: date, by: str, step: str, seen_by: Actor) -> list[IncomeLine]:
    """Income of the council dates first_on to last_on, both counted, in order, of the sites that `seen_by` reaches. One query."""
    found = sites.sites_for(seen_by, "income.see")
    reached = None if found is None else sorted(found)
    rows = fetch_all(_STATEMENTS[by, step], (first_on, last_on, reached, reached))
    return [
        IncomeLine(
            since=since,
            what=what,
            payments=payments,
            pence=Pence(pence),
            refunds=refunds,
            refunded_pence=Pence(refunded),
        )
        for since, what, payments, pence, refunds, refunded in rows
    ]
