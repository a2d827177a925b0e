"""Pages asked several times and conditions with a name, made and changed with fields and buttons alone."""

from __future__ import annotations

import re

from django.test import Client

from townhall.forms.definition import Condition, Repeat
from townhall.forms.problems import problems
from townhall.forms.reading import read_yaml
from townhall.workspace.tests.test_form_builder import WHY, Builder, builder, manager

__all__ = ["builder", "manager"]  # fixtures
TEXT = {"required": "on", "max_length": "50", "min_length": "0", **WHY}


def cars(builder: Builder) -> None:
    """How many cars, and a page with the registration number of one."""
    builder.post("about", title="Skip permit", service="fly-tipping")
    builder.page("count")
    builder.part("count", "number", label="How many cars do you have?", code="cars", required="on", whole="on", **WHY)
    builder.page("car")
    builder.part("car", "text", label="Registration number", code="plate", **TEXT)
    builder.page("else", title="Anything else?")
    builder.part("else", "text", label="Anything else?", code="rest", **{**TEXT, "required": ""})


def each_car(builder: Builder, **changed: object) -> object:
    typed = {"title": "Your cars", "item": "car", "pages": ["car"], "count": "cars", "minimum": "1", "maximum": "5",
             "different": "plate"}  # fmt: skip
    return builder.post("repeats/new", **{**typed, **changed})


def test_pages_are_asked_for_each_car_and_each_must_differ(builder: Builder) -> None:
    cars(builder)
    assert "Every page is asked once." in builder.get("repeats")
    assert each_car(builder).status_code == 302  # type: ignore[attr-defined]
    (repeat,) = builder.form.repeats
    assert repeat == Repeat(code="your-cars", title="Your cars", item="car", count="cars", maximum=5, different="plate")
    assert "for each car: Registration number" in builder.get("repeats")
    assert "Asked for each car" in builder.get("draft")
    assert builder.post("publish").status_code == 302

    public = Client()
    public.post("/forms/skip-permit/count", {"cars": "2"})
    first = public.get("/forms/skip-permit/count", follow=True)
    assert first.status_code == 200
    step = public.post("/forms/skip-permit/count", {"cars": "2"})["Location"]
    after = public.post(step, {"plate": "AB12 CDE"})["Location"]
    assert after != step
    again = public.post(after, {"plate": "AB12 CDE"})
    assert "You have given this car already" in again.content.decode()
    assert public.post(after, {"plate": "XY12 CDE"})["Location"].endswith("/else")


def test_a_repeat_is_changed_renamed_answers_follow_and_it_goes_to_yaml_and_back(builder: Builder) -> None:
    cars(builder)
    each_car(builder)
    builder.post("pages/car/parts/0", label="Registration number", **{**TEXT, "code": "registration"})
    assert builder.form.repeats[0].different == "registration"
    builder.post("repeats/your-cars", title="All your cars", item="car", pages=["car"], count="", minimum="1",
                 maximum="3", different="registration")  # fmt: skip
    assert builder.form.repeats[0] == Repeat(
        code="your-cars", title="All your cars", item="car", maximum=3, different="registration"
    )
    text = builder.client.get("/work/forms/skip-permit/versions/1.yaml").content.decode()
    assert read_yaml(text) == builder.form
    shown = builder.get("repeats/your-cars")
    assert re.search(r'value="car"[^>]*checked', shown)
    builder.post("repeats/your-cars", do="remove")
    assert (builder.form.repeats, [page.repeat for page in builder.form.pages]) == ((), ["", "", ""])
    assert problems(builder.form) == []


def test_what_would_not_run_is_refused_where_it_is_typed(builder: Builder) -> None:
    cars(builder)
    for changed, said in (
        ({"pages": ["count", "else"]}, "Select pages that follow one another"),
        ({"pages": []}, "Select at least one page"),
        ({"different": "rest"}, "Select a question of these pages"),
        ({"pages": ["count", "car"]}, "Select a question that is asked before these pages"),
        ({"minimum": "6"}, "Enter as many as the least, or more"),
    ):
        answer = each_car(builder, **changed)
        assert answer.status_code == 422  # type: ignore[attr-defined]
        assert said in answer.content.decode()  # type: ignore[attr-defined]
    assert builder.form.repeats == ()
    assert builder.post("repeats/nowhere", do="remove").status_code == 404


def test_a_condition_is_named_once_used_and_taken_away_last(builder: Builder) -> None:
    cars(builder)
    to_rule = builder.post("conditions/new", words="more than 3 cars")["Location"]
    assert to_rule.endswith("/conditions/more_than_3_cars/rule")
    assert "Never, until you add what must hold." in builder.get("conditions/more_than_3_cars/rule")
    assert any("has no rule" in one for one in problems(builder.form))
    builder.post("conditions/more_than_3_cars/rule?question=cars", compare=">", value="3")
    assert builder.form.conditions == (
        Condition(code="more_than_3_cars", words="more than 3 cars", rule={">": [{"var": "cars"}, 3]}),
    )

    builder.post("pages/else/rules/page?question=condition:more_than_3_cars")
    assert builder.form.pages[2].shown_when == {"condition": "more_than_3_cars"}
    assert "used in 1 place" in builder.get("conditions")
    builder.post("conditions/more_than_3_cars", words="a lot of cars")
    assert "Asked if “a lot of cars”" in builder.get("draft")
    assert problems(builder.form) == []

    builder.post("conditions/more_than_3_cars", do="remove")
    assert len(builder.form.conditions) == 1
    assert "Remove the condition" not in builder.get("conditions/more_than_3_cars")
    builder.post("pages/else/rules/page", do="remove:0")
    builder.post("conditions/more_than_3_cars", do="remove")
    assert list(builder.form.conditions) == []


def test_no_condition_is_offered_to_use_itself(builder: Builder) -> None:
    cars(builder)
    builder.post("conditions/new", words="many")
    builder.post("conditions/new", words="very many")
    builder.post("conditions/very_many/rule?question=condition:many")
    offered = re.findall(r'value="condition:(\w+)"', builder.get("conditions/many/rule"))
    assert offered == []
    assert builder.post("conditions/many/rule?question=condition:very_many").status_code == 422
