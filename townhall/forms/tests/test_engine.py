from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from townhall.core.money import Pence
from townhall.forms import checking, engine
from townhall.forms.definition import CHECK, Condition, Fee, Form, FormPage, Repeat, Route, Section, Stop
from townhall.forms.engine import CHECK_STEP, End, Flow, Step
from townhall.forms.errors import TooMany
from townhall.forms.known import prefilled
from townhall.forms.questions import (
    Address,
    Calculated,
    Checkboxes,
    Choice,
    Date,
    Money,
    Number,
    Payment,
    Person,
    Radios,
    YesNo,
)
from townhall.forms.tests.makers import make_form, make_page, make_text

TODAY = date(2026, 3, 2)
MOVING = YesNo(code="moving", label="Are you moving out of the area?", required=True)
IS_MOVING = Condition(code="moving_out", words="moving out", rule={"==": [{"var": "moving"}, "yes"]})


def branching() -> Flow:
    return engine.flow_of(
        make_form(
            make_page("moving", MOVING, next=(Route(to="gone", when={"condition": "moving_out"}),)),
            make_page("name", make_text("name", required=True)),
            make_page("extra", shown_when={"==": [{"var": "name"}, "Ada"]}),
            make_page("last", make_text("last"), next=(Route(to=CHECK),)),
            FormPage(code="gone", title="Tell the other council", stop=Stop(text="They do this.", link="/elsewhere")),
            conditions=(IS_MOVING,),
        )
    )


def walk(flow: Flow, answers: dict[str, Any], **more: Any) -> list[str]:
    return [str(step) for step in engine.path(flow, answers, **more).steps]


def test_the_way_stops_at_the_first_page_with_something_to_answer() -> None:
    flow = branching()

    way = engine.path(flow, {"moving": "no"})

    assert (walk(flow, {"moving": "no"}), way.end) == (["moving", "name"], End.UNFINISHED)
    assert way.problems == {"name": "Enter name"}
    assert engine.first(flow) == Step("moving")


def test_a_condition_leads_to_the_page_that_says_what_to_do_instead() -> None:
    way = engine.path(branching(), {"moving": "yes"})

    assert ([str(step) for step in way.steps], way.end) == (["moving", "gone"], End.STOPPED)


@pytest.mark.parametrize(
    ("name", "steps"), [("Ada", ["moving", "name", "extra", "last"]), ("Bob", ["moving", "name", "last"])]
)
def test_a_page_is_passed_by_when_it_is_not_for_them(name: str, steps: list[str]) -> None:
    way = engine.path(branching(), {"moving": "no", "name": name})

    assert ([str(step) for step in way.steps], way.is_complete) == (steps, True)


def test_what_was_answered_off_the_way_is_not_sent_and_not_lost() -> None:
    flow = branching()
    draft = {"moving": "no", "name": "Ada", "extra": "kept", "last": "z"}
    assert engine.path(flow, draft).answers == draft

    changed = {**draft, **engine.put(flow, draft, Step("name"), {"name": "Bob"})}

    assert engine.path(flow, changed).answers == {"moving": "no", "name": "Bob", "last": "z"}
    assert changed["extra"] == "kept"


def test_going_on_going_back_and_changing_one_answer() -> None:
    flow = branching()
    answers = {"moving": "no", "name": "Bob"}

    assert engine.next_step(flow, answers, Step("moving")) == Step("name")
    assert engine.next_step(flow, answers, Step("last")) == CHECK_STEP
    assert engine.next_step(flow, {}, Step("moving")) == Step("moving")
    assert engine.previous_step(flow, answers, Step("last")) == Step("name")
    assert engine.previous_step(flow, answers, Step("moving")) is None
    assert engine.previous_step(flow, answers, CHECK_STEP) == Step("last")
    assert engine.resume(flow, answers) == CHECK_STEP
    assert engine.resume(flow, {"moving": "no"}) == Step("name")


def test_a_page_may_be_opened_when_the_way_leads_to_it() -> None:
    flow = branching()

    assert engine.may_open(flow, {"moving": "no"}, Step("name"))
    assert not engine.may_open(flow, {}, Step("name"))
    assert not engine.may_open(flow, {"moving": "no"}, CHECK_STEP)
    assert not engine.may_open(flow, {"moving": "no", "name": "Bob"}, Step("extra"))
    assert engine.may_open(flow, {"moving": "no", "name": "Bob"}, CHECK_STEP)
    for odd in ("", "nowhere", "name.1", "name.0", "check.1", "../etc", "\0"):
        assert not engine.may_open(flow, {"moving": "no"}, engine.parse_step(odd))


def children(**fields: Any) -> Flow:
    return engine.flow_of(
        make_form(
            make_page("start", Number(code="n", label="How many children?")),
            make_page("child-name", make_text("child", required=True), repeat="children"),
            make_page("child-born", Date(code="born", label="Born", required=True), repeat="children"),
            make_page("end", make_text("end")),
            repeats=(Repeat(code="children", title="Your children", item="child", **fields),),
        )
    )


def test_pages_are_asked_for_each_child_until_there_are_no_more() -> None:
    flow = children(minimum=1)
    answers: dict[str, Any] = {}

    def answer(step: Step, raw: dict[str, Any]) -> Step:
        answers.update(engine.put(flow, answers, step, raw))
        return engine.next_step(flow, answers, step)

    step = answer(Step("start"), {})
    assert step == Step("child-name", 0)
    step = answer(step, {"child": "Ada"})
    step = answer(step, {"born": "2020-01-02"})
    assert step == Step("children")
    step = answer(step, {"children__more": "yes"})
    assert step == Step("child-name", 1)
    step = answer(step, {"child": "Bo"})
    step = answer(step, {"born": {"day": "3", "month": "May", "year": "2021"}})
    step = answer(step, {"children__more": "no"})
    assert step == Step("end")
    way = engine.path(flow, answers)
    assert way.answers == {"children": [{"child": "Ada", "born": "2020-01-02"}, {"child": "Bo", "born": "2021-05-03"}]}
    assert [(row.item, row.label, row.lines) for row in engine.rows(flow, answers)][1:3] == [
        ("Child 1", "Child", ("Ada",)),
        ("Child 1", "Born", ("2 January 2020",)),
    ]

    answers.update(engine.put(flow, answers, Step("child-name", 0), {"child": "Alan"}))
    answers.update(engine.remove_item(flow.repeats["children"], answers, 1))
    assert engine.resume(flow, answers) == Step("children")
    answers.update(engine.put(flow, answers, Step("children"), {"children__more": "no"}))
    assert engine.path(flow, answers).answers == {"children": [{"child": "Alan", "born": "2020-01-02"}]}


def test_what_must_differ_is_refused_when_it_is_given_again() -> None:
    flow = children(different="child")
    answers = {"children": [{"child": "Ada", "born": "2020-01-02"}, {}]}

    again = engine.read_page(flow, answers, Step("child-name", 1), {"child": " Ada"})
    assert again.problems == {"child": "You have given this child already. Give another one"}
    assert engine.read_page(flow, answers, Step("child-name", 1), {"child": "Bo"}).ok
    assert engine.read_page(flow, answers, Step("child-name", 0), {"child": "Ada"}).ok, "its own"
    assert engine.read_page(children(), answers, Step("child-name", 1), {"child": "Ada"}).ok


def test_who_has_none_says_so_and_goes_on() -> None:
    flow = children(minimum=0)

    assert walk(flow, {}) == ["start", "children"]
    assert engine.path(flow, {"children__more": "no"}).answers == {}
    assert walk(flow, {"children__more": "no"}) == ["start", "children", "end"]
    assert engine.more_question(flow.repeats["children"], 0).label == "Do you need to add a child?"


def test_a_number_says_how_often_pages_are_asked() -> None:
    flow = children(count="n")

    assert walk(flow, {"n": "0"}) == ["start", "end"]
    two = {"n": "2", "children": [{"child": "Ada", "born": "2020-01-02"}, {"child": "Bo", "born": "2020-01-02"}]}
    assert walk(flow, two) == ["start", "child-name.1", "child-born.1", "child-name.2", "child-born.2", "end"]
    assert engine.path(flow, {**two, "n": "1"}).answers["children"] == [{"child": "Ada", "born": "2020-01-02"}]
    assert walk(flow, {**two, "n": "9999"})[-1] == "child-name.3"


def test_there_are_no_more_items_than_the_form_takes() -> None:
    flow = children(maximum=2)
    full = {"children": [{"child": "A"}, {"child": "B"}]}

    with pytest.raises(TooMany):
        engine.add_item(flow.repeats["children"], full)
    with pytest.raises(TooMany):
        engine.put(flow, full, Step("child-name", 7), {"child": "C"})


def test_values_are_worked_out_in_order_and_never_taken_from_outside() -> None:
    flow = engine.flow_of(
        make_form(
            make_page("n", Number(code="n", label="How many?"), Money(code="each", label="Each")),
            make_page(
                "sum",
                Calculated(code="net", label="Together", unit="pence", rule={"*": [{"var": "n"}, {"var": "each"}]}),
                Calculated(code="tax", label="Tax", unit="pence", is_shown=False, rule={"/": [{"var": "net"}, 5]}),
            ),
        )
    )

    way = engine.path(flow, {"n": "3", "each": "1.99", "net": "1", "tax": "0"})

    assert way.answers == {"n": 3, "each": 199, "net": 597, "tax": 119}
    assert [(row.label, row.lines, row.can_change) for row in engine.rows_of(flow, way)][2:] == [
        ("Together", ("£5.97",), False)
    ]
    assert "net" not in engine.path(flow, {"n": "3"}).answers


def test_fees_follow_the_answers() -> None:
    form = make_form(
        make_page("cars", Number(code="cars", label="Cars"), YesNo(code="old", label="Old?")),
        make_page("pay", Payment(code="pay", label="Pay")),
        fees=(
            Fee(code="permit", words="Permit", pence=4500, times="cars"),
            Fee(code="extra", words="Older car", pence=1000, when={"==": [{"var": "old"}, "yes"]}),
        ),
    )
    flow = engine.flow_of(form)

    assert [(due.words, due.pence) for due in engine.fees(flow, {"cars": 2, "old": "yes"})] == [
        ("Permit", 9000),
        ("Older car", 1000),
    ]
    assert engine.to_pay(flow, Payment(code="pay", label="Pay"), {"cars": 2}) == 9000
    assert engine.to_pay(flow, Payment(code="pay", label="Pay", rule={"-": [5]}), {}) == Pence(0)
    assert engine.fees(flow, {"cars": 0, "old": "no"}) == []


@pytest.mark.capability("FORM-03")
def test_known_details_are_filled_in_and_earlier_answers_are_not_asked_again() -> None:
    form = make_form(
        make_page(
            "you",
            Person(code="who", label="Name", prefill="customer.name"),
            Address(code="home", label="Address", prefill="session.address"),
        ),
        make_page("email", make_text("email", prefill="customer.email"), make_text("post", prefill="answers.who")),
    )
    known = {
        "customer.name": "Ada Lovelace",
        "session.address": {"uprn": "100", "line": "1 High Street"},
        "customer.email": "ada@example.org",
    }

    filled = prefilled(form, known, {"email": ""})

    assert filled == {"who": {"name": "Ada Lovelace"}, "home": known["session.address"], "post": "Ada Lovelace"}
    assert engine.path(engine.flow_of(form), filled).is_complete
    assert prefilled(form, {}, {}) == {}


def test_choices_and_questions_follow_answers_of_earlier_pages() -> None:
    only_adults = {">=": [{"var": "age"}, 18]}
    flow = engine.flow_of(
        make_form(
            make_page("age", Number(code="age", label="Age", required=True)),
            make_page(
                "kind",
                Radios(
                    code="kind",
                    label="Kind",
                    required=True,
                    choices=(
                        Choice(key="child", name="Child"),
                        Choice(key="adult", name="Adult", shown_when=only_adults),
                    ),
                ),
                make_text("job", required=True, shown_when=only_adults),
            ),
        )
    )

    assert engine.path(flow, {"age": "9", "kind": "child"}).is_complete
    assert engine.path(flow, {"age": "9", "kind": "adult"}).problems == {
        "kind": "Select one of the answers in the list"
    }
    assert engine.path(flow, {"age": "19", "kind": "adult"}).problems == {"job": "Enter job"}
    kind = flow.pages["kind"].questions[0]
    assert [choice.key for choice in checking.offered(kind, {"age": 9}).choices] == ["child"]  # type: ignore[union-attr]


def test_a_date_is_compared_with_today() -> None:
    adult = {"<=": [{"var": "born"}, {"later": [{"var": "today"}, -18, "years"]}]}
    flow = engine.flow_of(
        make_form(make_page("born", Date(code="born", label="Born")), make_page("vote", shown_when=adult))
    )

    assert walk(flow, {"born": "2008-03-02"}, today=TODAY) == ["born", "vote"]
    assert walk(flow, {"born": "2008-03-03"}, today=TODAY) == ["born"]


def test_a_way_that_goes_in_a_circle_ends_and_says_where() -> None:
    flow = engine.flow_of(make_form(make_page("a"), make_page("b", next=(Route(to="a"),))))

    way = engine.path(flow, {})

    assert (way.end, way.back_to, [str(step) for step in way.steps]) == (End.CIRCLE, "a", ["a", "b"])
    assert engine.next_step(flow, {}, Step("b")) == Step("a")
    assert not engine.may_open(flow, {}, CHECK_STEP)


def test_a_form_may_begin_at_several_pages() -> None:
    flow = engine.flow_of(make_form(make_page("a"), make_page("b"), make_page("c"), start=("a", "c")))

    assert engine.first(flow, start="c") == Step("c")
    assert engine.first(flow, start="b") == Step("a")
    assert walk(flow, {}, start="c") == ["c"]


def test_the_form_is_shown_in_another_language_and_falls_back_to_english() -> None:
    choices = (Choice(key="van", name="A van"),)
    form = make_form(
        make_page("size", Radios(code="size", label="Size", choices=choices), make_text("name"), title="Rubbish"),
        texts={
            "cy": {"pages.size.title": "Sbwriel", "questions.size.choices.van": "Fan", "questions.size.label": "Maint"}
        },
    )

    welsh = engine.flow_of(form, language="cy")

    page = welsh.pages["size"]
    assert (page.title, page.questions[0].choices[0].name, page.questions[1].label) == ("Sbwriel", "Fan", "Name")  # type: ignore[union-attr]
    assert (welsh.language_of("questions.size"), welsh.language_of("questions.name")) == ("cy", "en")
    half = replace(form, texts={"cy": {"questions.size.choices.van": "Fan"}})
    shown = engine.flow_of(half, language="cy").pages["size"].questions[0]
    assert shown.choices[0].name == "A van"  # type: ignore[union-attr]  # nobody reads half a question in each language
    assert engine.flow_of(form, language="fr").form.title == "Hello"


def test_the_answers_are_checked_section_by_section_with_words_for_keys() -> None:
    form = make_form(
        make_page(
            "waste",
            Checkboxes(
                code="waste", label="What is it?", choices=(Choice(key="t", name="Tyres"), Choice(key="s", name="Soil"))
            ),
            make_text("more"),
            section="one",
        ),
        sections=(Section(code="one", title="About the waste"),),
    )

    rows = engine.rows(engine.flow_of(form), {"waste": ["s", "t"]})

    assert [(row.section, row.label, row.lines, str(row.step)) for row in rows] == [
        ("About the waste", "What is it?", ("Tyres", "Soil"), "waste"),
        ("About the waste", "More", (), "waste"),
    ]


def test_an_empty_form_has_nothing_to_open() -> None:
    flow = engine.flow_of(Form(code="empty", title="Empty", pages=()))

    assert engine.first(flow) == CHECK_STEP
    assert engine.path(flow, {}).steps == ()


@pytest.mark.parametrize(
    "rule", [{}, {"==": [1, {}]}, {"==": [1, {"a": 1, "b": 2}]}, {"shout": [1]}, {"==": []}, {"condition": "gone"}]
)
def test_a_rule_that_cannot_be_asked_never_holds(rule: dict[str, Any]) -> None:
    flow = engine.flow_of(make_form(make_page("a"), make_page("b", shown_when=rule)))

    assert walk(flow, {}) == ["a"]


def test_what_was_sent_in_is_read_to_its_end_though_nothing_that_only_steered_it_was_kept() -> None:
    flow = children(minimum=1)
    typed = {"n": "2", "children": [{"child": "Kim", "born": {"day": "2", "month": "5", "year": "2019"}}], "end": "x"}
    sent = engine.path(flow, {**typed, "children__more": "no"}, today=TODAY)
    assert sent.is_complete

    rows = engine.kept_rows(flow, sent.answers, today=TODAY)

    assert [(row.question.code, row.item) for row in rows] == [
        ("n", ""), ("child", "Child 1"), ("born", "Child 1"), ("end", "")]  # fmt: skip
    assert all(row.lines for row in rows)
    later = engine.kept_rows(flow, {"n": 2, "children": [{"child": "Kim"}], "end": "x"}, today=TODAY)
    assert later[-1].lines == ("x",)  # though the form now asks for a date of birth
