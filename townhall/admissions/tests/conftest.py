from __future__ import annotations

from collections.abc import Iterator

import pytest

from townhall.admissions.sftp import Drop
from townhall.admissions.standin import RegionalSystem

USER, PASSWORD = "townhall", "a password of the tests"


@pytest.fixture
def regional() -> Iterator[RegionalSystem]:
    """The other side as a real SFTP server, empty."""
    made = RegionalSystem(user=USER, password=PASSWORD)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def drop(regional: RegionalSystem) -> Drop:
    return Drop(
        host="127.0.0.1", port=regional.port, user=USER, password=PASSWORD, host_key=regional.host_key, seconds=5
    )
