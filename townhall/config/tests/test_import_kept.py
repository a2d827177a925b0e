"""Records of an earlier system as they are loaded from the command line: each once, whatever is killed, and taken back again."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from townhall.accounts.models import PostHolder, User
from townhall.cases.models import Case
from townhall.cases.tests.makers import make_council
from townhall.config import commands
from townhall.config.cli import _parser
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data
from townhall.core import loading
from townhall.core.actors import SYSTEM
from townhall.core.loading import kept
from townhall.core.models import Load, LoadedRow
from townhall.core.time import now
from townhall.customers import operations
from townhall.customers.merging import proposing
from townhall.customers.merging_models import Proposal
from townhall.customers.models import ContactPoint, Customer
from townhall.places.models import Address, OpeningHours

pytestmark = pytest.mark.django_db
FILES = {
    "customers": """Ref,Full name,DOB,Email,Tel,Addr,Pcode
1,Samuel Okafor,27/03/1980,sam@example.org,01632 960123,12 Harbour Row,ZZ1 1AA
2,Sam Okafor,26/03/1980,,01632 960123,12 Harbour Row,ZZ1 1AA
3,Ada Quill,31/02/1971,ada@example.org,,4 Mill Lane,ZZ2 2BB
4,,01/01/1990,,,,
5,Ben Marsh,,ben@example.org,,9 Hill Top,
""",
    "cases": """id,customer,type,opened,closed,status
C1,1,Tipping,2026-01-05T09:00,2026-01-09T15:00,Done
C2,5,Tipping,2026-02-01T10:00,,Open
C3,1,Dragons,2026-02-01T10:00,,Open
""",
    "contacts": """id,customer,method,at
K1,1,Phone,2026-01-05T09:00
K2,99,Phone,2026-01-06T09:00
K3,1,Pigeon,2026-01-06T09:00
""",
    "complaints": """id,customer,opened
X1,5,2026-02-02T10:00
""",
    "hours": """site,weekday,opens,closes
town-hall,Monday,9:00,17:00
town-hall,Moonday,9:00,17:00
""",
    "staff": """email,name,role,team
priya@council.example,Priya Shah,Agent,Contact centre
nobody,Nobody,Agent,Contact centre
""",
    "addresses": """uprn,postcode,easting,northing,single_line_address
12,ZZ1 1AA,530012,180100,12 Mill Lane
""",
}
MAPS = {
    "customers": "columns: {id: Ref, name: Full name, born: DOB, email: Email, phone: Tel, address: Addr, postcode: Pcode}\n",
    "cases": "means: {service: {Tipping: fly-tipping}, state: {Done: closed, Open: accepted}}\n",
    "contacts": "means: {channel: {Phone: phone}}\n",
    "complaints": "otherwise: {service: fly-tipping}\n",
    "hours": "",
    "staff": "means: {role: {Agent: adviser}}\n",
    "addresses": "",
}


@contextmanager
def own_database(**_as: bool) -> Iterator[str]:
    yield ""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "_django", own_database)
    for what, text in FILES.items():
        Path(f"{what}.csv").write_text(text)
        Path(f"{what}.yaml").write_text(f"source: old-crm\n{MAPS[what]}")
    seed_reference_data()
    make_council()
    return tmp_path


def typed(*arguments: str) -> int:
    options = _parser().parse_args(["import", *arguments])
    status: int = options.run(options)
    return status


def load(what: str, *more: str) -> int:
    return typed(what, f"{what}.csv", "--map", f"{what}.yaml", *more)


def faults(what: str) -> list[tuple[str, str]]:
    with Path(f"{what}.errors.csv").open(newline="") as stream:
        return [(row[0], row[2]) for row in list(csv.reader(stream))[1:]]


def undo(what: str) -> int:
    return typed(what, "--undo", str(Load.objects.get(kind=what, undone_at=None).pk))


@pytest.mark.capability("INTG-04")
def test_everything_an_earlier_system_kept_comes_in_each_once_and_is_taken_back(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load("customers", "--dry-run") == 1
    assert not Customer.objects.exists()
    assert not Load.objects.exists()
    for what in FILES:
        load(what)
    assert faults("customers") == [("4", "DOB"), ("5", "Full name")]
    assert faults("cases") == [("4", "type")]
    assert faults("contacts") == [("4", "method")]
    assert faults("hours") == [("3", "weekday")]
    assert faults("staff") == [("3", "email")]
    sam = Customer.objects.get(name="Samuel Okafor")
    assert Customer.objects.count() == 3
    assert sorted(ContactPoint.objects.filter(customer=sam).values_list("normalised", flat=True)) == [
        "+441632960123",
        "sam@example.org",
    ]
    assert Case.objects.get(external_ref="C1").customer_id == sam.pk
    assert Case.objects.get(external_ref="X1").service_code == "fly-tipping"
    assert Contact.objects.filter(customer=sam).count() == 1
    assert Contact.objects.get(customer=None).channel_id == "phone"
    assert OpeningHours.objects.get().site_id == "town-hall"
    assert PostHolder.objects.get(user__email="priya@council.example").post.role == "adviser"
    assert Address.objects.count() == 1

    rows = LoadedRow.objects.count()
    for what in FILES:
        load(what)
    assert (Customer.objects.count(), Case.objects.count(), LoadedRow.objects.count()) == (3, 3, rows)

    while proposing.propose(now()):
        pass
    assert Proposal.objects.get(state="proposed").one.name in ("Samuel Okafor", "Sam Okafor")

    capsys.readouterr()
    assert undo("customers") == 1  # contacts and cases of theirs came since
    assert "1: " in capsys.readouterr().out
    for what in ("complaints", "cases", "contacts", "customers", "hours", "staff", "addresses"):
        assert undo(what) == 0, what
    left = (Customer, ContactPoint, Case, Contact, OpeningHours, Address, LoadedRow, Proposal)
    assert [model.objects.count() for model in left] == [0] * len(left)
    assert not User.objects.filter(email="priya@council.example").exists()
    load("customers")
    assert Customer.objects.count() == 3


def test_a_customer_who_was_used_since_keeps_the_load_and_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load("customers")
    ben = Customer.objects.get(name="Ben Marsh")
    operations.agree_need(ben.pk, need="large_print", by=SYSTEM, at=now())
    capsys.readouterr()

    assert undo("customers") == 1

    assert re.search(r"5: something was done with this customer since", capsys.readouterr().out)
    assert Customer.objects.count() == 3


def test_a_load_that_was_killed_goes_on_as_the_same_load(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "load", partial(loading.load, batch=1))
    real: Any = kept.store_once
    calls = []

    def dies(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr("townhall.customers.loading.store_once", dies)
    with pytest.raises(KeyboardInterrupt):
        load("customers")
    stopped = Load.objects.get()
    assert (Customer.objects.count(), stopped.ended_at) == (1, None)

    load("customers")

    assert Load.objects.get().pk == stopped.pk
    assert Customer.objects.count() == 3
    assert undo("customers") == 0
    assert not Customer.objects.exists()
