"""Clicks at once on a real database: one report is made, and everybody is shown that one."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from townhall.cases.models import Case
from townhall.cases.tests.makers import MONDAY, SAM, make_council
from townhall.core.actors import PUBLIC
from townhall.forms import operations as forms
from townhall.forms import queries as drafts
from townhall.forms.models import Submission
from townhall.notifications.models import Message
from townhall.places.place import Place, Source
from townhall.street.reporting import NewReport, Reported, report

pytestmark = pytest.mark.django_db(transaction=True)
EIGHT = 8


def test_eight_clicks_at_once_make_one_report() -> None:
    make_council()
    token = forms.start_draft("service/fly-tipping", by=PUBLIC, at=MONDAY, channel="web")
    draft = drafts.draft(token, at=MONDAY)
    new = NewReport(
        key=str(draft.id),
        draft_id=draft.id,
        service_code="fly-tipping",
        place=Place(source=Source.WORDS, words="Behind the bus stop"),
        reporter=SAM,
        channel="web",
    )
    gate = threading.Barrier(EIGHT)
    results: list[Reported | Exception] = []

    def click() -> None:
        try:
            gate.wait()
            results.append(report(new, by=PUBLIC, at=MONDAY))
        except Exception as error:  # noqa: BLE001 - told to the test below
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(EIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    shown = [one for one in results if isinstance(one, Reported)]
    assert len(shown) == EIGHT, results
    [case] = Case.objects.all()
    assert {one.reference for one in shown} == {case.reference}
    assert sorted(one.was_repeat for one in shown) == [False] + [True] * (EIGHT - 1)
    assert (Submission.objects.count(), Message.objects.filter(case_id=case.pk).count()) == (1, 1)
    assert drafts.draft(token, at=MONDAY).result_id == case.pk
