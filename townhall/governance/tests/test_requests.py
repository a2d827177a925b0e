"""Requests for one's own records and for information: their clocks, what is given, and what is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.tests.makers import make_case, make_council, make_staff
from townhall.clocks import queries as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, WrongState
from townhall.customers.merging.references import references
from townhall.customers.models import Customer, Link
from townhall.documents.models import Document
from townhall.governance import freedom, held, subject_access
from townhall.governance.freedom import Answer
from townhall.governance.models import FreedomRequest, Redaction
from townhall.governance.retention import rules, sweeping
from townhall.governance.seeds import FREEDOM, seed_reference_data
from townhall.governance.states import SubjectState
from townhall.governance.tests.makers import LONG_AGO, SECRET, everything_about, left_of, make_person, put

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def dpo(db: Any) -> Actor:
    make_council()
    seed_reference_data()
    return make_staff("edith", team="corporate", role=Role.DATA_PROTECTION_OFFICER)


def judge_all(request_id: UUID, by: Actor) -> None:
    _request, reviewed = subject_access.review(request_id, by=by, at=NOON)
    for one in reviewed:
        if one.waits:
            subject_access.decide(
                request_id, one.entry.section, one.entry.key, what="give", reason="own", by=by, at=NOON
            )


def test_every_table_that_refers_to_a_customer_is_given_or_left_out_for_a_written_reason() -> None:
    asked = {one.table for one in references()}

    assert asked - set(held.SECTIONS) - set(held.LEFT_OUT) == set()
    assert set(held.SECTIONS) - {"customers_customer"} - asked == set()
    assert not set(held.SECTIONS) & set(held.LEFT_OUT)


def test_one_press_gathers_all_of_it_and_nothing_is_given_before_what_is_about_others_is_judged(dpo: Actor) -> None:
    person, other = make_person("Sam Okafor"), make_person("Ruth Tallis")
    Link.objects.create(
        customer=person, representative=other, relation="relative", evidence="Letter seen", from_on=date(2026, 1, 1)
    )
    things = everything_about(person)
    note = put("cases_note", case_id=things["cases"].pk, kind="note", text="His aunt RUTH TALLIS rang", update_id="")
    request = subject_access.open_request(person.pk, by=dpo, at=NOON)
    with pytest.raises(WrongState):
        subject_access.answer(request.pk, by=dpo, at=NOON)

    _request, reviewed = subject_access.review(request.pk, by=dpo, at=NOON)
    sections = {one.entry.section for one in reviewed}
    assert {"cases_case", "contacts_contact", "notifications_message", "mailroom_mail", "cases_note"} <= sections
    assert {"documents_document", "forms_submission", "files_storedfile", "ledger_look"} <= sections
    found = next(one for one in reviewed if one.entry.key == str(note.pk))
    assert found.entry.others == ["Ruth Tallis"]
    judge_all(request.pk, dpo)
    subject_access.decide(
        request.pk,
        "cases_note",
        str(note.pk),
        what="hide",
        reason="third_party",
        hidden=["Ruth Tallis"],
        by=dpo,
        at=NOON,
    )
    subject_access.decide(
        request.pk, "mailroom_mail", str(things["mails"].pk), what="withhold", reason="legal", by=dpo, at=NOON
    )
    answered = subject_access.answer(request.pk, by=dpo, at=NOON)

    document = Document.objects.get(pk=str(answered.document_id))
    assert "His aunt […] rang" in document.html
    assert "RUTH TALLIS" not in document.html
    assert "It is legal advice" in document.html
    assert document.customer_id == person.pk
    for internal in (str(person.pk), "contact_point", "Actor kind", "T10:00", '<th scope="row">Id</th>'):
        assert internal not in document.html
    assert "4 May 2012" in document.html
    # What was given stays what was given: the answer itself is nothing more to judge.
    assert subject_access.review(request.pk, by=dpo, at=NOON)[1] == []
    assert subject_access.given(answered) == document.html
    assert {one.hidden == [] for one in Redaction.objects.all()} == {True}
    assert clocks.first_about("access.subject", request.subject).is_open is False  # type: ignore[union-attr]


def test_the_councils_own_numbers_are_nobody_elses(dpo: Actor, settings: Any) -> None:
    settings.COUNCIL_PHONE = "01632 960100"
    things = everything_about(person := make_person("Sam Okafor"))
    text = "Ring us: 01632 960100. Her sister: 01632 960999"
    note = put("cases_note", case_id=things["cases"].pk, kind="note", text=text, update_id="")

    (entry,) = (one for one in held.everything(person.pk) if one.key == str(note.pk))

    assert entry.others == ["01632 960999"]


def test_a_number_ends_where_its_words_end() -> None:
    values = {"text": "Her sister: 01632 960999", "case_id": "6b1f"}

    assert held._about_others(values, own=(), others=()) == ["01632 960999"]


def test_what_changes_after_it_was_judged_is_judged_again(dpo: Actor) -> None:
    person = make_person()
    things = everything_about(person)
    request = subject_access.open_request(person.pk, by=dpo, at=NOON)
    judge_all(request.pk, dpo)
    things["contacts"].notes = "Something new"
    things["contacts"].save()

    with pytest.raises(WrongState):
        subject_access.answer(request.pk, by=dpo, at=NOON)


def test_a_request_is_due_in_a_month_and_in_three_when_it_is_complex(dpo: Actor) -> None:
    request = subject_access.open_request(make_person().pk, by=dpo, at=NOON)
    assert request.due_on == date(2026, 3, 2)  # 28 February is a Saturday

    longer = subject_access.extend(request.pk, why="Twelve years of letters", by=dpo, at=NOON + timedelta(days=9))

    assert longer.due_on == date(2026, 4, 30)
    with pytest.raises(WrongState):
        subject_access.extend(request.pk, why="Once more", by=dpo, at=NOON + timedelta(days=10))


@pytest.mark.parametrize(("to", "then"), [(SubjectState.REFUSED, "met"), (SubjectState.WITHDRAWN, "stopped")])
def test_only_what_was_owed_counts_as_answered_in_time(dpo: Actor, to: SubjectState, then: str) -> None:
    request = subject_access.open_request(make_person().pk, by=dpo, at=NOON)
    subject_access.end(request.pk, to=to, why="They asked last week", by=dpo, at=NOON + timedelta(days=1))

    [clock] = clocks.clocks_about(request.subject)
    assert clock.state == then


def test_a_file_says_the_day_here_on_which_it_was_asked_for(dpo: Actor) -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight in London
    request = subject_access.open_request(make_person().pk, by=dpo, at=late + timedelta(days=1), received_at=late)

    assert subject_access.as_file(request.pk, by=dpo, at=late + timedelta(days=2))["asked_on"] == "2026-07-01"


def test_nothing_of_theirs_is_removed_while_their_request_is_open(dpo: Actor) -> None:
    person = make_person()
    things = everything_about(person)
    request = subject_access.open_request(person.pk, by=dpo, at=NOON)
    while sweeping.sweep(NOON):
        pass
    assert SECRET in left_of("contacts_contact", things["contacts"].pk)

    subject_access.end(request.pk, to=SubjectState.WITHDRAWN, why="They rang", by=dpo, at=NOON)
    while sweeping.sweep(NOON + timedelta(days=1)):
        pass

    assert SECRET not in left_of("contacts_contact", things["contacts"].pk)
    assert rules.in_force()


def test_only_the_data_protection_officer_reads_and_gives(dpo: Actor) -> None:
    adviser = make_staff("ada", team="corporate", role=Role.ADVISER)
    request = subject_access.open_request(make_person().pk, by=adviser, at=NOON)
    for act in (subject_access.review, subject_access.answer):
        with pytest.raises(NotAllowed):
            act(request.pk, by=adviser, at=NOON)


def test_information_is_asked_for_inside_a_case_which_goes_on_and_stays_linked(dpo: Actor) -> None:
    case = make_case(at=datetime(2026, 7, 10, 9, tzinfo=UTC))
    at = datetime(2026, 7, 10, 12, tzinfo=UTC)

    request, again = (
        freedom.open_request(
            words="How much did the bins cost?",
            name="Ann Marsh",
            email="ann@example.org",
            case_reference=case.reference,
            by=dpo,
            at=moment,
        )
        for moment in (at, at + timedelta(seconds=1))
    )

    assert again.pk == request.pk  # a second click
    assert request.due_on == date(2026, 8, 11)  # a bank holiday in Northern Ireland and one in Scotland are left out
    assert list(freedom.of_case(case.pk)) == [request]
    cases.accept(case.pk, by=make_staff("olu", team="street-cleansing", role=Role.OFFICER), at=at)
    assert clocks.first_about(FREEDOM, request.subject).is_open  # type: ignore[union-attr]


def test_the_log_of_answers_has_the_answer_with_its_exemptions_and_not_who_asked(dpo: Actor) -> None:
    request = freedom.open_request(words="Who lives where?", name="Ann Marsh", by=dpo, at=NOON)
    wrong = Answer(words="Dear Ann Marsh, no.", title="Addresses", exemptions={"s40": "It is about persons"})
    with pytest.raises(BadInput):
        freedom.answer(request.pk, wrong, by=dpo, at=NOON)
    with pytest.raises(BadInput):
        freedom.answer(request.pk, Answer(words="No.", title="Addresses", exemptions={"s40": " "}), by=dpo, at=NOON)

    freedom.answer(
        request.pk,
        Answer(words="We hold a list.", title="Addresses", exemptions={"s40": "It is about persons"}),
        by=dpo,
        at=NOON + timedelta(days=60),
    )

    shown = freedom.published().get()
    assert (shown.title, shown.answer, shown.was_late) == ("Addresses", "We hold a list.", True)
    assert [(one.section, one.why) for one in shown.exemptions.all()] == [("s40", "It is about persons")]
    assert FreedomRequest.objects.count() == 1
    assert Customer.objects.filter(created_at=LONG_AGO).count() == 0
