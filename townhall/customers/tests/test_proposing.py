from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput
from townhall.core.ids import uuid7
from townhall.customers import merging, operations
from townhall.customers.matching import model
from townhall.customers.merging import proposing, weighing
from townhall.customers.merging.aliases import all_standing
from townhall.customers.merging.evidence import in_words
from townhall.customers.merging_models import MatchDue, Proposal, Weights
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FIRST = "Ada Ben Cleo Dora Evan Faye Gus Hana Ivor June Kofi Lena Moss Nadia Omar Petra".split()  # noqa: SIM905
LAST = "Quill Marsh Okafor Lovell Brook Vance Tarrant Wick Ashby Crane Dove Elms Frost Gale Hythe Ince Jarrow Keld Lunt".split()  # noqa: SIM905
pytestmark = pytest.mark.django_db


def make(name: str, born: date | None = None, address: str = "", **more: str) -> Customer:
    new = NewCustomer(name=name, date_of_birth=born, address=address, **more)
    return operations.create(new, by=SYSTEM, at=MONDAY)


def proposed() -> list[set[UUID]]:
    while proposing.propose(MONDAY):
        pass
    rows = Proposal.objects.filter(state="proposed").order_by("-bits")
    return [{one.one_id, one.other_id} for one in rows]


def make_sam(name: str = "Samuel Okafor", **more: str) -> Customer:
    return make(name, date(1980, 3, 27), "12 Harbour Row, Aldermere", postcode="ZZ1 1AA", **more)


def test_a_short_name_and_a_slip_in_the_date_are_proposed_with_the_evidence_in_words() -> None:
    sam = make_sam(email="sam@example.org")
    also = make("Sam Okafor", date(1980, 3, 26), "12 Harbour Row", postcode="ZZ1 1AA")
    make("Ada Quill", date(1971, 1, 5), "4 Mill Lane", postcode="ZZ2 2BB")

    assert proposed() == [{sam.pk, also.pk}]

    proposal = Proposal.objects.get()
    said = {one.of: one.says for one in in_words("person", proposal.evidence)}
    assert said["First name"] == "a short form, or one letter apart"
    assert said["Date of birth"] == "one digit apart, or day and month changed places"
    assert said["Street"] == "the same"
    assert "Email" not in said  # one of them gave none
    assert not MatchDue.objects.exists()


def test_a_record_that_cannot_be_compared_holds_up_none_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sam, also = make_sam(), make("Sam Okafor", date(1980, 3, 27))
    Customer.objects.get(pk=sam.pk).addresses.update(line="Flat 2\n12 Harbour Row")  # lines of an earlier system
    broken = make("Ada Quill", date(1971, 1, 5))
    put_down = proposing._put_down

    def fails(customer_id: UUID, *given: Any, **more: Any) -> None:
        if customer_id == broken.pk:
            raise ValueError
        put_down(customer_id, *given, **more)

    monkeypatch.setattr(proposing, "_put_down", fails)

    assert proposed() == [{sam.pk, also.pk}]
    assert not MatchDue.objects.exists()


def test_somebody_who_moved_is_met_at_the_old_address() -> None:
    sam = make_sam()
    operations.add_address(sam.pk, line="4 Mill Lane", postcode="ZZ2 2BB", moved=True, by=SYSTEM, at=MONDAY)
    also = make("Sam Okafor", None, "12 Harbour Row", postcode="ZZ1 1AA", phone="01632 960123")

    assert proposed() == [{sam.pk, also.pk}]


@pytest.mark.parametrize(
    ("name", "born", "why"),
    [
        ("Grace Okafor", date(1980, 3, 27), "twins"),
        ("Grace Okafor", date(1983, 7, 2), "household"),
        ("Samuel Okafor", date(2005, 9, 9), "generations"),
    ],
)
def test_people_of_one_household_are_not_proposed_and_it_says_why(name: str, born: date, why: str) -> None:
    sam = make_sam(email="okafors@example.org", phone="01632 960123")
    other = make(
        name, born, "12 Harbour Row, Aldermere", postcode="ZZ1 1AA", email="okafors@example.org", phone="01632 960123"
    )

    assert proposed() == []

    looked = proposing.look_again(sam.pk, by=SYSTEM, at=MONDAY)
    assert [(one.apart, {one.one, one.other}) for one in looked.apart] == [(why, {sam.pk, other.pk})]


def test_an_email_or_a_phone_alone_makes_nobody_the_same() -> None:
    make("Ada Quill", None, "4 Mill Lane", postcode="ZZ2 2BB", email="shop@example.org", phone="01632 960123")
    make("Ben Marsh", None, "9 Hill Top", postcode="ZZ3 3AB", email="shop@example.org", phone="01632 960123")

    assert proposed() == []


def test_rejected_it_is_not_proposed_again_until_the_records_say_something_else() -> None:
    sam, also = make_sam(), make("Sam Okafor", date(1980, 3, 27))
    assert proposed() == [{sam.pk, also.pk}]
    proposal = Proposal.objects.get()
    with pytest.raises(BadInput):
        proposing.reject(proposal.pk, reason="", by=SYSTEM, at=MONDAY)
    proposing.reject(proposal.pk, reason="two_people", by=SYSTEM, at=MONDAY)

    operations.add_contact_point(sam.pk, kind="phone", value="01632 960123", by=SYSTEM, at=MONDAY)
    assert proposed() == []

    operations.add_contact_point(also.pk, kind="phone", value="01632 960123", by=SYSTEM, at=MONDAY)
    assert proposed() == [{sam.pk, also.pk}]


def test_a_proposal_is_withdrawn_when_the_records_no_longer_say_so() -> None:
    sam, also = make_sam(), make("Sam Okafor", date(1980, 3, 27))
    assert proposed()
    operations.change(also.pk, date_of_birth=date(1991, 12, 1), by=SYSTEM, at=MONDAY)

    assert proposed() == []
    assert Proposal.objects.get().state == "withdrawn"
    assert sam.merged_into_id is None


def test_merging_answers_the_proposal_and_taking_apart_rejects_it() -> None:
    sam, also = make_sam(), make("Sam Okafor", date(1980, 3, 27))
    assert proposed()
    proposal = Proposal.objects.get()

    made = proposing.accept(proposal.pk, kept_id=also.pk, by=SYSTEM, at=MONDAY)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.merge_id, merging.standing(sam.pk)) == ("merged", made.pk, also.pk)
    assert all_standing([sam.pk, also.pk, uuid7()]) == {sam.pk: also.pk, also.pk: also.pk}

    merging.unmerge(made.pk, by=SYSTEM, at=MONDAY)
    proposal.refresh_from_db()
    assert proposal.state == "rejected"
    assert proposed() == []


def test_nothing_is_merged_without_asking_until_staff_have_shown_the_precision_that_was_asked_for(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam, _also = make_sam(), make_sam()
    assert proposed()
    settings.MERGE_AT_PRECISION = 0.99
    monkeypatch.setattr(proposing, "FEWEST_DECIDED", 2)
    assert proposing.merge_the_sure(MONDAY) == 0

    for number in range(2):
        one, other = make(f"Ada Quill{number}", date(1970, 1, 2)), make(f"Ada Quill{number}", date(1970, 1, 2))
        Proposal.objects.create(
            one_id=min(one.pk, other.pk), other_id=max(one.pk, other.pk), state="merged", bits=20.0, evidence=[], said="",
            weights=0, proposed_at=MONDAY, decided_at=MONDAY, decided_by="somebody",
        )  # fmt: skip
    assert proposing.measured().share == 1.0
    assert proposing.merge_the_sure(MONDAY) == 1
    assert Customer.objects.filter(merged_into=sam).count() == 1

    Proposal.objects.filter(decided_by="somebody").update(state="rejected")
    assert not proposing.merges_by_itself()


def test_weights_are_learnt_from_the_records_and_kept_with_their_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert weighing.learn("person", at=MONDAY) is None  # too few
    monkeypatch.setattr(weighing, "FEWEST", 200)
    monkeypatch.setattr(weighing, "FEWEST_PAIRS", 20)
    monkeypatch.setattr(model, "RANDOM_PAIRS", 5_000)
    rows = []
    for number in range(240):
        person = number // 2 if number < 80 else number  # forty are written down twice
        name = f"{FIRST[person % 16]} {LAST[person * 7 % 19]}{chr(97 + person % 5)}"
        born = date(1950 + person % 50, 1 + person % 12, 1 + person % 28)
        rows.append(Customer(name=name, search_name=name.lower(), created_at=MONDAY, date_of_birth=born))
    Customer.objects.bulk_create(rows)

    learnt = weighing.learn("person", at=MONDAY)

    assert learnt is not None
    assert (learnt.version, learnt.records) == (1, 240)
    assert weighing.in_force("person").version == 1
    assert weighing.in_force("organisation").version == 0
    assert proposed()
    assert set(Proposal.objects.values_list("weights", flat=True)) == {1}
    assert Weights.objects.count() == 1
