"""What the answering partner says: the council's own script for a service, with the list of what is urgent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from townhall.catalogue import queries as catalogue
from townhall.core.errors import NotFound
from townhall.knowledge import queries as knowledge
from townhall.knowledge.scripts import Step
from townhall.telephony.models import NightService
from townhall.telephony.night.paging import on_call


@dataclass(frozen=True, kw_only=True)
class Answered:
    service_code: str
    name: str
    urgent_when: str
    script: str
    steps: tuple[Step, ...]
    is_covered: bool


def services(*, at: datetime) -> list[Answered]:
    """Every service that is answered out of hours, by name. Those that are no longer offered are left out."""
    found = []
    for one in NightService.objects.filter(is_active=True):
        try:
            pack: Any = catalogue.service(one.service_code)
        except NotFound:
            continue
        written = knowledge.scripts_for(one.service_code)
        found.append(
            Answered(
                service_code=one.service_code,
                name=pack.name,
                urgent_when=one.urgent_when,
                script=one.script,
                steps=written[0].script.steps if written else (),
                is_covered=bool(on_call(one.service_code, at=at)),
            )
        )
    return sorted(found, key=lambda one: one.name)
