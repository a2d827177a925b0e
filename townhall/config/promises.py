"""`townhall check promises`: on this live database, was anybody left in the dark?

Each rule is one set-based statement that finds what breaks it, so the check reads every case, whichever operation, crash or hand
made it what it is. It knows nothing of the operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from townhall.cases.states import OPEN
from townhall.core.time import council_date, now

SHOWN = 20  # broken cases named for each rule
ACKNOWLEDGED_WITHIN = timedelta(minutes=15)
MESSAGE_STUCK_AFTER = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`sql` gives the reference or id of everything that breaks the promise. It may use %(now)s, %(patience)s, %(stuck)s and %(open)s."""

    name: str
    words: str
    sql: str


@dataclass(frozen=True, kw_only=True)
class Broken:
    rule: str
    words: str
    what: str  # a reference or an id

    def __str__(self) -> str:
        return f"{self.words}: {self.what}"


RULES = (
    Rule(
        name="submission_became_work",
        words="A submission that became neither a case nor an answer",
        sql="""SELECT s.id::text FROM forms_submission s
            WHERE s.received_at < %(now)s - %(patience)s AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = s.id)""",
    ),
    Rule(
        name="acknowledged",
        words="A case whose reporter was never acknowledged",
        sql="""SELECT c.reference FROM cases_case c
            WHERE c.opened_at < %(now)s - %(patience)s AND c.origin_channel <> 'import'
            AND NOT EXISTS (SELECT 1 FROM notifications_message m WHERE m.case_id = c.id
                AND m.template IN ('case/received', 'case/referred', 'mail/received'))""",
    ),
    Rule(
        name="acknowledged_once",
        words="A case acknowledged more than once",
        sql="""SELECT c.reference FROM cases_case c JOIN notifications_message m ON m.case_id = c.id
            WHERE m.key = 'case-received-' || c.id GROUP BY c.reference HAVING count(*) > 1""",
    ),
    Rule(
        name="owned",
        words="A case without somebody answerable, doing and telling",
        sql="""SELECT c.reference FROM cases_case c
            LEFT JOIN accounts_team t ON t.id = c.doer_team_id LEFT JOIN accounts_post p ON p.id = c.teller_post_id
            WHERE c.service_code = '' OR t.id IS NULL OR p.id IS NULL""",
    ),
    Rule(
        name="of_a_case",
        words="Somebody who follows a case, or a contact about one, that is not there",
        sql="""SELECT o.id::text FROM (
                SELECT id, case_id FROM cases_follower UNION ALL SELECT id, case_id FROM cases_casecontact) o
            WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = o.case_id)""",
    ),
    Rule(
        name="promised",
        words="An open case with no clock running or finished for its promise",
        sql="""SELECT c.reference FROM cases_case c WHERE c.state = ANY(%(open)s) AND NOT EXISTS (
            SELECT 1 FROM clocks_clock k WHERE k.case_id = c.id AND k.kind = 'case.promise'
            AND k.state IN ('running', 'paused', 'met', 'missed'))""",
    ),
    Rule(
        name="limited",
        words="An open case that no limit will ever bring back to a manager",
        sql="""SELECT c.reference FROM cases_case c WHERE c.state = ANY(%(open)s) AND c.state <> 'done' AND NOT EXISTS (
            SELECT 1 FROM clocks_clock k WHERE k.case_id = c.id AND k.kind = 'case.decision')""",
    ),
    Rule(
        name="decided_was_told",
        words="Finished or declined work that nobody was told of",
        sql="""SELECT c.reference FROM cases_case c
            WHERE c.state IN ('closed', 'declined') AND c.no_message_reason = '' AND c.origin_channel <> 'import'
            AND EXISTS (SELECT 1 FROM cases_follower f WHERE f.case_id = c.id AND f.ended_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM notifications_message m WHERE m.case_id = c.id
                AND m.template IN ('case/done', 'case/declined') AND m.created_at >= c.closed_at - interval '1 minute')""",
    ),
    Rule(
        name="done_is_told_soon",
        words="Work done for more than a week and still not told",
        sql="""SELECT c.reference FROM cases_case c
            WHERE c.state = 'done' AND c.work_ended_at < %(now)s - interval '7 days'
            AND NOT EXISTS (SELECT 1 FROM cases_escalation e WHERE e.case_id = c.id AND e.at >= c.work_ended_at)""",
    ),
    Rule(
        name="messages_move",
        words="A message stuck on its way out",
        sql="""SELECT m.id::text FROM notifications_message m WHERE m.state IN ('pending', 'sending')
            AND m.next_attempt_at < %(now)s - %(stuck)s""",
    ),
    Rule(
        name="deliveries_move",
        words="A delivery to another system stuck on its way",
        sql="""SELECT d.id::text FROM connectors_delivery d WHERE d.state IN ('pending', 'sending')
            AND d.next_attempt_at < %(now)s - %(stuck)s""",
    ),
    Rule(
        name="clocks_ring",
        words="A clock that should have rung and has not",
        sql="""SELECT k.id::text FROM clocks_clock k WHERE k.state = 'running' AND k.next_rung_at < %(now)s - %(stuck)s""",
    ),
    Rule(
        name="offers_have_a_limit",
        words="A hand-off on offer with no clock for its answer",
        sql="""SELECT c.reference FROM cases_handoff h JOIN cases_case c ON c.id = h.case_id WHERE h.state = 'offered'
            AND NOT EXISTS (SELECT 1 FROM clocks_clock k WHERE k.subject_id = h.id AND k.kind = 'case.handoff'
                AND k.state IN ('running', 'paused'))""",
    ),
    Rule(
        name="parts_have_a_limit",
        words="A contractor's job or another service's part with no clock running",
        sql="""SELECT p.id::text FROM (
                SELECT id, 'case.contractor_job' AS kind FROM cases_contractorjob WHERE state IN ('sent', 'accepted', 'in_progress')
                UNION ALL SELECT id, 'case.task' FROM cases_task WHERE state = 'open') p
            WHERE NOT EXISTS (SELECT 1 FROM clocks_clock k WHERE k.subject_id = p.id AND k.kind = p.kind
                AND k.state IN ('running', 'paused'))""",
    ),
    Rule(
        name="nothing_left_with_others",
        words="A case that is over while a contractor, another service or an offered team still has a part of it",
        sql="""SELECT c.reference FROM (
                SELECT case_id FROM cases_contractorjob WHERE state IN ('sent', 'accepted', 'in_progress')
                UNION SELECT case_id FROM cases_task WHERE state = 'open'
                UNION SELECT case_id FROM cases_handoff WHERE state = 'offered') p
            JOIN cases_case c ON c.id = p.case_id WHERE c.state <> ALL(%(open)s) OR c.state = 'done'""",
    ),
    Rule(
        name="followers_counted",
        words="An open case whose followers are not those it counts",
        sql="""SELECT c.reference FROM cases_case c WHERE c.state = ANY(%(open)s) AND c.origin_channel <> 'import'
            AND c.followers <> (SELECT count(*) FROM cases_follower f WHERE f.case_id = c.id AND f.ended_at IS NULL)""",
    ),
    Rule(
        name="heard_is_acted_on",
        words="Something another system told us and nobody acted on",
        sql="""SELECT i.id::text FROM connectors_inboundevent i WHERE i.state <> 'handled'
            AND i.received_at < %(now)s - %(stuck)s""",
    ),
    Rule(
        name="merged_keep_nobody",
        words="A merged case whose followers were left behind",
        sql="""SELECT c.reference FROM cases_case c WHERE c.state = 'merged'
            AND EXISTS (SELECT 1 FROM cases_follower f WHERE f.case_id = c.id AND f.ended_at IS NULL)""",
    ),
    Rule(
        name="over_means_over",
        words="A case that is over and still has a promise running",
        sql="""SELECT c.reference FROM cases_case c WHERE c.state <> ALL(%(open)s) AND EXISTS (
            SELECT 1 FROM clocks_clock k WHERE k.case_id = c.id AND k.kind IN ('case.promise', 'case.referral', 'case.decision')
            AND k.state IN ('running', 'paused'))""",
    ),
    Rule(
        name="history_begins",
        words="A case whose opening is not in the ledger",
        sql="""SELECT c.reference FROM cases_case c WHERE NOT EXISTS (
            SELECT 1 FROM ledger_entry e WHERE e.case_id = c.id AND e.at >= c.opened_at - interval '1 second'
            AND e.verb = 'case.opened')""",
    ),
)


_PAST = """SELECT count(*), count(*) FILTER (WHERE EXISTS (
        SELECT 1 FROM cases_escalation e WHERE e.case_id = c.id AND e.reason IN ('overdue', 'referral_age', 'decision_age')))
    FROM cases_case c WHERE c.state = ANY(%(open)s) AND c.state <> 'done' AND c.due_on < %(today)s"""


def looked_at() -> list[str]:
    """What the command line says that it checked."""
    return summary(at=now())


def summary(*, at: datetime) -> list[str]:
    """How many cases and rules there are, and how many promises are late. Late is not left in the dark: it is for information."""
    given: dict[str, Any] = {"open": [state.value for state in OPEN], "today": council_date(at)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE state = ANY(%(open)s)) FROM cases_case", given)
        every, running = cursor.fetchone() or (0, 0)
        cursor.execute(_PAST, given)
        late, raised = cursor.fetchone() or (0, 0)
    return [
        f"Checked {every:,} cases, {running:,} of them open, by {len(RULES)} rules, on owner, acknowledgement, clock and end.",
        f"For information: {late:,} open cases are past their promised date; {raised:,} of these were raised to somebody senior.",
    ]


def check() -> list[Broken]:
    """What the command line prints."""
    return examine(at=now())


def examine(*, at: datetime) -> list[Broken]:
    """Everything that breaks a promise, up to SHOWN for each rule. Only reads; one statement a rule."""
    given: dict[str, Any] = {
        "now": at,
        "patience": ACKNOWLEDGED_WITHIN,
        "stuck": MESSAGE_STUCK_AFTER,
        "open": [state.value for state in OPEN],
    }
    found: list[Broken] = []
    with connection.cursor() as cursor:
        for rule in RULES:
            cursor.execute(f"{rule.sql} LIMIT {SHOWN}", given)
            found += [Broken(rule=rule.name, words=rule.words, what=str(row[0])) for row in cursor.fetchall()]
    return found
