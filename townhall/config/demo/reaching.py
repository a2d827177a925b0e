"""Nudges, a campaign, something to take part in, sessions and people who would like help, so that each page has something on it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from townhall.accounts.models import Post, User
from townhall.accounts.queries import actor_for
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given, WrapUp
from townhall.core.actors import SYSTEM, Actor
from townhall.core.time import LONDON, council_date, now
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.outreach import assisting, campaigns, codes, nudges, participation, sessions
from townhall.outreach.assisting import More
from townhall.outreach.audience import Audience
from townhall.outreach.nudges import Written
from townhall.outreach.states import ActivityState
from townhall.registers import operations as registers
from townhall.registers import sources
from townhall.registers.models import Row
from townhall.registers.seeds import seed_reference_data

DAY: Final = timedelta(days=1)
_NUDGES = (
    Written(
        code="quicker-account",
        words="Next time it is quicker with an account: your details are filled in and you see how far it is.",
        leads_to="/account/register",
        places=("acknowledgement", "confirmation", "receipt", "letter"),
    ),
    Written(
        code="bins-online",
        words="Your bin days are in your account, and changes reach you before the lorry does.",
        leads_to="/account/register",
        places=("acknowledgement", "script"),
        services=("missed-bin",),
    ),
    Written(
        code="say-online",
        words="You can do this on our website at any hour, without waiting on the phone.",
        leads_to="/services",
        places=("script", "hold"),
        audience="everybody",
    ),
)
_HELPED = (
    ("Winnie Farthing", "no_device", True),
    ("Abel Stonecrop", "not_sure_how", True),
    ("Dot Merrow", "language", False),
)


def load_reaching(*, at: datetime) -> None:
    """Made by the same operations as anything else."""
    seed_reference_data(at=at - 60 * DAY)
    manager, senior, adviser = (
        _holder(code, at)
        for code in ("customer-services-manager", "head-of-customer-finance", "customer-services-adviser")
    )
    sources.fill_all(at - 50 * DAY)
    for written in _NUDGES:
        nudges.begin(nudges.write(written, by=manager, at=at).pk, by=manager, at=at)
    _campaign(manager, senior, at=at)
    _taking_part(manager, at=at)
    _awareness(at=at)
    _sessions(adviser, at=at)


def _holder(code: str, at: datetime) -> Actor:
    user = User.objects.filter(posts_held__post=Post.objects.get(code=code)).first()
    assert user is not None
    return actor_for(user, at=at)


def _campaign(manager: Actor, senior: Actor, *, at: datetime) -> None:
    row = Row.objects.filter(register_id="forward-calendar", key="annual-bills").first()
    today = council_date(at)
    bills = today.replace(month=3, day=10)
    bills = bills if bills >= today else bills.replace(year=today.year + 1)
    made = campaigns.plan(
        campaigns.Plan(
            name="Annual bills: see and pay them online",
            goes_on=bills - 3 * DAY,
            audience=Audience(),
            subject_line="Your council tax bill is on its way",
            body="From next week you can see your bill in your account, choose when you pay, and set up Direct Debit.",
            expected="A fifth fewer calls about bills in March",
            expected_percent=-20,
            services=("council-tax-instalments",),
            leads_to="/pay",
            trigger_row_id=row.pk if row else None,
            trigger_on=bills,
        ),
        by=manager,
        at=at,
    )
    campaigns.approve(made.pk, by=senior, at=at)


def _taking_part(manager: Actor, *, at: datetime) -> None:
    soon = council_date(at) + 24 * DAY
    forum = participation.Written(
        kind="forum",
        title="Library opening hours",
        about="Which evenings suit you best?",
        how="Central library, 7pm on a Tuesday.",
        closes_on=soon,
        places=30,
    )
    participation.move(participation.write(forum, by=manager, at=at).pk, ActivityState.OPEN, by=manager, at=at)
    then = at - 40 * DAY
    group = participation.Written(
        kind="focus_group",
        title="Trying out the new website",
        about="Six residents tried five tasks.",
        closes_on=council_date(then) + 10 * DAY,
    )
    done = participation.write(group, by=manager, at=then)
    participation.move(done.pk, ActivityState.OPEN, by=manager, at=then)
    participation.move(done.pk, ActivityState.CLOSED, by=manager, at=then + 10 * DAY)
    words = "Everybody found the bin days. Two of six did not find how to follow a report."
    participation.publish_findings(done.pk, words, by=manager, at=then + 14 * DAY)
    participation.promise(
        done.pk,
        title="Following a report is on the first page",
        by_on=council_date(at) + 30 * DAY,
        public_words="A box for the reference, on the home page",
        by=manager,
        at=then + 14 * DAY,
    )


def _awareness(*, at: datetime) -> None:
    given = {
        "audience": "languages",
        "outlet": "surgery",
        "where": "The four surgeries of Aldermere",
        "message": "We have interpreters, by phone and in person. It costs you nothing.",
        "material": "Poster",
        "material_version": "2",
        "leads_to": "/contact",
        "begins_on": (council_date(at) - 20 * DAY).isoformat(),
        "ends_on": (council_date(at) + 40 * DAY).isoformat(),
        "reach": "3,200",
        "cost": "240",
    }
    row = registers.open_row(
        "awareness-campaigns", title="Interpreters at your surgery", given=given, by=SYSTEM, at=at - 20 * DAY
    )
    for days in (12, 9, 9, 4, 2):
        codes.visited(row.code, at=at - days * DAY)


def _sessions(adviser: Actor, *, at: datetime) -> None:
    day = datetime.combine(council_date(now()) + 9 * DAY, time(10, 30), LONDON)
    plans = (
        ("masterclass", "Your account, step by step", "Central library", 8),
        ("course", "First steps with a tablet", "Wharf community centre", 6),
    )
    made = [
        sessions.plan(
            sessions.Plan(
                kind=kind, title=title, where=where, starts_at=day, ends_at=day + timedelta(hours=2), places=places
            ),
            by=adviser,
            at=at,
        )
        for kind, title, where, places in plans
    ]
    wrapped = WrapUp(reason_code="request", outcome="resolved", avoidable=False, anything_else=False)
    for number, (name, barrier, wants) in enumerate(_HELPED):
        then = at - (number + 2) * DAY
        who = customers.create(NewCustomer(name=name, phone=f"07700 9007{number:02}"), by=adviser, at=then)
        talk = contacts.start(channel="counter", given=Given(name=name), customer_id=who.pk, by=adviser, at=then)
        more = More(was_assisted=True, barrier=barrier, wants_help=wants)
        assisting.wrap_up(talk.pk, wrapped, more, by=adviser, at=then + timedelta(minutes=9))
        if number == 0:
            sessions.book(made[0].pk, who.pk, by=adviser, at=then, contact_id=talk.pk)
