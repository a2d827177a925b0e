"""The large council of `make bench`, made once and kept: customers, contacts and reports with all that belongs to each.

People and reports are made here with a fixed seed and go in by COPY; what belongs to a report is derived from it by the database
(data.sql), a month in each transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from convertbng import cutil
from psycopg.types.json import Jsonb

from bench.people import Person, people
from townhall.config.demo.borough import borough
from townhall.config.demo.kinds import Address
from townhall.core.references import new_reference

SQL = Path(__file__).with_name("data.sql")
SPREAD = 4_000  # metres that an address is moved at most: a borough of some 60 square kilometres
OPEN_DAYS, CLOSED_DAYS = 60, 1_095  # days back that open and closed reports go
DAY = 86_400.0
WORDS = (
    "It has been there for some days.",
    "Next to the lamp post on the corner, in front of the shop.",
    "It is getting worse every day and somebody will hurt themselves.",
    "Near the bus stop, on the left as you walk to the park.",
    "Children walk past here on the way to school.",
)
KINDS: tuple[tuple[str, dict[str, Any], str, int], ...] = (  # service, answers, outcome, share
    ("fly-tipping", {"size": "boot", "waste": ["household"], "blocking": "no"}, "cleared", 35),
    ("pothole", {"position": "carriageway", "depth": "medium"}, "repaired", 25),
    ("street-light", {}, "repaired", 15),
    ("graffiti", {}, "removed", 15),
    ("litter-bin", {}, "emptied", 10),
)


@dataclass(frozen=True, kw_only=True)
class Scale:
    customers: int = 200_000
    open: int = 100_000
    closed: int = 1_000_000


def stamp(scale: Scale) -> str:
    """Changes with whatever the data is made of."""
    made_of = SQL.read_bytes() + Path(__file__).read_bytes() + json.dumps(asdict(scale)).encode()
    return hashlib.sha256(made_of).hexdigest()[:16]


def fill(connection: psycopg.Connection[Any], scale: Scale, *, at: datetime, say: Callable[[str], None]) -> None:
    """Fill an otherwise fresh demo. `connection`: an administrator's, in autocommit."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET synchronous_commit = off")
    random = Random(2026)
    say(f"{scale.customers:,} customers")
    known = _fill_customers(connection, scale.customers, random=random, at=at)
    say(f"{scale.open + scale.closed:,} reports")
    _stage_reports(connection, _reports(scale, known, random=random, at=at))
    first_day = at - timedelta(days=CLOSED_DAYS + 1)
    connection.execute("SELECT ledger_make_partitions(%s::date, %s::date)", (first_day.date(), at.date()))
    statements = [one for one in SQL.read_text().split(";\n") if one.strip()]
    month = timedelta(days=30)
    while first_day < at:
        with connection.transaction():
            for statement in statements:
                connection.execute(statement, {"first": first_day, "last": min(first_day + month, at)})
        first_day += month
        say(f"  everything until {first_day:%B %Y}")
    connection.execute("DROP TABLE bench_report")
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


Known = tuple[UUID, Person]


def _fill_customers(connection: psycopg.Connection[Any], count: int, *, random: Random, at: datetime) -> list[Known]:
    made = [(_uuid(at - timedelta(days=2_000), random), person) for person in people(count, random)]
    addresses = borough().addresses
    with connection.transaction(), connection.cursor() as cursor:
        columns = "id, kind, name, search_name, date_of_birth, preferred_channel, language, created_at"
        with cursor.copy(f"COPY customers_customer ({columns}) FROM STDIN") as copy:
            for key, person in made:
                row = (key, "person", person.name, person.name.lower(), person.born_on, "", "en", at)
                copy.write_row(row)
        with cursor.copy("COPY customers_contactpoint (id, kind, value, normalised, customer_id) FROM STDIN") as copy:
            for key, person in made:
                copy.write_row((_uuid(at, random), "email", person.email, person.email, key))
                if random.random() < 0.5:
                    copy.write_row((_uuid(at, random), "phone", person.phone, person.phone, key))
        columns = "id, uprn, line, postcode, customer_id"
        with cursor.copy(f"COPY customers_customeraddress ({columns}) FROM STDIN") as copy:
            for number, (key, _person) in enumerate(made):
                address = addresses[number % len(addresses)]
                copy.write_row((_uuid(at, random), address.uprn, address.line, _postcode(number), key))
    return made


def _postcode(number: int) -> str:
    """Thirty people share one, as they do; compact, from the area that nobody lives in."""
    rest, last = divmod(number // 30, 676)
    return f"ZZ{1 + rest // 10}{rest % 10}{chr(65 + last // 26)}{chr(65 + last % 26)}"


Row = tuple[Any, ...]
COLUMNS = (
    "id uuid, reference text, service_code text, state text, team text, teller text, outcome_code text, attributes jsonb, "
    "description text, opened_at timestamptz, closed_at timestamptz, due_on date, easting integer, northing integer, lat float8, "
    "lng float8, address text, uprn text, usrn text, ward_code text, customer_id uuid, name text, email text, contact_id uuid"
)


def _reports(scale: Scale, known: Sequence[Known], *, random: Random, at: datetime) -> Iterator[Row]:
    addresses = borough().addresses
    moments = [at - timedelta(seconds=DAY * random.uniform(OPEN_DAYS + 5, CLOSED_DAYS)) for _ in range(scale.closed)]
    moments += [at - timedelta(seconds=DAY * random.uniform(0.01, OPEN_DAYS)) for _ in range(scale.open)]
    references = _references(len(moments))
    kinds, shares = [kind[:3] for kind in KINDS], [kind[3] for kind in KINDS]
    for start in range(0, len(moments), 50_000):
        some = moments[start : start + 50_000]
        chosen = random.choices(addresses, k=len(some))
        east = [round(one.easting) + random.randint(-SPREAD, SPREAD) for one in chosen]
        north = [round(one.northing) + random.randint(-SPREAD, SPREAD) for one in chosen]
        lngs, lats = cutil.convert_lonlat(east, north)
        for number, opened_at in enumerate(some):
            is_open = start + number >= scale.closed
            place = (east[number], north[number], lats[number], lngs[number])
            kind = random.choices(kinds, shares)[0]
            who = known[random.randrange(len(known))]
            yield _report(
                references[start + number],
                kind,
                who,
                chosen[number],
                place,
                opened_at=opened_at,
                is_open=is_open,
                random=random,
            )


def _references(count: int) -> list[str]:
    made: set[str] = set()
    while len(made) < count:
        made.add(new_reference())
    return sorted(made, key=hash)


def _report(
    reference: str,
    kind: tuple[str, dict[str, Any], str],
    who: Known,
    address: Address,
    place: tuple[int, int, float, float],
    *,
    opened_at: datetime,
    is_open: bool,
    random: Random,
) -> Row:
    service, answers, outcome = kind
    customer_id, person = who
    state = random.choice(("awaiting_decision", "accepted", "accepted")) if is_open else "closed"
    team, teller = OWNERS[service]
    return (
        _uuid(opened_at, random),
        reference,
        service,
        state,
        team,
        teller,
        outcome,
        Jsonb(answers),
        random.choice(WORDS),
        opened_at,
        None if is_open else opened_at + timedelta(seconds=DAY * random.uniform(0.5, 4)),
        (opened_at + timedelta(days=14)).date(),
        *place,
        address.line,
        address.uprn,
        address.usrn,
        address.ward,
        customer_id,
        person.name,
        person.email,
        _uuid(opened_at, random),
    )


OWNERS = {
    "fly-tipping": ("street-cleansing", "street-cleansing-officer"),
    "pothole": ("highways", "highways-officer"),
    "street-light": ("street-lighting", "street-lighting-officer"),
    "graffiti": ("street-cleansing", "street-cleansing-officer"),
    "litter-bin": ("street-cleansing", "street-cleansing-officer"),
}


def _stage_reports(connection: psycopg.Connection[Any], rows: Iterator[Row]) -> None:
    connection.execute("DROP TABLE IF EXISTS bench_report")
    connection.execute(f"CREATE UNLOGGED TABLE bench_report ({COLUMNS})")
    with connection.transaction(), connection.cursor() as cursor, cursor.copy("COPY bench_report FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute("CREATE INDEX ON bench_report (opened_at)")
    connection.execute("ANALYZE bench_report")


def _uuid(at: datetime, random: Random) -> UUID:
    """A version 7 id as it would have been made then."""
    milliseconds = int(at.astimezone(UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0b10 << 62 | random.getrandbits(62))
