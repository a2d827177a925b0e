"""An appeal against a marker: taken down, heard by somebody else who stands higher, answered by letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.safety import letters, marking, states
from townhall.safety.errors import NotSenior
from townhall.safety.models import Appeal, Marker, Nominee
from townhall.safety.recording import record, user_of, words
from townhall.safety.states import MarkerState


@transaction.atomic
def take(marker_id: UUID, *, said: str, by: Actor, at: datetime) -> Appeal:
    """The person appeals; whoever hears of it may take it down. The marker stays in force until it is decided.

    Raises NotAllowed, NotFound, BadInput, WrongState.
    """
    permissions.require(by, "markers.flag")
    marker = marking.in_force(marker_id, at)
    states.check_marker(marker.state, MarkerState.UNDER_APPEAL)
    appeal = Appeal(
        marker=marker, words=words(said, "said", _("Write what they say")), received_at=at, taken_by=user_of(by)
    )
    appeal.due_on = clocks.start(letters.APPEAL, about=appeal.subject, at=at)
    appeal.save()
    marker.state = MarkerState.UNDER_APPEAL
    marker.save(update_fields=["state"])
    _record("marker.appealed", appeal, by=by, at=at, due_on=appeal.due_on.isoformat())
    return appeal


@transaction.atomic
def decide(
    appeal_id: UUID, *, outcome: str, reasons: str, precautions: Sequence[str] = (), by: Actor, at: datetime
) -> Appeal:
    """Upheld (the marker stays), varied (`precautions` hold from now on) or removed. The letter goes with it.

    Raises NotFound, NotAllowed (NotNominated, SamePerson, NotSenior), BadInput, WrongState.
    """
    found = Appeal.objects.filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    marker = marking.locked(found.marker_id)
    appeal = Appeal.objects.select_for_update().get(pk=appeal_id)
    if appeal.decided_at is not None or marker.state != MarkerState.UNDER_APPEAL:
        raise WrongState
    user_id, rank = marking.decider(marker, by, Nominee.Duty.APPEAL)
    if user_id == marker.decided_by or rank <= marker.decided_rank:
        raise NotSenior
    if outcome not in Appeal.Outcome.values:
        raise BadInput({"outcome": _("Select what becomes of the marker")})
    appeal.marker, appeal.outcome, appeal.decided_by, appeal.decided_at = marker, outcome, user_id, at
    appeal.reasons = words(reasons, "reasons", _("Write why"))
    _apply(appeal, precautions, by=by, at=at)
    if marker.told == Marker.Told.LETTER:
        appeal.letter_id = letters.of_appeal(appeal, by=by, at=at)
    appeal.save()
    clocks.finish(letters.APPEAL, about=appeal.subject, at=at)
    _record("marker.appeal_decided", appeal, by=by, at=at, outcome=outcome)
    return appeal


def _apply(appeal: Appeal, precautions: Sequence[str], *, by: Actor, at: datetime) -> None:
    marker = appeal.marker
    if appeal.outcome == Appeal.Outcome.REMOVED:
        marking.end(marker, MarkerState.REMOVED, reason=_("Removed on appeal"), by=by, at=at, decided=appeal)
        return
    if appeal.outcome == Appeal.Outcome.VARIED:
        if not precautions or not set(precautions) <= set(Marker.Precaution.values):
            raise BadInput({"precautions": _("Select what staff have to do from now on")})
        marker.precautions = list(precautions)
    marker.state = MarkerState.LIVE
    marker.save(update_fields=["state", "precautions"])


def _record(verb: str, appeal: Appeal, *, by: Actor, at: datetime, **data: object) -> None:
    record(
        verb,
        about=appeal.marker.subject,
        by=by,
        at=at,
        customer_id=appeal.marker.customer_id,
        appeal=str(appeal.pk),
        **data,
    )
