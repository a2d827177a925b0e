"""The fair process of standards.md 9: two people, facts only, a letter or a reason, an appeal above, an end within a year."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from townhall.accounts.models import Post, Role
from townhall.clocks import reference
from townhall.clocks.events import ClockRang
from townhall.clocks.models import Clock, ClockKind
from townhall.clocks.sweeps import ring_due
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.core.events import subscribe
from townhall.customers import operations as customers
from townhall.documents.models import Document
from townhall.ledger.models import Entry, Look
from townhall.notifications.models import Message
from townhall.safety import appealing, letters, marking, queries, ringing
from townhall.safety.errors import NotNominated, NotSenior, SamePerson
from townhall.safety.marking import Approval
from townhall.safety.models import Marker, Nominee
from townhall.safety.states import MarkerState
from townhall.safety.tests.makers import FACTS, MONDAY, Council, holder, in_team, make_council, make_marker, make_sam

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WHY = Approval(decision="A threat of harm, seen by two")


def flags(council: Council, marker: Marker, at: object = MONDAY) -> list[queries.Flag]:
    return queries.markers_of(marker.customer_id, by=council.adviser, at=at)  # type: ignore[arg-type]


def ring(at: object) -> None:
    subscribe(ClockRang, ringing.clock_rang)
    ring_due(at)  # type: ignore[arg-type]


def test_a_marker_needs_a_second_person_who_was_nominated_and_was_not_the_victim() -> None:
    council = make_council()
    marker = make_marker(council, make_sam(), live=False)
    assert flags(council, marker) == []

    with pytest.raises(NotAllowed):
        marking.approve(marker.pk, WHY, by=council.adviser, at=MONDAY)
    with pytest.raises(NotNominated):
        marking.approve(marker.pk, WHY, by=in_team("corporate", Role.SENIOR_MANAGER), at=MONDAY)
    Nominee.objects.create(duty="approve", post=Post.objects.get(pk=next(iter(council.manager.posts))))
    with pytest.raises(SamePerson):
        marking.approve(marker.pk, WHY, by=council.manager, at=MONDAY)
    assert marker.incident is not None
    marker.incident.victims = [UUID(council.senior.id)]
    marker.incident.save()
    with pytest.raises(SamePerson):
        marking.approve(marker.pk, WHY, by=council.senior, at=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Marker.objects.filter(pk=marker.pk).update(decided_by=marker.proposed_by)

    marking.approve(marker.pk, WHY, by=holder(Post.objects.get(code="head-of-safety")), at=MONDAY)
    (flag,) = flags(council, marker)
    assert flag.precaution_words == ["Two officers", "Secure room"]
    assert not hasattr(flag, "facts")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("facts", "He is mentally ill and shouted"),
        ("facts", "Shouted at staff. He is known to carry a knife"),
        ("evidence", "A neighbour says that he is an alcoholic"),
        ("facts", "  "),
    ],
)
def test_labels_and_hearsay_are_refused(field: str, words: str) -> None:
    council = make_council()
    changed: dict[str, Any] = {field: words}
    with pytest.raises(BadInput) as refused:
        make_marker(council, make_sam(), live=False, **changed)
    assert set(refused.value.problems) == {field}


def test_the_person_gets_a_fair_letter_or_a_reason_is_kept_and_looked_at_again() -> None:
    council, sam = make_council(), make_sam()
    told = make_marker(council, sam)
    assert told.letter_id
    letter = Document.objects.get(pk=told.letter_id)
    posted = Message.objects.get(template="safety/marker_letter")
    for words in (FACTS, "Two officers", "2 March 2027", "20 working days", "right to see what we hold"):
        assert words in letter.html, words
        assert words in posted.body_text, words
    assert (posted.channel, posted.recipient_address) == ("letter", "1 Mill Lane, Aldermere, ZZ1 1AA")

    other = make_marker(council, sam, live=False)
    marking.approve(
        other.pk,
        Approval(decision="As before", not_told_reason="He has the officer's address"),
        by=council.senior,
        at=MONDAY,
    )
    other.refresh_from_db()
    assert (other.told, other.letter_id, other.not_told_review_on) == ("not_told", None, date(2026, 5, 31))
    ring(MONDAY + 91 * DAY)
    assert Message.objects.filter(
        template="staff/marker_due", recipient_name__icontains="post", subject_line__contains="be told"
    ).exists()
    marking.tell_now(other.pk, by=council.senior, at=MONDAY + 92 * DAY)
    assert Document.objects.filter(key=f"marker-{other.pk}").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Marker.objects.filter(pk=other.pk).update(told="")


@pytest.mark.capability("SAFE-02")
def test_it_is_reminded_of_a_month_before_and_lapses_unless_renewed() -> None:
    council, sam = make_council(), make_sam()
    marker, renewed = make_marker(council, sam), make_marker(council, sam)
    assert (marker.expires_on, marker.review_on) == (date(2027, 3, 2), date(2027, 1, 31))
    ring(MONDAY.replace(year=2027, month=2, day=1))
    assert (
        Message.objects.filter(
            template="staff/marker_due", subject_id=marker.pk, subject_line__contains="lapses soon"
        ).count()
        == 2
    )

    marking.renew(
        renewed.pk, reason="Again on 3 January", months=6, by=council.senior, at=MONDAY.replace(year=2027, month=2)
    )
    after = MONDAY.replace(year=2027, month=3, day=3)
    assert [flag.id for flag in flags(council, marker, after)] == [renewed.pk]  # before any worker ran
    with pytest.raises(WrongState):
        marking.renew(marker.pk, reason="Too late", by=council.senior, at=after)
    ring(after)
    marker.refresh_from_db()
    renewed.refresh_from_db()
    assert (marker.state, renewed.state, renewed.expires_on) == (
        MarkerState.EXPIRED,
        MarkerState.LIVE,
        date(2027, 8, 2),
    )
    with pytest.raises(BadInput):
        marking.renew(renewed.pk, reason="For good", months=13, by=council.senior, at=after)


def test_an_appeal_is_heard_by_somebody_who_stands_above() -> None:
    council, sam = make_council(), make_sam()
    marker = make_marker(council, sam)
    appeal = appealing.take(marker.pk, said="I only lifted the chair to sit down.", by=council.adviser, at=MONDAY)
    assert appeal.due_on == date(2026, 3, 30)  # 20 working days
    assert [flag.state for flag in flags(council, marker)] == [MarkerState.UNDER_APPEAL]
    with pytest.raises(WrongState):
        appealing.take(marker.pk, said="Again", by=council.adviser, at=MONDAY)

    with pytest.raises(NotNominated):
        appealing.decide(appeal.pk, outcome="upheld", reasons="No", by=council.senior, at=MONDAY)
    approver = Post.objects.get(code="head-of-safety")
    Nominee.objects.create(duty="appeal", post=approver, rank=1)
    with pytest.raises(NotSenior):
        appealing.decide(appeal.pk, outcome="upheld", reasons="No", by=holder(approver), at=MONDAY)
    with pytest.raises(BadInput):
        appealing.decide(appeal.pk, outcome="varied", reasons="One will do", by=council.second, at=MONDAY)

    appealing.decide(
        appeal.pk,
        outcome="varied",
        reasons="One measure will do.",
        precautions=["secure_room"],
        by=council.second,
        at=MONDAY,
    )
    assert [flag.precautions for flag in flags(council, marker)] == [["secure_room"]]
    assert "One measure will do." in Document.objects.get(key=f"marker-appeal-{appeal.pk}").html
    again = appealing.take(marker.pk, said="Still wrong", by=council.adviser, at=MONDAY + DAY)
    appealing.decide(again.pk, outcome="removed", reasons="The film shows it.", by=council.second, at=MONDAY + DAY)
    assert flags(council, marker) == []
    other = make_marker(council, sam)
    left = appealing.take(other.pk, said="Wrong as well", by=council.adviser, at=MONDAY)
    marking.remove(other.pk, reason="The threat has passed", by=council.manager, at=MONDAY)
    left.refresh_from_db()
    assert (left.outcome, bool(left.letter_id)) == ("removed", True)
    assert not Clock.objects.filter(state="running", subject_kind__in=("marker", "marker_appeal")).exists()


def test_a_contact_restriction_goes_the_same_way_and_names_the_one_contact() -> None:
    council, sam = make_council(), make_sam()
    fields: dict[str, Any] = {
        "kind": "restriction",
        "category": "unreasonable",
        "incident_id": None,
        "precautions": ["single_contact"],
    }
    with pytest.raises(BadInput) as refused:
        make_marker(council, sam, live=False, **fields)
    assert set(refused.value.problems) == {"single_contact"}
    ClockKind.objects.filter(code=letters.APPEAL).update(amount=15)
    reference.forget()
    marker = make_marker(council, sam, single_contact="Customer relations, 01632 960111", **fields)
    (flag,) = flags(council, marker)
    assert flag.precaution_words == ["One named contact only: Customer relations, 01632 960111"]
    letter = Document.objects.get(key=f"marker-{marker.pk}").html
    assert "Ombudsman" in letter
    assert "decides within 15 working days" in letter


def test_who_sees_what_and_every_look_is_kept_and_the_ledger_has_no_words() -> None:
    council, sam = make_council(), make_sam()
    marker = make_marker(council, sam)
    assert flags(council, marker)
    assert Look.objects.filter(customer_id=sam.pk, page="marker.flag", actor_id=council.adviser.id).count() == 1
    auditor = in_team("corporate", Role.AUDITOR)
    assert queries.markers_of(sam.pk, by=auditor, at=MONDAY) == []
    with pytest.raises(NotAllowed):
        queries.detail(marker.pk, by=council.adviser, at=MONDAY)
    assert queries.detail(marker.pk, by=council.manager, at=MONDAY).facts == FACTS
    assert Look.objects.filter(customer_id=sam.pk, page="marker.detail").count() == 1
    assert [line.id for line in queries.register(by=council.manager, at=MONDAY).rows] == [marker.pk]
    written = str(list(Entry.objects.values_list("data", flat=True)))
    assert "chair" not in written
    assert "camera" not in written
    assert Entry.objects.filter(verb="marker.approved", customer_id=sam.pk).count() == 1


def test_a_marker_about_a_place_is_looked_at_again_when_they_move() -> None:
    council, sam = make_council(), make_sam()
    customers.add_address(sam.pk, uprn="", line="2 Mill Lane", postcode="ZZ11AA", by=council.adviser, at=MONDAY)
    kept = make_marker(council, sam, category="animal", precautions=["animal_shut_in"], place_uprn="100000000001")
    assert [flag.has_moved for flag in flags(council, kept)] == [True]


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_approve_at_once_one_does() -> None:
    council = make_council()
    marker = make_marker(council, make_sam(), live=False)
    outcomes: list[str] = []

    def approve() -> None:
        try:
            marking.approve(marker.pk, WHY, by=council.senior, at=MONDAY)
            outcomes.append("approved")
        except WrongState:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", *["refused"] * 7]
    assert Entry.objects.filter(verb="marker.approved").count() == 1
    assert Message.objects.filter(template="safety/marker_letter").count() == 1
