from __future__ import annotations

from collections.abc import Iterator

import pytest

from townhall.connectors import operations, registry
from townhall.connectors.standins import Standin, Standins
from townhall.connectors.tests.makers import NOON, SECRET


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    registry.forget()
    yield
    registry.forget()


@pytest.fixture
def waste_server() -> Iterator[Standins]:
    """A waste system over real HTTP."""
    server = Standins([Standin("waste", secret=SECRET, tell_url="http://127.0.0.1:9/nobody")])
    server.start()
    yield server
    server.stop()


@pytest.fixture
def waste(waste_server: Standins, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Standin:
    """The waste system, and the connector to it."""
    monkeypatch.setenv("WASTE_SECRET", SECRET.decode())
    operations.set_connector(
        "waste", name="Waste", kind="waste", base_url=waste_server.url("waste"), secret_name="WASTE_SECRET", at=NOON
    )
    return waste_server.systems["waste"]
