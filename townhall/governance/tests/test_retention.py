"""Retention: what is over for long enough goes, what is held stays, and every count stays what it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.accounts.models import Role
from townhall.cases.tests.makers import make_council, make_staff
from townhall.complaints.models import Procedure
from townhall.complaints.seeds import seed_reference_data as seed_complaints
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed
from townhall.customers import merging
from townhall.customers.merging.references import LEFT, references
from townhall.customers.merging_models import MergeChange
from townhall.customers.models import CustomerNumber
from townhall.governance.models import Erasure, RetentionPlace
from townhall.governance.retention import holding, rules, sweeping
from townhall.governance.retention.records import BY_CODE, EXCEPTIONS, TYPES
from townhall.governance.tests.makers import LONG_AGO, SECRET, everything_about, left_of, make_person, put
from townhall.ledger.models import Entry

NIGHT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)


@pytest.fixture
def dpo(db: Any) -> Actor:
    make_council()
    rules.seed()
    return make_staff("edith", team="corporate", role=Role.DATA_PROTECTION_OFFICER)


def run(at: datetime = NIGHT) -> int:
    total = 0
    while done := sweeping.sweep(at):
        total += done
    return total


def counts() -> dict[str, Any]:
    """What figures are drawn from: contacts, cases, messages and mails by service, outcome and month; and all that happened."""
    asked = {
        "cases": "SELECT service_code, outcome_code, ward_code, closed_at, count(*) FROM cases_case GROUP BY 1,2,3,4 ORDER BY 1,2",
        "contacts": "SELECT service_code, outcome, started_at, count(*) FROM contacts_contact GROUP BY 1,2,3 ORDER BY 1,2,3",
        "messages": "SELECT channel, state, count(*) FROM notifications_message GROUP BY 1,2 ORDER BY 1,2",
        "mails": "SELECT mailbox_id, kind, count(*) FROM mailroom_mail GROUP BY 1,2 ORDER BY 1,2",
        "customers": "SELECT kind, count(*) FROM customers_customer GROUP BY 1",
        "ledger": "SELECT verb, count(*), count(customer_id) FROM ledger_entry WHERE verb NOT LIKE 'retention.%' GROUP BY 1",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, statement in asked.items():
            cursor.execute(statement)
            found[name] = cursor.fetchall()
    return found


def test_every_table_that_says_whose_it_is_has_a_rule_or_a_written_reason_for_none() -> None:
    covered = {kind.table for kind in TYPES} | {part.table for kind in TYPES for part in kind.parts}
    asked = {reference.table for reference in references()} | {"customers_customer"}

    assert asked - covered - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) - asked == set()  # none written about a table that has gone
    assert "ledger_entry" in LEFT


def test_what_was_said_and_who_said_it_goes_and_the_figures_and_the_ledger_stay(dpo: Actor) -> None:
    things = everything_about(make_person())
    before = counts()
    assert SECRET in left_of("mailroom_original", things["mails"].pk)

    run()

    assert counts() == before
    for code, row in things.items():
        assert SECRET not in left_of(BY_CODE[code].table, row.pk), code
    for table in (
        "mailroom_original",
        "mailroom_enclosed",
        "files_storedfile",
        "customers_contactpoint",
        "customers_customeraddress",
        "cases_follower",
        "cases_note",
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", (f"%{SECRET}%",))
            assert cursor.fetchone() == (0,), table
    assert run() == 0  # nothing twice


def test_records_that_were_merged_into_one_are_erased_with_it(dpo: Actor) -> None:
    person, also, third = make_person(), make_person(), make_person()
    CustomerNumber.objects.create(customer=also, kind="library", value="LIB-7731", normalised="LIB7731")
    merging.merge(also.pk, third.pk, by=SYSTEM, at=LONG_AGO)
    merging.merge(person.pk, also.pk, by=SYSTEM, at=LONG_AGO)
    assert MergeChange.objects.exists()

    run()

    for one in (person, also, third):
        assert SECRET not in left_of("customers_customer", one.pk)
    assert not MergeChange.objects.exists()


def test_a_rule_that_cannot_be_kept_holds_up_no_other(dpo: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    things = everything_about(make_person())
    erase = sweeping.erase

    def fails(rule: rules.Rule, *, at: datetime) -> sweeping.Batch:
        if rule.record_type == "calls":
            raise ValueError
        return erase(rule, at=at)

    monkeypatch.setattr(sweeping, "erase", fails)
    with pytest.raises(ValueError):
        run()

    assert SECRET not in left_of("notifications_message", things["messages"].pk)
    assert SECRET not in left_of("contacts_contact", things["contacts"].pk)


def test_a_record_that_cannot_be_removed_is_set_aside_and_taken_again_once_it_is_put_right(dpo: Actor) -> None:
    stuck, others = (
        everything_about(make_person())["messages"],
        [everything_about(make_person())["messages"] for _ in "ab"],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION test_stuck() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN RAISE EXCEPTION 'stuck' USING ERRCODE = 'check_violation'; END $$"""
        )
        cursor.execute(
            f"""CREATE TRIGGER stuck BEFORE UPDATE ON notifications_message FOR EACH ROW
                WHEN (OLD.id = '{stuck.pk}') EXECUTE FUNCTION test_stuck()"""
        )

    run()

    [aside] = sweeping.set_aside()
    assert (aside.record_type, aside.record_id) == ("messages", stuck.pk)
    assert SECRET in left_of("notifications_message", stuck.pk)
    assert not any(SECRET in left_of("notifications_message", one.pk) for one in others)
    assert Erasure.objects.get(record_type="messages").rows == 2
    run(NIGHT + timedelta(days=1))
    assert [one.pk for one in sweeping.set_aside()] == [aside.pk], "it is not tried every night"
    with pytest.raises(NotAllowed):
        sweeping.try_again(aside.pk, by=make_staff("olu", team="street-cleansing", role=Role.OFFICER), at=NIGHT)
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER stuck ON notifications_message")
    sweeping.try_again(aside.pk, by=dpo, at=NIGHT + timedelta(days=1))

    run(NIGHT + timedelta(days=2))

    assert sweeping.set_aside() == []
    assert SECRET not in left_of("notifications_message", stuck.pk)


def test_a_night_goes_through_each_table_once_from_where_the_last_batch_ended(dpo: Actor) -> None:
    written = [everything_about(make_person())["messages"].pk for _one in range(5)]
    rule = next(one for one in rules.in_force() if one.record_type == "messages")

    batches = [sweeping.erase(rule, at=NIGHT, limit=2) for _one in range(3)]

    assert [(one.rows, one.is_last) for one in batches] == [(2, False), (2, False), (1, True)]
    assert RetentionPlace.objects.get(record_type="messages").after == max(written)
    late = everything_about(make_person())["messages"]
    with CaptureQueriesContext(connection) as asked:
        sweeping.sweep(NIGHT)
    assert not any("FROM notifications_message t" in one["sql"] for one in asked), "done for tonight"
    run(NIGHT + timedelta(days=1))
    assert SECRET not in left_of("notifications_message", late.pk)


def test_a_file_that_cannot_be_deleted_holds_up_none_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[str] = []

    def delete(name: str) -> None:
        if name == "first":
            raise PermissionError
        gone.append(name)

    monkeypatch.setattr(default_storage, "delete", delete)
    sweeping._forget_files(["first", "second"])
    assert gone == ["second"]


def test_the_proof_says_what_when_and_by_which_version_and_nothing_of_whom(dpo: Actor) -> None:
    rules.set_rule("contacts", months=36, why="The ombudsman asked", by=dpo, at=NIGHT)
    everything_about(make_person())

    run()

    proof = Erasure.objects.get(record_type="contacts")
    assert (proof.rule_version, proof.months, proof.action, proof.rows) == (2, 36, "anonymise", 1)
    told = Entry.objects.filter(verb="retention.erased").values_list("data", "customer_id")
    assert {"type": "contacts", "outcome": "", "version": 2, "rows": 1} in [data for data, _customer in told]
    assert {customer for _data, customer in told} == {None}


def test_what_is_young_stays_and_an_outcome_may_have_its_own_time(dpo: Actor) -> None:
    things = everything_about(make_person())
    rules.set_rule("cases", outcome="done", months=12 * 50, why="Archive", by=dpo, at=NIGHT)
    rules.set_rule("contacts", months=12 * 50, why="Study", by=dpo, at=NIGHT)

    run()

    assert SECRET in left_of("cases_case", things["cases"].pk)
    assert SECRET in left_of("contacts_contact", things["contacts"].pk)
    assert SECRET not in left_of("notifications_message", things["messages"].pk)


def test_a_dry_run_says_how_many_and_which_and_changes_nothing(dpo: Actor) -> None:
    person = make_person()
    things, other = everything_about(person), everything_about(make_person())
    holding.hold(customer_id=person.pk, why="A claim", by=dpo, at=NIGHT)

    shown = next(sweeping.preview(rule, at=NIGHT) for rule in rules.in_force() if rule.record_type == "messages")

    assert (shown.due, shown.held) == (1, 1)
    assert [key for key, _over in shown.sample] == [str(other["messages"].pk)]
    assert SECRET in left_of("notifications_message", things["messages"].pk)


def test_only_who_answers_for_it_changes_a_rule_or_holds(dpo: Actor) -> None:
    officer = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    person = make_person()
    with pytest.raises(NotAllowed):
        rules.set_rule("cases", months=1, why="Tidy", by=officer, at=NIGHT)
    with pytest.raises(NotAllowed):
        holding.hold(customer_id=person.pk, why="Mine", by=officer, at=NIGHT)
    with pytest.raises(BadInput):
        rules.set_rule("everything", months=0, why="", by=dpo, at=NIGHT)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "hold case", "hold until", "end", "night"]), st.integers(0, 2), st.integers(0, 40)
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_held_in_whatever_order_is_never_removed(dpo: Actor, steps: list[tuple[str, int, int]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        people = [make_person() for _one in range(3)]
        things = [everything_about(person) for person in people]
        before, at = counts(), NIGHT
        for step, which, days in steps:
            at += timedelta(days=days)
            person, theirs = people[which], things[which]
            if step == "hold":
                holding.hold(customer_id=person.pk, why="A claim", by=dpo, at=at)
            elif step == "hold case" and theirs["cases"] is not None:
                holding.hold(case_id=theirs["cases"].pk, why="An inquiry", by=dpo, at=at)
            elif step == "hold until":
                until = at.date() + timedelta(days=20)
                holding.hold(customer_id=person.pk, until_on=until, why="A claim", by=dpo, at=at)
            elif step == "end":
                for one in holding.holds().filter(customer_id=person.pk):
                    holding.end_hold(one.pk, by=dpo, at=at)
            else:
                held = _held(at)
                kept = {table_key: left_of(*table_key) for table_key in _watched(people, things, held)}
                run(at)
                assert {table_key: left_of(*table_key) for table_key in kept} == kept
        assert counts() == before
        transaction.set_rollback(True)


def _held(at: datetime) -> tuple[set[Any], set[Any]]:
    live = [one for one in holding.holds() if one.until_on is None or one.until_on >= at.date()]
    return {one.customer_id for one in live}, {one.case_id for one in live}


def _watched(people: list[Any], things: list[dict[str, Any]], held: tuple[set[Any], set[Any]]) -> list[tuple[str, Any]]:
    """Every row that a hold is about: all of a customer's; of a case, all but what is only the customer's."""
    customers, cases = held
    found = []
    for person, theirs in zip(people, things, strict=True):
        codes = set(theirs) if person.pk in customers else set()
        if theirs["cases"].pk in cases:
            codes |= {"cases", "submissions", "contacts", "messages", "mails", "files", "documents"}
        found += [(BY_CODE[code].table, theirs[code].pk) for code in codes]
    return found


def test_a_mail_that_became_a_complaint_is_kept_as_long_as_the_complaint_and_goes_with_it(dpo: Actor) -> None:
    person = make_person()
    mail = everything_about(person)["mails"]
    rules.set_rule("complaints", months=12 * 50, why="The ombudsman", by=dpo, at=NIGHT)
    seed_complaints()
    complaint = put(
        "complaints_complaint",
        procedure_id=Procedure.objects.get().pk,
        customer_id=person.pk,
        keeper_post_id=next(iter(dpo.posts)),
        state="answered_2",
        stage=2,
        kind="complaint",
        source_kind="mail",
        source_id=mail.pk,
        ended_at=LONG_AGO,
    )
    run()
    assert SECRET in left_of("mailroom_mail", mail.pk)
    assert SECRET in left_of("complaints_complaint", complaint.pk)

    rules.set_rule("complaints", months=72, why="As before", by=dpo, at=NIGHT)
    run(NIGHT + timedelta(days=1))
    run(NIGHT + timedelta(days=2))
    assert SECRET not in left_of("complaints_complaint", complaint.pk)
    assert SECRET not in left_of("mailroom_mail", mail.pk)


def test_what_was_written_down_of_somebody_who_was_not_content_goes_though_they_left_no_comment(dpo: Actor) -> None:
    person = make_person()
    asked = put("feedback_asked", customer_id=person.pk, about_kind="case", service_code="", reference="")
    answer = put("feedback_answer", asked_id=asked.pk, customer_id=person.pk, reason="not_told", comment="")
    recovery = put(
        "feedback_recovery",
        answer_id=answer.pk,
        customer_id=person.pk,
        owner_post_id=next(iter(dpo.posts)),
        state="done",
        words=f"Rang {SECRET}",
        done_at=LONG_AGO,
    )
    run()
    assert SECRET not in left_of("feedback_recovery", recovery.pk)
