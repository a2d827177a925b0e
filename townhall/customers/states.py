"""Every way a proposal may move. It is merged or rejected by a person, or merged by Townhall above a precision that the council set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from townhall.core.errors import WrongState
from townhall.customers.merging_models import Proposal

State = Proposal.State

# Rejected it comes back only when the records say something else of each other than when it was decided. A merge that is taken apart
# leaves its proposal rejected.
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.PROPOSED: frozenset({State.MERGED, State.REJECTED, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset({State.PROPOSED, State.MERGED}),
    State.REJECTED: frozenset({State.PROPOSED, State.MERGED}),
    State.MERGED: frozenset({State.REJECTED}),
}


def check_move(now: State, to: State) -> None:
    if to not in NEXT[now]:
        raise WrongState


def before(to: State) -> frozenset[State]:
    """Those that may become it, for a statement that moves several."""
    return frozenset(now for now, following in NEXT.items() if to in following)
