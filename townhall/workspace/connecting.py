"""Setting up the other systems from the administrator's pages. Each change is in the ledger: connectors, its sibling, does not know it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.connectors import operations as connectors
from townhall.connectors import queries
from townhall.connectors.addresses import check_url
from townhall.connectors.models import Connector
from townhall.connectors.operations import WEBHOOK
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.core.time import start_of
from townhall.governance import assessing
from townhall.governance.models import Assessment
from townhall.ledger import operations as ledger
from townhall.ledger import queries as ledger_queries

CONNECTOR = Assessment.Kind.CONNECTOR


@transaction.atomic
def add(code: str, given: Mapping[str, Any], *, by: Actor, at: datetime) -> Connector:
    """Set up another system; it is paused until somebody goes on with it. Raises BadInput for a code that is taken."""
    if Connector.objects.filter(code=code).exists():
        raise BadInput({"code": _("There is a system with this code already")})
    made = _set(code, given, is_enabled=False, at=at)
    _record(made, "connector.set_up", by=by, at=at)
    return made


@transaction.atomic
def change(code: str, given: Mapping[str, Any], *, by: Actor, at: datetime) -> Connector:
    """Raises NotFound, BadInput for a webhook's address that may not be called."""
    kept = Connector.objects.select_for_update().filter(code=code).first()
    if kept is None:
        raise NotFound
    if kept.kind == WEBHOOK:
        try:
            check_url(given["base_url"])
        except BadInput as error:
            raise BadInput({"base_url": error.problems["url"]}) from error
    changed = _set(code, {**given, "kind": given.get("kind") or kept.kind}, is_enabled=kept.is_enabled, at=at)
    _record(changed, "connector.changed", by=by, at=at)
    return changed


@transaction.atomic
def switch(code: str, *, is_enabled: bool, by: Actor, at: datetime) -> None:
    """Pause, or go on: what waits is kept. Raises NotFound, NotAssessed before somebody has signed its assessment."""
    found = queries.connector(code)
    if is_enabled:
        assessing.require(CONNECTOR, code, by=by, at=at)
    elif found.is_enabled:
        assessing.grandfather(CONNECTOR, {code}, at=at)  # on already, since before assessments were asked for
    connectors.switch_connector(code, is_enabled=is_enabled, at=at)
    _record(found, "connector.resumed" if is_enabled else "connector.paused", by=by, at=at)


@transaction.atomic
def show_secret(code: str, *, by: Actor, at: datetime) -> str:
    """The secret that we made for it, and that it was looked at. One kept in the environment is not shown: empty. Raises NotFound."""
    found = queries.connector(code)
    if found.secret_name:
        return ""
    _record(found, "connector.secret_shown", by=by, at=at)
    return queries.secret_of(code)


@transaction.atomic
def renew_secret(code: str, *, by: Actor, at: datetime) -> str:
    """A new secret in place of the one that we made for it. Raises as `connectors.renew_secret`."""
    connectors.renew_secret(code)
    _record(queries.connector(code), "connector.secret_renewed", by=by, at=at)
    return queries.secret_of(code)


@transaction.atomic
def replay(code: str, *, since: date, by: Actor, at: datetime) -> None:
    """Send a webhook again what happened from the start of a day on, each entry under its own id. Raises NotFound for no webhook."""
    subscription = queries.subscription_of(code)
    if subscription is None:
        raise NotFound
    connectors.replay_webhook(subscription.pk, position=ledger_queries.position_before(start_of(since)))
    _record(queries.connector(code), "connector.replayed", by=by, at=at, since=since.isoformat())


def _set(code: str, given: Mapping[str, Any], *, is_enabled: bool, at: datetime) -> Connector:
    return connectors.set_connector(
        code,
        name=given["name"],
        kind=given["kind"],
        base_url=given["base_url"],
        secret_name=given.get("secret_name", ""),
        owner_team_id=UUID(given["owner_team"]) if given["owner_team"] else None,
        is_enabled=is_enabled,
        at=at,
    )


def _record(connector: Connector, verb: str, *, by: Actor, at: datetime, **data: object) -> None:
    about = Subject(kind="connector", id=connector.pk)
    ledger.record(verb, about=about, by=by, at=at, data={"code": connector.code, **data})
