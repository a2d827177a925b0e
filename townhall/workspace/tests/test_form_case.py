"""A case that came from a form shows each question and its answer in words."""

from __future__ import annotations

from datetime import date

import pytest

from townhall.catalogue.operations import OUR_PACKS
from townhall.catalogue.reading import read_folder
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.forms import operations as forms
from townhall.workspace.views.case import _answers

SENT_ON = date(2026, 3, 2)
PACKS = {pack.code: pack for pack in read_folder(OUR_PACKS)}
PACK, SCHOOL = PACKS["council-tax-move"], PACKS["school-place"]
SENT = {
    "kind": "within",
    "moved_on": "2026-03-27",
    "old_address": {"line1": "1 Row", "town": "Aldermere", "postcode": "ZZ1 1AA"},
    "new_address": {"uprn": "100001", "line": "12 Mill Lane, Aldermere, ZZ1 1AA"},
    "tenure": "own",
    "who": {"name": "Sam Example"},
    "email": "sam@example.org",
    "has_children": "yes",
    "children": [{"child_name": "Kim", "born_on": "2019-05-02"}],
    "asked_before": "kept",
}

ASKED = {
    "child_name": "Kim Example",
    "child_born": "2021-05-02",
    "kind": "primary",
    "address": {"line1": "1 Row", "town": "Aldermere", "postcode": "ZZ1 1AA"},
    "priority": ["none"],
    "schools": [{"school": "9992001"}, {"school": "9992002"}],
    "who": {"name": "Sam Example"},
    "email": "sam@example.org",
    "where": "home",
}


@pytest.mark.django_db(transaction=True)
def test_the_answers_read_as_they_were_asked_and_nothing_is_left_out() -> None:
    forms.load_forms(OUR_PACKS, by=SYSTEM, at=now())
    shown = _answers(PACK, SENT, SENT_ON)
    assert ("Which of these is it?", "I move from one home in the borough to another") in shown
    assert ("When is the move?", "27 March 2026") in shown
    assert ("What is your new address?", "12 Mill Lane, Aldermere, ZZ1 1AA") in shown
    assert ("Child 1: Full name", "Kim") in shown
    assert ("Child 1: Date of birth", "2 May 2019") in shown
    assert ("asked before", "kept") in shown
    assert [label for label, _value in shown if label in SENT] == []

    mail = {"question": "When?", "who": {"name": "Sam Example"}, "how": "email", "email": "sam@example.org"}
    shown = _answers(PACK, mail, SENT_ON)  # a mail that was sent on to this service
    assert ("What do you want to know?", "When?") in shown
    assert [label for label, _value in shown if label in mail] == []

    shown = _answers(SCHOOL, ASKED, SENT_ON)  # its last page stands after the schools
    assert shown[-4:] == [
        ("School 2: School", "Mill Lane Primary School"),
        ("Full name", "Sam Example"),
        ("Email address", "sam@example.org"),
        ("Where are you?", "At home"),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_form_that_was_taken_away_leaves_the_answers() -> None:
    assert ("kind", "within") in _answers(PACK, SENT, SENT_ON)
