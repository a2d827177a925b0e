from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from townhall.catalogue.pack import ServicePack
from townhall.catalogue.reading import from_builtins, write_pack
from townhall.core.actors import Actor, ActorKind

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
PRIYA = Actor(kind=ActorKind.STAFF, id="priya")


def make_pack(code: str = "lost-swan", **fields: Any) -> ServicePack:
    """The least that a pack may be, and whatever the test is about."""
    least: dict[str, Any] = {
        "code": code,
        "name": code.replace("-", " ").capitalize(),
        "group": "Animals",
        "summary": "Tell us about it.",
        "done": "We look for it.",
        "refused": [{"code": "not-ours", "reason": "It is not ours", "explanation": "It belongs to somebody else."}],
        "next_step": "A warden will look.",
        "owner_team": "parks-and-trees",
        "teller": "parks-officer",
        "senior_manager": "head-of-street-scene",
        "portfolio_holder": "cabinet-member-environment",
        "published": {"days": 5},
        "outcomes": [{"code": "found", "name": "Found"}],
    }
    return from_builtins({**least, **fields})


def write_folder(folder: Path, *packs: ServicePack) -> Path:
    """A folder of packs as `load_packs` reads it."""
    for pack in packs:
        place = folder / pack.code
        place.mkdir(parents=True, exist_ok=True)
        (place / "service.yaml").write_text(write_pack(pack), encoding="utf-8")
    return folder
