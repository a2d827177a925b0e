"""What the automated phone line and the answering partner ask. Scopes: `payments.phone` for the line, `answering` for the partner."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from townhall.core.api.endpoints import Call, Group
from townhall.core.errors import NotFound
from townhall.core.references import parse_reference
from townhall.inclusion import restricting
from townhall.knowledge.scripts import Step
from townhall.telephony import spoken
from townhall.telephony.night import scripts

group = Group("Telephony")
LINE, ANSWERING = "payments.phone", "answering"


class StatusQuery(Struct, frozen=True, kw_only=True):
    """`reference` as typed on a keypad or said: spaces, dashes and small letters do not matter."""

    reference: str


class StatusOut(Struct, frozen=True, kw_only=True):
    """`words` are to be read out. No name, place or free text: whoever calls knows the reference only."""

    reference: str
    state: str
    is_open: bool
    expected_on: date | None
    words: str


class RouteQuery(Struct, frozen=True, kw_only=True):
    """`way`: phone (an adviser) or phone_automated."""

    service: str
    way: str = "phone"


class RouteOut(Struct, frozen=True, kw_only=True):
    """`reason`, `open` and `how` are to be read out where the way is closed, else empty."""

    is_open: bool
    reason: str = ""
    open: list[str] = []
    how: str = ""


class ChoiceOut(Struct, frozen=True, kw_only=True):
    code: str
    label: str
    then: str  # the step that follows; the next one when empty


class StepOut(Struct, frozen=True, kw_only=True):
    """`end`: form, resolved or refer at an end of the script, else empty."""

    code: str
    ask: str
    tell: str
    kind: str
    choices: list[ChoiceOut]
    then: str
    end: str


class NightServiceOut(Struct, frozen=True, kw_only=True):
    """`steps`: the script as data, where the council has written one; `script` is always there, in words to read out."""

    service: str
    name: str
    urgent_when: str
    script: str
    steps: list[StepOut]
    is_covered: bool  # somebody is on call now


@group.endpoint(
    "GET", "/phone/status", summary="How a case stands, to be read out", gives=StatusOut, asks=StatusQuery, scope=LINE
)
def status(call: Call) -> StatusOut:
    """For automated self-service by phone. The call itself is told by its events, as an automated one."""
    query: StatusQuery = call.query
    reference = parse_reference(query.reference)
    found = spoken.status(reference) if reference else None
    if found is None:
        raise NotFound
    return StatusOut(
        reference=found.reference,
        state=found.state,
        is_open=found.is_open,
        expected_on=found.expected_on,
        words=found.words,
    )


@group.endpoint(
    "GET",
    "/phone/route",
    summary="Whether a service is dealt with by phone, and what is open when it is not",
    gives=RouteOut,
    asks=RouteQuery,
    scope=LINE,
)
def route(call: Call) -> RouteOut:
    """Asked before a call is put through. An adviser may still grant a customer an exception."""
    query: RouteQuery = call.query
    found = restricting.closed(query.service, query.way)
    if found is None:
        return RouteOut(is_open=True)
    return RouteOut(is_open=False, reason=found.reason, open=list(found.open), how=found.how)


@group.endpoint(
    "GET",
    "/answering/services",
    summary="What is answered out of hours, with its script",
    gives=list[NightServiceOut],
    scope=ANSWERING,
)
def services(call: Call) -> list[NightServiceOut]:
    """Calls are then sent as signed messages `night.calls` to the partner's connector. Nobody's own number is told."""
    return [
        NightServiceOut(
            service=one.service_code,
            name=one.name,
            urgent_when=one.urgent_when,
            script=one.script,
            steps=[_step(step) for step in one.steps],
            is_covered=one.is_covered,
        )
        for one in scripts.services(at=call.at)
    ]


def _step(step: Step) -> StepOut:
    return StepOut(
        code=step.code,
        ask=step.ask,
        tell=step.tell,
        kind=step.kind,
        choices=[ChoiceOut(code=one.code, label=one.label, then=one.then) for one in step.choices],
        then=step.then,
        end=step.end or "",
    )
