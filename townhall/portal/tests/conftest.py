from __future__ import annotations

import pytest

from townhall.portal.tests.makers import make_borough


@pytest.fixture
def borough(db: None) -> None:
    make_borough()
