"""Some weeks in Aldermere, told through the operations themselves, so that every report has its owner, promise and history."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from townhall.accounts.models import Post, Role, User
from townhall.accounts.queries import actor_for
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.states import State
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import Attribute, ServicePack
from townhall.config.demo.borough import borough
from townhall.core.actors import PUBLIC, Actor
from townhall.core.errors import RuleBroken
from townhall.notifications.recipients import Recipient
from townhall.places.place import Place, Source
from townhall.places.whereabouts import whole
from townhall.street.reporting import NewReport, report

HOW_MANY = {"small": 80, "medium": 800}
WEEKS = 8
_NAMES = (
    "Ash",
    "Bay",
    "Cove",
    "Dell",
    "Elm",
    "Fen",
    "Glen",
    "Heath",
    "Isle",
    "Jay",
    "Kite",
    "Lark",
    "Mere",
    "Nook",
    "Oak",
)
_WORDS = (
    "It has been there for some days.",
    "Next to the lamp post on the corner.",
    "It is getting worse.",
    "Near the bus stop, on the left as you walk to the park.",
    "",
    "Children walk past here on the way to school.",
)


def tell_story(*, at: datetime, random: Random, scale: str = "small") -> None:
    """Make reports over the weeks before `at`, and take most of them some way."""
    packs = [pack for pack in catalogue.services() if not pack.place.checks_round and not pack.form]
    count = HOW_MANY.get(scale, HOW_MANY["small"])
    moments = sorted(at - timedelta(minutes=random.randint(60, WEEKS * 7 * 24 * 60)) for _ in range(count))
    for number, moment in enumerate(moments):
        case_id = _report(random.choice(packs), number, random=random, at=moment)
        _work(case_id, random=random, at=moment, until=at)


def _report(pack: ServicePack, number: int, *, random: Random, at: datetime) -> UUID:
    address = random.choice(borough().addresses)
    name = f"{random.choice(_NAMES)} Examplewood"
    known = random.random() < 0.8
    place = Place(
        source=Source.ADDRESS,
        easting=address.easting,
        northing=address.northing,
        address=address.line,
        uprn=address.uprn,
        usrn=address.usrn,
    )
    made = report(
        NewReport(
            service_code=pack.code,
            place=whole(place),
            reporter=Recipient(name=name, email=f"resident{number}@example.org") if known else Recipient(),
            channel=random.choice(("web", "web", "web", "phone", "counter")),
            key=f"demo-{number}",
            description=random.choice(_WORDS),
            answers={one.code: _answer(one, random) for one in pack.attributes if one.required and not one.shown_when},
        ),
        by=PUBLIC,
        at=at,
    )
    return made.case_id


def _answer(attribute: Attribute, random: Random) -> object:
    match attribute.datatype:
        case "singlevaluelist":
            return random.choice(attribute.values).key
        case "multivaluelist":
            return [random.choice(attribute.values).key]
        case "number":
            return 2
        case "datetime":
            return "2026-10-01"
        case _:
            return "Not known"


def _work(case_id: UUID, *, random: Random, at: datetime, until: datetime) -> None:
    """Accept, decline, finish and tell, as far as there was time for."""
    case = Case.objects.get(pk=case_id)
    if case.state != State.AWAITING_DECISION:
        return
    officer = _officer(case)
    decided = at + timedelta(hours=random.randint(1, 70))
    finished = decided + timedelta(hours=random.randint(10, 400))
    pack = catalogue.service(case.service_code)
    if officer is None or decided > until:
        return
    try:
        if random.random() < 0.12 and pack.refused:
            cases.decline(case_id, reason_code=random.choice(pack.refused).code, by=officer, at=decided)
            return
        cases.accept(case_id, by=officer, at=decided)
        if finished < until and random.random() < 0.85:
            outcome = random.choice(pack.outcomes)
            cases.complete(case_id, outcome_code=outcome.code, outcome_text="", by=officer, at=finished)
            cases.tell(case_id, by=officer, at=finished + timedelta(minutes=5))
    except RuleBroken:
        return  # a story that the rules would not have


def _officer(case: Case) -> Actor | None:
    post = Post.objects.filter(team_id=case.doer_team_id, role=Role.OFFICER).first()
    user = User.objects.filter(posts_held__post=post).first() if post else None
    return actor_for(user, at=case.opened_at) if user else None
