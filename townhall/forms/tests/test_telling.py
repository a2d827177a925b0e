"""Faults, style, changes and rules, told in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from townhall.forms import commands, editing, languages, patterns, reading
from townhall.forms.comparing import compare
from townhall.forms.definition import (
    CHECK,
    ChoiceList,
    Condition,
    Form,
    FormPage,
    Paragraph,
    Repeat,
    Route,
    Section,
    Stop,
)
from townhall.forms.errors import FormRefused
from townhall.forms.in_words import rule_words
from townhall.forms.linter import RULES, lint
from townhall.forms.problems import problems
from townhall.forms.questions import Checkboxes, Choice, Money, Number, Radios, Select, Text
from townhall.forms.tests.makers import ASKED, make_form, make_page, make_text

NO: dict[str, Any] = {"==": [1, 0]}


def asks(rule: dict[str, Any]) -> Condition:
    return Condition(code="c", words="c", rule=rule)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (make_form(code="Not a code"), "The form's code 'Not a code' may have small letters, digits and hyphens only."),
        (Form(code="x", title="X", pages=()), "The form has no page."),
        (make_form(make_page("a"), make_page("a")), "Two pages have the code 'a'."),
        (make_form(make_page("check")), "No page may be called 'check'."),
        (make_form(make_page("a", next=(Route(to="b"),))), "The page 'a' leads to 'b', which is not there."),
        (make_form(make_page("a", next=(Route(to=CHECK),)), make_page("b")), "Nothing leads to the page 'b'."),
        (
            make_form(make_page("a"), make_page("b", next=(Route(to="a"),))),
            "From the page 'a' there is no way to the end.",
        ),
        (make_form(make_page("a", make_text("a"), make_text("a"))), "The page 'a' asks 'a' twice."),
        (
            make_form(make_page("a", make_text("q")), make_page("b", Number(code="q", label="Q"))),
            "Two questions of different types have the code 'q'.",
        ),
        (
            make_form(make_page("a", Select(code="q", label="Q", list="l"))),
            "The question 'q' uses the list 'l', which is not there.",
        ),
        (make_form(make_page("a", Radios(code="q", label="Q"))), "The question 'q' offers nothing to choose."),
        (make_form(conditions=(asks({"condition": "c"}),)), "The condition 'c' uses itself."),
        (
            make_form(conditions=(asks({"condition": "d"}),)),
            "The condition 'c' uses the condition 'd', which is not there.",
        ),
        (
            make_form(conditions=(asks({"==": [{"var": "x"}, 1]}),)),
            "The condition 'c': There is no earlier answer called 'x'.",
        ),
        (
            make_form(conditions=(Condition(code="c", words="odd"),)),
            "The condition “odd” (c) has no rule, so it never holds.",
        ),
        (make_form(make_page("a", section="s")), "The page 'a' is in the section 's', which is not there."),
        (make_form(make_page("a", repeat="r")), "The page 'a' belongs to the repeat 'r', which is not there."),
        (
            make_form(
                make_page("a", repeat="r"),
                make_page("b"),
                make_page("c", repeat="r"),
                repeats=(Repeat(code="r", title="R", item="r"),),
            ),
            "The pages of the repeat 'r' do not follow one another.",
        ),
        (make_form(FormPage(code="a", stop=Stop())), "The page 'a' stops people and does not say what to do instead."),
        (
            make_form(texts={"cy": {"pages.gone.title": "Dim"}}),
            "The words in 'cy' for 'pages.gone.title' stand for nothing.",
        ),
        (
            make_form(make_page("a", make_text("q", pattern="(a+)+$"))),
            "The question 'q': In the pattern something repeats that varies itself.",
        ),
        (
            make_form(make_page("a", make_text("q", prefill="moon"))),
            "The question 'q' is filled in from 'moon', which is not known here.",
        ),
    ],
)
def test_what_is_wrong_with_a_form_is_said(form: Form, said: str) -> None:
    assert said in problems(form)


def test_a_form_that_is_well_has_no_faults_and_a_circle_with_a_way_out_is_none() -> None:
    back = {"==": [{"var": "b"}, "again"]}
    form = make_form(make_page("a"), make_page("b", next=(Route(to="a", when=back),)))

    assert problems(form) == []
    assert problems(make_form()) == []
    assert [finding.rule for finding in lint(form)] == ["F13"]


STYLE = make_form(
    make_page("one", make_text("a"), make_text("b", hint="See https://example.org", label="B *"), title="Same"),
    make_page("two", make_text("c", label="x" * 130, hint="Please say."), title="Same"),
    make_page("three", make_text("d", hint="y" * 141), Paragraph(text="Words")),
    make_page("four", Paragraph(text="No heading")),
    make_page("five", make_text("a"), Text(code="e", label="E", why="We always did")),
    sections=(Section(code="s", title="Nobody"),),
    lists=(ChoiceList(code="l", choices=(Choice(key="a", name="A"),)),),
    conditions=(asks({"==": [{"var": "a"}, "x"]}),),
)


@pytest.mark.capability("FORM-02")
def test_the_style_of_a_form_is_checked_by_rules_whose_codes_stay_the_same() -> None:
    found = {(finding.rule, finding.where) for finding in lint(STYLE)}

    assert found >= {
        ("F01", "hello"), ("F10", "one"), ("F11", "one"), ("F11", "two"), ("F12", "four"), ("F20", "e"), ("F21", "l"), ("F22", "c"),
        ("F23", "s"), ("F24", "a"), ("F30", "d"), ("F31", "b"), ("F32", "c"), ("F33", "c"), ("F34", "b"), ("F35", "c"),
    }  # fmt: skip
    assert {rule for rule, _where in found} <= set(RULES)
    page = (Path(__file__).parents[3] / "docs" / "forms.md").read_text()
    assert [rule for rule in RULES if rule not in page] == []


CHOICES = (Choice(key="bag", name="A bag"), Choice(key="van", name="A van load"))
WORDED = make_form(
    make_page("size", Radios(code="size", label="How much is there?", choices=CHOICES, **ASKED)),
    make_page("kinds", Checkboxes(code="kinds", label="Kinds", choices=CHOICES, **ASKED)),
    make_page("rent", Money(code="rent", label="Rent", **ASKED)),
    conditions=(Condition(code="big", words="more than a bag", rule={"!=": [{"var": "size"}, "bag"]}),),
)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"==": [{"var": "size"}, "van"]}, "“How much is there?” is “A van load”"),
        ({"in": ["bag", {"var": "kinds"}]}, "“Kinds” includes “A bag”"),
        ({"in": [{"var": "size"}, ["bag", "van"]]}, "“How much is there?” is one of “A bag”, “A van load”"),
        ({">": [{"var": "rent"}, 12050]}, "“Rent” is more than £120.50"),
        (
            {"and": [{"condition": "big"}, {"or": [NO, {"!": [{"var": "rent"}]}]}]},
            "“more than a bag” and (1 is 0 or not (“Rent”))",
        ),
        (
            {"<=": [{"var": "born"}, {"later": [{"var": "today"}, -18, "years"]}]},
            "“born” is at most -18 years after today",
        ),
        (None, "always"),
    ],
)
def test_a_rule_is_said_in_words(rule: Any, words: str) -> None:
    assert rule_words(rule, WORDED) == words


@pytest.mark.capability("FORM-01")
def test_two_versions_are_compared_with_conditions_in_words() -> None:
    replace = msgspec.structs.replace
    size, kinds, rent = WORDED.pages
    question = replace(size.questions[0], choices=(*CHOICES, Choice(key="skip", name="A skip")), label="How much?")
    new = replace(
        WORDED,
        title="Rubbish",
        pages=(replace(kinds, shown_when={"condition": "big"}), replace(size, parts=(question, make_text("why_so")))),
        conditions=(replace(WORDED.conditions[0], rule={"==": [{"var": "size"}, "van"]}),),
    )

    told = [str(change) for change in compare(WORDED, new)]

    assert told == [
        "changed: form hello, title: Hello → Rubbish",
        "removed: page rent: rent",
        "changed: page kinds, shown_when: nothing → “more than a bag”",
        "changed: form hello, order of pages: size, kinds, rent → kinds, size",
        "removed: question rent: Rent",
        "added: choice size skip: A skip",
        "changed: question size, label: How much is there? → How much?",
        "added: question why_so: Why_so",
        "changed: condition big, rule: “How much is there?” is not “A bag” → “How much?” is “A van load”",
    ]
    assert rent.code == "rent"


def test_texts_for_translators_are_all_put_back() -> None:
    words = {path: f"cy {text}" for path, text in languages.texts(WORDED)}
    translated = languages.localised(msgspec.structs.replace(WORDED, texts={"cy": words}), "cy")

    assert dict(languages.texts(translated)) == words
    assert problems(msgspec.structs.replace(WORDED, texts={"cy": words})) == []


def test_translated_words_go_where_their_text_goes_and_leave_with_it() -> None:
    page = make_page("read", Paragraph(text="One"), Paragraph(text="Two"), make_text("name"))
    words = {"pages.read.parts.0.text": "Un", "pages.read.parts.1.text": "Dau", "questions.name.label": "Enw"}
    form = make_form(page, texts={"cy": words})

    turned = editing.change_page(form, "read", lambda one: editing.move_part(one, "1", -1))
    assert turned.texts["cy"] == {**words, "pages.read.parts.0.text": "Dau", "pages.read.parts.1.text": "Un"}
    worded = editing.change_page(turned, "read", lambda one: editing.put_part(one, "0", Paragraph(text="Two!")))
    assert worded.texts == turned.texts
    left = editing.change_page(turned, "read", lambda one: editing.remove_part(one, "0"))
    assert left.texts["cy"] == {"pages.read.parts.0.text": "Un", "questions.name.label": "Enw"}
    bare = editing.change_page(left, "read", lambda one: editing.remove_part(one, "1"))
    assert languages.tidied(bare).texts == {"cy": {"pages.read.parts.0.text": "Un"}}


def test_yaml_with_a_fault_is_refused_with_its_line() -> None:
    text = reading.write_yaml(WORDED).replace("label: Rent", "lable: Rent")

    with pytest.raises(FormRefused) as refused:
        reading.read_yaml(text, file="rubbish.yaml")

    (fault,) = refused.value.faults
    line = text.split("\n").index(next(one for one in text.split("\n") if "lable" in one)) + 1
    assert fault.startswith(f"rubbish.yaml:{line}: ")
    for odd in ("", "[", "a: [1", "code: x\ncode: y", "&a x", "\0"):
        with pytest.raises(FormRefused):
            reading.read_yaml(odd)


def test_a_folder_of_forms_is_checked(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(reading.write_yaml(make_form()))
    (tmp_path / "bad.yaml").write_text(reading.write_yaml(STYLE))
    (tmp_path / "worse.yaml").write_text("code: [")

    assert commands.check(tmp_path / "good.yaml") == (["1 forms checked, 0 findings"], True)
    lines, is_well = commands.check(tmp_path)
    assert not is_well
    assert lines[0].startswith("bad.yaml: F01 hello: ")
    assert any(line.startswith("worse.yaml:") for line in lines)


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|a)*", "(a*)*b", "a+a+a+", "(?=a)b", r"(a)\1", "(", "a{99999999999}", "a?" * 20, "x" * 400]
)
def test_a_pattern_that_could_take_long_is_not_taken(pattern: str) -> None:
    assert patterns.problem_in(pattern) is not None
    assert patterns.fits(pattern, "anything")


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("^[A-Z]\\d{8}$", "A12345678", "A1234567"),
        ("[A-Z]{1,2}[0-9]{1,2}[A-Z]? ?[0-9][A-Z]{2}", "SW1A 1AA", "SW1A"),
        ("[0-9]+", "123", "12a"),
    ],
)
def test_a_plain_pattern_is_taken(pattern: str, fits: str, fails: str) -> None:
    assert patterns.problem_in(pattern) is None
    assert patterns.fits(pattern, fits)
    assert not patterns.fits(pattern, fails)
    assert not patterns.fits(pattern, fits * 200)
