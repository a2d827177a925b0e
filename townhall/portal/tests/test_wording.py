from __future__ import annotations

from townhall.catalogue.operations import OUR_PACKS
from townhall.catalogue.reading import read_folder
from townhall.forms.service_forms import service_questions
from townhall.portal.wording import answer_words


def test_answers_are_shown_by_their_names() -> None:
    [pack] = [pack for pack in read_folder(OUR_PACKS) if pack.code == "fly-tipping"]
    given = {"size": "van", "waste": ["tyres"], "blocking": "no", "seen": "yes", "seen_what": "a red van"}

    assert [answer_words(question, given.get(question.code)) for question in service_questions(pack)] == [
        "A small van load",
        "Tyres or vehicle parts",
        "No",
        "Yes",
        "a red van",
    ]
