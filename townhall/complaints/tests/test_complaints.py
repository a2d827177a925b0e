"""A complaint from its arrival to the final answer: its owner, its dates, what is told, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.accounts.models import Post, PostHolder, Role, User
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_post
from townhall.cases.tests.makers import make_case, make_staff
from townhall.clocks.events import ClockRang
from townhall.clocks.models import Clock
from townhall.complaints import answering, owning, procedures, queries, receiving, ringing
from townhall.complaints.errors import MayNotOwn
from townhall.complaints.models import Complaint, Procedure, Stage
from townhall.complaints.procedures import NewProcedure, StageRule
from townhall.complaints.queries import Wanted
from townhall.complaints.receiving import New
from townhall.complaints.states import NEXT, OPEN, State
from townhall.complaints.tests.makers import MONDAY, make_complaint, make_desk, make_managers, train
from townhall.contacts.models import Contact
from townhall.core.actors import PUBLIC, SYSTEM, Actor, ActorKind
from townhall.core.errors import BadInput, KeyReused, NotAllowed, RuleBroken, WrongState
from townhall.core.ids import uuid7
from townhall.core.refreshing import forget_all
from townhall.core.subjects import Subject
from townhall.ledger.models import Entry
from townhall.notifications.models import Message

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _council(db: None) -> None:
    make_desk()
    forget_all()


def told(complaint: Complaint) -> list[str]:
    """Templates of what the complainant was sent, in order."""
    rows = Message.objects.filter(subject_id=complaint.pk, template__startswith="complaint/").order_by(
        "created_at", "id"
    )
    return [row.template.removeprefix("complaint/") for row in rows]


def last_words(complaint: Complaint) -> str:
    row = Message.objects.filter(subject_id=complaint.pk, template__startswith="complaint/").latest("created_at", "id")
    return f"{row.subject_line}\n{row.body_text}"


def test_a_complaint_goes_through_both_stages_on_the_ombudsmans_days_and_is_told_each_step() -> None:
    ada, _bob, sue = make_managers()
    made = make_complaint()

    # Monday 2 March 2026: five working days to acknowledge, with an owner at once.
    assert (made.state, made.due_on, str(made.owner_id)) == (State.RECEIVED, date(2026, 3, 9), ada.id)
    assert made.received_at == MONDAY
    assert "Ada" in last_words(made)
    assert "9 March 2026" in last_words(made)
    assert Contact.objects.get().reason_code == "dissatisfied"

    made = answering.acknowledge(made.pk, understood="The sofa was left", by=ada, at=TUESDAY)
    assert (made.state, made.due_on) == (State.STAGE_1, date(2026, 3, 17))  # ten days from the acknowledgement
    made = answering.extend(made.pk, due_on=date(2026, 3, 31), why="The crew is on leave", by=ada, at=TUESDAY)
    assert "The crew is on leave" in last_words(made)
    assert "lgo.org.uk" in last_words(made)
    made = answering.answer(made.pk, finding="partly_upheld", reply="We should have rung.", by=ada, at=TUESDAY)
    assert (made.state, made.due_on, made.is_open) == (State.ANSWERED_1, None, False)

    # Good Friday and Easter Monday are no working days.
    thursday = datetime.fromisoformat("2026-04-02T09:00:00+00:00")
    made = answering.go_on(made.pk, by=PUBLIC, at=thursday)
    assert (made.state, made.due_on, str(made.owner_id)) == (State.ASKED_2, date(2026, 4, 13), sue.id)
    with pytest.raises(MayNotOwn, match="Ada answered stage 1"):
        owning.give(made.pk, UUID(ada.id), by=sue, at=thursday)
    made = answering.acknowledge(made.pk, understood="The same", by=sue, at=thursday)
    assert made.due_on == date(2026, 5, 5)  # twenty days, the May bank holiday skipped
    made = answering.answer(made.pk, finding="upheld", reply="We are sorry.", by=sue, at=thursday)

    assert made.state == State.ANSWERED_2
    assert "lgo.org.uk" in last_words(made)
    assert told(made) == [
        "received", "acknowledged", "extended", "answered", "went_on", "acknowledged", "answered"
    ]  # fmt: skip
    assert [(one.number, one.finding) for one in Stage.objects.order_by("number")] == [
        (1, "partly_upheld"),
        (2, "upheld"),
    ]
    assert set(Clock.objects.filter(subject_id=made.pk).values_list("state", flat=True)) == {"met"}
    verbs = Entry.objects.filter(subject_id=made.pk).order_by("at", "id").values_list("verb", flat=True)
    assert next(one for one in verbs if one.startswith("complaint.")) == "complaint.received"
    with pytest.raises(WrongState):
        answering.go_on(made.pk, by=PUBLIC, at=thursday)


def test_only_the_trained_own_a_complaint_and_who_may_instead_is_said() -> None:
    ada, bob, sue = make_managers()
    made = make_complaint()

    with pytest.raises(MayNotOwn, match=r"Bob is not trained in complaints.*Ada, Sue"):
        owning.give(made.pk, UUID(bob.id), by=ada, at=TUESDAY)
    with pytest.raises(MayNotOwn):  # a manager of the team, but not trained: no part of it is theirs to do
        answering.acknowledge(made.pk, understood="Mine", by=bob, at=TUESDAY)
    officer = train(make_staff("olu", team="street-cleansing", role=Role.OFFICER))
    with pytest.raises(NotAllowed):
        owning.give(made.pk, UUID(officer.id), by=officer, at=TUESDAY)
    with pytest.raises(MayNotOwn, match="Olu does not hold a post"):
        owning.give(made.pk, UUID(officer.id), by=ada, at=TUESDAY)
    assert Complaint.objects.get().owner_id == UUID(ada.id)

    train(bob, until=date(2026, 3, 3))
    made = owning.give(made.pk, UUID(bob.id), by=ada, at=TUESDAY)
    assert str(made.owner_id) == bob.id
    with pytest.raises(MayNotOwn, match="out of date"):  # on Wednesday it has lapsed
        answering.acknowledge(made.pk, understood="Mine", by=bob, at=MONDAY + timedelta(days=2))
    answering.acknowledge(made.pk, understood="Taken back", by=sue, at=MONDAY + timedelta(days=2))


def test_it_is_never_nobodys_even_where_nobody_is_trained() -> None:
    bob = make_staff("bob", team="street-cleansing", role=Role.TEAM_MANAGER, post="street-second")
    train(make_staff("olu", team="highways", role=Role.OFFICER))  # a module there is, and nobody of the grade
    made = make_complaint()

    assert made.owner_id is None
    assert made.keeper_post_id in bob.posts
    mail = Message.objects.get(template="staff/complaint")
    assert mail.recipient_address == "bob@example.org"
    assert "Needs a trained owner" in mail.subject_line
    with pytest.raises(MayNotOwn, match="Nobody may at the moment"):
        owning.give(made.pk, UUID(bob.id), by=bob, at=TUESDAY)
    train(bob)
    assert str(owning.give(made.pk, UUID(bob.id), by=bob, at=TUESDAY).owner_id) == bob.id
    # Nobody in its own team, but somebody elsewhere: theirs, and the team's post answers for it.
    sue = train(make_staff("sue", team="management", role=Role.SENIOR_MANAGER))
    assert str(make_complaint(service_code="pothole").owner_id) in (bob.id, sue.id)


def test_what_is_put_right_on_the_spot_counts_as_no_stage_and_can_still_go_on() -> None:
    ada, *_others = make_managers()
    adviser = make_staff("priya", team="customer-services", role=Role.ADVISER)
    made = make_complaint(by=adviser, channel="phone", service_code="pothole")  # for another service than one's own
    made = answering.settle(made.pk, words="The crew comes today", by=adviser, at=TUESDAY)

    assert (made.state, made.stage, Stage.objects.count()) == (State.SETTLED, 0, 0)
    assert "The crew comes today" in last_words(made)
    made = answering.go_on(made.pk, by=PUBLIC, at=TUESDAY)
    assert (made.state, made.due_on) == (State.RECEIVED, date(2026, 3, 10))
    assert f"{made.owner.name if made.owner else ''}** has it now" in last_words(made)
    with pytest.raises(NotAllowed):
        answering.acknowledge(made.pk, understood="Mine", by=adviser, at=TUESDAY)
    del ada


def test_another_way_to_appeal_ends_it_as_redirected_with_how_to_use_it() -> None:
    ada, *_others = make_managers()
    made = make_complaint(words="My parking ticket is unfair")
    with pytest.raises(BadInput) as wrong:
        answering.redirect(made.pk, route="other_appeal_route", how="", by=ada, at=TUESDAY)
    assert "how" in wrong.value.problems
    made = answering.redirect(
        made.pk, route="other_appeal_route", how="Appeal to the tribunal within 28 days", by=ada, at=TUESDAY
    )

    assert (made.state, made.route) == (State.REDIRECTED, "other_appeal_route")
    assert "Appeal to the tribunal within 28 days" in last_words(made)
    assert "lgo.org.uk" in last_words(made)
    assert Clock.objects.get(subject_id=made.pk).state == "stopped"


def test_the_other_kinds_are_the_same_record_and_an_enquiry_has_its_own_date() -> None:
    ada, *_others = make_managers()
    kinds = {kind: make_complaint(kind=kind) for kind in ("comment", "compliment", "enquiry")}

    assert kinds["enquiry"].due_on == date(2026, 3, 16)
    assert (kinds["comment"].due_on, kinds["compliment"].due_on) == (None, None)
    for made in kinds.values():
        with pytest.raises(WrongState):
            answering.acknowledge(made.pk, understood="x", by=ada, at=TUESDAY)
        assert answering.answer_note(made.pk, words="Thank you", by=ada, at=TUESDAY).state == State.NOTED
    verbs = set(Entry.objects.filter(verb__contains="received").values_list("verb", flat=True))
    assert verbs == {f"complaint.{kind}_received" for kind in kinds}


def test_the_same_source_is_one_record_and_a_case_goes_on_beside_its_complaint() -> None:
    make_managers()
    case = make_case()
    source = Subject(kind="mail", id=uuid7())
    first = make_complaint(source=source, case_id=case.pk, service_code="")
    again = make_complaint(source=source, words="Pressed twice")

    assert again.pk == first.pk
    assert (first.case_id, first.service_code) == (case.pk, "fly-tipping")
    case.refresh_from_db()
    assert case.state == "awaiting_decision"
    assert make_complaint(case_id=case.pk).pk != first.pk  # one case may have several


def test_a_new_procedure_is_for_what_comes_after_it() -> None:
    ada, _bob, sue = make_managers()
    before = make_complaint()
    stages = [
        StageRule(acknowledge_days=3, reply_days=7, extend_days=5, owners=["team_manager"]),
        StageRule(acknowledge_days=3, reply_days=15, extend_days=5, owners=["senior_manager"]),
    ]
    new = NewProcedure(
        from_on=date(2026, 3, 3), stages=stages, enquiry_days=8, ombudsman="the Ombudsman", why="Quicker"
    )
    with pytest.raises(NotAllowed):
        procedures.publish(new, by=ada, at=MONDAY)
    procedures.publish(new, by=sue, at=MONDAY)
    after = make_complaint(at=TUESDAY)

    assert after.due_on == date(2026, 3, 6)
    assert answering.acknowledge(before.pk, understood="x", by=ada, at=TUESDAY).due_on == date(2026, 3, 17)
    assert answering.acknowledge(after.pk, understood="x", by=ada, at=TUESDAY).due_on == date(2026, 3, 12)
    with pytest.raises(BadInput) as wrong:
        procedures.publish(new, by=sue, at=TUESDAY)
    assert "from_on" in wrong.value.problems


def test_what_is_late_is_told_to_its_owner_and_the_manager() -> None:
    ada, _bob, _sue = make_managers()
    made = make_complaint()
    ringing.clock_rang(
        ClockRang(
            clock_id=uuid7(), kind="complaint.acknowledge", subject=made.subject, case_id=None, rung="due",
            at=MONDAY + timedelta(days=8), due_on=date(2026, 3, 9),
        )
    )  # fmt: skip
    late = Message.objects.filter(template="staff/complaint", subject_line__startswith="Late")
    assert "ada@example.org" in set(late.values_list("recipient_address", flat=True))
    del ada


def test_what_cannot_be_is_refused() -> None:
    make_managers()

    def refused(**fields: Any) -> set[str]:
        with pytest.raises(BadInput) as wrong:
            make_complaint(**fields)
        return set(wrong.value.problems)

    assert refused(words="  ") == {"words"}
    assert refused(kind="rant", service_code="nothing", channel="pigeon") == {"kind", "service", "channel"}
    assert refused(email="nope") == {"email"}
    assert refused(email="") == {"email"}
    assert refused(received_at=TUESDAY) == {"received"}
    assert refused(words="My card is 4111 1111 1111 1111") == {"words"}
    assert not Complaint.objects.exists()


Step = str


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["acknowledge", "settle", "answer", "go_on", "redirect", "withdraw", "extend", "note"]),
        max_size=9,
    )
)
def test_whatever_is_tried_it_moves_by_its_table_and_an_open_one_has_a_date_and_a_post(steps: list[Step]) -> None:
    ada, sue = (actor_for(one, at=MONDAY) for one in _trained())
    made = make_complaint()
    for number, step in enumerate(steps):
        at = MONDAY + timedelta(hours=number + 1)
        before = State(Complaint.objects.get(pk=made.pk).state)
        by = sue if before in (State.ASKED_2, State.STAGE_2) else ada
        try:
            _do(step, made.pk, by=by, at=at)
        except RuleBroken:
            assert Complaint.objects.get(pk=made.pk).state == before
            continue
        row = Complaint.objects.get(pk=made.pk)
        assert row.state == before or State(row.state) in NEXT[before]
        running = Clock.objects.filter(subject_id=made.pk, state="running").count()
        assert (running == 1, row.due_on is not None) == (row.state in OPEN, row.state in OPEN)
        assert row.keeper_post.is_active


def _trained() -> tuple[UUID, UUID]:
    found = dict(User.objects.filter(email__in=("ada@example.org", "sue@example.org")).values_list("name", "pk"))
    if len(found) < 2:
        make_managers()
        return _trained()
    return found["Ada"], found["Sue"]


def _do(step: Step, complaint_id: UUID, *, by: Actor, at: datetime) -> None:
    if step == "acknowledge":
        answering.acknowledge(complaint_id, understood="x", by=by, at=at)
    elif step == "settle":
        answering.settle(complaint_id, words="x", by=by, at=at)
    elif step == "answer":
        answering.answer(complaint_id, finding="upheld", reply="x", by=by, at=at)
    elif step == "go_on":
        answering.go_on(complaint_id, by=PUBLIC, at=at)
    elif step == "redirect":
        answering.redirect(complaint_id, route="another_body", how="x", by=by, at=at)
    elif step == "withdraw":
        answering.withdraw(complaint_id, why="", by=PUBLIC, at=at)
    elif step == "extend":
        answering.extend(complaint_id, due_on=date(2026, 6, 1), why="x", by=by, at=at)
    else:
        answering.answer_note(complaint_id, words="x", by=by, at=at)


def test_a_system_may_bring_one_in_without_an_address() -> None:
    make_managers()
    made = receiving.receive(
        New(kind="complaint", words="Said to the crew", channel="contractor", service_code="fly-tipping"),
        by=SYSTEM,
        at=MONDAY,
    )
    assert told(made) == ["received"]


def test_it_is_told_each_time_that_it_changes_hands() -> None:
    ada, bob, _sue = make_managers()
    train(bob)
    made = make_complaint()
    for hour, (to, by) in enumerate(((bob, ada), (ada, bob), (bob, ada))):
        owning.give(made.pk, UUID(to.id), by=by, at=TUESDAY + timedelta(hours=hour))
    told_to = Message.objects.filter(template="staff/complaint").values_list("recipient_address", flat=True)
    assert sorted(told_to) == ["ada@example.org", "ada@example.org", "bob@example.org", "bob@example.org"]


def test_one_whose_owner_has_left_waits_for_whoever_answers_for_it() -> None:
    ada, bob, sue = make_managers()
    made = make_complaint()
    assert queries.of_owner(bob, on=TUESDAY.date(), limit=9) == []
    PostHolder.objects.filter(user_id=ada.id).update(until_on=MONDAY.date())

    assert queries.of_owner(bob, on=TUESDAY.date(), limit=9) == [made]  # a manager of its team
    assert queries.of_owner(sue, on=TUESDAY.date(), limit=9) == []
    listed = queries.listed(sue, Wanted(whose="unowned"), on=TUESDAY.date()).rows
    assert [one.pk for one in listed] == [made.pk]
    late = ClockRang(
        clock_id=uuid7(), kind="complaint.acknowledge", subject=made.subject, case_id=None, rung="due_soon",
        at=TUESDAY, due_on=date(2026, 3, 9),
    )  # fmt: skip
    ringing.clock_rang(late)
    assert "Needs a trained owner" in Message.objects.latest("created_at", "id").subject_line
    train(bob)
    assert str(owning.give(made.pk, UUID(bob.id), by=bob, at=TUESDAY).owner_id) == bob.id


def test_what_belongs_to_no_service_is_taken_also_when_the_complaints_officers_post_is_no_longer_in_use() -> None:
    make_managers()
    post = make_post(role=Role.OFFICER)
    Procedure.objects.update(officer_post=post)
    Post.objects.filter(pk=post.pk).update(is_active=False)
    forget_all()
    assert make_complaint(service_code="").keeper_post.is_active


def test_a_form_sent_before_and_after_signing_in_is_refused_with_a_reason_and_kept_once() -> None:
    make_managers()
    key = uuid7()
    make_complaint(id=key)
    with pytest.raises(KeyReused):
        make_complaint(id=key, by=Actor(kind=ActorKind.CUSTOMER, id=str(uuid7())))
    assert Complaint.objects.count() == 1


def test_its_owner_says_which_service_it_is_about_and_it_stays_with_them() -> None:
    ada, _bob, sue = make_managers()
    made = make_complaint(service_code="")
    owning.give(made.pk, UUID(ada.id), by=sue, at=MONDAY)

    answering.name_service(made.pk, service="pothole", by=ada, at=TUESDAY)
    answering.name_service(made.pk, service="pothole", by=ada, at=TUESDAY)  # pressed twice

    made.refresh_from_db()
    assert (made.service_code, str(made.owner_id)) == ("pothole", ada.id)
    (entry,) = Entry.objects.filter(subject_id=made.pk, verb="complaint.service_changed")
    assert (entry.data["was"], entry.data["service"], entry.actor_id) == ("", "pothole", ada.id)
    with pytest.raises(BadInput):
        answering.name_service(made.pk, service="no-such", by=ada, at=TUESDAY)
    with pytest.raises(NotAllowed):
        answering.name_service(made.pk, service="", by=make_staff("olu", team="waste", role=Role.OFFICER), at=TUESDAY)
    answering.withdraw(made.pk, why="Sorted", by=ada, at=TUESDAY)
    with pytest.raises(WrongState):
        answering.name_service(made.pk, service="", by=ada, at=TUESDAY)
