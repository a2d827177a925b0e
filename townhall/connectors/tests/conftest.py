from __future__ import annotations

from collections.abc import Iterator

import pytest

from townhall.connectors import operations, registry
from townhall.connectors.standins import Standin
from townhall.connectors.tests.makers import NOON, SECRET


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    registry.forget()
    yield
    registry.forget()


@pytest.fixture
def waste(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Standin]:
    """A waste system over real HTTP, and the connector to it."""
    monkeypatch.setenv("WASTE_SECRET", SECRET.decode())
    standin = Standin("waste", secret=SECRET, tell_url="http://127.0.0.1:9/nobody")
    standin.start()
    operations.set_connector(
        "waste", name="Waste", kind="waste", base_url=standin.url, secret_name="WASTE_SECRET", at=NOON
    )
    yield standin
    standin.stop()
