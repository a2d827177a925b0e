"""Putting Aldermere into an empty database: the place, the people, the services, and some weeks of reports."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from django.conf import settings
from django.db import transaction
from django.db.models import F

from townhall.accounts import demo as accounts_demo
from townhall.accounts import operations as accounts
from townhall.accounts.key_operations import create_key
from townhall.accounts.models import Post, PostHolder, Team, User
from townhall.catalogue import operations as catalogue
from townhall.config.demo import people, sites
from townhall.config.demo.arrivals import load_arrivals
from townhall.config.demo.borough import SEED, borough
from townhall.config.demo.complaining import load_complaints
from townhall.config.demo.deals import TRADER, load_deals
from townhall.config.demo.desk import load_desk
from townhall.config.demo.families import MARK as PERMIT_MARK
from townhall.config.demo.families import load_families
from townhall.config.demo.governing import load_governance
from townhall.config.demo.homes import RENT, TENANT, load_homes
from townhall.config.demo.knowing import load_knowing
from townhall.config.demo.local import load_local
from townhall.config.demo.mails import load_mails
from townhall.config.demo.money import BILL, MARK, NOTICE, PAYER, load_money
from townhall.config.demo.papers import STALL, load_papers
from townhall.config.demo.phones import load_phones, point_connectors
from townhall.config.demo.reaching import load_reaching
from townhall.config.demo.safety import load_safety
from townhall.config.demo.story import tell_story
from townhall.config.demo.twice import load_twice
from townhall.config.demo.website import load_website
from townhall.config.demo.working import load_working
from townhall.config.demo.writing import load_writing
from townhall.connectors.models import Connector, Delivery
from townhall.connectors.standins.server import NAMES
from townhall.connectors.states import State as DeliveryState
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.forms import operations as forms
from townhall.neighbourhood.models import AddressRound, Round
from townhall.notifications.models import Message
from townhall.notifications.states import State as MessageState
from townhall.places.models import Address, Area, HoursException, OpeningHours, Site, Street
from townhall.places.text import compact_postcode, folded

PASSWORD = accounts_demo.PASSWORD
DEMO_KEY = "demo-key"
DEMO_SCOPES = [
    "open311.write",
    "cases.open",
    "cases.see",
    "cases.accept",
    "cases.decline",
    "cases.schedule",
    "cases.tell_customer",
    "cases.complete",
    "cases.hand_off",
    "contractor.work",
    "customers.see",
    "deliveries.manage",
    "payments.phone",
    "answering",
    "post.in",
]
ZONE_METRES = 800  # across
DEMO_RATE = 120_000  # a minute and process: the demo is for trying, also under load
_LAND_KINDS = {"boundary": Area.Kind.BOUNDARY, "ward": Area.Kind.WARD, "land": Area.Kind.LAND}


def load(*, scale: str = "small") -> None:
    """Load everything that is not there yet. Safe to run again: what was loaded stays as it was."""
    at = now()
    if User.objects.exists():
        _point_connectors()
        return
    with transaction.atomic():
        _load_places()
        _load_rounds()
        _load_people(at)
        catalogue.load_packs(catalogue.OUR_PACKS, by=SYSTEM, at=at)
        forms.load_forms(catalogue.OUR_PACKS, by=SYSTEM, at=at)
        _load_connectors(at)
        create_key(
            name="Demo",
            scopes=DEMO_SCOPES,
            by=SYSTEM,
            at=at,
            key=DEMO_KEY,
            rate_per_minute=DEMO_RATE,
        )
    load_money(at=at, random=Random(SEED))
    load_papers(PAYER, at=at)
    load_homes(at=at)
    load_twice(at=at)
    load_desk(at=at)
    load_phones(at=at)
    load_local(at=at)
    load_reaching(at=at)
    load_writing(PAYER, at=at)
    load_knowing(at=at)
    load_working(at=at)
    load_complaints(at=at)
    load_arrivals(PAYER, password=PASSWORD, at=at)
    load_deals(password=PASSWORD, at=at)
    load_mails(at=at)
    load_families(at=at)
    load_safety(at=at)
    tell_story(at=at, random=Random(SEED), scale=scale)
    load_website(at=at, random=Random(SEED))
    load_governance(at=at)
    # What was said in these weeks was sent in its time: the mailbox is the visitor's own.
    said = Message.objects.filter(state=MessageState.PENDING, next_attempt_at__lte=at)
    said.update(state=MessageState.SENT, attempts=1, sent_at=F("next_attempt_at"), next_attempt_at=None)
    # The stand-ins have not been up these weeks: what waits for them waits since now.
    Delivery.objects.filter(state=DeliveryState.PENDING).update(queued_at=at, next_attempt_at=at)


def welcome() -> str:
    """What the demo prints once it runs: addresses and sign-ins."""
    base = settings.PUBLIC_URL
    lines = [
        f"Public site         {base}/",
        f"Staff workspace     {base}/work/",
        f"Contractors' jobs   {base}/contractor/",
        f"Near an address     {base}/near-me   (for example 12 Mill Lane)",
        f"Mailbox (all mail)  {base}/demo/mailbox",
        f"Open311             {base}/open311/v2/services.json   (api_key={DEMO_KEY})",
        f"A fee on the way    {base}/forms/{STALL}",
        f"Pay a bill          {base}/pay   (reference {BILL})",
        f"A penalty notice    {base}/penalty   (notice {NOTICE}, vehicle {MARK})",
        f"A rent account      {base}/account/verify   (number {RENT}, {TENANT}, at 2 Mill Lane)",
        f"Deals of traders    {base}/deals   (a trader: {TRADER}, with the staff's password)",
        f"Parking permits     {base}/permits   (vehicle {PERMIT_MARK} has one)",
        f"School places       {base}/school-places",
        "",
        f"Everybody on the staff signs in with the password   {PASSWORD}",
        "and the second code that the sign-in page shows. For example:",
    ]
    for wanted in ("officer", "team_manager", "adviser", "senior_manager", "administrator", "finance", "contractor"):
        person, post = next(
            (person, post)
            for post in people.POSTS
            if post.role == wanted
            for person in people.PEOPLE
            if post.code in person.posts
        )
        lines.append(f"  {person.email:<36} {post.title}")
    return "\n".join(lines) + "\n"


def _load_places() -> None:
    place = borough()
    Street.objects.bulk_create(
        Street(
            usrn=street.usrn,
            name=street.name,
            locality="Aldermere",
            search_text=folded(f"{street.name} Aldermere"),
            lines=[[list(point) for point in street.line]],
            easting=street.middle[0],
            northing=street.middle[1],
            maintained_by=street.maintained_by,
        )
        for street in place.streets
    )
    Address.objects.bulk_create(
        (
            Address(
                uprn=one.uprn,
                street_id=one.usrn,
                line=f"{one.line}, {one.postcode}",
                postcode=compact_postcode(one.postcode) or "",
                search_text=folded(f"{one.line} {one.postcode}"),
                easting=one.easting,
                northing=one.northing,
                ward_code=one.ward,
                classification=one.classification,
            )
            for one in place.addresses
        ),
        batch_size=1000,
    )
    Area.objects.bulk_create(
        Area(
            kind=_LAND_KINDS[area.kind],
            code=area.code,
            name=area.name,
            rings=[[list(point) for point in ring] for ring in area.rings],
            owner_name=area.owner_name,
            owner_contact=area.owner_contact,
            service_codes=list(area.service_codes),
        )
        for area in place.areas
        if area.kind in _LAND_KINDS
    )
    _load_zone()
    _load_sites()


def _load_zone() -> None:
    """The middle of town, where a permit is needed to park."""
    addresses = borough().addresses
    east, north = (
        round(sum(getattr(one, way) for one in addresses) / len(addresses)) for way in ("easting", "northing")
    )
    west, south = east - ZONE_METRES // 2, north - ZONE_METRES // 2
    ring = [
        [west, south],
        [west + ZONE_METRES, south],
        [west + ZONE_METRES, south + ZONE_METRES],
        [west, south + ZONE_METRES],
    ]
    Area.objects.create(kind=Area.Kind.ZONE, code="A", name="Town centre permit zone", rings=[ring])


def _load_sites() -> None:
    Site.objects.bulk_create(
        Site(code=one.code, name=one.name, address=one.address, phone=one.phone) for one in sites.SITES
    )
    known = {one.code for one in sites.SITES}
    OpeningHours.objects.bulk_create(
        OpeningHours(
            site_id=one.site if one.site in known else None,
            service_code=one.service,
            channel=one.channel,
            weekday=one.weekday,
            opens=one.opens,
            closes=one.closes,
            closes_latest=one.closes_latest,
            by_appointment=one.by_appointment,
            answerphone=one.answerphone,
            from_on=one.from_on,
            until_on=one.until_on,
        )
        for one in sites.HOURS
    )
    HoursException.objects.bulk_create(
        HoursException(
            site_id=one.site if one.site in known else None,
            service_code=one.service,
            on=one.on,
            opens=one.opens,
            closes=one.closes,
            reason=one.reason,
        )
        for one in sites.CLOSURES
    )


def _load_rounds() -> None:
    place = borough()
    Round.objects.bulk_create(
        Round(
            code=one.code,
            stream=one.stream,
            weekday=one.weekday,
            every_weeks=one.every_weeks,
            first_on=one.first_on,
            ends_at=one.ends_at,
        )
        for one in place.rounds
    )
    AddressRound.objects.bulk_create(
        (AddressRound(uprn=one.uprn, usrn=one.usrn, round_id=one.round) for one in place.address_rounds),
        batch_size=2000,
    )


def _load_people(at: datetime) -> None:
    Team.objects.bulk_create(
        Team(code=one.code, name=one.name, kind=one.kind, email=one.email, phone=one.phone) for one in people.TEAMS
    )
    teams = {team.code: team for team in Team.objects.all()}
    Post.objects.bulk_create(
        Post(code=one.code, title=one.title, team=teams[one.team], role=one.role) for one in people.POSTS
    )
    posts = {post.code: post for post in Post.objects.all()}
    for person in people.PEOPLE:
        user = accounts.create_user(email=person.email, name=person.name, by=SYSTEM, at=at)
        accounts.set_password(user.pk, PASSWORD, by=SYSTEM, at=at)
        accounts_demo.enrol(user, at=at)
        for code in person.posts:
            PostHolder.objects.create(post=posts[code], user=user, from_on=date(2026, 1, 1))


_OWNERS = {
    "revenues": "revenues",
    "benefits": "revenues",
    "housing": "housing",
}  # who looks after what a system refuses


def _load_connectors(at: datetime) -> None:
    owners = dict(Team.objects.values_list("code", "id"))
    for code, name in NAMES.items():
        Connector.objects.create(
            code=code,
            name=name,
            kind=code if code in ("waste", "works") else "records",
            base_url="",
            owner_team_id=owners.get(_OWNERS.get(code, "")),
            created_at=at - timedelta(days=60),
        )
    _point_connectors()


def _point_connectors() -> None:
    """To where the stand-ins are this time: all behind STANDINS_PORT, each under its code."""
    for code in NAMES:
        Connector.objects.filter(code=code).update(base_url=f"http://127.0.0.1:{settings.STANDINS_PORT}/{code}")
    point_connectors()
