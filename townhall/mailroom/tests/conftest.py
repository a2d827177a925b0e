from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from townhall.cases.tests.makers import PACKS, make_council
from townhall.catalogue.operations import OUR_PACKS
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.forms.operations.loading import load_forms
from townhall.mailroom import operations
from townhall.mailroom.models import Mailbox
from townhall.mailroom.tests.makers import AT, new_mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    """Watched by a council with the front desk's service, Ask us, and two others."""
    shutil.copytree(PACKS, tmp_path / "packs")
    shutil.copytree(OUR_PACKS / "ask-us", tmp_path / "packs" / "ask-us")
    seed_reference_data()
    make_council(tmp_path / "packs")
    load_forms(tmp_path / "packs", by=SYSTEM, at=AT)
    forget_all()
    return operations.open_mailbox(new_mailbox(), by=SYSTEM, at=AT)
