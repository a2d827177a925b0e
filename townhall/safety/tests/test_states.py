"""Whatever is done to a marker in whatever order, two people stand behind each one in force, and none outlives its last day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.clocks.events import ClockRang
from townhall.clocks.models import Clock
from townhall.clocks.sweeps import ring_due
from townhall.core.errors import RuleBroken
from townhall.core.events import subscribe
from townhall.core.time import council_date
from townhall.safety import appealing, marking, queries, ringing
from townhall.safety.marking import Approval
from townhall.safety.models import Appeal, Marker
from townhall.safety.states import IN_FORCE
from townhall.safety.tests.makers import MONDAY, make_council, make_marker, make_sam

pytestmark = [pytest.mark.django_db, pytest.mark.proof]
ENDED = ("expired", "removed", "rejected")
STEPS = ("approve", "reject", "renew", "remove", "appeal", "uphold", "vary", "take_off", "tell", "wait", "ring")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_order_of_steps(db: None, data: st.DataObject) -> None:
    subscribe(ClockRang, ringing.clock_rang)
    with transaction.atomic():
        _walk(data)
        transaction.set_rollback(True)


def _walk(data: st.DataObject) -> None:
    council, sam, at = make_council(), make_sam(), MONDAY
    marker = make_marker(council, sam, live=data.draw(st.booleans()))
    ended: dict[str, Any] = {}
    for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=12)):
        by = data.draw(st.sampled_from([council.manager, council.senior, council.second, council.adviser]))
        try:
            if step == "wait":
                at += timedelta(days=data.draw(st.integers(1, 200)))
            elif step == "ring":
                ring_due(at)
            else:
                _do(step, marker, by, at)
        except RuleBroken:
            pass
        now = Marker.objects.get(pk=marker.pk)
        _holds(now, at, council.adviser)
        if now.state in ENDED:
            assert ended.setdefault("state", now.state) == now.state


def _do(step: str, marker: Marker, by: Any, at: Any) -> None:
    appeal = Appeal.objects.filter(marker=marker, decided_at=None).first()
    if step == "approve":
        marking.approve(marker.pk, Approval(decision="Seen by two"), by=by, at=at)
    elif step == "reject":
        marking.reject(marker.pk, decision="Not shown", by=by, at=at)
    elif step == "renew":
        marking.renew(marker.pk, reason="Again", by=by, at=at)
    elif step == "remove":
        marking.remove(marker.pk, reason="Passed", by=by, at=at)
    elif step == "tell":
        marking.tell_now(marker.pk, by=by, at=at)
    elif step == "appeal":
        appealing.take(marker.pk, said="Not so", by=by, at=at)
    elif appeal is not None:
        outcome = {"uphold": "upheld", "vary": "varied", "take_off": "removed"}[step]
        appealing.decide(appeal.pk, outcome=outcome, reasons="So", precautions=["phone_only"], by=by, at=at)


def _holds(marker: Marker, at: Any, reader: Any) -> None:
    shown = queries.markers_of(marker.customer_id, by=reader, at=at)
    if marker.state in IN_FORCE:
        assert marker.decided_by not in (None, marker.proposed_by)
        assert marker.told == "letter"
        assert marker.expires_on is not None
        assert marker.expires_on <= council_date(at) + timedelta(days=366) or marker.expires_on < date.max
    assert bool(shown) == (marker.state in IN_FORCE and (marker.expires_on or date.min) >= council_date(at))
    for appeal in (
        Appeal.objects.filter(marker=marker).exclude(outcome="").exclude(reasons__startswith="The marker ended")
    ):
        assert appeal.decided_by not in (marker.decided_by, marker.proposed_by)
    if marker.state in ENDED:
        assert not Clock.objects.filter(subject_id=marker.pk, state="running").exists()
        assert not Appeal.objects.filter(marker=marker, decided_at=None).exists()
