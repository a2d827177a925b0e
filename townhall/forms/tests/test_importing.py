from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.core import logic
from townhall.forms import commands, engine, importing, operations, queries, reading
from townhall.forms.checking import applies
from townhall.forms.definition import CHECK, Form
from townhall.forms.engine.flow import expand
from townhall.forms.importing import NotAForm, proof, trying
from townhall.forms.importing.html import to_markdown
from townhall.forms.problems import problems
from townhall.forms.questions import Checkboxes, Group, Money, Number, Radios, Text
from townhall.forms.tests.foreign import ALLOTMENT, GOVUK, NEW, OLD
from townhall.ui.markdown import markdown

TODAY = date(2026, 3, 2)
SHARED = Path(os.environ.get("TOWNHALL_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")) / "forms"
OURS = {"allotment": ALLOTMENT, "old": OLD, "new": NEW, "govuk": GOVUK}


def made(source: dict[str, Any]) -> Form:
    return importing.read(source, code="made").form


def rule(form: Form, code: str) -> Any:
    return expand({"condition": code}, {one.code: one.rule for one in form.conditions})


@pytest.mark.parametrize("source", OURS.values(), ids=OURS.keys())
def test_nothing_of_a_foreign_form_is_lost_and_it_runs_to_the_check_of_answers(source: dict[str, Any]) -> None:
    form = made(source)

    assert proof.compare(source, form).lost == []
    assert trying.way_to_check(form, today=TODAY) is not None
    assert reading.read_yaml(reading.write_yaml(form)) == form


def test_what_a_foreign_form_has_is_counted_from_its_json() -> None:
    assert (
        proof.compare(ALLOTMENT, made(ALLOTMENT)).line()
        == "files=1 pages=8 components=16 conditions=6 lists=3 links=7 lost=0"
    )
    assert (
        proof.compare(GOVUK, made(GOVUK)).line()
        == "files=1 pages=13 components=13 conditions=4 lists=2 links=16 lost=0"
    )


def test_components_become_questions_with_what_they_ask_for() -> None:
    form = made(ALLOTMENT)
    asked = {question.was: question for question in form.questions()}

    assert asked["name"].label == "Full name as on your bill"
    assert asked["age"] == Number(code="age", label="Age", required=True, minimum=0, maximum=120, whole=True, was="age")
    assert isinstance(asked["reference"], Text)
    assert (asked["reference"].pattern, asked["reference"].required) == ("^[A-Z]\\d{8}$", False)
    assert isinstance(asked["cost"], Money)
    assert isinstance(asked["odd"], Text)
    assert isinstance(asked["helpers"], Group)
    assert [(type(one), one.was) for one in asked["helpers"].questions] == [(Text, "who"), (Money, "hours")]
    assert isinstance(asked["site"], Checkboxes)
    assert asked["site"].list == "sites"
    assert asked["where"].shown_when == {"in": ["other", {"var": "site"}]}
    assert form.texts == {"cy": {"questions.words.label": "Pam?"}}
    assert (form.declaration, form.after) == ("What I have said is **true**.", "We write within **5 days**")
    assert [(fee.pence, fee.times) for fee in form.fees] == [(3000, "size")]


def test_html_becomes_markdown_that_is_safe() -> None:
    form = made(ALLOTMENT)

    (hello,) = form.pages[0].parts

    assert getattr(hello, "text", "") == "## Before you start\n\n- See [the rules](/rules?a=1)\n- £30 a year"
    shown = markdown(
        to_markdown("<script>alert(1)</script><p onclick=x>Hi &lt;b&gt; <a href='javascript:x()'>here</a></p>")
    )
    assert "<script" not in shown
    assert "onclick" not in shown
    assert "href" not in shown
    assert "Hi &lt;b&gt;" in shown


@pytest.mark.parametrize(
    ("code", "answers", "expected"),
    [
        ("adult", {"age": 18}, True),
        ("adult", {"age": 17}, False),
        ("young", {"age": 17, "resident": "no"}, True),
        ("young", {"age": 17, "resident": "yes"}, False),
        ("two", {"size": "2", "resident": "yes"}, True),
        ("two", {"size": "2", "resident": "no"}, False),
        ("nested", {"site": ["mill"], "name": "Ada L"}, True),
        ("nested", {"site": ["mill"], "name": "Ada"}, False),
        ("nested", {"site": ["other"], "born": "1999-12-31"}, True),
        ("old", {"born": "1961-03-02", "today": "2026-03-02"}, True),
        ("old", {"born": "1961-03-03", "today": "2026-03-02"}, False),
        ("odd", {"age": 3}, False),
    ],
)
def test_conditions_mean_what_they_meant(code: str, answers: dict[str, Any], expected: bool) -> None:
    assert logic.holds(rule(made(ALLOTMENT), code), answers) is expected


def test_the_ways_lead_where_they_led() -> None:
    flow = engine.flow_of(made(ALLOTMENT))
    page = {one.was: one.code for one in flow.form.pages}
    you = {"name": "Ada", "age": "30", "resident": "yes"}

    def way(**answers: Any) -> list[str]:
        return [flow.pages[step.page].was for step in engine.path(flow, {**you, **answers}, today=TODAY).steps]

    assert way(age="9") == ["/start", "/you", "/no"]
    assert way(site=["mill"], size="2", words="x")[-1] == "/helpers"
    assert way(site=["mill"], size="1", words="x")[-1] == "/cost"
    assert flow.form.page(page["/no"]).stop is not None  # type: ignore[union-attr]
    assert flow.form.page(page["/cost"]).next[0].to == CHECK  # type: ignore[union-attr]


def test_what_has_no_equal_is_kept_and_named_and_secrets_are_not_kept() -> None:
    result = importing.read(ALLOTMENT, code="made")
    kept = {one.where: one.what for one in result.kept}

    assert kept["component reference on page /you"] == {"options": {"classes": "govuk-input--width-10"}}
    assert kept["form"]["outputs"] == ALLOTMENT["outputs"]
    assert kept["condition odd"] == {"value": "someFunction(you.age) ~ 3"}
    assert "do-not-keep-me" not in json.dumps(reading.to_builtins(result.form))
    assert any("HologramField" in note for note in result.notes)
    assert [one["where"] for one in result.form.imported["kept"]] == [one.where for one in result.kept]


def test_older_and_newer_shapes_of_the_builders_are_read() -> None:
    old, new = made(OLD), made(NEW)

    assert sorted(page.was for page in old.pages) == ["/one", "/three", "/three", "/two"]
    assert [choice.key for choice in old.lists[0].choices] == ["red", "red (2)"]
    flow = engine.flow_of(new)
    assert [str(step) for step in engine.path(flow, {"kind": "barge"}).steps] == ["boat", "length"]
    assert [str(step) for step in engine.path(flow, {"kind": "punt"}).steps] == ["boat", "crew.1"]


def test_gov_uk_forms_with_routes_exit_pages_and_answers_that_repeat() -> None:
    form = made(GOVUK)
    flow = engine.flow_of(form)
    first = form.pages[0].questions[0]

    def way(answer: str, **more: Any) -> list[str]:
        return [
            flow.pages[step.page].was
            for step in engine.path(flow, {first.code: answer, **more}).steps
            if step.page in flow.pages
        ]

    assert way("No") == ["1", ""]
    assert way("Ducks") == ["1", "4"]
    assert way("Yes") == ["1", "2"]
    breeds, other = form.pages[1].questions
    assert isinstance(breeds, Checkboxes)
    assert [choice.alone for choice in breeds.choices] == [False, False, True]
    assert other.label == "Which other breed?"
    assert not applies(other, {breeds.code: ["Sussex"]})
    assert applies(other, {breeds.code: ["none_of_the_above"]})
    assert form.repeats[0].title == "Each hen's name"
    assert "https://example.org/pay" in form.after
    assert isinstance(first, Radios)
    assert all(one.startswith("Nothing leads to the page") for one in problems(form))


def _spoilt(form: Form) -> Iterator[tuple[str, Form]]:
    """The form with one thing taken away or changed at a time."""
    replace = msgspec.structs.replace
    page = next(one for one in form.pages if one.was == "/plots")

    def with_page(new: Any) -> Form:
        return replace(form, pages=tuple(new if one is page else one for one in form.pages))

    yield "a page", replace(form, pages=tuple(one for one in form.pages if one is not page))
    yield "a component", with_page(replace(page, parts=page.parts[1:]))
    yield (
        "words of a component",
        with_page(
            replace(page, parts=tuple(replace(one, label="?") if one.was == "words" else one for one in page.parts))
        ),
    )
    yield "a link", with_page(replace(page, next=page.next[1:]))
    yield "the condition of a link", with_page(replace(page, next=tuple(replace(one, when=None) for one in page.next)))
    yield "a condition", replace(form, conditions=form.conditions[1:])
    yield (
        "a value in a condition",
        replace(
            form,
            conditions=tuple(
                replace(one, rule={"==": [{"var": "age"}, 1]}) if one.code == "nested" else one
                for one in form.conditions
            ),
        ),
    )
    yield "a list", replace(form, lists=form.lists[1:])
    yield (
        "an item of a list",
        replace(form, lists=(replace(form.lists[0], choices=form.lists[0].choices[1:]), *form.lists[1:])),
    )
    yield (
        "a name in a list",
        replace(
            form,
            lists=(
                replace(
                    form.lists[0], choices=(replace(form.lists[0].choices[0], name="?"), *form.lists[0].choices[1:])
                ),
                *form.lists[1:],
            ),
        ),
    )
    yield "what was kept", replace(form, imported={})
    yield "the declaration", replace(form, declaration="")


def test_the_proof_finds_whatever_is_lost() -> None:
    for what, form in _spoilt(made(ALLOTMENT)):
        assert proof.compare(ALLOTMENT, form).lost, what


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    3.5,
    "",
    "x",
    "/summary",
    [],
    [1],
    ["a"],
    {},
    {"a": 1},
    [{}],
    {"en": "Hi", "cy": "Helo"},
    "<p>a <b>b",
    "a.b == 1",
    "((not",
    "\ud800\0",
]


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _nodes(value[key])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(OURS)), st.integers(0, 2**32), st.integers(1, 8))
def test_no_foreign_file_however_odd_breaks_the_import(name: str, seed: int, changes: int) -> None:
    chance = random.Random(seed)
    source = copy.deepcopy(OURS[name])
    for _change in range(changes):
        holder, key = chance.choice(list(_nodes(source)))
        if chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(JUNK))

    for found in importing.forms_in(source):
        form = importing.read(found, code="odd").form
        proof.compare(importing.storable(found), form)
        problems(form)
        assert reading.read_yaml(reading.write_yaml(form)) == form
        engine.path(engine.flow_of(form), {}, today=TODAY)


def test_a_folder_is_checked_file_by_file_and_other_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "form.json").write_text(json.dumps(ALLOTMENT))
    (tmp_path / "two.json").write_text(json.dumps([OLD, {"definition": NEW}]))
    (tmp_path / "list.json").write_text("[1, 2, 3]")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "words.txt").write_text("no")

    count, said = commands.check_foreign(tmp_path)

    assert (count.files, count.others, count.pages, count.lost) == (3, 3, 8 + 5 + 4, [])
    assert any(line.startswith("broken.json: The file is not JSON") for line in said)
    with pytest.raises(NotAForm):
        importing.read({"a": 1}, code="x")


@pytest.mark.django_db
def test_an_imported_form_is_kept_as_a_draft_that_cannot_be_published_unexplained(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from townhall.core.actors import SYSTEM
    from townhall.forms.errors import FormRefused

    path = tmp_path / "Allotment form.json"
    path.write_text(json.dumps(ALLOTMENT))
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)

    lines = commands.import_file(path, at=at)

    assert lines[0] == "allotment-form: version 1 is a draft"
    assert any(line.startswith("kept as it was: form: ") for line in lines)
    draft = queries.draft_of("allotment-form")
    assert draft is not None
    assert draft.form.title == "Apply for an allotment"
    with pytest.raises(FormRefused):
        operations.publish("allotment-form", by=SYSTEM, at=at)


@pytest.mark.capability("FORM-01")
@pytest.mark.skipif(not SHARED.exists(), reason="the collection of other councils' forms is not beside this project")
def test_the_forms_of_others_come_in_whole_and_run() -> None:
    count, said = commands.check_foreign(SHARED / "communitiesuk")
    for other in ("xgov-runner", "govuk-forms"):
        more, words = commands.check_foreign(SHARED / other)
        said += words
        assert more.lost == []
        assert more.files >= 1

    assert count.line() == "files=147 pages=885 components=1231 conditions=427 lists=126 links=926 lost=0"
    assert [line for line in said if "no way to the check" in line] == []
