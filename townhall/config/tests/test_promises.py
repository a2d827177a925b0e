"""`townhall check promises` finds what is broken behind the operations' back: exactly that, and nothing in a healthy council."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from townhall.accounts.models import Role, Team
from townhall.cases import operations
from townhall.cases.models import Case
from townhall.cases.operations import Part
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff, make_team
from townhall.config import promises
from townhall.connectors.tests.makers import make_delivery
from townhall.core.actors import PUBLIC
from townhall.core.ids import uuid7
from townhall.core.tests.keepsakes import kept
from townhall.forms.operations import submit
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = MONDAY + timedelta(minutes=40)


NAMES = ("open", "closed", "declined", "done", "merged", "into", "offered", "sent", "split", "asked", "referred")


@pytest.fixture
def council() -> dict[str, Case]:
    """One case in every state of its life, by name."""
    make_every_state()
    newest_first = Case.objects.filter(description__in=NAMES).order_by(
        "-pk"
    )  # the parts of the split one come after it
    return {case.description: case for case in newest_first}


@kept
def make_every_state() -> None:
    """By the operations."""
    make_council()
    cleaners = make_team("cleaners", kind=Team.Kind.CONTRACTOR).pk
    by = make_staff("olu", team="street-cleansing", role=Role.OFFICER)
    key = {
        name: make_case(reporter=Recipient(name=name, email=f"{name}@example.org"), description=name).pk
        for name in NAMES
    }
    operations.follow(key["open"], Recipient(email="ada@example.org"), by=PUBLIC, at=MONDAY)
    for name in ("closed", "done"):
        operations.complete(key[name], outcome_code="cleared", outcome_text="", by=by, at=MONDAY)
    operations.tell(key["closed"], by=by, at=MONDAY)
    operations.decline(key["declined"], reason_code="private-land", by=by, at=MONDAY)
    operations.merge(key["merged"], into_id=key["into"], by=by, at=MONDAY)
    operations.offer(key["offered"], to_team_id=make_team("highways").pk, note="", by=by, at=MONDAY)
    operations.send_to_contractor(
        key["sent"], team_id=cleaners, contract_ref="C1", obligations="Do it", days=2, by=by, at=MONDAY
    )
    operations.split(key["split"], [Part(service_code="pothole", title="Fill")], by=by, at=MONDAY)
    operations.ask_customer(key["asked"], question="Where?", by=by, at=MONDAY)
    operations.refer(key["referred"], body="The railway", by=by, at=MONDAY)


def found() -> set[tuple[str, str]]:
    return {(one.rule, one.what) for one in promises.examine(at=LATER)}


def by_hand(sql: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_council_that_went_through_the_operations_is_clean(council: dict[str, Case]) -> None:
    assert found() == set()


STOP = "UPDATE clocks_clock SET state = 'stopped', finished_at = started_at, next_rung_at = NULL WHERE"
# What somebody did by hand, to which case, and the one rule that it breaks.
BROKEN = [
    (
        "acknowledged",
        "open",
        "DELETE FROM notifications_message WHERE case_id = %(case)s AND template = 'case/received'",
    ),
    (
        "promised",
        "open",
        f"{STOP} case_id = %(case)s AND kind = 'case.promise'",
    ),
    ("limited", "open", "DELETE FROM clocks_clock WHERE case_id = %(case)s AND kind = 'case.decision'"),
    (
        "decided_was_told",
        "closed",
        "DELETE FROM notifications_message WHERE case_id = %(case)s AND template = 'case/done'",
    ),
    (
        "decided_was_told",
        "declined",
        "DELETE FROM notifications_message WHERE case_id = %(case)s AND template = 'case/declined'",
    ),
    ("done_is_told_soon", "done", "UPDATE cases_case SET work_ended_at = '2026-02-01' WHERE id = %(case)s"),
    (
        "offers_have_a_limit",
        "offered",
        f"{STOP} case_id = %(case)s AND kind = 'case.handoff'",
    ),
    (
        "merged_keep_nobody",
        "merged",
        "UPDATE cases_follower SET ended_at = NULL, case_id = %(case)s WHERE name = 'merged'",
    ),
    (
        "over_means_over",
        "declined",
        "UPDATE clocks_clock SET case_id = %(case)s WHERE kind = 'case.referral' AND state = 'running'",
    ),
    ("history_begins", "open", "DELETE FROM ledger_entry WHERE case_id = %(case)s AND verb = 'case.opened'"),
    ("followers_counted", "open", "UPDATE cases_case SET followers = 9 WHERE id = %(case)s"),
    (
        "nothing_left_with_others",
        "declined",
        "UPDATE cases_task SET case_id = %(case)s WHERE case_id <> %(case)s",
    ),
]


@pytest.mark.parametrize(("rule", "name", "sql"), BROKEN, ids=[f"{rule}-{name}" for rule, name, _sql in BROKEN])
def test_what_is_broken_by_hand_is_found(council: dict[str, Case], rule: str, name: str, sql: str) -> None:
    if rule == "history_begins":
        by_hand("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
    by_hand(sql, case=council[name].pk)
    case = council["into"] if rule == "merged_keep_nobody" else council[name]
    expected = {(rule, council[name].reference)}
    if rule == "merged_keep_nobody":  # who was taken from a case is also missing there
        expected.add(("followers_counted", case.reference))
    assert found() == expected


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        (
            "parts_have_a_limit",
            f"{STOP} kind IN ('case.contractor_job', 'case.task')",
        ),
        ("messages_move", "UPDATE notifications_message SET next_attempt_at = '2026-03-01' WHERE state = 'pending'"),
        ("clocks_ring", "UPDATE clocks_clock SET next_rung_at = '2026-03-01' WHERE state = 'running'"),
    ],
)
def test_what_stands_still_is_found(council: dict[str, Case], rule: str, sql: str) -> None:
    by_hand(sql)
    rules = {one.rule for one in promises.examine(at=LATER)}
    assert rules == {rule}


def test_a_delivery_on_its_way_too_long_is_found(council: dict[str, Case]) -> None:
    made = make_delivery(at=MONDAY - 3 * HOUR)
    assert found() == {("deliveries_move", str(made))}


def test_an_event_nobody_acted_on_is_found(council: dict[str, Case]) -> None:
    by_hand(
        """INSERT INTO connectors_inboundevent (id, source, event_id, received_at, body, body_hash, state, problem, tries, next_try_at)
        VALUES (gen_random_uuid(), 'waste', 'e', %(at)s, '{}', '', 'problem', 'NoSuchDelivery', 8, %(at)s)""",
        at=MONDAY - 3 * HOUR,
    )
    assert {one.rule for one in promises.examine(at=LATER)} == {"heard_is_acted_on"}


def test_a_submission_that_became_nothing_is_found(council: dict[str, Case]) -> None:
    lost = uuid7()
    submit("fly-tipping", 1, {"size": "bag"}, by=PUBLIC, at=MONDAY, key="lost", channel="web", submission_id=lost)
    assert found() == {("submission_became_work", str(lost))}


def test_what_was_checked_is_said_and_late_promises_are_counted_apart(council: dict[str, Case]) -> None:
    checked, late = promises.summary(at=LATER)
    assert f"Checked {Case.objects.count()} cases" in checked
    assert "For information: 0 open cases are past their promised date; 0 of these" in late

    by_hand("UPDATE cases_case SET due_on = '2026-01-05' WHERE id = %(case)s", case=council["open"].pk)
    by_hand("UPDATE cases_case SET due_on = '2026-01-05' WHERE id = %(case)s", case=council["closed"].pk)
    assert "1 open cases are past their promised date; 0 of these" in promises.summary(at=LATER)[1]
    case = council["open"]
    case.escalations.create(to_post_id=case.teller_post_id, reason="overdue", at=LATER)
    assert "1 open cases are past their promised date; 1 of these" in promises.summary(at=LATER)[1]


def test_a_mail_that_was_answered_in_the_words_for_mails_was_acknowledged(council: dict[str, Case]) -> None:
    case = next(iter(council.values()))
    received = Message.objects.filter(case_id=case.pk, template="case/received")

    assert received.update(template="mail/received") == 1
    assert ("acknowledged", case.reference) not in found()
    Message.objects.filter(case_id=case.pk, template="mail/received").delete()
    assert ("acknowledged", case.reference) in found()


def test_every_rule_can_be_named() -> None:
    names = [rule.name for rule in promises.RULES]
    assert len(names) == len(set(names))
