"""What `make bench` measures: which requests, what the answers must hold, and the reference each is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote

from bench import accounts, doors, drafts, phone, walking, wire
from bench.council import Council
from bench.load import Wanted
from bench.signing_in import sign_in

HOST = "localhost"
SAMPLE = 2_000  # different pages asked for
CREATED = 12_000  # reports ready to be sent in one run
OFFICER, ADVISER = "street-cleansing-officer", "customer-services-adviser"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`reference`: the script in bench/reference. To reach: `least` requests/s, `p95` in ms at most, `share` of the reference.

    aside: milliseconds of each request that are not counted.
    """

    name: str
    prepare: Callable[[Council], Wanted]
    reference: str
    least: float
    p95: float | None = None
    share: float | None = None
    creates: bool = False
    aside: Callable[[], float] = lambda: 0.0


def account_home(council: Council) -> Wanted:
    with council.connect("townhall_admin") as connection:
        return accounts.homes(connection)


def resident_sign_in(council: Council) -> Wanted:
    with council.connect("townhall_admin") as connection:
        return accounts.sign_ins(connection)


def _rows(council: Council, query: str) -> list[Any]:
    with council.connect() as connection:
        return connection.execute(query.encode()).fetchall()


def _some_cases(council: Council, condition: str = "true") -> list[Any]:
    """The same cases each time, from all over the table."""
    return _rows(
        council,
        "SELECT c.reference, c.id, c.customer_id, c.easting, c.northing, c.lat, c.lng FROM cases_case c "
        f"TABLESAMPLE SYSTEM (2) REPEATABLE (1) WHERE c.customer_id IS NOT NULL AND {condition} ORDER BY md5(c.id::text) LIMIT {SAMPLE}",
    )


def _around(pages: list[tuple[str, bytes]], **headers: str) -> Wanted:
    requests = [(wire.get(path, host=HOST, **headers), holds) for path, holds in pages]
    return Wanted(requests, status=200, again=True)


def create_by_form(council: Council) -> Wanted:
    with council.connect() as connection:
        made = doors.FORM.prepare(CREATED, connection, council.port, ("fly-tipping",))
    return Wanted([(drafts.final_post(one, host=HOST), b"/received?me=") for one in made], status=302, again=False)


def create_by_open311(council: Council) -> Wanted:
    with council.connect() as connection:
        made = doors.OPEN311.prepare(CREATED, connection, council.port, ("fly-tipping",))
    return Wanted([(doors.OPEN311.request(one), b'"service_request_id":"TH-') for one in made], status=200, again=False)


def follow(council: Council) -> Wanted:
    return _around([(f"/r/{row[0]}", row[0].encode()) for row in _some_cases(council)])


def queue(council: Council) -> Wanted:
    cookie = sign_in(council.port, _who_holds(council, OFFICER))
    return _around([("/work/", b"/work/cases/TH-")], Cookie=cookie)


def case_page(council: Council) -> Wanted:
    cookie = sign_in(council.port, _who_holds(council, OFFICER))
    cases = _some_cases(council, "c.doer_team_id = (SELECT id FROM accounts_team WHERE code = 'street-cleansing')")
    return _around([(f"/work/cases/{row[0]}", row[0].encode()) for row in cases], Cookie=cookie)


def look_up(council: Council) -> Wanted:
    """By email, by whole name, by first name and the beginning of the surname, and by postcode, in turn."""
    cookie = sign_in(council.port, _who_holds(council, ADVISER))
    people = _rows(
        council,
        "SELECT c.name, p.value, a.postcode FROM customers_customer c TABLESAMPLE SYSTEM (5) REPEATABLE (1) "
        "JOIN customers_contactpoint p ON p.customer_id = c.id AND p.kind = 'email' "
        f"JOIN customers_customeraddress a ON a.customer_id = c.id ORDER BY md5(c.id::text) LIMIT {SAMPLE}",
    )
    pages = []
    for number, (name, email, postcode) in enumerate(people):
        first, last = name.split(" ")
        typed, holds = ((email, name), (name, name), (f"{first} {last[:4]}", first), (postcode, "ZZ"))[number % 4]
        pages.append((f"/work/customers?q={quote(typed)}", holds.encode()))
    return _around(pages, Cookie=cookie)


def customer_page(council: Council) -> Wanted:
    cookie = sign_in(council.port, _who_holds(council, ADVISER))
    people = _rows(
        council,
        "SELECT c.id, c.name FROM customers_customer c TABLESAMPLE SYSTEM (5) REPEATABLE (1) "
        f"ORDER BY md5(c.id::text) LIMIT {SAMPLE}",
    )
    return _around([(f"/work/customers/{key}?reason=check", name.encode()) for key, name in people], Cookie=cookie)


def _fresh_potholes(council: Council) -> list[Any]:
    """Where the newest open ones lie: easting, northing, lat, lng. A page that is asked for there has them on it."""
    return _rows(
        council,
        "SELECT easting, northing, lat, lng FROM cases_case WHERE service_code = 'pothole' AND state <> 'closed' "
        f"ORDER BY opened_at DESC LIMIT {SAMPLE}",
    )


def near_by_pins(council: Council) -> Wanted:
    random = Random(3)
    pages = []
    for _east, _north, north_of, east_of in _fresh_potholes(council):
        lat, lng = north_of + random.uniform(-0.0003, 0.0003), east_of + random.uniform(-0.0003, 0.0003)
        pages.append((f"/report/pothole/nearby.json?lat={lat:.6f}&lng={lng:.6f}", b'"href"'))
    return _that_answer(_around(pages[:500]), council.port)


def near_by_page(council: Council) -> Wanted:
    """The journey's own page, for drafts at places where something open lies."""
    with council.connect() as connection:
        made = drafts.make(SAMPLE, label=f"near{council.port}", services=("pothole",))
        points = [(east, north) for east, north, _lat, _lng in _fresh_potholes(council)]
        drafts.store(made, connection, version=drafts.versions(connection), points=points)
    requests = [
        (wire.get(f"/report/{one.service}/nearby", host=HOST, Cookie=drafts.cookie(one)), b"/followers") for one in made
    ]
    return _that_answer(Wanted(requests[:500], status=200, again=True), council.port)


def _that_answer(wanted: Wanted, port: int) -> Wanted:
    """Only the requests that are answered by the page: where nothing near is alike, the journey leads straight on."""
    client = wire.Client(port)
    kept = [one for one in wanted.requests if wanted.is_right(client.send(one[0]), one[1])]
    return replace(wanted, requests=kept)


def _who_holds(council: Council, post: str) -> str:
    """The email of whoever holds a post."""
    rows = _rows(
        council,
        "SELECT u.email FROM accounts_user u JOIN accounts_postholder h ON h.user_id = u.id JOIN accounts_post p ON p.id = h.post_id "
        f"WHERE p.code = '{post}' ORDER BY u.email LIMIT 1",
    )
    return str(rows[0][0])


SCENARIOS = (
    Scenario(
        name="create, public form", prepare=create_by_form, reference="create", least=250, share=0.20, creates=True
    ),
    Scenario(
        name="create, Open311", prepare=create_by_open311, reference="create", least=250, share=0.20, creates=True
    ),
    Scenario(name="public follow page", prepare=follow, reference="follow", least=500),
    Scenario(name="team queue, first page", prepare=queue, reference="queue", least=150, p95=80),
    Scenario(name="customer look-up", prepare=look_up, reference="look_up", least=150, p95=80),
    Scenario(name="customer page", prepare=customer_page, reference="customer", least=150, p95=80),
    Scenario(name="case page", prepare=case_page, reference="case", least=150, p95=80),
    Scenario(name="account home", prepare=account_home, reference="customer", least=50, p95=100),
    Scenario(
        name="sign-in of a resident, one at a time, without hashing",
        prepare=resident_sign_in,
        reference="customer",
        least=10,
        p95=100,
        aside=accounts.hashing,
    ),
    Scenario(
        name="five-page form, start to acknowledgement",
        prepare=lambda _council: walking.walks(),
        reference="follow",
        least=200,
        p95=100,
        creates=True,
    ),
    Scenario(name="near-by search, page", prepare=near_by_page, reference="near_by", least=300, p95=45),
    Scenario(name="phone, signed messages of five events", prepare=phone.events, reference="create", least=40),
    Scenario(name="near-by search, JSON", prepare=near_by_pins, reference="near_by", least=300, p95=45),
)
