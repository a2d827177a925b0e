"""Who does the work: the pack's rules over what was answered and where it is."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from townhall.catalogue.pack import Contract, Priority, Published, Rule, ServicePack, When

NEIGHBOUR = "neighbouring-council"
LANDOWNER = "landowner"


class Where(Struct, frozen=True, kw_only=True):
    """What `places` knows of the spot. `land` is the code of an area with a keeper of its own, empty for the council's."""

    ward: str = ""
    land: str = ""
    inside: bool = True  # within the council's boundary


class Route(Struct, frozen=True, kw_only=True):
    """Where a report goes. With `refer_to` it is another body's: pass it on, record the referral, and tell the customer."""

    team: str
    contract: Contract | None
    refer_to: str  # a body's code, NEIGHBOUR or LANDOWNER; empty when it is the council's
    priority: Priority
    published: Published


def route(pack: ServicePack, *, answers: Mapping[str, object], where: Where) -> Route:
    """The first rule that holds decides each thing it names; the owner team, normal priority and published time are the rest.

    A rule for the land itself comes before the general answer for land that is not the council's.
    """
    rules = [rule for rule in pack.routing if _holds(rule.when, answers=answers, where=where)]
    doer = next((rule for rule in rules if rule.team or rule.refer_to), None)
    days = next((rule.days for rule in rules if rule.days is not None), None)
    published = pack.published if days is None else Published(days=days, calendar=pack.published.calendar)
    return Route(
        team=(doer.team if doer else None) or pack.owner_team,
        contract=doer.contract if doer else None,
        refer_to=_refer_to(pack, doer, where),
        priority=next((rule.priority for rule in rules if rule.priority), "normal"),
        published=published,
    )


def _refer_to(pack: ServicePack, doer: Rule | None, where: Where) -> str:
    if not where.inside and pack.place.outside == "refer":
        return NEIGHBOUR
    if doer and doer.refer_to:
        return doer.refer_to
    if where.land and pack.place.others_land == "refer" and not (doer and doer.when.land):
        return LANDOWNER
    return ""


def _holds(when: When, *, answers: Mapping[str, object], where: Where) -> bool:
    if when.wards and where.ward not in when.wards:
        return False
    if when.land and where.land not in when.land:
        return False
    for code, keys in when.answers.items():  # noqa: SIM110 - on the way of every report
        if not _answered(answers.get(code), keys):
            return False
    return True


def _answered(answer: object, keys: tuple[str, ...]) -> bool:
    if isinstance(answer, list | tuple):
        return any(one in keys for one in answer)
    return answer in keys
