"""Places from files: each row once, faults by row and column, a dry run that says what a real run does, and going on after a kill."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from townhall.core.actors import SYSTEM
from townhall.core.loading import Counts, Fault, Kind, Layout, Refused, load, read_file
from townhall.ledger.models import Entry
from townhall.places import grid, whereabouts
from townhall.places.loading import ADDRESSES, BOUNDARY, LAND, POSTCODES, SITES, WARDS, ZONES
from townhall.places.loading.storing import find_wards_again
from townhall.places.models import Address, Area, Postcode, Site, Street

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HEADINGS = [
    "UPRN",
    "USRN",
    "CLASSIFICATION_CODE",
    "EASTING",
    "NORTHING",
    "SINGLE_LINE_ADDRESS",
    "STREET_NAME",
    "POSTCODE",
]
POSTCODES_DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "postcodes"


def an_address(number: int, **given: str) -> list[str]:
    row = {
        "UPRN": f"{number:012}",
        "USRN": "7001",
        "CLASSIFICATION_CODE": "RD04",
        "EASTING": f"{530000 + number}.00",
        "NORTHING": "180100.50",
        "SINGLE_LINE_ADDRESS": f"{number}, MILL LANE, ALDERMERE, ZZ1 1AA",
        "STREET_NAME": "MILL LANE",
        "POSTCODE": "ZZ1 1AA",
        **given,
    }
    return [row[name] for name in HEADINGS]


@pytest.fixture
def csv_of(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, name: str = "file.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([headings, *rows])
        return path

    return write


def run(path: Path, kind: Kind = ADDRESSES, *, layout: Layout | None = None, **more: Any) -> tuple[Counts, list[Fault]]:
    faults: list[Fault] = []
    source = read_file(path, layout or Layout(), unpack=kind.unpack, unpack_xml=kind.unpack_xml)
    return load(source, kind, by=SYSTEM, at=NOW, refuse=faults.append, **more), faults


def square(west: float, south: float, size: float) -> list[list[float]]:
    """A closed ring in degrees around metres of the grid."""
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
    degrees = [grid.to_wgs84(x, y) for x, y in corners]
    return [[found[1], found[0]] for found in degrees if found]


def geojson(path: Path, *features: tuple[str, str, dict[str, Any]]) -> Path:
    listed = [
        {"type": "Feature", "properties": {"WD24CD": code, "WD24NM": name}, "geometry": geometry}
        for code, name, geometry in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}))
    return path


def test_addresses_come_in_with_their_street_and_are_found(csv_of: Callable[..., Path]) -> None:
    counts, faults = run(csv_of(an_address(12), an_address(14)))

    assert (counts.new, faults) == (2, [])
    address = Address.objects.get(pk="12")
    assert address.line == "12 Mill Lane, Aldermere, ZZ1 1AA"
    assert (address.postcode, address.easting, address.northing, address.classification) == (
        "ZZ11AA",
        530012,
        180100,
        "R",
    )
    assert Street.objects.get(pk="7001").name == "Mill Lane"
    entry = Entry.objects.get(verb="records.loaded")
    assert entry.data == {"kind": "addresses", "new": 2, "changed": 0, "ended": 0}


def test_a_second_run_adds_nothing_and_a_newer_file_changes_what_changed(csv_of: Callable[..., Path]) -> None:
    path = csv_of(an_address(12), an_address(14))
    run(path)

    again, _faults = run(path)
    newer, _faults = run(csv_of(an_address(12), an_address(14, NORTHING="180200"), an_address(16)))

    assert (again.new, again.changed, again.known) == (0, 0, 2)
    assert (newer.new, newer.changed, newer.known) == (1, 1, 1)
    assert Address.objects.get(pk="14").northing == 180200
    assert Entry.objects.filter(verb="records.loaded").count() == 2


def test_what_is_wrong_is_named_by_row_and_column_and_the_rest_comes_in(csv_of: Callable[..., Path]) -> None:
    path = csv_of(
        an_address(12),
        an_address(13, POSTCODE="nowhere"),
        an_address(14, EASTING="here", UPRN="x1"),
        an_address(12),
        ["1", "2"],
        an_address(15, EASTING="", NORTHING=""),
        an_address(16, STREET_NAME="bad \x00 name"),
        an_address(17),
    )

    counts, faults = run(path)

    assert [(one.row, one.column) for one in faults] == [
        (3, "POSTCODE"),
        (4, "UPRN"),
        (4, "EASTING"),
        (5, "UPRN"),
        (6, ""),
        (7, "EASTING"),
        (8, "STREET_NAME"),
    ]
    assert faults[3].reason == "It stands in row 2 already."
    assert (counts.read, counts.new, counts.refused) == (8, 2, 6)
    assert set(Address.objects.values_list("pk", flat=True)) == {"12", "17"}


def test_a_dry_run_counts_what_a_real_run_does_and_writes_nothing(csv_of: Callable[..., Path]) -> None:
    run(csv_of(an_address(11), an_address(12)))
    entries = Entry.objects.count()
    path = csv_of(
        an_address(11),
        an_address(12, NORTHING="180200"),
        *(an_address(number) for number in range(13, 40)),
        an_address(40, POSTCODE=""),
    )

    dry, dry_faults = run(path, dry_run=True, batch=5)
    untouched = (Address.objects.count(), Street.objects.count(), Entry.objects.count())
    real, real_faults = run(path, batch=5)

    assert dry == real
    assert dry_faults == real_faults
    assert untouched == (2, 1, entries)
    assert (real.new, real.changed, real.known, real.refused) == (27, 1, 1, 1)


def test_killed_half_way_it_goes_on_where_it_was(csv_of: Callable[..., Path]) -> None:
    path = csv_of(*(an_address(number) for number in range(1, 31)))

    def kill(counts: Counts) -> None:
        if counts.read == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(path, batch=10, report=kill)
    assert Address.objects.count() == 20

    counts, faults = run(path, batch=10)
    assert (counts.new, counts.known, faults) == (10, 20, [])
    assert Address.objects.count() == 30


def test_a_row_that_the_database_refuses_is_left_out_by_itself(csv_of: Callable[..., Path]) -> None:
    layout = Layout()
    path = csv_of(*(an_address(number) for number in range(1, 9)))

    def read(given: Any, batch: Any) -> Any:
        values = ADDRESSES.read(given, batch)
        return {**values, "easting": 10**12} if values["uprn"] == "5" else values

    broken = Kind(
        code="addresses", columns=ADDRESSES.columns, id="uprn", read=read, key=ADDRESSES.key, store=ADDRESSES.store
    )

    counts, [fault] = run(path, broken, layout=layout)

    assert (counts.new, counts.refused) == (7, 1)
    assert (fault.row, fault.external_id) == (6, "5")
    assert "out of range" in fault.reason


def test_a_file_without_a_needed_column_is_refused_in_a_sentence(csv_of: Callable[..., Path]) -> None:
    with pytest.raises(Refused, match=r"There is no column 'uprn' \(uprn\) in file\.csv\. It has: a, b"):
        run(csv_of(["1", "2"], headings=["a", "b"]))


def test_a_map_names_other_columns_and_only_passes_over_rows(csv_of: Callable[..., Path]) -> None:
    path = csv_of(
        ["900", "1 Mill Lane", "ZZ1 1AA", "530001", "180001", "E1"],
        ["901", "2 Mill Lane", "ZZ1 1AA", "530002", "180001", "E2"],
        headings=["Number", "Where", "PC", "X", "Y", "Council"],
    )
    layout = Layout(columns={"uprn": "Number", "line": "Where", "postcode": "PC"}, only={"Council": "E1"})

    counts, _faults = run(path, layout=layout)

    assert (counts.read, counts.new) == (1, 1)
    assert Address.objects.get().line == "1 Mill Lane, ZZ1 1AA"


def test_os_places_results_are_read_once_though_they_stand_in_two_data_sets(tmp_path: Path) -> None:
    dpa = {
        "UPRN": "100",
        "ADDRESS": "FLAT 2, 4, QUAY ROAD, ALDERMERE, ZZ1 1AB",
        "BUILDING_NUMBER": "4",
        "THOROUGHFARE_NAME": "QUAY ROAD",
        "POSTCODE": "ZZ1 1AB",
        "X_COORDINATE": 530100.0,
        "Y_COORDINATE": 180100.0,
        "CLASSIFICATION_CODE": "CR08",
    }
    lpi = {"UPRN": "100", "USRN": "7002", "ADDRESS": "FLAT 2 4 QUAY ROAD", "POSTCODE_LOCATOR": "ZZ1 1AB"}
    path = tmp_path / "places.json"
    path.write_text(json.dumps({"header": {"totalresults": 2}, "results": [{"DPA": dpa}, {"LPI": lpi}]}))

    counts, faults = run(path)

    assert (counts.new, faults) == (1, [])
    assert Address.objects.get().line == "Flat 2, 4 Quay Road, Aldermere, ZZ1 1AB"


def test_wards_keep_holes_and_islands_and_what_stands_in_them_is_found_again(
    tmp_path: Path, csv_of: Callable[..., Path]
) -> None:
    run(
        csv_of(
            an_address(500, NORTHING="180500"), an_address(100, NORTHING="180100"), an_address(5500, NORTHING="180100")
        )
    )
    hole = square(530450, 180450, 100)
    ring = {"type": "Polygon", "coordinates": [square(530000, 180000, 1000), hole]}
    island = {"type": "MultiPolygon", "coordinates": [[hole], [square(535000, 180000, 1000)]]}

    counts, faults = run(geojson(tmp_path / "wards.geojson", ("W1", "Ring", ring), ("W2", "Island", island)), WARDS)

    assert (counts.new, faults) == (2, [])
    found = dict(Address.objects.values_list("pk", "ward_code"))
    assert found == {"500": "W2", "100": "W1", "5500": "W2"}
    again, _faults = run(tmp_path / "wards.geojson", WARDS)
    assert (again.new, again.changed, again.known) == (0, 0, 2)
    whole, _faults = run(geojson(tmp_path / "one.geojson", ("W2", "Island", island)), WARDS, is_whole=True)
    assert whole.ended == 1
    assert dict(Address.objects.values_list("pk", "ward_code"))["100"] == ""


def test_an_area_that_is_none_is_refused_by_its_row(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "wards.geojson",
        ("W1", "Point", {"type": "Point", "coordinates": [0, 52]}),
        ("W2", "Line", {"type": "Polygon", "coordinates": [[[0, 52], [0, 53], [0, 52]]]}),
        ("W3", "Far", {"type": "Polygon", "coordinates": [[[100, 52], [101, 53], [101, 52]]]}),
        ("W4", "Metres", {"type": "Polygon", "coordinates": [[[530000, 180000], [530100, 180000], [530000, 180100]]]}),
        ("W5", "Words", {"type": "Polygon", "coordinates": [[["a", 52], [0, 53], [1, 52]]]}),
    )

    counts, faults = run(path, WARDS)

    assert counts.refused == 5
    assert [(one.row, one.external_id, one.column) for one in faults] == [
        (number, f"W{number}", "geometry") for number in range(1, 6)
    ]
    assert not Area.objects.exists()


def test_boundary_and_land_come_as_text_as_planning_data_gives_them(csv_of: Callable[..., Path]) -> None:
    ring = ", ".join(f"{lng} {lat}" for lng, lat in square(530000, 180000, 1000))
    boundary = csv_of(
        ["E07", "Aldermere", f"MULTIPOLYGON ((({ring})))", ""], headings=["reference", "name", "geometry", "end-date"]
    )
    land = csv_of(
        ["harbour", f"POLYGON (({ring}))", "Harbour Trust", "fly-tipping"],
        headings=["code", "geometry", "owner", "services"],
        name="land.csv",
    )

    assert run(boundary, BOUNDARY)[0].new == 1
    assert run(land, LAND)[0].new == 1

    here = whereabouts.whereabouts(530500, 180500, service_code="fly-tipping")
    assert here.inside
    assert here.land is not None
    assert here.land.owner_name == "Harbour Trust"
    assert not whereabouts.whereabouts(532500, 180500).inside
    assert run(boundary, ZONES)[0].new == 1
    assert whereabouts.parking_zone(530500, 180500)
    assert whereabouts.parking_zone(532500, 180500) == ""


def test_postcodes_with_headings_and_with_none(csv_of: Callable[..., Path], tmp_path: Path) -> None:
    onspd = csv_of(
        ["ZZ1 1AA", "202401", "530000", "180000"],
        ["ZZ1 1AB", "", "530100", "180100"],
        headings=["pcds", "doterm", "oseast1m", "osnrth1m"],
    )
    index = tmp_path / "index.csv"
    small = '"ZZ2 1AA","ZZ2","ZZ2 1",1/8/1973 00:00:00,,"530200","180200",51.5,-0.12,"N"'
    large = '"ZZ2 1AB","ZZ2","ZZ2 1",1/8/1973 00:00:00,1/9/1995 00:00:00,"ZZ2 1AA","530300","180300",51.5,-0.12'
    index.write_text(f"{small}\n")
    other = tmp_path / "large.csv"
    other.write_text(f"{large}\n")

    run(onspd, POSTCODES)
    for path, row in ((index, small), (other, large)):
        first = next(csv.reader([row]))
        layout = POSTCODES.without_headings(first)
        assert layout is not None
        assert run(path, POSTCODES, layout=layout)[1] == []

    kept = {one.code: (one.easting, str(one.ended_on or "")) for one in Postcode.objects.all()}
    assert kept == {
        "ZZ11AA": (530000, "2024-01-01"),
        "ZZ11AB": (530100, ""),
        "ZZ21AA": (530200, ""),
        "ZZ21AB": (530300, "1995-09-01"),
    }


@pytest.mark.skipif(not POSTCODES_DATA.exists(), reason="the real postcodes are not beside this clone")
def test_real_postcodes_come_in_without_a_fault() -> None:
    for name in ("SmallUser.csv", "LargeUser.csv"):
        path = POSTCODES_DATA / name
        layout = POSTCODES.without_headings(next(csv.reader(path.read_text().splitlines())))
        counts, faults = run(path, POSTCODES, layout=layout)
        assert [fault for fault in faults if "part A stands for it" not in fault.reason] == []
        assert len(faults) <= 1
        assert counts.new + len(faults) == counts.rows > 50


def test_sites_come_in(csv_of: Callable[..., Path]) -> None:
    path = csv_of(["Town Hall", "1 High Street", "01632 960100"], ["", "", ""], headings=["name", "address", "phone"])

    counts, _faults = run(path, SITES)

    assert counts.new == 1
    assert Site.objects.get().code == "town-hall"


def test_files_that_are_no_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for name, text in (("a.json", "{"), ("b.xml", "<a/>"), ("c.csv", ""), ("d.json", '"words"')):
        (tmp_path / name).write_text(text)
        with pytest.raises(Refused):
            run(tmp_path / name)
    with pytest.raises(Refused, match="missing"):
        run(tmp_path / "missing.json")


def test_wards_found_again_leaves_what_is_right(csv_of: Callable[..., Path]) -> None:
    run(csv_of(*(an_address(number) for number in range(1, 20))))
    Area.objects.create(
        kind="ward",
        code="W1",
        name="All",
        rings=[[[529000, 179000], [532000, 179000], [532000, 182000], [529000, 182000]]],
    )

    find_wards_again()
    assert set(Address.objects.values_list("ward_code", flat=True)) == {"W1"}
    before = Address.objects.extra(select={"at": "xmin::text"}).values_list("at", flat=True).first()
    find_wards_again()
    assert Address.objects.extra(select={"at": "xmin::text"}).values_list("at", flat=True).first() == before
