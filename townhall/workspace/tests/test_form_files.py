"""A form as a file and on paper: downloaded and uploaded, brought in from elsewhere, copied; its reasons, figures and ways."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from townhall.core.actors import PUBLIC
from townhall.core.time import now
from townhall.forms import operations, queries
from townhall.workspace.form_picture import of as picture_of
from townhall.workspace.tests.test_form_builder import WHY, Builder, branched, builder, manager

__all__ = ["builder", "manager"]  # fixtures
FOREIGN = {
    "name": "Bulky waste",
    "startPage": "/what",
    "pages": [
        {
            "path": "/what",
            "title": "What is it?",
            "components": [
                {"type": "TextField", "name": "what", "title": "What is it?", "options": {}, "schema": {}},
                {"type": "HologramField", "name": "holo", "title": "Show it to us", "options": {}, "schema": {}},
            ],
            "next": [{"path": "/summary"}],
        },
        {"path": "/summary", "title": "Check", "controller": "./pages/summary.js", "components": []},
    ],
    "lists": [],
    "conditions": [],
    "sections": [],
}


def a_file(text: str | bytes, name: str = "form.yaml") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def published(builder: Builder) -> None:
    branched(builder)
    builder.post("pages/street/parts/0", label="Which street?", required="on", max_length="100", min_length="0", **WHY)
    builder.post("publish")


def test_downloaded_and_uploaded_again_is_the_same_form(builder: Builder) -> None:
    branched(builder)
    before = builder.form
    text = builder.client.get("/work/forms/skip-permit/versions/1.yaml").content.decode()
    assert text.startswith("code: skip-permit")
    builder.post("draft", do="page:street:remove")
    assert builder.post("file", file=a_file(text)).status_code == 302
    assert builder.form == before


def test_faults_of_a_file_are_told_by_line_and_nothing_is_kept(builder: Builder) -> None:
    before = builder.form
    answer = builder.post("file", file=a_file("code: skip-permit\ntitle: T\npages:\n  - code: a\n    colour: red\n"))
    assert answer.status_code == 422
    assert "form.yaml:5: $.pages[0]" in answer.content.decode()
    assert builder.post("file", file=a_file(b"\xff\xfe\x00")).status_code == 422
    assert builder.post("file", file=a_file("{", "form.json")).status_code == 422
    assert builder.post("file", file=a_file("[]", "form.json")).status_code == 422
    assert builder.post("file").status_code == 422
    assert builder.form == before


def test_a_form_of_another_builder_comes_in_and_what_has_no_equal_is_said(builder: Builder) -> None:
    given: dict[str, Any] = {"title": "Bulky waste", "file": a_file(json.dumps(FOREIGN), "bulky.json")}
    answer = builder.client.post("/work/forms/upload", given)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "What has no equal here" in shown
    assert "holo" in shown
    draft = queries.draft_of("bulky-waste")
    assert draft is not None
    assert draft.form.questions()[0].label.startswith("What is it?")


def test_a_copy_has_a_name_of_its_own(builder: Builder) -> None:
    branched(builder)
    assert builder.post("copy", title="Scaffold permit")["Location"] == "/work/forms/scaffold-permit/draft"
    copied = queries.draft_of("scaffold-permit")
    assert copied is not None
    assert copied.form.pages == builder.form.pages
    assert builder.post("copy", title="Skip permit", code="skip-permit").status_code == 422


@pytest.mark.capability("FORM-02")
def test_reasons_and_questions_that_are_rarely_answered_are_listed_with_figures(builder: Builder) -> None:
    published(builder)
    builder.post("begin")
    builder.part("street", "text", label="Fax number (optional)", max_length="50", min_length="0", **WHY)
    builder.post("publish")
    for number in range(3):
        operations.send_form("skip-permit", 2, {"do_you_live_here": "yes", "which_street": "Mill Lane"}, by=PUBLIC,
                             at=now(), key=str(number), channel="web")  # fmt: skip
    shown = builder.get("questions")
    assert "The form was sent in 3 times." in shown
    assert "Fax number (optional): answered 0 times of 3" in shown
    assert "To find the house" in shown
    assert "Which street?: " not in shown


def test_the_ways_are_drawn_and_told(builder: Builder) -> None:
    branched(builder)
    shown = builder.get("ways")
    assert "“Do you live here?” is “No”" in shown
    assert "It ends here" in shown
    picture = picture_of(builder.form)
    assert [box.is_end for box in picture.boxes] == [False, False, True, True]
    assert len(picture.arrows) == 3


def test_all_of_it_is_on_paper(builder: Builder) -> None:
    branched(builder)
    shown = builder.get("paper")
    assert "Which street?" in shown
    assert "We cannot help." in shown
    assert "☐ Yes" in shown


def test_one_list_serves_two_questions(builder: Builder) -> None:
    branched(builder)
    builder.post("lists/new", title="Sizes", choices="Small\nLarge")
    for label in ("Size of the skip", "Size of the lorry"):
        builder.part("street", "radios", label=label, list="sizes", **WHY)
    builder.post("lists/sizes", title="Sizes", choices="Small | up to 2 tonnes\nHuge")
    (sizes,) = builder.form.lists
    assert [(one.key, one.name, one.hint) for one in sizes.choices] == [
        ("small", "Small", "up to 2 tonnes"), ("large", "Huge", ""),
    ]  # fmt: skip
    assert "used by: Size of the skip; Size of the lorry" in builder.get("lists")
    assert builder.post("lists/other", title="x", choices="y").status_code == 404


def test_words_stand_beside_the_english_and_the_public_reads_them(builder: Builder) -> None:
    branched(builder)
    asked = "questions.do_you_live_here"
    words = {
        f"{asked}.label": "Ydych chi’n byw yma?",
        f"{asked}.why": "I ddod o hyd i’r tŷ",
        f"{asked}.yes": "Ydw",
        f"{asked}.no": "Nac ydw",
    }

    def public() -> str:
        return queries.flow("skip-permit", version=1, language="cy").questions["do_you_live_here"].label

    assert "Do you live here?" in builder.get("languages/cy")
    builder.post("languages/cy", **{f"{asked}.label": words[f"{asked}.label"], "nonsense": "x"})
    assert builder.form.texts == {"cy": {f"{asked}.label": "Ydych chi’n byw yma?"}}
    assert "Ydych chi’n byw yma?" in builder.get("languages/cy")
    assert public() == "Do you live here?"  # nobody reads half a question in each language
    builder.post("languages/cy", **words)
    assert public() == "Ydych chi’n byw yma?"
    assert builder.post("languages/en").status_code == 404  # it is what is translated
