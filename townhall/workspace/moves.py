"""Every move on a case: who may make it, from which states, and the sentence when it is not for now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import may
from townhall.cases.access import has_only_a_part, is_only_offered
from townhall.cases.models import OPEN_JOBS, OPEN_STATES, Case, Handoff, Task
from townhall.cases.operations.locking import ONLY_A_PART, ONLY_OFFERED
from townhall.cases.states import NEXT, State
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What decides which moves are open."""

    case: Case
    state: State
    offer_to: Any = None  # the team that has an offer to answer, or None
    open_parts: int = 0
    has_contractor: bool = False  # with a job that is not over
    is_only_offered: bool = False  # the reader has it on offer, and nothing else to do with it
    has_only_a_part: bool = False  # the reader's team has a part of it, and nothing else to do with it

    @property
    def is_open(self) -> bool:
        return self.state.value in OPEN_STATES


Reason = Callable[[Facts, Actor], str]


@dataclass(frozen=True, kw_only=True)
class Move:
    """`why_not` gives a sentence when the case does not allow it now, and nothing when it does."""

    code: str
    name: StrOrPromise
    may: str
    why_not: Reason
    key: str = ""  # the keyboard shortcut on the case page


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A move for one reader on one case."""

    move: Move
    reason: str  # why not; empty when it may be made

    @property
    def name(self) -> str:
        return _name(self.move.code, get_language())

    @property
    def is_allowed(self) -> bool:
        return not self.reason


@lru_cache
def _not_while(state: State, _language: str | None) -> str:
    return _("Not while the case is “%(state)s”.") % {"state": state.label}


@lru_cache
def _name(code: str, _language: str | None) -> str:
    """A case's page shows all of them each time, so their words are remembered."""
    return str(BY_CODE[code].name)


def to(target: State) -> Reason:
    def why_not(facts: Facts, by: Actor) -> str:
        if target in NEXT[facts.state]:
            return ""
        return _not_while(facts.state, get_language())

    return why_not


def _in(*states: State, words: StrOrPromise = "") -> Reason:
    def why_not(facts: Facts, by: Actor) -> str:
        if facts.state in states:
            return ""
        return str(words) or _not_while(facts.state, get_language())

    return why_not


def _while_open(facts: Facts, by: Actor) -> str:
    return "" if facts.is_open else _not_while(facts.state, get_language())


def _complete(facts: Facts, by: Actor) -> str:
    return to(State.DONE)(facts, by) or (
        _("A part of this case is still open. End every part first.") if facts.open_parts else ""
    )


def _take(facts: Facts, by: Actor) -> str:
    if reason := _while_open(facts, by):
        return reason
    if facts.case.doer_team_id not in by.teams:
        return _("Only the team that does this work can take it.")
    if facts.case.doer_post_id in by.posts:
        return _("You have taken it already.")
    return _("Somebody has taken it already.") if facts.case.doer_post_id else ""


def _put_back(facts: Facts, by: Actor) -> str:
    return "" if facts.case.doer_post_id else _("Nobody has taken it.")


def _offer(facts: Facts, by: Actor) -> str:
    return _while_open(facts, by) or (_("It is on offer to another team already.") if facts.offer_to else "")


def _answer(facts: Facts, by: Actor) -> str:
    if facts.offer_to is None:
        return _("It is not on offer.")
    return "" if facts.offer_to in by.teams else _("Only the team it was offered to can answer.")


def _withdraw_offer(facts: Facts, by: Actor) -> str:
    return "" if facts.offer_to else _("It is not on offer.")


def _working(facts: Facts, by: Actor) -> str:
    if facts.is_open and facts.state is not State.DONE:
        return ""
    return _("The work of this case is over.")


def _contractor(facts: Facts, by: Actor) -> str:
    if reason := _working(facts, by) or _offer(facts, by):
        return reason
    return _("A contractor has it already.") if facts.has_contractor else ""


def _contractor_back(facts: Facts, by: Actor) -> str:
    return "" if facts.has_contractor else _("No contractor has this case.")


def _merge(facts: Facts, by: Actor) -> str:
    if catalogue.service(facts.case.service_code).form:
        return _("Each application is a person's own, so it cannot be joined to another.")
    return to(State.MERGED)(facts, by)


def _always(facts: Facts, by: Actor) -> str:
    return ""


MOVES: tuple[Move, ...] = (
    Move(
        code="accept",
        name=gettext_lazy("Accept"),
        may="cases.accept",
        why_not=_in(State.AWAITING_DECISION),
        key="a",
    ),
    Move(
        code="decline",
        name=gettext_lazy("Decline"),
        may="cases.decline",
        why_not=to(State.DECLINED),
        key="d",
    ),
    Move(
        code="ask",
        name=gettext_lazy("Ask the customer"),
        may="cases.ask_customer",
        why_not=to(State.WAITING_FOR_CUSTOMER),
        key="k",
    ),
    Move(
        code="schedule",
        name=gettext_lazy("Set a date for the work"),
        may="cases.schedule",
        why_not=_in(State.ACCEPTED, words=gettext_lazy("Only accepted work can be given a date. Accept it first.")),
        key="s",
    ),
    Move(
        code="complete",
        name=gettext_lazy("End the work"),
        may="cases.complete",
        why_not=_complete,
        key="c",
    ),
    Move(
        code="tell",
        name=gettext_lazy("Tell the customer and close"),
        may="cases.tell_customer",
        why_not=to(State.CLOSED),
        key="t",
    ),
    Move(
        code="close",
        name=gettext_lazy("Close without a message"),
        may="cases.tell_customer",
        why_not=to(State.CLOSED),
    ),
    Move(code="take", name=gettext_lazy("Take it"), may="cases.take", why_not=_take, key="m"),
    Move(code="put-back", name=gettext_lazy("Put it back for the team"), may="cases.take", why_not=_put_back),
    Move(code="offer", name=gettext_lazy("Offer to another team"), may="cases.hand_off", why_not=_offer, key="h"),
    Move(code="accept-offer", name=gettext_lazy("Accept the offer"), may="cases.hand_off", why_not=_answer),
    Move(code="return-offer", name=gettext_lazy("Return the offer"), may="cases.hand_off", why_not=_answer),
    Move(code="withdraw-offer", name=gettext_lazy("Withdraw the offer"), may="cases.hand_off", why_not=_withdraw_offer),
    Move(code="merge", name=gettext_lazy("Join to another report"), may="cases.merge", why_not=_merge, key="j"),
    Move(
        code="unmerge",
        name=gettext_lazy("Take the joining back"),
        may="cases.merge",
        why_not=_in(State.MERGED, words=gettext_lazy("It is not joined to another report.")),
    ),
    Move(
        code="refer", name=gettext_lazy("Pass to another organisation"), may="cases.decline", why_not=to(State.REFERRED)
    ),
    Move(code="extend", name=gettext_lazy("Approve more time"), may="cases.extend", why_not=_while_open),
    Move(
        code="decide-again",
        name=gettext_lazy("Decide again"),
        may="cases.reopen",
        why_not=_in(State.DECLINED, State.REFERRED, State.WITHDRAWN),
    ),
    Move(
        code="reopen",
        name=gettext_lazy("Open again"),
        may="cases.reopen",
        why_not=_in(State.CLOSED, State.DONE, words=gettext_lazy("Only ended work can be opened again.")),
    ),
    Move(code="update", name=gettext_lazy("Give an update"), may="cases.tell_customer", why_not=_while_open, key="p"),
    Move(code="split", name=gettext_lazy("Give parts to other services"), may="cases.split", why_not=_working),
    Move(code="contractor", name=gettext_lazy("Send to a contractor"), may="cases.hand_off", why_not=_contractor),
    Move(
        code="contractor-back",
        name=gettext_lazy("Take it back from the contractor"),
        may="cases.hand_off",
        why_not=_contractor_back,
    ),
    Move(
        code="withdraw",
        name=gettext_lazy("Withdraw for the customer"),
        may="cases.decline",
        why_not=to(State.WITHDRAWN),
    ),
    Move(code="councillor", name=gettext_lazy("A councillor wrote in"), may="cases.note", why_not=_always),
    Move(code="note", name=gettext_lazy("Add a staff note"), may="cases.note", why_not=_always, key="o"),
)
EXPECTED: Mapping[State, Sequence[str]] = {
    State.AWAITING_DECISION: ("accept", "decline"),
    State.ACCEPTED: ("complete",),
    State.WAITING_FOR_CUSTOMER: ("complete",),
    State.DONE: ("tell",),
}  # what usually comes next, the likeliest first: offered as buttons while it is allowed
ANSWERS = ("accept-offer", "return-offer")  # an offer to one's own team is answered before anything else
PARTS = ("part-done", "part-cancelled")  # what the team of a part may do, besides a note
BY_CODE: Mapping[str, Move] = {move.code: move for move in MOVES}


def standing(move: Move, facts: Facts, by: Actor) -> Standing:
    """The case's own reason comes first; then the reader's permission."""
    reason = move.why_not(facts, by)
    if not reason and facts.is_only_offered and move.code not in (*ANSWERS, "note"):
        reason = str(ONLY_OFFERED)
    if not reason and facts.has_only_a_part and move.code not in (*ANSWERS, *PARTS, "note"):
        reason = str(ONLY_A_PART)
    if not reason:
        decision = may(by, move.may)
        reason = "" if decision.allowed else decision.reason
    return Standing(move=move, reason=reason)


def main(standings: Sequence[Standing], state: State) -> list[Standing]:
    """The moves to offer as buttons, the expected one first."""
    open_now = {one.move.code: one for one in standings if one.is_allowed}
    return [open_now[code] for code in (*ANSWERS, *EXPECTED.get(state, ())) if code in open_now]


def facts_of(case: Case, by: Actor) -> Facts:
    """For a move's own page. Three queries, and up to three for another team's case; the case page knows most already."""
    offer = case.handoffs.filter(state=Handoff.State.OFFERED).values_list("to_team_id", flat=True).first()
    parts = case.tasks.filter(state=Task.State.OPEN).count()
    has_contractor = case.contractor_jobs.filter(state__in=OPEN_JOBS).exists()
    return Facts(
        case=case,
        state=State(case.state),
        offer_to=offer,
        open_parts=parts,
        has_contractor=has_contractor,
        is_only_offered=offer in by.teams and is_only_offered(case, by),
        has_only_a_part=has_only_a_part(case, by),
    )
