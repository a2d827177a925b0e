"""Training, an induction, champions, a guideline and a lent backlog, so that each page of staff has something on it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from townhall.accounts.models import Post, Team, User
from townhall.accounts.queries import actor_for
from townhall.core.actors import SYSTEM, Actor
from townhall.core.time import LONDON, council_date
from townhall.workforce import (
    champions,
    guidelines,
    inductions,
    left_for,
    lending,
    people,
    presence,
    sessions,
    training,
)
from townhall.workforce.champions import Named
from townhall.workforce.lending import NewLoan
from townhall.workforce.models import Meeting, Module, Step
from townhall.workforce.sessions import Plan

DAY: Final = timedelta(days=1)
_EMAIL = """## Answer within two working days

- Say in the first line what you can do, and by when.
- Put the reference in the subject, and nobody else's details anywhere.
- Never ask for card or bank numbers by email.
- Offer the form where there is one: it is quicker for both.

## Councillors

Answers to residents' enquiries go out under your own name, with the case's reference, so that officers can follow.
"""
_LINES = {
    "": (
        ("standard", "We answer the phone within five rings, and an email within two working days"),
        ("standard", "Whoever takes an enquiry stays with it until somebody has it"),
        ("duty", "I keep what customers tell me to those who need it"),
    ),
    "adviser": (
        ("duty", "I end each contact with a wrap-up, and ask whether there is anything else"),
        ("visit", "The contact centre: a morning beside an adviser"),
        ("visit", "A customer centre: half a day at reception"),
        ("task", "Sit in with the service champion of council tax"),
    ),
    "officer": (
        ("duty", "I tell the customer before I close a case"),
        ("visit", "The contact centre: a morning beside an adviser"),
        ("visit", "A customer centre: half a day at reception"),
    ),
}


def load_working(*, at: datetime) -> None:
    """Made by the same operations as anything else."""
    admin, manager, revenues, adviser = (
        _holder(code, at)
        for code in ("administrator", "customer-services-manager", "revenues-manager", "customer-services-adviser")
    )
    training.make_usual_modules(by=admin, at=at - 300 * DAY)
    _passes(adviser, at)
    for role, lines in _LINES.items():
        inductions.keep_items(role, lines, by=admin, at=at)
    _induction(at)
    _sessions(manager, revenues, at)
    _champions(manager, at)
    guidelines.publish(
        title="Email guidelines",
        body=_EMAIL,
        module="email",
        by=manager,
        at=at - 6 * DAY,
        changed="For councillors too",
    )
    _lent(revenues, at)
    _left(adviser, at)


def _holder(code: str, at: datetime) -> Actor:
    user = User.objects.filter(posts_held__post=Post.objects.get(code=code)).order_by("email").first()
    assert user is not None
    return actor_for(user, at=at)


def _passes(adviser: Actor, at: datetime) -> None:
    """Everybody has what their post needs, but for one adviser's council tax, which lapses in three weeks."""
    today = council_date(at)
    everybody = people.everybody(on=today)
    for number, module in enumerate(Module.objects.order_by("code")):
        needed = [one.id for one in everybody if one.roles & set(module.roles)]
        theirs = [one for one in needed if str(one) != adviser.id]
        if theirs:
            passed_on = today - (30 + 20 * number) * DAY
            training.record_passes(module.code, theirs, passed_on=passed_on, by=SYSTEM, at=at)
        if len(theirs) < len(needed):
            ends_soon = module.code == "revenues"
            passed_on = today - (344 if ends_soon else 60) * DAY
            training.record_passes(module.code, [UUID(adviser.id)], passed_on=passed_on, by=SYSTEM, at=at)


def _induction(at: datetime) -> None:
    """The second adviser has begun, accepted the standards, and has a visit booked."""
    user = User.objects.get(email="ben.thistlewood@example.org")
    begun = inductions.begin(user.pk, role="adviser", by=SYSTEM, at=at - 4 * DAY)
    for step in begun.steps.filter(kind="standard"):
        inductions.complete_step(step.pk, by=actor_for(user, at=at), at=at - 3 * DAY)
    visit = Step.objects.filter(induction=begun, kind="visit").order_by("order").first()
    assert visit is not None
    when = datetime.combine(council_date(at) + 5 * DAY, time(9, 30), LONDON)
    inductions.book_visit(visit.pk, visit_at=when, where="Contact centre, Station Road", by=SYSTEM, at=at)


def _sessions(manager: Actor, revenues: Actor, at: datetime) -> None:
    day = datetime.combine(council_date(at) + 12 * DAY, time(10), LONDON)
    plans = (
        Plan(
            title="Second homes premium: what callers will ask",
            module="revenues",
            joint_with="service",
            partner="Council tax and benefits",
            why_alone="",
            because="law",
            because_of="The second homes premium from April",
            starts_at=day,
            where="Civic centre, room 2",
            places=12,
            trainer=UUID(revenues.id),
        ),
        Plan(
            title="Food waste rounds begin",
            module="waste",
            joint_with="council",
            partner="Neighbourton (fictional)",
            why_alone="",
            because="new_service",
            because_of="Weekly food waste",
            starts_at=day + 7 * DAY,
            where="Neighbourton depot",
            places=20,
            trainer=None,
        ),
        Plan(
            title="Complaints refresher",
            module="complaints",
            joint_with="",
            partner="",
            why_alone="The complaints team is two people, and both teach elsewhere that month",
            because="refresher",
            because_of="",
            starts_at=day + 14 * DAY,
            where="Online",
            places=30,
            trainer=None,
        ),
    )
    made = [sessions.plan(one, by=manager, at=at) for one in plans]
    for email in ("amina.larkspur@example.org", "ben.thistlewood@example.org"):
        sessions.book(made[0].pk, user_id=User.objects.get(email=email).pk, by=manager, at=at)


def _champions(manager: Actor, at: datetime) -> None:
    today = council_date(at)
    begun = today - 120 * DAY
    terms = "Answers what the script does not, within the hour. Brings what customers ask to the service each quarter."
    care = "Trains colleagues in the care standards and checks ten contacts a month against them."
    who = (
        ("una.reckoner@example.org", "service", "council-tax-move", terms, True),
        ("priya.wherryman@example.org", "service", "fly-tipping", terms, True),
        ("amina.larkspur@example.org", "care", "council-tax-move", care, False),
    )
    named = [
        champions.name(
            Named(
                user_id=User.objects.get(email=email).pk,
                kind=kind,
                service_code=service,
                terms=words,
                in_job_description=formal,
                from_on=begun,
            ),
            by=manager,
            at=at - 110 * DAY,
        )
        for email, kind, service, words, formal in who
    ]
    did = (
        (0, "training", 40, "How a move is told by three people at once", 9, 0),
        (2, "check", 21, "Twenty contacts listened to: three without a date given", 20, 3),
    )
    for place, kind, days, words, count, wrong in did:
        champions.did(
            named[place].pk,
            kind=kind,
            on=today - days * DAY,
            words=words,
            people_count=count,
            to_put_right=wrong,
            by=manager,
            at=at,
        )
    meeting = Meeting.objects.get(held_on=None)
    champions.hold_meeting(
        meeting.pk,
        held_on=today - 60 * DAY,
        attended=[one.user_id for one in named[:2]],
        notes="Letters about moves are shortened. Next: questions about food waste.",
        by=manager,
        at=at - 60 * DAY,
    )


def _lent(revenues: Actor, at: datetime) -> None:
    today = council_date(at)
    teams = dict(Team.objects.values_list("code", "pk"))
    made = lending.lend(
        NewLoan(
            title="Council tax changes before the annual bills",
            service_code="council-tax-move",
            from_team=teams["revenues"],
            to_team=teams["customer-services"],
            module="revenues",
            from_on=today - 5 * DAY,
            until_on=today + 20 * DAY,
            how="Open the account in the revenues system, make the change that is asked for, close the task there.",
            avoids=Decimal("0.40"),
            avoids_why="Four of ten whose change was late last March rang about their bill",
        ),
        by=revenues,
        at=at - 5 * DAY,
    )
    lines = [(f"CT-{20_400 + number}", "Moved in" if number % 2 else "Moved out") for number in range(24)]
    lending.add_items(made.pk, lines, by=revenues, at=at - 5 * DAY)
    ben = actor_for(User.objects.get(email="ben.thistlewood@example.org"), at=at)
    for item in made.items.order_by("position")[:7]:
        lending.take(item.pk, by=ben, at=at - DAY)
        lending.finish_item(item.pk, outcome="done", by=ben, at=at - DAY)


def _left(adviser: Actor, at: datetime) -> None:
    email = User.objects.get(pk=adviser.id).email
    given = (
        ("voicemail", "Mrs Ferrier", "07700 900611", "Please ring me about the garden waste sticker.", 3),
        ("missed_call", "01632 960418", "01632 960418", "", 1),
        ("fax", "Aldermere surgery", "01632 960377", "Form for a disabled badge, two pages.", 26),
        ("text", "07700 900644", "07700 900644", "Is the tip open on Sunday?", 2),
    )
    for kind, sender, number, words, hours in given:
        left_for.arrive(
            left_for.New(
                key=f"demo:{kind}",
                kind=kind,
                to_email=email,
                sender=sender,
                number=number,
                words=words,
                left_at=at - timedelta(hours=hours),
            ),
            by=SYSTEM,
            at=at,
        )
    presence.set_presence("home", by=adviser, at=at - timedelta(hours=2))
