"""Writing nudges, taking them into use and ending them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.ledger import operations as ledger
from townhall.outreach import nudging, states
from townhall.outreach.models import Nudge
from townhall.outreach.states import NUDGE_NEXT, NudgeState
from townhall.ui.paths import is_ours

PLAN = "outreach.plan"
LONGEST = 160  # characters: it is said in a breath, and fits a line of a letter
LONGEST_WINDOW = 90  # days
_CODE = re.compile(r"[a-z0-9](-?[a-z0-9]){1,48}")


@dataclass(frozen=True, kw_only=True)
class Written:
    code: str
    words: str
    leads_to: str
    places: Sequence[str]
    services: Sequence[str] = ()
    channels: Sequence[str] = ()
    audience: str = Nudge.Audience.WITHOUT_ACCOUNT
    share: int = 100
    within_days: int = 28


@transaction.atomic
def write(new: Written, *, by: Actor, at: datetime) -> Nudge:
    """A nudge, or other words for one not yet in use. Raises NotAllowed, BadInput, WrongState for one that was in use."""
    require(by, PLAN)
    problems = _problems(new)
    if problems:
        raise BadInput(problems)
    row = Nudge.objects.select_for_update().filter(code=new.code).first() or Nudge(code=new.code)
    if row.state != NudgeState.DRAFT:
        raise WrongState(_("This nudge was in use. What it did is counted for its words, so write another one."))
    row.words, row.leads_to, row.audience = " ".join(new.words.split()), new.leads_to, new.audience
    row.places, row.services, row.channels = list(new.places), list(new.services), list(new.channels)
    row.share, row.within_days, row.written_by, row.written_at = new.share, new.within_days, by.id, at
    row.save()
    ledger.record("nudge.written", about=row.subject, by=by, at=at, data={"code": row.code})
    return row


def _problems(new: Written) -> dict[str, str]:
    problems = {}
    if not _CODE.fullmatch(new.code):
        problems["code"] = _("Enter a short name in small letters, digits and hyphens, like quicker-account")
    if not 0 < len(" ".join(new.words.split())) <= LONGEST or "/n/" in new.words:
        problems["words"] = _("Enter what it says, in at most %(longest)s characters") % {"longest": LONGEST}
    if not is_ours(new.leads_to):
        problems["leads_to"] = _("Enter a page of this site, such as /account/register")
    if not new.places or set(new.places) - set(Nudge.Place.values):
        problems["places"] = _("Select at least one place")
    if set(new.services) - {pack.code for pack in catalogue.services()}:
        problems["services"] = _("Select services from the list")
    if new.audience not in Nudge.Audience.values:
        problems["audience"] = _("Select who it is for")
    if not 1 <= new.share <= 100:
        problems["share"] = _("Enter a share from 1 to 100 per cent")
    if not 1 <= new.within_days <= LONGEST_WINDOW:
        problems["within_days"] = _("Enter a number of days from 1 to 90")
    return problems


def begin(nudge_id: UUID, *, by: Actor, at: datetime) -> Nudge:
    """Use it from now on. Raises NotAllowed, NotFound, WrongState."""
    return _move(nudge_id, NudgeState.LIVE, by=by, at=at)


def end(nudge_id: UUID, *, by: Actor, at: datetime) -> Nudge:
    """Show it no more; what it did stays. Raises NotAllowed, NotFound, WrongState."""
    return _move(nudge_id, NudgeState.ENDED, by=by, at=at)


@transaction.atomic
def _move(nudge_id: UUID, then: NudgeState, *, by: Actor, at: datetime) -> Nudge:
    require(by, PLAN)
    row = Nudge.objects.select_for_update().filter(pk=nudge_id).first()
    if row is None:
        raise NotFound
    states.check(NUDGE_NEXT, NudgeState(row.state), then)
    row.state = then
    if then is NudgeState.LIVE:
        row.began_at = at
    else:
        row.ended_at = at
    row.save(update_fields=["state", "began_at", "ended_at"])
    ledger.record(f"nudge.{then.value}", about=row.subject, by=by, at=at, data={"code": row.code})
    transaction.on_commit(nudging.forget)
    return row
