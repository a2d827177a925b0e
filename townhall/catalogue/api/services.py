"""The services of the council, for anybody."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import Attribute, ServicePack
from townhall.core.api.endpoints import PUBLIC_SCOPE, Call, Group
from townhall.core.errors import NotFound

group = Group("Services")


class ChoiceOut(Struct, frozen=True, kw_only=True):
    key: str
    name: str


class QuestionOut(Struct, frozen=True, kw_only=True):
    """`shown_when`: JSON Logic over earlier answers; null when it is always asked."""

    code: str
    label: str
    datatype: str
    required: bool
    hint: str
    choices: list[ChoiceOut]
    shown_when: dict[str, Any] | None


class NamedOut(Struct, frozen=True, kw_only=True):
    code: str
    name: str


class ServiceOut(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    group: str
    summary: str
    keywords: list[str]
    lgsl_id: int | None
    lgil_id: int | None
    days: int  # published time
    calendar: str  # whose days they are


class ServiceDetailsOut(ServiceOut, frozen=True, kw_only=True):
    done: str  # Markdown
    next_step: str
    anonymous: bool
    needs_address: bool
    questions: list[QuestionOut]
    refusals: list[NamedOut]  # codes for declining
    outcomes: list[NamedOut]  # codes for completing


@group.endpoint("GET", "/services", summary="Every service", gives=list[ServiceOut], scope=PUBLIC_SCOPE)
def list_services(_call: Call) -> list[ServiceOut]:
    return [ServiceOut(**_summary(pack)) for pack in catalogue.services()]


@group.endpoint(
    "GET", "/services/{code}", summary="One service and its questions", gives=ServiceDetailsOut, scope=PUBLIC_SCOPE
)
def get_service(call: Call) -> ServiceDetailsOut:
    entry = catalogue.entry(call.path["code"])
    if not entry.is_live:
        raise NotFound
    pack = entry.pack
    return ServiceDetailsOut(
        **_summary(pack),
        done=pack.done,
        next_step=pack.next_step,
        anonymous=pack.anonymous,
        needs_address=pack.place.needs_address,
        questions=[_question(one) for one in pack.attributes],
        refusals=[NamedOut(code=one.code, name=one.reason) for one in pack.refused],
        outcomes=[NamedOut(code=one.code, name=one.name) for one in pack.outcomes],
    )


def _summary(pack: ServicePack) -> dict[str, Any]:
    return {
        "code": pack.code,
        "name": pack.name,
        "group": pack.group,
        "summary": pack.summary.strip(),
        "keywords": list(pack.keywords),
        "lgsl_id": pack.lgsl_id,
        "lgil_id": pack.lgil_id,
        "days": pack.published.days,
        "calendar": pack.published.calendar,
    }


def _question(attribute: Attribute) -> QuestionOut:
    return QuestionOut(
        code=attribute.code,
        label=attribute.label,
        datatype=attribute.datatype,
        required=attribute.required,
        hint=attribute.hint,
        choices=[ChoiceOut(key=value.key, name=value.name) for value in attribute.values],
        shown_when=attribute.shown_when,
    )
