"""Made-up complaints, and people who may own them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_council, make_staff
from townhall.complaints import receiving
from townhall.complaints.models import Complaint
from townhall.complaints.receiving import New
from townhall.complaints.seeds import seed_reference_data
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core.actors import PUBLIC, Actor
from townhall.workforce.models import Module, Pass

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def make_desk() -> None:
    make_council()
    seed_contacts()
    seed_reference_data()


def train(by: Actor, *, until: date | None = None, on: date = date(2026, 1, 5)) -> Actor:
    """Trained in complaints; the council's module for it is made with the first."""
    module, _made = Module.objects.get_or_create(
        code="complaints", defaults={"name": "Complaints", "months": 24, "for_complaints": True}
    )
    Pass.objects.create(
        user_id=by.id, module=module, passed_on=on, expires_on=until, recorded_by=by.id, recorded_at=MONDAY
    )
    return by


def make_managers() -> tuple[Actor, Actor, Actor]:
    """Of street cleansing: a manager who is trained, one who is not; and a trained senior manager."""
    ada = train(make_staff("ada", team="street-cleansing", role=Role.TEAM_MANAGER))
    bob = make_staff("bob", team="street-cleansing", role=Role.TEAM_MANAGER, post="street-second")
    sue = train(make_staff("sue", team="management", role=Role.SENIOR_MANAGER))
    return ada, bob, sue


def make_complaint(*, by: Actor = PUBLIC, at: datetime = MONDAY, **fields: Any) -> Complaint:
    usual: dict[str, Any] = {
        "kind": "complaint",
        "words": "Nobody came for the sofa, and nobody told me.",
        "wanted": "Come, and say sorry.",
        "channel": "web",
        "service_code": "fly-tipping",
        "name": "Sam Okafor",
        "email": "sam@example.org",
    }
    return receiving.receive(New(**{**usual, **fields}), by=by, at=at)
