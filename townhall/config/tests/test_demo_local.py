"""The demo's applications, events and councillors come through the readers of an import, and once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from townhall.config.demo import loading, local, names
from townhall.neighbourhood.around import around
from townhall.neighbourhood.models import Councillor, Event, Proposal, ProposalComment
from townhall.places.models import Address

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_aldermere_has_its_local_data_once() -> None:
    loading._load_places()

    for _twice in range(2):
        local.load_local(at=NOW)

    assert Councillor.objects.count() == 3 * len(names.WARDS)
    assert Proposal.objects.count() == 200
    assert Event.objects.count() == 32
    assert sorted(ProposalComment.objects.values_list("state", flat=True)) == ["published", "published", "waiting"]
    assert not Proposal.objects.filter(ward_code="").exists()
    here = [around(uprn, at=NOW) for uprn in Address.objects.order_by("pk").values_list("pk", flat=True)[:2000:200]]
    assert all(one is not None and one.councillors and one.proposals and one.events for one in here)
