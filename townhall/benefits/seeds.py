"""The rules that come with Townhall. Loading them again changes nothing: a council's own versions stay."""

from __future__ import annotations

from datetime import datetime

from townhall.benefits import publishing, ruling
from townhall.benefits.ruling import RiskRules
from townhall.core.actors import SYSTEM
from townhall.core.time import now


def our_rules() -> list[RiskRules]:
    return [ruling.read(path.read_text(encoding="utf-8")) for path in sorted(ruling.FOLDER.glob("*.yaml"))]


def seed_reference_data(*, at: datetime | None = None) -> None:
    for rules in our_rules():
        publishing.install(rules, by=SYSTEM, at=at or now())
