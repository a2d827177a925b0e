"""Made-up records for tests of cases and of everything above them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from townhall.accounts.models import Post, PostHolder, Role, Team, User
from townhall.accounts.queries import actor_for
from townhall.cases.models import Case
from townhall.cases.operations import NewCase, open_case
from townhall.catalogue import queries as catalogue
from townhall.catalogue.operations import load_packs
from townhall.catalogue.pack import Published
from townhall.clocks.tests.makers import make_calendars
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given
from townhall.core.actors import PUBLIC, SYSTEM, Actor
from townhall.core.tests.keepsakes import kept
from townhall.notifications.recipients import Recipient
from townhall.places.place import Place, Source

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PACKS = Path(__file__).parent / "packs"
SAM = Recipient(name="Sam Resident", email="sam@example.org")


def make_team(code: str, *, kind: str = Team.Kind.COUNCIL) -> Team:
    team, _made = Team.objects.get_or_create(code=code, defaults={"name": code.replace("-", " ").title(), "kind": kind})
    return team


def make_post(code: str, *, team: str, role: Role) -> Post:
    post, _made = Post.objects.get_or_create(
        code=code, defaults={"title": code.replace("-", " ").title(), "team": make_team(team), "role": role}
    )
    return post


def make_staff(name: str, *, team: str, role: Role, post: str = "") -> Actor:
    """A member of staff holding a post in a team, as they act."""
    held = make_post(post or f"{team}-{role}", team=team, role=role)
    user, _made = User.objects.get_or_create(email=f"{name}@example.org", defaults={"name": name.title()})
    PostHolder.objects.get_or_create(post=held, user=user, until_on=None, defaults={"from_on": date(2020, 1, 1)})
    return actor_for(user, at=MONDAY)


@kept
def make_council(packs: Path = PACKS) -> None:
    """Two small services, their teams and posts, calendars and kinds of clock."""
    make_calendars(MONDAY)
    load_packs(packs, by=SYSTEM, at=MONDAY)
    for pack in catalogue.services():
        make_team(pack.owner_team)
        for rule in pack.routing:
            if rule.team:
                make_team(rule.team)
        for branch in pack.branches:
            make_team(branch.team)
        make_post(pack.teller, team=pack.owner_team, role=Role.OFFICER)
        make_post(pack.senior_manager, team="management", role=Role.SENIOR_MANAGER)
        make_post(pack.portfolio_holder, team="members", role=Role.PORTFOLIO_HOLDER)


def make_case(
    service: str = "fly-tipping",
    *,
    reporter: Recipient = SAM,
    at: datetime = MONDAY,
    description: str = "Old sofa on the verge",
    easting: int = 530_000,
    northing: int = 180_000,
    channel: str = "web",
    published: Published | None = None,
    place_words: str = "",
) -> Case:
    pack = catalogue.service(service)
    contact_id: UUID = contacts.log(
        channel=channel,
        service_code=service,
        reason_code="report",
        given=Given(name=reporter.name, email=reporter.email),
        by=PUBLIC,
        at=at,
    )
    place = Place(
        source=Source.MAP,
        easting=easting,
        northing=northing,
        lat=51.5,
        lng=-0.13,
        address="Harbour Row",
        words=place_words,
    )
    opened = open_case(
        NewCase(
            pack=pack,
            place=place,
            reporter=reporter,
            channel=channel,
            contact_id=contact_id,
            description=description,
            published=published,
        ),
        by=PUBLIC,
        at=at,
    )
    return Case.objects.get(pk=opened.case_id)
