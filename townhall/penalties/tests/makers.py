"""Made-up notices and appeals."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from msgspec.structs import replace
from PIL import Image

import townhall.catalogue
from townhall.accounts.models import Team
from townhall.catalogue.operations import keep_packs
from townhall.catalogue.reading import read_pack
from townhall.clocks.seeds import seed_reference_data as seed_clocks
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core.actors import PUBLIC, SYSTEM, Actor, ActorKind
from townhall.core.ids import uuid7
from townhall.core.money import Pence
from townhall.core.time import council_date
from townhall.payments.seeds import seed_reference_data as seed_payments
from townhall.penalties import operations
from townhall.penalties.models import Appeal, PenaltyNotice
from townhall.penalties.operations import NewAppeal, NewNotice
from townhall.penalties.seeds import seed_reference_data

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
PACK = Path(townhall.catalogue.__file__).parent / "packs" / "parking-permit" / "service.yaml"
PARKING = UUID(int=7)
OFFICER = Actor(
    kind=ActorKind.STAFF,
    id="5c0f1d3e-0000-4000-8000-0000000000aa",
    roles=frozenset({"officer"}),
    teams=frozenset({PARKING}),
)
_numbers = itertools.count(10_000_001)


def make_notice(*, at: datetime = NOON, **fields: Any) -> PenaltyNotice:
    seed_clocks(at=at)
    seed_contacts()
    seed_payments()
    seed_reference_data()
    keep_packs([replace(read_pack(PACK.read_text()), related=())], by=SYSTEM, at=at)
    Team.objects.get_or_create(code="parking", defaults={"id": PARKING, "name": "Parking"})
    today = council_date(at)
    usual: dict[str, Any] = {
        "number": f"AL{next(_numbers)}",
        "mark": "ZZ12 ABC",
        "contravention_code": "01",
        "contravention": "Parked in a restricted street",
        "place": "Mill Lane",
        "seen_at": at - timedelta(hours=3),
        "amount_pence": Pence(7_000),
        "discount_pence": Pence(3_500),
        "discount_until": today + timedelta(days=14),
        "due_on": today + timedelta(days=28),
    }
    return operations.issue(NewNotice(**{**usual, **fields}), by=SYSTEM, at=at)


def make_appeal(notice: PenaltyNotice | None = None, *, at: datetime = NOON, **fields: Any) -> Appeal:
    usual: dict[str, Any] = {
        "ground": "did_not_occur",
        "words": "I was loading, and the sign was covered.",
        "name": "Olu Driver",
        "email": "olu@example.org",
    }
    new = NewAppeal(id=uuid7(), **{**usual, **fields})
    return operations.appeal((notice or make_notice(at=at)).pk, new, by=PUBLIC, at=at)


def picture(name: str = "car.png") -> SimpleUploadedFile:
    kept = BytesIO()
    Image.new("RGB", (64, 48), (120, 130, 140)).save(kept, "PNG")
    return SimpleUploadedFile(name, kept.getvalue(), content_type="image/png")


def on(day: int, month: int = 3) -> date:
    return date(2026, month, day)
