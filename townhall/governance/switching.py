"""What may not be switched on without an assessment asks here: the keepers of the lower apps' gates (core.gates)."""

from __future__ import annotations

from datetime import datetime

from townhall.benefits.models import RuleSet
from townhall.connectors.models import Connector
from townhall.core.actors import Actor
from townhall.customers.sharing_models import SharingBasis
from townhall.governance import assessing
from townhall.governance.models import Assessment

Kind = Assessment.Kind


def sharing(old: str | None, new: str, *, reason: str, by: Actor, at: datetime) -> None:
    assessing.require(Kind.SHARING, new, by=by, at=at)


def rules(old: str | None, new: str, *, reason: str, by: Actor, at: datetime) -> None:
    assessing.require(Kind.RULES, new, by=by, at=at)


def put_down_what_is_on(at: datetime) -> int:
    """An entry for every connector, basis and set of rules in use that has none; how many are new."""
    connectors = set(Connector.objects.filter(is_enabled=True).values_list("code", flat=True))
    bases = {
        f"{service or 'every'}:{readers}"
        for service, readers in SharingBasis.objects.filter(ended_at=None).values_list("service_code", "readers")
    }
    published = RuleSet.objects.filter(published_at__isnull=False).values_list("form_code", "version")
    return (
        assessing.grandfather(Kind.CONNECTOR, connectors, at=at)
        + assessing.grandfather(Kind.SHARING, bases, at=at)
        + assessing.grandfather(Kind.RULES, {f"{form}:{version}" for form, version in published}, at=at)
    )
