"""Which team owns a service, for work that only that team does (accounts.permissions); and which customer an account is of."""

from __future__ import annotations

from uuid import UUID

from townhall.accounts import directory, permissions, sites
from townhall.accounts.residents import sessions
from townhall.catalogue import queries as catalogue
from townhall.core.errors import NotFound
from townhall.customers.accounts import links
from townhall.places.hours import site_names


def connect() -> None:
    permissions.owners_from(owner_of)
    sites.known_from(site_names)
    sessions.customers_from(links.own_customer)


def owner_of(service: str) -> UUID | None:
    """The team that the service's pack names; None, so nobody's, without such a pack or team."""
    try:
        return directory.team(catalogue.entry(service).pack.owner_team).id
    except (NotFound, directory.UnknownCode):
        return None
