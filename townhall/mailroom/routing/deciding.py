"""Where a mail belongs, by what is in use now: the rules, then the version of the classifier that was activated last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from townhall.catalogue import queries as catalogue
from townhall.core.db import fetch_one
from townhall.core.errors import NotFound
from townhall.core.refreshing import Refreshing
from townhall.mailroom.models import Route, RoutingRule, RoutingVersion, Urgency
from townhall.mailroom.routing.linear import Classifier, from_bytes
from townhall.mailroom.routing.rules import Asked, Rule, Said, said_of

SURE_OF_REASON = 0.8  # below it the rules' word stands, or the usual one
USUAL_REASON = "request"
_STAMP = """SELECT (SELECT max(number) FILTER (WHERE is_active) FROM mailroom_routingversion),
    (SELECT md5(string_agg(r::text, ',' ORDER BY place, id)) FROM mailroom_routingrule r)"""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """`is_sure`: it goes there without a person. `confidence` 0 to 1; `words`: those that decided, the strongest first."""

    made_by: Route.By = Route.By.NOBODY
    service: str = ""
    reason: str = USUAL_REASON
    urgency: str = Urgency.NORMAL.value
    confidence: float = 0.0
    words: tuple[str, ...] = ()
    is_sure: bool = False
    rule_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class InUse:
    stamp: object = None
    rules: Sequence[Rule] = ()
    version: int | None = None
    service: Classifier | None = None
    others: dict[str, Classifier] = field(default_factory=dict)  # "reason", "urgency"


def propose(asked: Asked, *, using: InUse | None = None) -> Proposal:
    """Asks nothing of the database but what is in use, every few seconds. A service that is not offered any more is proposed to nobody."""
    now = using or _kept.get()
    said = said_of(asked, now.rules)
    reason, urgency = _beside(now, said, asked)
    if said.service and _is_offered(said.service):
        return Proposal(
            made_by=Route.By.RULE,
            service=said.service,
            reason=reason,
            urgency=urgency,
            confidence=1.0,
            words=said.words,
            is_sure=True,
            rule_id=said.rule_id,
        )
    if now.service is None:
        return Proposal(reason=reason, urgency=urgency)
    guess = now.service.guess(asked.text)
    if not _is_offered(guess.label):
        return Proposal(reason=reason, urgency=urgency, version=now.version)
    return Proposal(
        made_by=Route.By.CLASSIFIER,
        service=guess.label,
        reason=reason,
        urgency=urgency,
        confidence=guess.confidence,
        words=guess.words,
        is_sure=bool(guess.words) and guess.confidence >= now.service.threshold,
        version=now.version,
    )


def _beside(now: InUse, said: Said, asked: Asked) -> tuple[str, str]:
    """(reason, urgency): as the rules say, else as was learnt where that is sure, else the usual."""
    found = {"reason": said.reason, "urgency": said.urgency}
    for name, classifier in now.others.items():
        if not found[name]:
            guess = classifier.guess(asked.text)
            found[name] = guess.label if guess.confidence >= SURE_OF_REASON else ""
    return found["reason"] or USUAL_REASON, found["urgency"] or Urgency.NORMAL.value


def _is_offered(code: str) -> bool:
    try:
        return catalogue.entry(code).is_live
    except NotFound:
        return False


def _look() -> InUse:
    stamp = fetch_one(_STAMP)
    version = RoutingVersion.objects.filter(is_active=True).first()
    kept = {name: bytes(getattr(version, name)) for name in ("reason", "urgency")} if version else {}
    return InUse(
        stamp=stamp,
        rules=own_rules(),
        version=version.number if version else None,
        service=from_bytes(bytes(version.service)) if version else None,
        others={name: from_bytes(one) for name, one in kept.items() if one},
    )


def own_rules() -> list[Rule]:
    """The council's, in their order. One query."""
    return [
        Rule(
            id=row.pk,
            words=row.words,
            where=row.where,
            mailbox_id=row.mailbox_id,
            service=row.service_code,
            reason=row.reason_code,
            urgency=row.urgency,
        )
        for row in RoutingRule.objects.filter(is_active=True).order_by("place", "id")
    ]


_kept = Refreshing(_look, unchanged=lambda held: held.stamp == fetch_one(_STAMP))


def forget() -> None:
    """Look again at the next mail. Called when this process changed a rule or a version."""
    _kept.forget()
