from __future__ import annotations

import pytest

from townhall.catalogue.operations import OUR_PACKS
from townhall.catalogue.pack import ServicePack
from townhall.catalogue.reading import read_folder
from townhall.catalogue.tests.makers import make_pack
from townhall.forms.checking import check, read
from townhall.forms.questions import (
    Checkboxes,
    Date,
    LongText,
    Number,
    Radios,
    Select,
    Text,
    YesNo,
)
from townhall.forms.service_forms import service_questions

PACKS = {pack.code: pack for pack in read_folder(OUR_PACKS)}


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS.keys())
def test_every_attribute_of_our_packs_is_asked_as_its_pack_says(pack: ServicePack) -> None:
    shared = ("code", "label", "hint", "why", "required", "shown_when", "error", "public")

    for attribute, question in zip(pack.attributes, service_questions(pack), strict=True):
        assert [getattr(question, name) for name in shared] == [getattr(attribute, name) for name in shared]
        if isinstance(question, Radios | Select | Checkboxes | YesNo):
            offered = [(choice.key, choice.name, choice.hint) for choice in question.choices]
            assert offered == [(value.key, value.name, value.hint) for value in attribute.values]
        elif isinstance(question, Text | LongText) and attribute.max_length:
            assert question.max_length == attribute.max_length
        elif isinstance(question, Number):
            assert (question.minimum, question.maximum) == (attribute.minimum, attribute.maximum)


def test_open311_datatypes_become_questions() -> None:
    values = [{"key": f"k{number}", "name": f"Name {number}"} for number in range(13)]
    yes_no = [{"key": "yes", "name": "Yes"}, {"key": "no", "name": "No"}]
    pack = make_pack(
        attributes=[
            {"code": "a", "label": "A"},
            {"code": "b", "label": "B", "datatype": "text"},
            {"code": "c", "label": "C", "datatype": "number", "minimum": 1},
            {"code": "d", "label": "D", "datatype": "datetime"},
            {"code": "e", "label": "E", "datatype": "singlevaluelist", "values": values[:3]},
            {"code": "f", "label": "F", "datatype": "singlevaluelist", "values": values},
            {"code": "g", "label": "G", "datatype": "multivaluelist", "values": values},
            {"code": "h", "label": "H", "datatype": "singlevaluelist", "values": yes_no},
        ]
    )

    kinds = [type(question) for question in service_questions(pack)]

    assert kinds == [Text, LongText, Number, Date, Radios, Select, Checkboxes, YesNo]


def test_a_fly_tip_is_asked_about_and_answered() -> None:
    questions = service_questions(PACKS["fly-tipping"])

    assert check(questions, {}) == {
        "size": "Select how much waste there is",
        "waste": "Select what kind of waste it is",
        "blocking": "Select yes if it is blocking the road or the pavement",
    }
    given = {"size": "van", "waste": ["tyres"], "blocking": "no", "seen": "yes", "seen_what": "a red van"}
    checked = read(questions, given)
    assert checked.ok
    assert checked.answers == given
