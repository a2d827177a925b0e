from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from msgspec.structs import replace

from townhall.cases.models import Case
from townhall.cases.tests.makers import MONDAY, SAM, make_council
from townhall.core.actors import PUBLIC
from townhall.core.errors import KeyReused
from townhall.forms.models import Submission
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.places.place import Place, Source
from townhall.street.reporting import NewReport, Reported, report

SOFA = NewReport(
    service_code="fly-tipping",
    place=Place(source=Source.WORDS, words="Behind the bus shelter"),
    reporter=SAM,
    channel="web",
    key="one-click",
    answers={"size": "bag"},
)


def _send(_number: int) -> Reported:
    try:
        return report(SOFA, by=PUBLIC, at=MONDAY)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.capability("REPT-01")
def test_eight_clicks_at_once_make_one_report_and_one_acknowledgement() -> None:
    make_council()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(_send, range(8)))

    assert len({one.reference for one in made}) == 1
    assert [one.was_repeat for one in made].count(False) == 1
    assert Case.objects.count() == Submission.objects.count() == Message.objects.count() == 1
    assert Entry.objects.filter(verb="case.opened").count() == 1


@pytest.mark.django_db
def test_the_same_key_with_other_answers_is_refused_and_leaves_nothing() -> None:
    make_council()
    report(SOFA, by=PUBLIC, at=MONDAY)

    with pytest.raises(KeyReused):
        report(replace(SOFA, description="Another thing"), by=PUBLIC, at=MONDAY)

    assert Case.objects.count() == Submission.objects.count() == 1
