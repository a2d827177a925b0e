"""Our states and FixMyStreet's words for them, in one table read both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from townhall.cases.states import State

UNCHANGED: Final = "unchanged"
KNOWN: Final = frozenset(
    {
        "unchanged",
        "open",
        "closed",
        "fixed",
        "in_progress",
        "planned",
        "action_scheduled",
        "investigating",
        "duplicate",
        "not_councils_responsibility",
        "no_further_action",
        "internal_referral",
        "cancelled",
        "reopen",
        "for_triage",
    }
)
# Work finished but not yet told is still under way for the public: the second tick closes it.
_OUT: Final[Mapping[State, str]] = {
    State.AWAITING_DECISION: "open",
    State.ACCEPTED: "planned",
    State.WAITING_FOR_CUSTOMER: "investigating",
    State.DONE: "in_progress",
    State.CLOSED: "fixed",
    State.DECLINED: "no_further_action",
    State.REFERRED: "not_councils_responsibility",
    State.MERGED: "duplicate",
    State.WITHDRAWN: "cancelled",
}


def status_of(state: State, *, fixed: bool = True, is_scheduled: bool = False) -> str:
    """FixMyStreet's word for a state. Closed without having found anything to fix is "closed", not "fixed"."""
    if state is State.CLOSED and not fixed:
        return "closed"
    if state is State.ACCEPTED and is_scheduled:
        return "action_scheduled"
    return _OUT[state]
