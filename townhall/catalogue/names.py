"""The names of the council's operation and outlets, with their history; and which name is to be earned by which channels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.catalogue.models import NameChange
from townhall.core.actors import Actor
from townhall.core.errors import refuse
from townhall.core.refreshing import Refreshing
from townhall.core.turns import take_turn
from townhall.ledger import operations as ledger
from townhall.ui.naming import OPERATION, OUTLET, OUTLETS, USUAL

MAY = "catalogue.administer"
WIDER = "wider"  # the name of the operation that is to be earned; empty: none
NEEDS = "needs"  # the channels, by their codes, that earn it
CODES = (OPERATION, OUTLET, OUTLETS, WIDER, NEEDS)
LONGEST = 60
NEEDED_AT_FIRST = ("phone", "email", "web", "counter", "letter")


def _load() -> dict[str, str]:
    rows = NameChange.objects.order_by("code", "-at", "-id").distinct("code")
    return dict(rows.values_list("code", "words"))


_kept = Refreshing(_load)


def chosen() -> Mapping[str, str]:
    """What the council has chosen, by code; at most a few seconds old."""
    return _kept.get()


def needed() -> tuple[str, ...]:
    """The channels that earn the wider name."""
    kept = chosen().get(NEEDS)
    return tuple(kept.split()) if kept is not None else NEEDED_AT_FIRST


def history() -> list[NameChange]:
    """Every change, the newest first."""
    return list(NameChange.objects.select_related("by").order_by("-at", "-id")[:200])


@transaction.atomic
def change(given: Mapping[str, str], *, why: str, by: Actor, at: datetime) -> list[str]:
    """Call them otherwise from now on; codes of those that are others than before. Raises NotAllowed, BadInput."""
    require(by, MAY)
    cleaned = {code: " ".join(words.split()) for code, words in given.items() if code in CODES}
    refuse(
        {code: _problem(code, words) for code, words in cleaned.items()}
        | {"why": "" if why.strip() and len(why) <= 500 else _("Enter why, such as a decision and its date")}
    )
    take_turn("council names")
    before = _load()
    changed = [code for code, words in cleaned.items() if words != before.get(code, _usual(code))]
    for code in changed:
        row = NameChange.objects.create(
            code=code,
            words=cleaned[code],
            was=before.get(code, ""),
            why=why.strip(),
            at=at,
            by_id=by.id if by.is_staff else None,
        )
        ledger.record("council_name.changed", about=row.subject, by=by, at=at, data={"name": code})
    forget()
    return changed


def _usual(code: str) -> str:
    """What holds while nothing was chosen."""
    return " ".join(NEEDED_AT_FIRST) if code == NEEDS else str(USUAL.get(code, ""))


def _problem(code: str, words: str) -> str:
    if code == NEEDS:
        return ""
    if len(words) > LONGEST or (not words and code != WIDER):
        return _("Enter a name of up to %(most)d characters, as it stands in a sentence") % {"most": LONGEST}
    return ""


def forget() -> None:
    """Read again: now, and when the change is there for others."""
    _kept.forget()
    transaction.on_commit(_kept.forget)
