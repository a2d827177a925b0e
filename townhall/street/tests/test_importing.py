from __future__ import annotations

import csv
import gzip
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from townhall.cases.models import Case, CaseContact, Escalation
from townhall.cases.operations import past
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, make_case, make_council
from townhall.catalogue import queries as catalogue
from townhall.clocks.models import Clock
from townhall.clocks.sweeps import ring_due
from townhall.connectors.models import Delivery
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core import references
from townhall.core.loading.faults import Fault
from townhall.ledger import operations as ledger
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.places import grid
from townhall.street.importing import Counts, Refused, Result, load
from townhall.street.importing.services import code_of
from townhall.street.models import ImportedReport
from townhall.street.nearby import near

NOW = MONDAY
MAP = """
source: old-system
name: The old system
columns:
  id: Number
  type: Kind
  group: Family
  opened: Received
  closed: Ended
  state: Status
  lat: Lat
  lng: Long
  address: Where
  description: [What, More]
  outcome_text: Answer
  channel: By
states:
  Open: {state: accepted}
  Closed: {state: closed}
  Refused: {state: declined, reason: private-land}
services: {Tipping: fly-tipping}
channels: {Telephone: phone}
"""
HEADINGS = ["Number", "Kind", "Family", "Received", "Ended", "Status", "Lat", "Long", "Where", "What", "More"]
HEADINGS += ["Answer", "By"]
Given = dict[str, str]


def a_row(number: str, **given: str) -> Given:
    return {
        "Number": number,
        "Kind": "Tipping",
        "Family": "Street scene",
        "Received": "2026-02-02T09:00:00",
        "Ended": "2026-02-03T15:00:00",
        "Status": "Closed",
        "Lat": "51.5074",
        "Long": "-0.1278",
        "Where": "12 Harbour Row",
        "What": "Old sofa",
        "More": "On the verge",
        "Answer": "Taken away",
        "By": "Telephone",
        **given,
    }


def an_open_row(number: str, **given: str) -> Given:
    return a_row(number, **{"Ended": "", "Status": "Open", "Answer": "", **given})


@pytest.fixture
def council() -> None:
    make_council()
    seed_reference_data()


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., tuple[Result, list[Fault]]]:
    """Load rows (or the text of a file) by a map; the result and the faults."""

    def run(
        rows: list[Given] | str, *, mapped: str = MAP, name: str = "old.csv", **more: Any
    ) -> tuple[Result, list[Fault]]:
        path, map_path = tmp_path / name, tmp_path / "map.yaml"
        map_path.write_text(mapped)
        if isinstance(rows, str):
            path.write_bytes(rows.encode("utf-8", errors="surrogateescape"))
        else:
            with gzip.open(path, "wt", newline="") if name.endswith(".gz") else path.open("w", newline="") as stream:
                out = csv.DictWriter(stream, HEADINGS)
                out.writeheader()
                out.writerows(rows)
        faults: list[Fault] = []
        return load(path, map_path, at=NOW, refuse=faults.append, **more), faults

    return run


Loaded = Callable[..., tuple[Result, list[Fault]]]
in_database = [pytest.mark.django_db, pytest.mark.usefixtures("council")]
pytestmark = in_database


def test_a_closed_report_comes_in_whole_and_nobody_is_told(loaded: Loaded) -> None:
    result, faults = loaded([a_row("A-1")])

    assert (result.counts, faults) == (Counts(rows=1, read=1, new=1), [])
    case = Case.objects.get()
    assert (case.service_code, case.state, case.external_ref) == ("fly-tipping", State.CLOSED, "A-1")
    assert case.opened_at == datetime(2026, 2, 2, 9, tzinfo=UTC)
    assert case.closed_at == case.work_ended_at == datetime(2026, 2, 3, 15, tzinfo=UTC)
    assert (case.outcome_code, case.outcome_text, case.told_at) == ("cleared", "Taken away", None)
    assert case.no_message_reason
    assert (case.description, case.address, case.due_on) == (
        "Old sofa. On the verge",
        "12 Harbour Row",
        date(2026, 2, 9),
    )
    assert (case.easting, case.northing) == grid.to_grid(51.5074, -0.1278)
    assert (case.doer_team.code, case.teller_post.code) == ("street-cleansing", "street-cleansing-duty")
    assert set(Clock.objects.values_list("kind", "state", "finished_at")) == {
        (kind, "met", case.closed_at) for kind in ("case.promise", "case.referral", "case.decision")
    }
    history = list(
        Entry.objects.filter(case_id=case.pk).order_by("at", "verb").values_list("verb", "at", "data__imported_from")
    )
    assert history == [
        ("case.opened", case.opened_at, "old-system"),
        ("case.closed", case.closed_at, "old-system"),
        ("case.done", case.closed_at, "old-system"),
    ]
    contact = Contact.objects.get()
    assert (contact.channel_id, contact.started_at, contact.service_code) == ("phone", case.opened_at, "fly-tipping")
    assert CaseContact.objects.get().contact_id == contact.pk
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


def test_an_open_report_keeps_its_old_promise_and_what_was_late_then_rings_no_more(loaded: Loaded) -> None:
    loaded([an_open_row("old", Received="2025-11-03T09:00:00"), an_open_row("new", Received="2026-02-27T09:00:00")])

    old, new = Case.objects.order_by("opened_at")
    assert (old.state, old.due_on, new.due_on) == (State.ACCEPTED, date(2025, 11, 10), date(2026, 3, 6))
    assert set(Clock.objects.values_list("state", flat=True)) == {"running"}
    assert not Clock.objects.filter(case_id=old.pk, next_rung_at__isnull=False).exists()
    assert Clock.objects.filter(case_id=new.pk, next_rung_at__gt=NOW).count() == 3

    ring_due(NOW + timedelta(hours=1))
    assert not Escalation.objects.exists()
    ring_due(NOW + timedelta(days=40))  # the new one is 43 days old by then
    raised = list(Escalation.objects.values_list("case_id", "reason"))
    assert (new.pk, "referral_age") in raised
    assert old.pk not in {case_id for case_id, _reason in raised}


def test_a_declined_report_keeps_its_reason_and_owes_nothing(loaded: Loaded) -> None:
    loaded([a_row("A-1", Status="Refused")])

    case = Case.objects.get()
    assert (case.state, case.decline_reason, case.outcome_code) == (State.DECLINED, "private-land", "")
    assert set(Clock.objects.values_list("state", flat=True)) == {"stopped"}


def test_a_promise_that_was_broken_counts_as_missed(loaded: Loaded) -> None:
    loaded([a_row("A-1", Ended="2026-02-20T09:00:00")])

    assert dict(Clock.objects.values_list("kind", "state")) == {
        "case.promise": "missed",
        "case.referral": "met",
        "case.decision": "met",
    }


def test_a_file_loaded_twice_is_loaded_once(loaded: Loaded) -> None:
    rows = [a_row(f"A-{number}") for number in range(5)]
    loaded(rows, name="old.csv.gz")
    entries = Entry.objects.count()

    again, faults = loaded([*rows, a_row("A-5"), a_row("A-5")])

    assert (again.counts, faults) == (Counts(rows=7, read=7, new=1, known=6), [])
    assert Case.objects.count() == ImportedReport.objects.count() == 6
    assert Entry.objects.count() == entries + 4  # opened, done, closed, and that there was an import


def test_another_source_may_use_the_same_numbers(loaded: Loaded) -> None:
    loaded([a_row("A-1")])
    loaded([a_row("A-1")], mapped=MAP.replace("source: old-system", "source: older-system"))

    assert Case.objects.count() == 2


def test_an_import_that_dies_half_way_goes_on_where_it_was(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [a_row(f"A-{number}") for number in range(7)]
    record_past, calls = ledger.record_past, []

    def dies_in_the_second_batch(*given: Any, **more: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return record_past(*given, **more)

    monkeypatch.setattr(ledger, "record_past", dies_in_the_second_batch)
    with pytest.raises(KeyboardInterrupt):
        loaded(rows, batch=3)
    assert Case.objects.count() == ImportedReport.objects.count() == 3
    assert Clock.objects.count() == 9

    result, _faults = loaded(rows, batch=3)

    assert (result.counts.new, result.counts.known) == (4, 3)
    assert Case.objects.count() == ImportedReport.objects.count() == 7
    assert Entry.objects.filter(verb="case.opened").count() == 7


def test_bad_rows_are_named_with_row_column_and_reason_and_the_rest_goes_in(loaded: Loaded) -> None:
    result, faults = loaded(
        [
            a_row("good"),
            a_row(""),
            a_row("when", Received="last week"),
            a_row("never", Received=""),
            a_row("ahead", Received="2027-01-01T09:00:00", Ended="2027-01-02T09:00:00"),
            a_row("backwards", Ended="2026-02-01T09:00:00"),
            a_row("unended", Ended=""),
            a_row("reopened", Status="Open"),
            a_row("odd", Status="Pending"),
            a_row("nowhere", Lat="up", Long=""),
            a_row("far", Lat="12.5"),
            a_row("no reason", Kind="Hole", Status="Refused"),
            a_row("nul", What="a\0b"),
            an_open_row("no place", Lat="", Long=""),
        ]
    )

    assert (result.counts.new, result.counts.refused, result.counts.read) == (2, 12, 14)
    assert [(fault.row, fault.external_id, fault.column) for fault in faults] == [
        (3, "", "Number"),
        (4, "when", "Received"),
        (5, "never", "Received"),
        (6, "ahead", "Received"),
        (6, "ahead", "Ended"),
        (7, "backwards", "Ended"),
        (8, "unended", "Ended"),
        (9, "reopened", "Ended"),
        (10, "odd", "Status"),
        (11, "nowhere", "Lat"),
        (11, "nowhere", "Long"),
        (12, "far", "Lat"),
        (13, "no reason", "Status"),
        (14, "nul", "What"),
    ]
    assert all(fault.reason for fault in faults)
    assert set(Case.objects.values_list("external_ref", "easting")) >= {("no place", None)}


def test_a_torn_line_and_foreign_bytes_cost_their_own_rows_only(loaded: Loaded) -> None:
    heading = ",".join(HEADINGS)
    good = ",".join(a_row("good").values())
    foreign = ",".join(a_row("bytes", What="caf\udce9").values())
    last = ",".join(a_row("last").values())
    text = f"{heading}\n{good}\n\nshort,line\n{foreign}\n{last}\n"

    result, faults = loaded(text)

    assert [(fault.row, fault.column) for fault in faults] == [(4, ""), (5, "What")]
    assert (result.counts.new, set(Case.objects.values_list("external_ref", flat=True))) == (2, {"good", "last"})


def test_what_the_database_will_not_have_costs_its_own_row_only(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = make_case().reference
    made = iter([references.new_reference(), references.new_reference(), taken])
    monkeypatch.setattr(past, "new_reference", lambda: next(made, None) or references.new_reference())

    result, faults = loaded([a_row(f"A-{number}") for number in range(9)])

    # The reference that was taken is made anew when the batch is tried again.
    assert (result.counts.new, faults) == (9, [])
    monkeypatch.setattr(past, "new_reference", lambda: taken)
    result, faults = loaded([a_row("B-1"), a_row("B-2")])
    assert (result.counts.new, result.counts.refused) == (0, 2)
    assert [(fault.row, fault.external_id) for fault in faults] == [(2, "B-1"), (3, "B-2")]
    assert "reference" in faults[0].reason
    assert ImportedReport.objects.count() == 9


def test_a_dry_run_says_what_would_be_and_writes_nothing(loaded: Loaded) -> None:
    before = Entry.objects.count()

    result, faults = loaded(
        [a_row("A-1", Kind="Whale"), a_row("A-1"), a_row("A-2", Ended="soon")], create_services=True, dry_run=True
    )

    assert result.counts == Counts(rows=3, read=3, new=1, known=1, refused=1)
    assert (result.new_services, len(faults)) == (["whale"], 1)
    assert not Case.objects.exists()
    assert not ImportedReport.objects.exists()
    assert Entry.objects.count() == before
    assert "whale" not in {pack.code for pack in catalogue.services(live_only=False)}


def test_a_kind_without_a_service_goes_to_the_default_one_made_on_the_way(loaded: Loaded) -> None:
    result, _faults = loaded([a_row("A-1", Kind="Whale"), a_row("A-2", Kind="")])

    assert result.new_services == ["other-report"]
    assert set(Case.objects.values_list("service_code", flat=True)) == {"other-report"}
    assert set(ImportedReport.objects.values_list("kind", flat=True)) == {"Whale", ""}
    case = Case.objects.first()
    assert case is not None
    assert (case.doer_team.code, case.teller_post.role) == ("imported-reports", "officer")
    assert not catalogue.entry("other-report").is_live


def test_services_are_made_for_kinds_that_have_none_and_only_for_those(loaded: Loaded) -> None:
    rows = [
        a_row("A-1"),
        a_row("A-2", Kind="Whale on the beach"),
        a_row("A-3", Kind="POTHOLE"),
        a_row("A-4", Kind="Żółw"),
    ]

    result, _faults = loaded(rows, create_services=True)

    assert set(Case.objects.values_list("service_code", flat=True)) == {
        "fly-tipping",
        "whale-on-the-beach",
        "pothole",
        code_of("Żółw"),
    }
    assert len(result.new_services) == 2
    assert catalogue.service("whale-on-the-beach").group == "Street scene"
    assert loaded(rows, create_services=True)[0].new_services == []


@pytest.mark.parametrize("name", ["Żółw", "漢字", "a" * 80, "Whale (dead)", "--"])
def test_a_service_made_on_the_way_has_a_code_that_will_do(name: str) -> None:
    assert kept_code(name) == code_of(name) == code_of(name)


def kept_code(name: str) -> str:
    """What the catalogue keeps of it, or it would raise."""
    from townhall.catalogue.reading import from_builtins, to_builtins
    from townhall.street.importing.mapping import Columns, Map
    from townhall.street.importing.services import minimal_pack

    mapped = Map(source="x", name="X", columns=Columns(id="a", opened="b"))
    return from_builtins(to_builtins(minimal_pack(code_of(name), name, "", mapped))).code


def test_reports_from_far_away_get_a_projection_of_their_own_and_are_found_near_by(loaded: Loaded) -> None:
    rows = [an_open_row(str(number), Lat=f"{64.15 + number / 10_000}", Long="-21.94") for number in range(4)]
    with pytest.raises(Refused, match="--projection auto"):
        loaded(rows)
    assert not Case.objects.exists()

    result, faults = loaded(rows, projection="auto")

    assert (result.projection, result.counts.new, faults) == ("local:64.15,-21.94", 4, [])
    here = grid.to_grid(64.15, -21.94)
    assert here == (300_000, 300_000)
    found = near(service_code="fly-tipping", easting=here[0], northing=here[1], at=NOW, radius=25)
    assert [one.distance for one in found] == [0, 11, 22]
    assert loaded(rows, projection="auto")[0].counts.known == 4


def test_a_council_with_places_keeps_its_projection(loaded: Loaded) -> None:
    make_case()

    with pytest.raises(Refused, match="already kept"):
        loaded([a_row("A-1", Lat="64.15", Long="-21.94")], projection="auto")

    assert Case.objects.count() == 1


def test_places_may_come_in_metres_and_times_in_any_zone_and_format(loaded: Loaded) -> None:
    mapped = MAP.replace("  lat: Lat\n  lng: Long\n", "  easting: Lat\n  northing: Long\n")
    mapped += "timezone: America/New_York\ndates: '%d/%m/%Y %H:%M'\n"

    loaded([an_open_row("A-1", Received="02/02/2026 09:00", Lat="530000.4", Long="180000")], mapped=mapped)

    case = Case.objects.get()
    assert (case.easting, case.northing) == (530_000, 180_000)
    assert case.lat == pytest.approx(51.5, abs=0.01)
    assert case.opened_at == datetime(2026, 2, 2, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("  id: Number", "  id: Nummer"), "There is no column 'Nummer'"),
        (("name: The old system", "nam: The old system"), r"map.yaml:\d+: .*unknown field `nam`"),
        (("  lng: Long\n", ""), "lat and lng go together"),
        (("Open: {state: accepted}", "Open: {state: lost}"), "Invalid enum value 'lost'"),
        (("fly-tipping}", "fly-tippin}"), "There is no service 'fly-tippin'"),
        (("phone}", "fone}"), "There is no channel 'fone'"),
        (("name: The old system", "name: Old\ntimezone: Europe/Atlantis"), "no time zone 'Europe/Atlantis'"),
    ],
)
def test_a_map_that_does_not_fit_stops_before_anything_is_written(
    loaded: Loaded, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(Refused, match=message):
        loaded([a_row("A-1")], mapped=MAP.replace(*change))

    assert not Case.objects.exists()


def test_our_own_map_of_boston_reads() -> None:
    from townhall.street.importing.mapping import read_map

    assert read_map(Path(__file__).parents[1] / "maps" / "boston.yaml").source == "boston-311"


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_load_it_once(loaded: Loaded, tmp_path: Path) -> None:
    rows = [a_row(f"A-{number}") for number in range(40)]
    loaded([])
    with (tmp_path / "old.csv").open("w", newline="") as stream:
        out = csv.DictWriter(stream, HEADINGS)
        out.writeheader()
        out.writerows(rows)
    counts: list[Counts] = []
    begin = threading.Barrier(2)

    def run() -> None:
        try:
            begin.wait()
            counts.append(load(tmp_path / "old.csv", tmp_path / "map.yaml", at=NOW, batch=5).counts)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one.new for one in counts) == 40
    assert Case.objects.count() == ImportedReport.objects.count() == 40
    assert Entry.objects.filter(verb="case.opened").count() == 40
