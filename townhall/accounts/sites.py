"""What is narrowed to the site where somebody works: one table of pages, acts and fields, read beside roles and training.

A post may have a site. What its role gives by this table holds at that site only; a post without one gives it everywhere. Several posts
give the union of what each gives by itself: a role held at one site does not reach another because a different role does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts.fields import FIELDS
from townhall.accounts.permissions import CAPABILITIES
from townhall.core.actors import Actor, ActorKind
from townhall.core.errors import NotAllowed

Row = TypeVar("Row", bound=Model)
Sites = frozenset[str] | None  # None: every site, and what belongs to none


@dataclass(frozen=True)
class Narrowed:
    """`unplaced`: whether what belongs to no site, such as a telephone call, is seen from one site too."""

    what: StrOrPromise
    unplaced: bool


# By the code of a capability (accounts.permissions) or a field (accounts.fields), whose roles are there.
NARROWED: Final[Mapping[str, Narrowed]] = {
    "payments.see": Narrowed(gettext_lazy("Payments taken at a site’s counter"), unplaced=False),
    "payments.take": Narrowed(gettext_lazy("Taking money at a site’s counter"), unplaced=False),
    "payments.refund": Narrowed(gettext_lazy("Giving back what was taken at a site’s counter"), unplaced=False),
    "income.see": Narrowed(gettext_lazy("Income of a site"), unplaced=False),
    "safety.manage": Narrowed(gettext_lazy("Incidents at a site"), unplaced=False),
    "leaflets.confirm": Narrowed(gettext_lazy("The leaflet racks of a site"), unplaced=False),
    "contact.notes": Narrowed(gettext_lazy("Notes of a conversation at a site’s counter"), unplaced=True),
}

_known: list[Callable[[], Mapping[str, str]]] = []


def known_from(names: Callable[[], Mapping[str, str]]) -> None:
    """The council's sites are kept above this app: `config/owners.py` gives their names by code. Without that there are none."""
    _known[:] = [names]


def names() -> dict[str, str]:
    """Name by code, of every site."""
    return {code: name for each in _known for code, name in each().items()}


def sites_for(actor: Actor, code: str) -> Sites:
    """At which sites `actor` has this by their posts; None for everywhere. Nothing is said of whether they have it at all.

    Raises KeyError for what is neither a capability nor a field.
    """
    roles = CAPABILITIES[code].roles if code in CAPABILITIES else FIELDS[code].roles
    if code not in NARROWED or actor.kind in (ActorKind.SYSTEM, ActorKind.CONNECTOR):
        return None
    held = actor.roles & roles
    bound = {role for role, _site in actor.at_sites}
    if held - bound:
        return None
    return frozenset(site for role, site in actor.at_sites if role in held)


def reaches(actor: Actor, code: str, site_code: str) -> bool:
    """Whether what `actor` has by this holds at a site; an empty code: for what belongs to none."""
    found = sites_for(actor, code)
    return found is None or site_code in found or (not site_code and bool(found) and NARROWED[code].unplaced)


def require(actor: Actor, code: str, site_code: str) -> None:
    """Raises NotAllowed, with where they work, unless it holds at this site."""
    if not reaches(actor, code, site_code):
        raise NotAllowed(_("You work at %(sites)s, and this is of another place.") % {"sites": where(actor, code)})


def where(actor: Actor, code: str) -> str:
    """The sites by name, or "every site"."""
    found = sites_for(actor, code)
    known = names()
    return _("every site") if found is None else ", ".join(sorted(known.get(one, one) for one in found))


def only(rows: QuerySet[Row], actor: Actor, code: str, *, column: str) -> QuerySet[Row]:
    """Of these rows those that `actor` reaches. column: where the row's site code is; null or empty for none."""
    found = sites_for(actor, code)
    if found is None:
        return rows
    reached = Q(**{f"{column}__in": sorted(found)})
    if found and NARROWED[code].unplaced:
        reached |= Q(**{column: ""}) | Q(**{f"{column}__isnull": True})
    return rows.filter(reached)
