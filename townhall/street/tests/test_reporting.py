"""A report becomes a case with an owner at once; routing uses category, place and contract (REPT-06, CASE-01, CASE-05, CASE-12)."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg.errors import UniqueViolation

from townhall.accounts.models import Team
from townhall.cases.models import Case, ContractorJob
from townhall.cases.operations import decide_again, opening
from townhall.cases.states import State
from townhall.cases.tests.makers import MONDAY, PACKS, SAM, make_council, make_team
from townhall.catalogue import queries as catalogue
from townhall.catalogue.operations import load_packs
from townhall.clocks import queries as clocks
from townhall.core.actors import PUBLIC, SYSTEM
from townhall.core.errors import KeyReused
from townhall.ledger.queries import history_of_case
from townhall.notifications.models import Message
from townhall.places.models import Area
from townhall.places.place import Place, Source
from townhall.street.models import Referral
from townhall.street.reporting import NewReport, Reported, report

pytestmark = pytest.mark.django_db
ROUTING = """
routing:
  - when: {land: [common]}
    team: highways
  - when: {answers: {size: [van]}}
    team: cleaners
    contract: {reference: ACS-7, days: 3, obligations: Photograph before and after.}
    priority: high
"""


def square(west: int, size: int = 100) -> list[list[list[int]]]:
    return [[[west, 180_000], [west + size, 180_000], [west + size, 180_000 + size], [west, 180_000 + size]]]


@pytest.fixture(autouse=True)
def council(tmp_path: Path) -> None:
    """The borough from 530000 to 531000 east, with a harbour of somebody else's and a common of its own."""
    make_council()
    make_team("cleaners", kind=Team.Kind.CONTRACTOR)
    folder = tmp_path / "fly-tipping"
    folder.mkdir()
    (folder / "service.yaml").write_text((PACKS / "fly-tipping/service.yaml").read_text() + ROUTING)
    load_packs(tmp_path, by=SYSTEM, at=MONDAY)
    catalogue.forget()
    Area.objects.create(kind="boundary", code="b", name="Borough", rings=square(530_000, 1_000))
    Area.objects.create(
        kind="land",
        code="harbour",
        name="Harbour",
        rings=square(530_500),
        owner_name="Harbour Trust",
        owner_contact="01",
    )
    Area.objects.create(kind="land", code="common", name="Common", rings=square(530_700), owner_name="Commoners")


def tell_us(easting: int = 530_050, *, size: str = "bag", key: str = "k1") -> Reported:
    place = Place(source=Source.MAP, easting=easting, northing=180_050)
    return report(
        NewReport(
            service_code="fly-tipping",
            place=place,
            reporter=SAM,
            channel="web",
            key=key,
            description="Sofa",
            answers={"size": size},
        ),
        by=PUBLIC,
        at=MONDAY,
    )


@pytest.mark.capability("CASE-01", "CASE-02", "CASE-05")
def test_a_report_has_reference_owner_date_history_and_acknowledgement_at_once() -> None:
    made = tell_us()

    case = Case.objects.get(pk=made.case_id)
    assert (case.reference, case.service_code, case.origin_channel) == (made.reference, "fly-tipping", "web")
    assert (case.doer_team.code, case.teller_post.code, case.due_on) == (
        "street-cleansing",
        "street-cleansing-duty",
        made.due_on,
    )
    assert clocks.due_on("case.promise", case.subject) == made.due_on
    assert [entry.verb for entry in history_of_case(case.pk).rows][-1] == "case.opened"
    body = Message.objects.get(case_id=case.pk, template="case/received").body_text
    for said in (made.reference, "9 March 2026", "Street Cleansing", "within one working day"):
        assert said in body


def test_the_same_submission_twice_is_one_report() -> None:
    first, again = tell_us(), tell_us()
    assert (again.case_id, again.was_repeat) == (first.case_id, True)
    assert Case.objects.count() == 1
    with pytest.raises(KeyReused):
        tell_us(size="van")


def test_a_reference_that_another_report_has_is_chosen_again_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = tell_us(key="k1")
    chosen = [first.reference, "TH-FRE5-HREF", first.reference, first.reference]
    monkeypatch.setattr(opening, "new_reference", lambda: chosen.pop(0))

    made = tell_us(key="k2")

    assert made.reference == "TH-FRE5-HREF"
    assert Case.objects.filter(pk=made.case_id, reference=made.reference).count() == 1
    assert Message.objects.filter(template="case/received").count() == 2  # nothing was left of the first try
    with pytest.raises(UniqueViolation):
        tell_us(key="k3")
    assert Case.objects.count() == 2


@pytest.mark.capability("REPT-06", "CASE-12")
def test_an_answer_sends_it_to_the_contractor_under_the_contract() -> None:
    made = tell_us(size="van")
    job = ContractorJob.objects.get(case_id=made.case_id)
    case = Case.objects.get(pk=made.case_id)
    assert (case.doer_team.code, case.priority) == ("cleaners", 5)
    assert (job.contract_ref, job.obligations, job.team.code, job.from_team.code, job.days) == (
        "ACS-7",
        "Photograph before and after.",
        "cleaners",
        "street-cleansing",
        3,
    )
    assert clocks.due_on("case.contractor_job", job.subject) == job.due_on


@pytest.mark.capability("REPT-06")
@pytest.mark.parametrize(("easting", "keeper"), [(530_550, "Harbour Trust"), (600_000, "the council for that area")])
def test_what_is_not_the_councils_is_passed_on_and_the_referral_recorded(easting: int, keeper: str) -> None:
    made = tell_us(easting)

    assert made.referred_to == keeper
    case = Case.objects.get(pk=made.case_id)
    assert (case.state, case.public_note) == (State.REFERRED, keeper)
    assert Referral.objects.get(case_id=case.pk).body_name == keeper
    assert keeper in Message.objects.get(case_id=case.pk, template="case/referred").body_text
    assert clocks.running_for([case.pk]) == {}
    assert not ContractorJob.objects.filter(case=case).exists()
    decide_again(case.pk, by=SYSTEM, at=MONDAY)  # they sent it back
    assert clocks.due_on("case.promise", case.subject) is not None


@pytest.mark.capability("REPT-06")
def test_a_rule_for_the_land_itself_comes_first() -> None:
    made = tell_us(530_750)
    assert made.referred_to == ""
    assert Case.objects.get(pk=made.case_id).doer_team.code == "highways"
