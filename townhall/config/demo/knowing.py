"""Articles, scripts, approved replies, referrals, leaflets and what is asked to be put right, so that each page has something on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from townhall.accounts.models import Post, User
from townhall.accounts.queries import actor_for
from townhall.core.actors import PUBLIC, Actor
from townhall.core.time import council_date
from townhall.knowledge import changes, corrections, entries, leaflets, referrals, search, synonyms, tasks
from townhall.knowledge.changes import Planned
from townhall.knowledge.entries import About, Written
from townhall.knowledge.models import Copies, Kind, Link, LinkPlace, Missed
from townhall.knowledge.referrals import Given
from townhall.registers import operations as registers

DAY: Final = timedelta(days=1)
OWNER: Final = "customer-services-manager"
_MISSED_BIN: Final = """about: A bin was not emptied.
service: missed-bin
steps:
  - code: which
    ask: Which collection was missed?
    choices: [{code: refuse, label: Rubbish}, {code: recycling, label: Recycling}, {code: garden, label: Garden waste}]
    writes: stream
  - code: out
    ask: Was it out by six in the morning?
    choices: [{code: "yes", label: "Yes"}, {code: "no", label: "No", then: late}, {code: unknown, label: They do not know}]
    writes: out_by
  - {code: blocked, ask: "Were cars or roadworks in the way?", kind: yes_no}
  - {code: others, ask: "Were the neighbours' bins emptied?", kind: yes_no, choices: [{code: "no", label: "No", then: round}]}
  - {code: form, tell: "Say sorry, and take the report. A crew comes back within two working days.", end: form}
  - {code: round, tell: "The whole street was missed: look at the incidents first.", tone: warning, then: form2}
  - {code: form2, tell: Take the report all the same., end: form}
  - {code: late, tell: "Crews do not come back for bins that were not out. Tell them their next collection.", tone: help, end: resolved}
"""
_ENTRIES: Final = (
    (
        Kind.SCRIPT,
        Written(
            title="A bin was not emptied",
            body=_MISSED_BIN,
            about=About(owner_post=OWNER, service_codes=("missed-bin",), keywords=("missed bin",)),
        ),
    ),
    (
        Kind.REPLY,
        Written(
            title="When we come back for a missed bin",
            body="We are sorry that your bin was not emptied. A crew comes back within two working days. Please leave the bin out.",
            about=About(
                owner_post=OWNER, service_codes=("missed-bin",), topic="When does somebody come back for my missed bin?"
            ),
        ),
    ),
    (
        Kind.REPLY,
        Written(
            title="How long dumped rubbish takes",
            body="We collect dumped rubbish within five working days. Please leave it where it is and do not move anything.",
            about=About(owner_post=OWNER, service_codes=("fly-tipping",), topic="When is dumped rubbish collected?"),
        ),
    ),
    (
        Kind.ARTICLE,
        Written(
            title="Getting rid of a mattress",
            body="Take it to the **Capstan recycling centre**, or have it collected: see *bulky waste*. It does not go beside your bin.",
            about=About(
                owner_post=OWNER, audience="public", service_codes=("bulky-waste",), keywords=("bed", "sofa", "tip")
            ),
        ),
    ),
    (
        Kind.ARTICLE,
        Written(
            title="Who cleans off graffiti",
            body=(
                "We clean **public** walls, signs and subways, and anything hateful anywhere within a day. "
                "On a private wall its owner does."
            ),
            about=About(
                owner_post=OWNER,
                audience="public",
                service_codes=("graffiti",),
                keywords=("spray paint", "tag", "wall"),
            ),
        ),
    ),
    (
        Kind.ARTICLE,
        Written(
            title="Queuing",
            body="1. Take a number at the machine by the door.\n2. Sit down: your number is called and shown.\n"
            "3. Tell us at the door if you cannot stand, hear or see well.",
            about=About(owner_post=OWNER, keywords=("queue", "ticket")),
        ),
    ),
)


def load_knowing(*, at: datetime) -> None:
    """Made by the same operations as anything else."""
    manager, senior, adviser = (
        _holder(code, at) for code in (OWNER, "head-of-customer-finance", "customer-services-adviser")
    )
    for kind, written in _ENTRIES:
        made = entries.write(kind, written, by=manager, at=at - 40 * DAY)
        entries.offer(made.pk, by=manager, at=at - 40 * DAY)
        entries.approve(made.pk, number=1, by=senior, at=at - 39 * DAY)
    _waiting(manager, at=at)
    _directory(manager, at=at)
    _found_wanting(manager, adviser, at=at)
    _changes(manager, at=at)
    _leaflets(manager, at=at)
    _listings(manager, at=at)


def _holder(code: str, at: datetime) -> Actor:
    user = User.objects.filter(posts_held__post=Post.objects.get(code=code)).first()
    assert user is not None
    return actor_for(user, at=at)


def _waiting(manager: Actor, *, at: datetime) -> None:
    """A procedure that its service has to sign off."""
    about = About(owner_post=OWNER, client_team="waste-collection", service_codes=("missed-bin",))
    body = "Look at the round first. Never promise a day that the round does not show."
    made = entries.write(
        Kind.PROCEDURE, Written(title="Taking a missed bin", body=body, about=about), by=manager, at=at - 2 * DAY
    )
    entries.offer(made.pk, by=manager, at=at - 2 * DAY)


def _directory(manager: Actor, *, at: datetime) -> None:
    for given in (
        Given(
            name="Aldershire County Council social care",
            deals_with="Homelessness at night, and adults or children at risk when we are closed",
            keywords=("homeless", "nowhere to sleep", "rough sleeper"),
            phone="01632 960881",
            hours="Mon-Sun 17:00-09:00",
            owner_post=OWNER,
        ),
        Given(
            name="Aldermere Water",
            deals_with="Burst mains and sewers under the road",
            keywords=("burst pipe", "sewage"),
            service_codes=("blocked-drain",),
            phone="01632 960882",
            hours="always",
            owner_post=OWNER,
        ),
        Given(
            name="Shoreline Advice Centre",
            deals_with="Debt, benefits and consumer questions",
            keywords=("debt", "advice"),
            service_codes=("rent-arrangement",),
            phone="01632 960883",
            link="https://advice.example.org",
            hours="Mon-Fri 10:00-15:00",
            owner_post=OWNER,
        ),
    ):
        referrals.keep(given, by=manager, at=at - 30 * DAY)
    synonyms.keep(["tip", "recycling centre", "dump"], by=manager, at=at - 30 * DAY)


def _found_wanting(manager: Actor, adviser: Actor, *, at: datetime) -> None:
    for words, times in (("skip permit", 7), ("allotment", 4), ("otter", 1)):
        for _time in range(times):
            search.missed(words, door=Missed.Door.PUBLIC, at=at - DAY)
    search.forget()
    tasks.flag(
        "knowledge",
        "getting-rid-of-a-mattress",
        why="unclear",
        words="It does not say when the recycling centre is open.",
        by=PUBLIC,
        at=at - DAY,
    )
    tasks.flag(
        "service", "fly-tipping", why="wrong", words="Callers say it took ten days.", by=adviser, at=at - 3 * DAY
    )


def _changes(manager: Actor, *, at: datetime) -> None:
    planned = Planned(
        title="Weekly food waste collections",
        why="law",
        words="Every home gets a food waste bin. Callers ask from the day the letters go out.",
        service_codes=("missed-bin",),
        owner_post=OWNER,
        ready_on=council_date(at) + 45 * DAY,
        owners={"training": OWNER, "scripts": OWNER, "pages": OWNER, "letters": OWNER},
    )
    changes.plan(planned, by=manager, at=at - 5 * DAY)


def _leaflets(manager: Actor, *, at: datetime) -> None:
    today = council_date(at)
    given = {
        "kind": "leaflet",
        "version": "4",
        "issued_on": (today - 20 * DAY).isoformat(),
        "languages": "English, Polish",
        "mailbox": "waste@aldermere.example.org",
        "expires_on": (today + 200 * DAY).isoformat(),
        "service": "missed-bin",
    }
    row = registers.open_row(
        "leaflets", title="Your bins and when they go out", given=given, by=manager, at=at - 20 * DAY
    )
    leaflets.stands_at(row.pk, ["main-centre", "north-office", "harbour-office"], by=manager, at=at - 20 * DAY)
    [looked_at] = Copies.objects.filter(row=row, site_code="main-centre")
    leaflets.confirm(looked_at.pk, version="4", by=manager, at=at - 10 * DAY)


def _listings(manager: Actor, *, at: datetime) -> None:
    """An outside listing whose page is gone, with the correction that was asked for; and a service on its way to us."""
    page = "https://directory.example.org/aldermere"
    given = {"page": page, "shows": "01632 960000", "kind": "directory"}
    row = registers.open_row("outside-listings", title="Shoreline directory", given=given, by=manager, at=at - 60 * DAY)
    link = Link.objects.create(url=page, fault="gone", status=404, failures=1, checked_at=at - DAY)
    place = LinkPlace.objects.create(
        link=link, kind="listing", key=str(row.pk), title=row.title, path=page, seen_at=at - DAY
    )
    corrections.ask(link, place, fault="gone", at=at - DAY)
    moving = {
        "service": "rent-arrangement",
        "moves_on": (council_date(at) + 60 * DAY).isoformat(),
        "volume": "18000",
        "staff": "Moves with no added staff",
        "posts": "0",
        "training": "Two afternoons in rents",
    }
    registers.open_row("service-migrations", title="Rent income calls", given=moving, by=manager, at=at - 10 * DAY)
