"""What the crews report from their rounds: kept once, and announced to those it touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.connectors.events import AnnouncementReceived
from townhall.core.actors import Actor, ActorKind
from townhall.core.db import insert_unless_there
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import end_of
from townhall.ledger import operations as ledger
from townhall.neighbourhood.models import CrewEvent, Incident, Round, RoundChange
from townhall.neighbourhood.operations import post_incident
from townhall.neighbourhood.queries import plan_of
from townhall.ui.words import weekday_date

ANNOUNCEMENT = "crew.event"  # the kind of message that brings one from another system


@dataclass(frozen=True, kw_only=True)
class CrewReport:
    """`uprn`: of one address; `usrn`: of one street; neither: of the whole round. `event_id`: the sender's own id."""

    event_id: str
    round_code: str
    on: date
    kind: str
    uprn: str = ""
    usrn: str = ""
    detail: str = ""
    return_on: date | None = None


class _Message(msgspec.Struct):
    """A crew's report as another system sends it, under `crew`."""

    round: str
    on: date
    kind: str
    uprn: str = ""
    usrn: str = ""
    detail: str = ""
    return_on: date | None = None


@transaction.atomic
def crew_reported(report: CrewReport, *, by: Actor, at: datetime) -> bool:
    """Keep what a crew reported; False when it came before. What keeps bins from being emptied becomes an incident until the
    crew comes again, so that those it touches are told before they ask.

    Raises BadInput for a round or a kind that does not exist.
    """
    visited = Round.objects.filter(pk=report.round_code).first()
    if visited is None:
        raise BadInput({"round": _("We do not know that round.")})
    if report.kind not in CrewEvent.Kind.values:
        raise BadInput({"kind": _("We do not know that kind of event.")})
    if not report.event_id:
        raise BadInput({"event_id": _("An event needs an id of its own.")})
    event_id = uuid7()
    is_new = insert_unless_there(
        "neighbourhood_crewevent",
        {
            "id": event_id,
            "round_id": visited.pk,
            "on": report.on,
            "at": at,
            "kind": report.kind,
            "uprn": report.uprn,
            "usrn": report.usrn,
            "detail": report.detail,
            "return_on": report.return_on,
            "event_id": report.event_id,
        },
    )
    if not is_new:
        return False
    ledger.record(
        "crew.reported",
        about=Subject(kind="crew_event", id=event_id),
        by=by,
        at=at,
        data={"round": visited.pk, "on": report.on.isoformat(), "kind": report.kind},
    )
    if report.kind != CrewEvent.Kind.COMPLETED:
        _announce(report, visited, by=by, at=at)
    return True


def announced(event: AnnouncementReceived) -> None:
    """A signed message of another system: a crew's report, or something that is not for us."""
    if event.kind != ANNOUNCEMENT:
        return
    message = msgspec.convert(event.data.get("crew"), type=_Message)
    crew_reported(
        CrewReport(
            event_id=f"{event.source}:{event.event_id}",
            round_code=message.round,
            on=message.on,
            kind=message.kind,
            uprn=message.uprn,
            usrn=message.usrn,
            detail=message.detail,
            return_on=message.return_on,
        ),
        by=Actor(kind=ActorKind.CONNECTOR, id=event.source, scopes=frozenset({"incidents.declare"})),
        at=event.at,
    )


@transaction.atomic
def move_collections(
    from_on: date, to_on: date | None, *, reason: str, by: Actor, at: datetime, round_codes: list[str] | None = None
) -> int:
    """Move the collections of a day to another (a bank holiday, snow), or cancel them (`to_on` None); how many rounds that was.

    round_codes: only these; every round that comes on that day otherwise. Raises BadInput without a reason, or when none comes then.
    """
    if not reason.strip():
        raise BadInput({"reason": _("Enter why")})
    rounds = Round.objects.filter(weekday=from_on.weekday())
    if round_codes is not None:
        rounds = rounds.filter(pk__in=round_codes)
    touched = [one for one in rounds.order_by("pk") if from_on in plan_of(one, {}).usual_days(from_on, from_on)]
    if not touched:
        raise BadInput({"from_on": _("No round collects on that day")})
    for one in touched:
        RoundChange.objects.update_or_create(
            round=one,
            from_on=from_on,
            defaults={"to_on": to_on, "reason": reason.strip()},
            create_defaults={"id": uuid7(), "to_on": to_on, "reason": reason.strip()},
        )
    ledger.record(
        "rounds.moved",
        about=Subject(kind="collections", id=UUID(int=from_on.toordinal())),
        by=by,
        at=at,
        data={"from_on": from_on.isoformat(), "to_on": to_on.isoformat() if to_on else None, "rounds": len(touched)},
    )
    return len(touched)


def _announce(report: CrewReport, visited: Round, *, by: Actor, at: datetime) -> None:
    """Unless the report came so late that it is over."""
    coming = plan_of(visited, {}).next(report.on)
    next_on = coming.on if coming else None
    ends_at = end_of(report.return_on or next_on or report.on)
    if ends_at <= at:
        return
    why = str(CrewEvent.Kind(report.kind).label)
    scope, code = _scope(report)
    post_incident(
        service_code=visited.service_code,
        scope=scope,
        scope_code=code,
        title=_("%(stream)s not collected on %(date)s")
        % {"stream": visited.stream.capitalize(), "date": weekday_date(report.on)},
        message=_("The crew could not empty it: %(why)s. %(then)s")
        % {"why": why[:1].lower() + why[1:], "then": _then(report, next_on)},
        reason=report.detail,
        by=by,
        at=at,
        ends_at=ends_at,
        round_code=visited.pk,
    )


def _scope(report: CrewReport) -> tuple[str, str]:
    if report.uprn:
        return Incident.Scope.ADDRESS, report.uprn
    if report.usrn:
        return Incident.Scope.STREET, report.usrn
    return Incident.Scope.ROUND, report.round_code


def _then(report: CrewReport, next_on: date | None) -> str:
    if report.return_on is not None:
        return _("They will come back on %(date)s.") % {"date": weekday_date(report.return_on)}
    if next_on is not None:
        return _("The next collection is on %(date)s.") % {"date": weekday_date(next_on)}
    return ""
