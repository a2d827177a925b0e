"""Who sees and does what, as it is decided: each capability and field with its roles, its training, and whether a site narrows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from townhall.accounts import fields, permissions, sites
from townhall.accounts.models import Role
from townhall.core.actors import Actor
from townhall.workforce import gates, queries


@dataclass(frozen=True, kw_only=True)
class Decided:
    """One row. `mine`: what it comes to for the reader; `sites`: where, when their post narrows it."""

    what: str
    roles: Sequence[str]
    training: str  # the module's name, empty for none
    narrowed: StrOrPromise  # what is narrowed to a site, empty for nothing
    unplaced: bool  # what belongs to no site is seen from one too
    mine: bool
    where: str


@dataclass(frozen=True, kw_only=True)
class Table:
    fields: Sequence[Decided]
    acts: Sequence[Decided]


def decided(by: Actor, *, role: str = "") -> Table:
    """Everything; or what a role has. At most two queries."""
    asked = {name: gates.module_of(f"field.{name}", one.training) for name, one in fields.FIELDS.items()}
    names = queries.names([module for module in asked.values() if module])
    seen = [
        _row(name, one.title, one.roles, by, mine=fields.sees(by, name), training=names.get(asked[name], asked[name]))
        for name, one in fields.FIELDS.items()
        if not role or role in one.roles
    ]
    acts = [
        _row(name, one.words, one.roles, by, mine=permissions.may(by, name).allowed)
        for name, one in permissions.CAPABILITIES.items()
        if not role or role in one.roles
    ]
    return Table(fields=seen, acts=acts)


def _row(
    name: str, what: StrOrPromise, roles: frozenset[Role], by: Actor, *, mine: bool, training: str = ""
) -> Decided:
    narrowed, words = sites.NARROWED.get(name), str(what)
    return Decided(
        what=words[:1].upper() + words[1:],
        roles=sorted(str(role.label) for role in roles),
        training=training,
        narrowed=narrowed.what if narrowed else "",
        unplaced=bool(narrowed and narrowed.unplaced),
        mine=mine,
        where=sites.where(by, name) if mine and sites.sites_for(by, name) is not None else "",
    )
