"""The registers that come with Townhall. Loading them again takes up what is new in them; rows stay."""

from __future__ import annotations

from datetime import datetime

from townhall.core.time import now
from townhall.registers import operations
from townhall.registers.definition import read_folder


def seed_reference_data(*, at: datetime | None = None) -> None:
    operations.load(read_folder(), at=at or now())
