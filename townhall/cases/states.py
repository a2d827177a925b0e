"""The states of a case, and every way it may move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class State(models.TextChoices):
    AWAITING_DECISION = "awaiting_decision", _("Awaiting decision")
    ACCEPTED = "accepted", _("Accepted, to be done")
    WAITING_FOR_CUSTOMER = "waiting_for_customer", _("Waiting for the customer")
    DONE = "done", _("Done, customer to be told")
    CLOSED = "closed", _("Done")
    DECLINED = "declined", _("Declined: not policy")
    REFERRED = "referred", _("Passed to another organisation")
    MERGED = "merged", _("Joined to an earlier report")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Every way a case may move. Done is never the end: the customer is told first. Declined work is never counted as done.
NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.AWAITING_DECISION: frozenset(
        {
            State.ACCEPTED,
            State.DECLINED,
            State.WAITING_FOR_CUSTOMER,
            State.DONE,
            State.REFERRED,
            State.MERGED,
            State.WITHDRAWN,
        }
    ),
    State.ACCEPTED: frozenset(
        {State.DONE, State.DECLINED, State.WAITING_FOR_CUSTOMER, State.REFERRED, State.MERGED, State.WITHDRAWN}
    ),
    State.WAITING_FOR_CUSTOMER: frozenset(
        {State.AWAITING_DECISION, State.ACCEPTED, State.DECLINED, State.DONE, State.MERGED, State.WITHDRAWN}
    ),
    State.DONE: frozenset({State.CLOSED, State.ACCEPTED}),
    State.CLOSED: frozenset({State.ACCEPTED}),  # "not fixed", within the allowed time
    State.DECLINED: frozenset({State.AWAITING_DECISION}),  # decided again
    State.REFERRED: frozenset({State.AWAITING_DECISION}),  # sent back to us
    State.MERGED: frozenset({State.AWAITING_DECISION, State.ACCEPTED}),  # unmerged
    State.WITHDRAWN: frozenset({State.AWAITING_DECISION}),
}

OPEN: Final = frozenset({State.AWAITING_DECISION, State.ACCEPTED, State.WAITING_FOR_CUSTOMER, State.DONE})
# The same for a statement: after "state IN".
OPEN_IN_SQL: Final = "(" + ", ".join(f"'{state.value}'" for state in State if state in OPEN) + ")"


def check_move(now: State, to: State) -> None:
    """Raise WrongState unless a case may move from `now` to `to`."""
    if to not in NEXT[now]:
        raise WrongState(
            _("This case is “%(now)s”, so it cannot become “%(to)s”.") % {"now": now.label, "to": to.label}
        )


class CallState(models.TextChoices):
    """Of a call to the back office."""

    ASKED = "asked", _("Waiting for a team manager")
    CLEARED = "cleared", _("May be made")
    REFUSED = "refused", _("Refused by a team manager")
    TIMED_OUT = "timed_out", _("No manager answered in time")
    MADE = "made", _("Made")
    DROPPED = "dropped", _("No longer needed")


CALL_NEXT: Final[Mapping[CallState, frozenset[CallState]]] = {
    CallState.ASKED: frozenset({CallState.CLEARED, CallState.REFUSED, CallState.TIMED_OUT, CallState.DROPPED}),
    CallState.CLEARED: frozenset({CallState.MADE, CallState.DROPPED}),
    CallState.REFUSED: frozenset(),
    CallState.TIMED_OUT: frozenset(),
    CallState.MADE: frozenset(),
    CallState.DROPPED: frozenset(),
}


class Step(models.TextChoices):
    """Of the path that a difficult case climbs."""

    ADVISER = "adviser", _("Adviser")
    CHAMPION = "champion", _("Service champion")
    TEAM_MANAGER = "team_manager", _("Team manager")
    CLIENT_SERVICE = "client_service", _("Client service")
    SENIOR_MANAGER = "senior_manager", _("Senior manager")


STEP_NEXT: Final[Mapping[Step, frozenset[Step]]] = {
    Step.ADVISER: frozenset({Step.CHAMPION, Step.TEAM_MANAGER}),
    Step.CHAMPION: frozenset({Step.TEAM_MANAGER, Step.CLIENT_SERVICE}),
    Step.TEAM_MANAGER: frozenset({Step.CLIENT_SERVICE}),
    Step.CLIENT_SERVICE: frozenset({Step.SENIOR_MANAGER}),
    Step.SENIOR_MANAGER: frozenset(),
}
