"""Applications, events and councillors of Aldermere: all invented, the same for the same seed and day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from townhall.config.demo import names
from townhall.config.demo.borough import SEED, borough
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.loading import Kind, load
from townhall.core.loading.records import of_feed
from townhall.core.time import council_date
from townhall.neighbourhood import loading, proposals
from townhall.neighbourhood.models import Proposal, ProposalComment

SOURCE = "demo"
_PLANNING, _LICENSING, _BUILDING = 140, 36, 24
_WORKS = (
    ("Householder", "FUL", "Single-storey rear extension"),
    ("Householder", "FUL", "Loft conversion with two dormer windows"),
    ("Householder", "FUL", "Garage made into a bedroom, with a ramp to the front door"),
    ("Full application", "FUL", "Two houses on the garden, with parking and cycle stores"),
    ("Full application", "FUL", "Shop made into three flats"),
    ("Listed building consent", "LBC", "New sash windows to the front, like the old ones"),
    ("Works to trees", "TPO", "Crown of a protected oak reduced by two metres"),
    ("Advertisement", "ADV", "Lit sign above the shop front"),
)
_LICENCES = (
    ("Premises licence", "PREM", "Alcohol until 11pm, and live music on Fridays and Saturdays"),
    ("Premises licence variation", "PREM", "Tables and chairs on the pavement until 10pm"),
    ("House in multiple occupation", "HMO", "House for five people"),
    ("Street trading", "TRAD", "Coffee van on weekday mornings"),
)
_BUILDINGS = (
    ("Full plans", "BC", "Wall between kitchen and dining room taken out"),
    ("Building notice", "BN", "New roof, and insulation of the loft"),
)
_EVENTS = (
    ("Saturday market", "Square", 9, 6), ("Repair café", "Library", 10, 3), ("Health walk", "Gardens", 11, 2),
    ("Council meeting", "Town Hall", 18, 3), ("Planning committee", "Town Hall", 18, 2), ("Litter pick", "Park", 10, 2),
    ("Story time for under-fives", "Library", 10, 1), ("Harvest fair", "Priory Fields", 12, 5),
)  # fmt: skip
_FIRST = (
    "Ada", "Bryn", "Cora", "Dev", "Edith", "Farid", "Grace", "Hugo", "Imani", "Jonas", "Keira", "Luca", "Mina", "Noor", "Owen", "Petra",
    "Ravi", "Suri",
)  # fmt: skip
_LAST = ("Alder", "Birch", "Cedar", "Damson", "Elder", "Fernley", "Gorse", "Hawthorne", "Ives")
_PARTIES = ("Aldermere First (fictional)", "Harbour Group (fictional)", "Independent")


def load_local(*, at: datetime, seed: int = SEED) -> None:
    """Through the same readers as a council's own files. Safe to run again."""
    random = Random(seed)
    _load(loading.COUNCILLORS, list(councillors(random)), at=at)
    _load(loading.PLANNING, list(_applications(_WORKS, _PLANNING, random, at=at)), at=at)
    _load(loading.LICENSING, list(_applications(_LICENCES, _LICENSING, random, at=at, shops=True)), at=at)
    _load(loading.BUILDING_CONTROL, list(_applications(_BUILDINGS, _BUILDING, random, at=at)), at=at)
    _load(loading.EVENTS, list(_events(random, at=at)), at=at)
    _comments(at=at)


def _load(kind: Kind, records: list[dict[str, Any]], *, at: datetime) -> None:
    counts = load(of_feed(records, name=SOURCE), kind, by=SYSTEM, at=at)
    assert not counts.refused, kind.code


def councillors(random: Random) -> Iterator[dict[str, Any]]:
    """Three for each ward."""
    for index, (code, _name) in enumerate(names.WARDS):
        for seat in range(3):
            first = _FIRST[index * 3 + seat]
            last = random.choice(_LAST)
            yield {
                "id": f"{code}-{seat + 1}",
                "name": f"{first} {last}",
                "party": random.choice(_PARTIES),
                "ward_code": code,
                "email": f"{first.lower()}.{last.lower()}@aldermere.example.org",
                "phone": "01632 960170",
                "term_ends": "2027-05-06",
            }


def _applications(
    works: tuple[tuple[str, str, str], ...], count: int, random: Random, *, at: datetime, shops: bool = False
) -> Iterator[dict[str, Any]]:
    """Over the last half year; two thirds of those of the last eight weeks are undecided, and all before are decided."""
    today = council_date(at)
    addresses = [one for one in borough().addresses if (one.classification == "C") == shops]
    for number, address in enumerate(random.sample(addresses, count), start=1):
        category, letters, words = random.choice(works)
        received = today - timedelta(days=random.randint(1, 180))
        is_open = received > today - timedelta(days=56) and random.random() < 0.67
        decision = "" if is_open else random.choice(("Granted", "Granted", "Granted with conditions", "Refused"))
        yield {
            "casereference": f"{received:%y}/{number:05}/{letters}",
            "casedate": received.isoformat(),
            "casetext": words,
            "locationtext": f"{address.line}, {address.postcode}",
            "servicetypelabel": category,
            "status": "Under consideration" if is_open else "Decided",
            "decision": decision,
            "decisiondate": "" if is_open else (received + timedelta(days=40)).isoformat(),
            "decisiontargetdate": (received + timedelta(days=56)).isoformat(),
            "publicconsultationstartdate": received.isoformat(),
            "publicconsultationenddate": (received + timedelta(days=35)).isoformat(),
            "uprn": address.uprn,
            "geox": address.easting,
            "geoy": address.northing,
        }


def _events(random: Random, *, at: datetime) -> Iterator[dict[str, Any]]:
    today = council_date(at)
    streets = [street for street in borough().streets if street.ward]
    for number in range(32):
        title, place, hour, hours = _EVENTS[number % len(_EVENTS)]
        street = random.choice(streets)
        on = today + timedelta(days=random.randint(1, 55))
        yield {
            "id": f"event-{number + 1}",
            "title": title,
            "location": f"{place}, {street.name}",
            "start": f"{on.isoformat()}T{hour:02}:00",
            "end": f"{on.isoformat()}T{hour + hours:02}:00",
            "easting": street.middle[0],
            "northing": street.middle[1],
        }


def _comments(*, at: datetime) -> None:
    """Two that staff have published and one that waits for them, on the newest application that takes comments."""
    newest = Proposal.objects.filter(kind="planning", is_open=True, comment_until_on__gte=council_date(at))
    application = newest.order_by("-received_on", "reference").first()
    if application is None or ProposalComment.objects.exists():
        return
    said = (
        ("object", "Robin Examplewood", "Our kitchen would lose its light in the afternoon."),
        ("support", "Jo Examplewood", "Good to see the house used again."),
        ("neutral", "Sky Examplewood", "Please keep the pavement clear while it is built."),
    )
    for number, (stance, name, text) in enumerate(said):
        new = proposals.NewComment(
            stance=stance,
            text=text,
            name=name,
            address="1 High Street, Aldermere",
            may_publish=True,
            key=f"demo-{number}",
        )
        made = proposals.comment(application.pk, new, by=PUBLIC, at=at - timedelta(hours=30 - number))
        if number < 2:
            proposals.read_comment(made, publish=True, by=SYSTEM, at=at - timedelta(hours=4))
