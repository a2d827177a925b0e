"""Card numbers are refused wherever somebody writes words that are kept."""

from __future__ import annotations

import pytest

from townhall.accounts.models import Role
from townhall.cases import operations as cases
from townhall.cases.models import Note
from townhall.cases.tests.makers import MONDAY, make_case, make_council, make_staff
from townhall.contacts import operations as contacts
from townhall.contacts.operations import WrapUp
from townhall.contacts.seeds import seed_reference_data
from townhall.core.errors import BadInput
from townhall.forms.checking import read
from townhall.forms.questions import LongText, Question, Text

CARD = "They read out 4242 4242 4242 4242 to me"
pytestmark = pytest.mark.django_db


def test_in_a_contacts_notes() -> None:
    seed_reference_data()
    by = make_staff("amina", team="customer-services", role=Role.ADVISER)
    contact = contacts.start(channel="phone", by=by, at=MONDAY)
    answers = WrapUp(reason_code="payment", outcome="resolved", avoidable=False, anything_else=False, notes=CARD)

    with pytest.raises(BadInput) as refused:
        contacts.wrap_up(contact.pk, answers, by=by, at=MONDAY)

    assert list(refused.value.problems) == ["notes"]


def test_in_a_note_on_a_case() -> None:
    make_council()
    case = make_case()
    by = make_staff("priya", team="street-cleansing", role=Role.OFFICER)

    with pytest.raises(BadInput, match="card number"):
        cases.add_staff_note(case.pk, text=CARD, by=by, at=MONDAY)

    assert not Note.objects.filter(text__contains="4242").exists()


def test_in_the_answers_of_a_form() -> None:
    questions: list[Question] = [Text(code="short", label="Short"), LongText(code="long", label="Long")]

    checked = read(questions, {"short": CARD, "long": f"Hello\n{CARD}"})

    assert list(checked.problems) == ["short", "long"]
    assert checked.answers == {}
    assert read(questions, {"short": "07700 900123", "long": "UPRN 100012345678"}).ok
