"""What Aldermere answers for: an assessment that was signed and one that waits, a hold, and requests for records and information."""

from __future__ import annotations

from datetime import datetime, timedelta

from townhall.accounts.models import Role, User
from townhall.accounts.queries import actor_for
from townhall.core.actors import Actor
from townhall.customers.models import Customer
from townhall.governance import assessing, freedom, seeds, subject_access
from townhall.governance.freedom import Answer
from townhall.governance.models import Assessment
from townhall.governance.retention import holding
from townhall.ledger import operations as ledger

DAY = timedelta(days=1)


def holder(role: Role, *, at: datetime) -> Actor:
    """Somebody who holds a post with this role."""
    return actor_for(User.objects.filter(posts_held__post__role=role).order_by("name")[0], at=at)


def assess(kind: str, code: str, *, purpose: str, risks: str, measures: str, at: datetime) -> None:
    """Recorded by a senior manager, and signed the day after."""
    made = assessing.record(
        kind, code, purpose=purpose, risks=risks, measures=measures, by=holder(Role.SENIOR_MANAGER, at=at), at=at
    )
    signer = holder(Role.DATA_PROTECTION_OFFICER, at=at)
    assessing.sign(made.pk, is_approved=True, said="Look at it again in a year.", by=signer, at=at + DAY)


def load_governance(*, at: datetime) -> None:
    """Made by the same operations as anything else."""
    seeds.seed_reference_data()
    officer, adviser = holder(Role.DATA_PROTECTION_OFFICER, at=at), holder(Role.ADVISER, at=at)
    assessing.record(
        Assessment.Kind.CONNECTOR,
        "library",
        purpose="Shows on the customer’s page which books are overdue.",
        risks="What somebody reads can say what they believe or suffer from.",
        measures="Only numbers of books and dates are shown, never titles.",
        by=holder(Role.SENIOR_MANAGER, at=at),
        at=at - 3 * DAY,
    )
    people = list(Customer.objects.filter(merged_into=None).order_by("created_at", "id")[:2])
    if len(people) == 2:
        holding.hold(customer_id=people[0].pk, why="A claim for damages is before the court.", by=officer, at=at - DAY)
        subject_access.open_request(people[1].pk, by=adviser, at=at - 2 * DAY, received_at=at - 4 * DAY)
        night = at.replace(hour=2, minute=12) - 2 * DAY
        ledger.looked(by=adviser, at=night, customer_id=people[1].pk, page="customer.record", reason="asked")
    answered = freedom.open_request(
        words="How many missed bins were reported last year?",
        name="Ines Pretendwell",
        email="ines@example.org",
        by=adviser,
        at=at - 30 * DAY,
    )
    freedom.answer(
        answered.pk,
        Answer(
            words="The numbers of each month are on our performance page. Addresses are not given.",
            title="Reports of missed bins",
            exemptions={"s40": "Addresses would say who reported."},
        ),
        by=officer,
        at=at - 18 * DAY,
    )
    freedom.open_request(
        words="What did the council pay for interpreters last year, by language?",
        name="Odo Madeupson",
        by=adviser,
        at=at - 6 * DAY,
    )
