"""Cases walked at random: whatever anybody does to them in whatever order, nobody is forgotten (CASE-02, CASE-04, CASE-06, REPT-03)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from townhall.accounts.models import Role, Team
from townhall.cases import operations
from townhall.cases.models import OPEN_STATES, BulkAction, Case, ContractorJob, Follower, Handoff, Task
from townhall.cases.operations import CleanUp, Part
from townhall.cases.states import NEXT, State
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.clocks.models import Clock
from townhall.clocks.sweeps import ring_due
from townhall.core.actors import PUBLIC, Actor
from townhall.core.errors import RuleBroken
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.proof

WHICH = st.integers(0, 2)
HOURS = st.sampled_from([0, 1, 20, 24 * 6, 24 * 16])
PEOPLE = st.sampled_from(["ada", "bo", "cy", "reporter0", "reporter1"])
STAFF: list[Actor] = []
STATE_VERBS = {f"case.{state.value}": state for state in State} | {"case.reopened": State.ACCEPTED}


class Walk(RuleBasedStateMachine):
    """Three cases, five people, everything that may be done. A rule that says no changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.at: datetime = MONDAY
        self.officer, self.manager, self.highways, self.contractor = STAFF
        self.ids = [
            make_case(reporter=Recipient(name="R", email=f"reporter{number}@example.org"), at=self.at).pk
            for number in range(3)
        ]
        self.stopped: set[tuple[UUID, str]] = set()  # original case and address of whoever stopped following

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def do(self, act: Callable[..., Any], *arguments: Any, **more: Any) -> bool:
        self.at += timedelta(seconds=1)
        before = self.photograph()
        try:
            act(*arguments, **more, at=self.at)
        except RuleBroken:
            assert self.photograph() == before
            return False
        return True

    def photograph(self) -> list[tuple[Any, ...]]:
        return list(Case.objects.order_by("pk").values_list())

    def staff(self, who: int) -> Actor:
        return (self.officer, self.manager, self.highways)[who]

    @rule(hours=HOURS)
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        ring_due(self.at)

    @rule(
        n=WHICH, who=WHICH, move=st.sampled_from(["accept", "decide_again", "take", "put_back", "unmerge", "withdraw"])
    )
    def simple(self, n: int, who: int, move: str) -> None:
        by = self.staff(who)
        more = {"post_id": next(iter(by.posts))} if move == "take" else {}
        self.do(getattr(operations, move), self.ids[n], by=by, **more)

    @rule(n=WHICH, who=WHICH)
    def decline(self, n: int, who: int) -> None:
        self.do(operations.decline, self.ids[n], reason_code="private-land", by=self.staff(who))

    @rule(n=WHICH, days=st.integers(-1, 9))
    def schedule(self, n: int, days: int) -> None:
        self.do(operations.schedule, self.ids[n], on=(self.at + timedelta(days=days)).date(), by=self.officer)

    @rule(n=WHICH)
    def ask(self, n: int) -> None:
        self.do(operations.ask_customer, self.ids[n], question="Where?", by=self.officer)

    @rule(n=WHICH)
    def reply(self, n: int) -> None:
        self.do(operations.customer_replied, self.ids[n], text="There", by=PUBLIC)

    @rule(n=WHICH, who=WHICH)
    def complete(self, n: int, who: int) -> None:
        self.do(operations.complete, self.ids[n], outcome_code="cleared", outcome_text="Gone", by=self.staff(who))

    @rule(n=WHICH, reason=st.sampled_from(["", "No address"]))
    def close(self, n: int, reason: str) -> None:
        if reason:
            self.do(operations.close_without_message, self.ids[n], reason=reason, by=self.officer)
        else:
            self.do(operations.tell, self.ids[n], by=self.officer)

    @rule(n=WHICH)
    def not_fixed(self, n: int) -> None:
        self.do(operations.not_fixed, self.ids[n], text="", by=PUBLIC, is_reporter=True)

    @rule(n=WHICH)
    def refer(self, n: int) -> None:
        self.do(operations.refer, self.ids[n], body="The railway", by=self.officer)

    @rule(n=WHICH, days=st.integers(1, 90))
    def extend(self, n: int, days: int) -> None:
        until = (self.at + timedelta(days=days)).date()
        self.do(operations.extend_decision, self.ids[n], until_on=until, reason="Crane", by=self.manager)

    @rule(n=WHICH)
    def offer(self, n: int) -> None:
        to = make_team("highways").pk
        self.do(operations.offer, self.ids[n], to_team_id=to, note="", by=self.officer)

    @rule(answer=st.sampled_from(["accept_offer", "return_offer", "withdraw_offer"]))
    def answer(self, answer: str) -> None:
        handoff = Handoff.objects.order_by("-id").first()
        if handoff is not None:
            more = {"reason": "Not ours"} if answer == "return_offer" else {}
            by = self.officer if answer == "withdraw_offer" else self.highways
            self.do(getattr(operations, answer), handoff.pk, by=by, **more)

    @rule(n=WHICH)
    def contract(self, n: int) -> None:
        team = make_team("cleaners").pk
        more = {"contract_ref": "C1", "obligations": "Do it", "days": 3}
        self.do(operations.send_to_contractor, self.ids[n], team_id=team, by=self.officer, **more)

    @rule(move=st.sampled_from(["accept_job", "post_progress", "finish_job", "refuse_job"]))
    def contractor_moves(self, move: str) -> None:
        job = ContractorJob.objects.order_by("-id").first()
        words = {"post_progress": "text", "finish_job": "result", "refuse_job": "reason"}
        if job is not None:
            more = {words[move]: "Words"} if move in words else {}
            self.do(getattr(operations, move), job.pk, by=self.contractor, **more)

    @rule(n=WHICH)
    def cancel_job(self, n: int) -> None:
        self.do(operations.cancel_job, self.ids[n], by=self.officer)

    @rule(n=WHICH)
    def split(self, n: int) -> None:
        self.do(operations.split, self.ids[n], [Part(service_code="pothole", title="Fill")], by=self.officer)

    @rule(needed=st.booleans())
    def end_task(self, needed: bool) -> None:
        task = Task.objects.order_by("-id").first()
        if task is not None and needed:
            self.do(operations.end_task, task.pk, result="", by=self.highways)
        elif task is not None:
            self.do(operations.cancel_task, task.pk, reason="No need", by=self.officer)

    @rule(n=WHICH, who=PEOPLE)
    def follow(self, n: int, who: str) -> None:
        self.do(operations.follow, self.ids[n], Recipient(email=f"{who}@example.org"), by=PUBLIC)

    @rule(who=PEOPLE)
    def stop_following(self, who: str) -> None:
        follower = Follower.objects.filter(email=f"{who}@example.org", ended_at=None).order_by("-id").first()
        if follower is not None and self.do(operations.stop_following, follower.pk, by=PUBLIC):
            self.stopped.add((follower.original_case_id, follower.email))
            # An address that had come from several cases is one follower: stopping ends it for all of them.
            for other in Follower.objects.filter(email=follower.email).exclude(ended_at=None):
                self.stopped.add((other.original_case_id, other.email))

    @rule(n=WHICH, into=WHICH)
    def merge(self, n: int, into: int) -> None:
        self.do(operations.merge, self.ids[n], into_id=self.ids[into], by=self.officer)

    @rule(kind=st.sampled_from(["close", "chase"]))
    def clean_up(self, kind: str) -> None:
        wanted = CleanUp(kind=kind, outcome_code="cleared", words="Sorry")
        self.do(operations.clean_up, self.ids, wanted, by=self.manager)

    @rule()
    def undo(self) -> None:
        action = BulkAction.objects.order_by("-id").first()
        if action is not None:
            self.do(operations.undo, action.pk, by=self.manager)

    @invariant()
    def three_names(self) -> None:
        for case in Case.objects.select_related("doer_team", "teller_post"):
            assert case.service_code
            assert case.doer_team.name
            assert case.teller_post.title

    @invariant()
    def nothing_closed_without_an_outcome_and_a_message(self) -> None:
        for case in Case.objects.filter(state=State.CLOSED):
            assert case.outcome_code
            followed = Follower.objects.filter(case=case, ended_at=None, since__lte=case.closed_at).exists()
            if not case.no_message_reason and followed:
                told = Message.objects.filter(
                    case_id=case.pk, template="case/done", created_at=case.closed_at or MONDAY
                )
                assert told.exclude(state="withdrawn").exists()

    @invariant()
    def declined_is_neither_open_nor_work_done(self) -> None:
        for case in Case.objects.filter(state=State.DECLINED):
            assert case.state not in OPEN_STATES
            assert case.decline_reason
            assert (case.outcome_code, case.work_ended_at) == ("", None)
            assert Message.objects.filter(case_id=case.pk, template="case/declined").exists() or not case.followers

    @invariant()
    def everybody_who_follows_still_does(self) -> None:
        for row in Follower.objects.all():
            if (row.original_case_id, row.email) in self.stopped:
                continue
            case = Case.objects.get(pk=row.original_case_id)
            while case.merged_into_id:
                case = Case.objects.get(pk=case.merged_into_id)
            assert Follower.objects.filter(case=case, email=row.email, ended_at=None).exists(), row.email
        for case in Case.objects.all():
            assert case.followers == case.follower_rows.filter(ended_at=None).count()
            assert case.state != State.MERGED or case.followers == 0

    @invariant()
    def clocks_run_for_open_cases_and_for_no_others(self) -> None:
        for case in Case.objects.all():
            running = list(
                Clock.objects.filter(case_id=case.pk, state__in=["running", "paused"]).values_list("kind", flat=True)
            )
            if case.state in OPEN_STATES:
                assert running.count("case.decision") == 1
                assert running.count("case.promise") == (case.state != State.DONE)
                assert running.count("case.telling") == (case.state == State.DONE)
            else:
                assert set(running) <= {"case.reopen_window"}
            assert running.count("case.contractor_job") == len(
                case.contractor_jobs.filter(state__in=["sent", "accepted", "in_progress"])
            )

    @invariant()
    def every_move_is_allowed_and_in_the_ledger(self) -> None:
        if Entry.objects.filter(verb="case.clean_up_undone").exists():
            return  # undoing puts back what was, and says so instead
        for case_id in self.ids:
            entries = Entry.objects.filter(case_id=case_id, verb__in=STATE_VERBS).order_by("at", "position", "id")
            state = State.AWAITING_DECISION
            for entry in entries:
                to = STATE_VERBS[entry.verb]
                assert to in NEXT[state], (state, to)
                assert (entry.data or {}).get("was") == state.value
                state = to
            assert Case.objects.get(pk=case_id).state == state


@pytest.mark.django_db
@pytest.mark.capability("CASE-02", "CASE-04", "CASE-06", "REPT-03")
def test_whatever_is_done_in_whatever_order() -> None:
    make_council()
    make_team("cleaners", kind=Team.Kind.CONTRACTOR)
    STAFF[:] = [
        make_staff("olu", team="street-cleansing", role=Role.OFFICER),
        make_staff("mel", team="street-cleansing", role=Role.TEAM_MANAGER),
        make_staff("hal", team="highways", role=Role.OFFICER),
        make_staff("con", team="cleaners", role=Role.CONTRACTOR),
    ]
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            phases=(Phase.explicit, Phase.generate),  # shrinking walks of this length takes longer than reading them
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
