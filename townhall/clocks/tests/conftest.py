from __future__ import annotations

from collections.abc import Iterator

import pytest

from townhall.clocks import reference


@pytest.fixture(autouse=True)
def _fresh_reference() -> Iterator[None]:
    """What one test remembers of calendars and kinds is not the next one's."""
    reference.forget()
    yield
    reference.forget()
