from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from townhall.payments.standin import PretendProvider
from townhall.payments.tests.makers import API_KEY, WEBHOOK_SECRET


@pytest.fixture
def provider(settings: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendProvider]:
    """The pretend provider over real HTTP, with Townhall's settings pointing to it."""
    made = PretendProvider(api_key=API_KEY, webhook_secret=WEBHOOK_SECRET)
    made.start()
    settings.PAY_BASE_URL, settings.PAY_API_KEY = made.url("pay"), API_KEY
    settings.PAY_TERMINAL_URL, settings.PAY_TERMINAL_KEY = made.url("terminal"), API_KEY
    settings.PAY_WEBHOOK_SECRET = WEBHOOK_SECRET
    monkeypatch.setattr("townhall.payments.govuk.FIRST_WAIT", 0.01)
    yield made
    made.stop()
