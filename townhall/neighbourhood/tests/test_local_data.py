"""Bins, applications, events and councillors from files and signed feeds; what is within half a mile of an address."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import pytest
from django.db import connection

from townhall.connectors.events import AnnouncementReceived
from townhall.core import prepared
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.errors import BadInput
from townhall.core.loading import Counts, Fault, Kind, Layout, Refused, load, read_file
from townhall.core.paging import Page
from townhall.ledger.models import Entry
from townhall.neighbourhood import feeds, nearby, proposals
from townhall.neighbourhood.around import around
from townhall.neighbourhood.loading import COLLECTIONS, COUNCILLORS, EVENTS, LICENSING, PLANNING, ROUNDS
from townhall.neighbourhood.loading.proposals import is_over
from townhall.neighbourhood.models import AddressRound, Collections, Councillor, Event, Proposal, Round
from townhall.neighbourhood.nearby import HALF_A_MILE, ProposalLine, Wanted
from townhall.neighbourhood.queries import next_collections, upcoming
from townhall.neighbourhood.tests.makers import HOME, MONDAY, NEIGHBOUR, TUESDAY, at, make_place
from townhall.notifications.models import Message
from townhall.places.models import Address

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)
BINS_SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "data" / "bins" / "output.schema.json"
LGA = [
    "extractdate",
    "casereference",
    "caseurl",
    "casedate",
    "casetext",
    "locationtext",
    "servicetypelabel",
    "status",
    "decision",
]
LGA += ["publicconsultationenddate", "uprn", "geox", "geoy"]


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[..., Path]:
    def write(headings: Sequence[str], *rows: Sequence[str], name: str = "file.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([headings, *rows])
        return path

    return write


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The prepared reads as they are made; Django does not count them."""
    made: list[str] = []
    real = prepared.run

    def counted(connection: Any, statement: bytes, *parameters: Any, **more: Any) -> Any:
        made.append(statement.decode())
        return real(connection, statement, *parameters, **more)

    monkeypatch.setattr(prepared, "run", counted)
    return made


def run(path: Path, kind: Kind, **more: Any) -> tuple[Counts, list[Fault]]:
    faults: list[Fault] = []
    source = read_file(path, Layout(), unpack=kind.unpack, unpack_xml=kind.unpack_xml)
    return load(source, kind, **{"by": SYSTEM, "at": NOW, "refuse": faults.append, **more}), faults


def an_application(reference: str, **given: str) -> list[str]:
    row = {
        "extractdate": "2026-03-01",
        "casereference": reference,
        "caseurl": "https://planning.example.org/1",
        "casedate": "27/02/2026",
        "casetext": "A conservatory",
        "locationtext": "12 Mill Lane",
        "servicetypelabel": "Householder",
        "status": "Under consideration",
        "decision": "",
        "publicconsultationenddate": "2026-03-20",
        "uprn": "",
        "geox": "530100",
        "geoy": "180100",
        **given,
    }
    return [row[name] for name in LGA]


def test_applications_of_the_lga_columns_come_in_once_and_follow_the_newest_file(file_of: Callable[..., Path]) -> None:
    path = file_of(LGA, an_application("26/1/FUL"), an_application("26/2/FUL", geox="", geoy="", decision="Refused"))

    counts, faults = run(path, PLANNING)
    again, _none = run(path, PLANNING)

    assert (counts.new, faults) == (2, [])
    assert (again.new, again.changed, again.known) == (0, 0, 2)
    first, second = Proposal.objects.order_by("reference")
    assert (first.received_on, first.comment_until_on, first.easting) == (date(2026, 2, 27), date(2026, 3, 20), 530100)
    assert (first.is_open, second.is_open, second.easting) == (True, False, None)
    later, _none = run(file_of(LGA, an_application("26/1/FUL", decision="Granted")), PLANNING, at=at(TUESDAY))
    assert later.changed == 1
    changed = Proposal.objects.get(reference="26/1/FUL")
    assert (changed.pk, changed.is_open, changed.updated_at) == (first.pk, False, at(TUESDAY))


def test_planning_data_entities_and_a_place_by_its_uprn(tmp_path: Path) -> None:
    make_place()
    entities = [
        {
            "entity": 7,
            "dataset": "planning-application",
            "reference": "26/7/FUL",
            "description": "Two flats",
            "address-text": "1 Quay",
            "planning-application-status": "Undecided",
            "start-date": "2026-02-01",
            "point": "POINT (-0.1278 51.5074)",
            "organisation": {"name": "Aldermere"},
        },
        {"reference": "26/8/FUL", "description": "A shed", "uprn": HOME},
    ]
    path = tmp_path / "planning.json"
    path.write_text(json.dumps({"entities": entities}))

    counts, faults = run(path, PLANNING)

    assert (counts.new, faults) == (2, [])
    seven, eight = Proposal.objects.order_by("reference")
    assert (seven.is_open, seven.location, seven.easting) == (True, "1 Quay", 530027)
    assert (eight.easting, eight.ward_code) == (1, "W1")


@pytest.mark.parametrize(
    ("status", "decision", "over"),
    [
        ("Undecided", "", False),
        ("Consultation closed", "", False),
        ("Decided", "", True),
        ("Application withdrawn", "", True),
        ("Registered", "Approve with conditions", True),
        ("", "", False),
    ],
)
def test_what_a_status_means(status: str, decision: str, *, over: bool) -> None:
    assert is_over(status, decision) is over


def test_faults_of_applications_are_named(file_of: Callable[..., Path]) -> None:
    path = file_of(
        LGA,
        an_application("", casedate="soon"),
        an_application("26/1", caseurl="javascript:alert(1)"),
        an_application("26/2", geox="9000000", geoy="1"),
        an_application("26/3", casetext="", locationtext=""),
        an_application("26/4"),
    )

    counts, faults = run(path, PLANNING)

    assert [(one.row, one.column) for one in faults] == [
        (2, "casereference"),
        (2, "casedate"),
        (3, "caseurl"),
        (4, "geox"),
        (5, "casetext"),
    ]
    assert counts.new == 1


def test_followers_hear_of_a_change_once_and_not_of_a_dry_run(file_of: Callable[..., Path]) -> None:
    run(file_of(LGA, an_application("26/1/FUL"), an_application("26/2/FUL")), PLANNING)
    one = Proposal.objects.get(reference="26/1/FUL")
    for _twice in range(2):
        proposals.follow(one.pk, email="kim@example.org", by=PUBLIC, at=NOW)
    decided = file_of(
        LGA, an_application("26/1/FUL", decision="Granted"), an_application("26/2/FUL", decision="Granted")
    )

    run(decided, PLANNING, dry_run=True, at=at(TUESDAY))
    assert not Message.objects.exists()
    for _twice in range(2):
        run(decided, PLANNING, at=at(TUESDAY))

    message = Message.objects.get()
    assert (message.recipient_address, message.template) == ("kim@example.org", "proposal/moved")
    assert "Granted" in message.body_text
    assert "/planning/stop/" in message.unsubscribe_url


def make_proposals(*places: tuple[int, int], is_open: bool = True) -> None:
    Proposal.objects.bulk_create(
        Proposal(
            kind="planning",
            reference=f"P{number:04}",
            is_open=is_open,
            easting=x,
            northing=y,
            source="s",
            first_seen_at=NOW,
            updated_at=NOW,
        )
        for number, (x, y) in enumerate(places)
    )


def test_half_a_mile_is_805_metres_and_the_list_goes_on_by_distance(reads: list[str]) -> None:
    make_proposals((0, 0), (3, 4), (805, 0), (806, 0), (570, 570), (0, -300), (0, 300), (300, 0))
    everything: list[ProposalLine] = []
    page: Page[ProposalLine] = Page(rows=[], after="")
    for number in range(3):
        page = nearby.near(0, 0, after=page.after, size=2)
        assert len(reads) == number + 1
        everything += page.rows
        assert len(page.rows) == 2

    assert page.after == ""
    assert [round(line.metres or 0) for line in everything] == [0, 5, 300, 300, 300, 805]
    assert len({line.id for line in everything}) == 6
    assert HALF_A_MILE == 805
    assert len(nearby.near(0, 0, metres=1000).rows) == 8
    assert nearby.near(0, 0, after="nonsense").rows[0].metres == 0


def test_near_reads_the_index() -> None:
    make_proposals(*((x * 100, y * 100) for x in range(60) for y in range(60)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE neighbourhood_proposal")
        cursor.execute(
            """EXPLAIN SELECT id FROM neighbourhood_proposal
            WHERE easting IS NOT NULL AND point(easting, northing) <@ circle(point(3000, 3000), 805)"""
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "proposal_near" in plan


def test_everything_around_an_address_in_two_queries(
    reads: list[str], django_assert_num_queries: Callable[..., Any]
) -> None:
    make_place()
    Address.objects.filter(pk=HOME).update(easting=530000, northing=180000)
    make_proposals((530100, 180000), (530050, 180000), (532000, 180000))
    Event.objects.create(
        source="s",
        external_id="1",
        title="Market",
        starts_at=NOW + timedelta(days=1),
        easting=530010,
        northing=180000,
        updated_at=NOW,
    )
    Event.objects.create(
        source="s",
        external_id="2",
        title="Over",
        starts_at=NOW - timedelta(days=1),
        easting=530010,
        northing=180000,
        updated_at=NOW,
    )
    Councillor.objects.create(external_id="1", name="Ada Alder", ward_code="W1", updated_at=NOW)
    Councillor.objects.create(external_id="2", name="Bo Other", ward_code="W2", updated_at=NOW)

    around(HOME, at=NOW)  # which reads the projection into memory
    reads.clear()

    with django_assert_num_queries(0):
        here = around(HOME, at=NOW)

    assert len(reads) == 2

    assert here is not None
    assert [round(one.metres) for one in here.proposals] == [50, 100]
    assert [one.title for one in here.events] == ["Market"]
    assert [one.name for one in here.councillors] == ["Ada Alder"]
    assert around("999", at=NOW) is None


def test_a_search_finds_pieces_of_words_newest_first() -> None:
    make_proposals((0, 0), (1, 1))
    Proposal.objects.filter(reference="P0000").update(search_text="p0000 a conservatory", received_on=MONDAY)
    Proposal.objects.filter(reference="P0001").update(
        search_text="p0001 conserve", received_on=TUESDAY, kind="licensing"
    )

    assert [line.reference for line in nearby.search(Wanted(words="Conserv")).rows] == ["P0001", "P0000"]
    assert [line.reference for line in nearby.search(Wanted(words="conserv", kind="planning")).rows] == ["P0000"]
    assert nearby.search(Wanted(words="100%_")).rows == []


MODERN_GOV = """<?xml version="1.0" encoding="utf-8"?>
<councillorsbyward xmlns="http://example.org/x"><wards>
<ward><wardtitle>Harbour</wardtitle><councillors>
<councillor><councillorid>101</councillorid><fullusername>Councillor Ada Alder</fullusername>
<politicalpartytitle>Independent</politicalpartytitle><photobigurl>https://example.org/a.jpg</photobigurl>
<workaddress><email>ada@example.org</email></workaddress>
<termsofoffice><termofoffice><enddate>07/05/2027</enddate></termofoffice></termsofoffice></councillor>
<councillor><councillorid>102</councillorid><fullusername>Councillor Bo Birch</fullusername>
<termsofoffice><termofoffice><enddate>unspecified</enddate></termofoffice></termsofoffice></councillor>
</councillors></ward>
<ward><wardtitle>Atlantis</wardtitle><councillors>
<councillor><councillorid>103</councillorid><fullusername>Councillor Cy Cedar</fullusername></councillor>
</councillors></ward></wards></councillorsbyward>"""


def test_councillors_of_modern_gov_come_to_their_ward_and_leave_with_the_list(
    tmp_path: Path, file_of: Callable[..., Path]
) -> None:
    make_place()
    path = tmp_path / "councillors.xml"
    path.write_text(MODERN_GOV)

    counts, [fault] = run(path, COUNCILLORS)

    assert (counts.new, counts.refused) == (2, 1)
    assert (fault.row, fault.external_id, fault.column) == (3, "103", "ward")
    ada = Councillor.objects.get(external_id="101")
    assert (ada.name, ada.ward_code, ada.term_ends_on) == ("Ada Alder", "W1", date(2027, 5, 7))
    assert ada.email == "ada@example.org"
    whole = file_of(["id", "name", "ward"], ["102", "Bo Birch", "W1"])
    ended, _none = run(whole, COUNCILLORS, is_whole=True)
    assert ended.ended == 1
    assert [one.name for one in nearby.councillors_of("W1")] == ["Bo Birch"]


def test_xml_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    path.write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    with pytest.raises(Refused):
        run(path, COUNCILLORS)


def test_events_come_in_with_london_times(file_of: Callable[..., Path]) -> None:
    path = file_of(
        ["id", "title", "start", "end", "venue", "lat", "lng"],
        ["1", "Market", "2026-07-01T09:00", "2026-07-01T15:00", "High Street", "51.5074", "-0.1278"],
        ["2", "Backwards", "2026-07-01", "2026-06-01", "", "", ""],
    )

    counts, [fault] = run(path, EVENTS)

    assert (counts.new, fault.column) == (1, "end")
    event = Event.objects.get()
    assert (event.starts_at.hour, event.easting) == (8, 530027)


def test_dates_by_address_go_before_the_rounds(tmp_path: Path) -> None:
    make_place()
    bins = {
        "bins": [
            {"type": "Refuse", "collectionDate": "12/03/2026"},
            {"type": "Food waste", "collectionDate": "05/03/2026"},
            {"type": "Refuse", "collectionDate": "05/02/2026"},
        ]
    }
    if BINS_SCHEMA.exists():
        jsonschema.validate(bins, json.loads(BINS_SCHEMA.read_text()))
    path = tmp_path / f"{HOME}.json"
    path.write_text(json.dumps(bins))

    counts, faults = run(path, COLLECTIONS)
    again, _none = run(path, COLLECTIONS, at=at(TUESDAY))

    assert (counts.new, faults, again.known) == (1, [], 1)
    assert [(one.stream, one.on) for one in next_collections(HOME, at=NOW)] == [
        ("Food waste", date(2026, 3, 5)),
        ("Refuse", date(2026, 3, 12)),
    ]
    assert [one.stream for one in next_collections(NEIGHBOUR, at=NOW)] == ["refuse"]
    assert [(one.stream, one.on) for one in upcoming(HOME, since=MONDAY, until=date(2026, 3, 31))] == [
        ("Food waste", date(2026, 3, 5)),
        ("Refuse", date(2026, 3, 12)),
    ]


def test_dates_of_many_addresses_and_what_is_wrong_with_one(tmp_path: Path) -> None:
    path = tmp_path / "bins.json"
    good = [{"type": "Refuse", "collectionDate": "12/03/2026"}]
    wrong = [{"type": "Refuse", "collectionDate": "2026-03-12"}]
    path.write_text(
        json.dumps({"100": {"bins": good}, "101": {"bins": wrong}, "x": {"bins": good}, "102": {"bins": []}})
    )

    counts, faults = run(path, COLLECTIONS)

    assert (counts.new, counts.refused) == (1, 3)
    assert [(one.row, one.column) for one in faults] == [(2, "bins"), (3, "uprn"), (4, "bins")]
    assert Collections.objects.get().bins == [{"stream": "Refuse", "on": "2026-03-12"}]


def test_a_plan_of_rounds_makes_rounds_and_moves_addresses(file_of: Callable[..., Path]) -> None:
    make_place()
    headings = ["UPRN", "Round plan", "Container type", "Schedule"]
    path = file_of(
        headings,
        [HOME, "North 1", "Refuse", "DTSTART:20260106 FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"],
        [HOME, "North 1", "Recycling", "Tuesday fortnightly from 13/01/2026"],
        [NEIGHBOUR, "North 2", "Refuse", "Weekly on Friday"],
        ["100009", "North 3", "Refuse", "now and then"],
        ["100009", "North 3", "Refuse", "every 2 weeks on Monday"],
    )

    counts, faults = run(path, ROUNDS)
    again, _none = run(path, ROUNDS)

    assert (counts.new, counts.changed, counts.refused) == (1, 2, 2)
    assert [(one.row, one.column) for one in faults] == [(5, "Schedule"), (6, "Schedule")]
    assert (again.new, again.changed, again.known) == (0, 0, 3)
    plan = Round.objects.get(pk="north-1-refuse")
    assert (plan.weekday, plan.every_weeks, plan.first_on) == (1, 2, date(2026, 1, 6))
    assert set(AddressRound.objects.filter(uprn=HOME).values_list("round_id", flat=True)) == {
        "north-1-refuse",
        "north-1-recycling",
    }
    assert [(one.stream, one.on) for one in next_collections(NEIGHBOUR, at=NOW)] == [("refuse", date(2026, 3, 6))]


def feed(kind: str, items: object, *, event_id: str = "e1") -> AnnouncementReceived:
    return AnnouncementReceived(
        event=uuid4(),
        source="planning-system",
        event_id=event_id,
        kind=kind,
        data={"kind": kind, "items": items},
        at=NOW,
    )


def test_a_signed_feed_is_read_as_the_file_is() -> None:
    good = {"casereference": "26/1/LIC", "casetext": "A tavern", "geox": 530100, "geoy": 180100}

    feeds.announced(feed("licensing.items", [good, {"casereference": ""}]))
    feeds.announced(feed("licensing.items", [good], event_id="e2"))
    feeds.announced(feed("something.else", [good]))

    assert Proposal.objects.get().kind == LICENSING.code
    assert Entry.objects.get(verb="feed.items_refused").data == {"kind": "licensing.items", "refused": 1}
    assert Entry.objects.filter(verb="records.loaded").count() == 1
    with pytest.raises(BadInput):
        feeds.announced(feed("licensing.items", [{"casereference": ""}]))
    with pytest.raises(BadInput):
        feeds.announced(feed("licensing.items", "no list"))
