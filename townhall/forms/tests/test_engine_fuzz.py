"""Whatever a form says and whatever is typed: the engine goes on, nothing typed is lost, and conditions mean what they say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.core import logic
from townhall.core.db import dump_json
from townhall.core.errors import RuleBroken
from townhall.forms import engine, languages, linter, reading
from townhall.forms.comparing import compare
from townhall.forms.definition import Form
from townhall.forms.engine.flow import expand
from townhall.forms.in_words import rule_words
from townhall.forms.problems import problems, unexplained
from townhall.forms.tests import reference
from townhall.forms.tests.strategies import answers, anything, forms, rules
from townhall.forms.typed import clean_value

pytestmark = pytest.mark.proof

TODAY = date(2026, 3, 2)
often = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@often
@given(forms(), answers)
def test_the_engine_goes_on_whatever_the_form_and_the_answers(form: Form, raw: dict[str, Any]) -> None:
    flow = engine.flow_of(form)

    way = engine.path(flow, raw, today=TODAY)

    assert len(set(way.steps)) == len(way.steps)
    assert way.is_complete == engine.may_open(flow, raw, engine.CHECK_STEP, today=TODAY)
    assert all(engine.may_open(flow, raw, step, today=TODAY) for step in way.steps)
    assert all(engine.parse_step(str(step)) == step for step in way.steps)
    engine.resume(flow, raw, today=TODAY)
    engine.fees(flow, way.answers)
    for row in engine.rows(flow, raw, today=TODAY):
        assert all(isinstance(line, str) for line in row.lines)
    for step in way.steps:
        engine.next_step(flow, raw, step, today=TODAY)
        engine.previous_step(flow, raw, step, today=TODAY)
        engine.known_at(flow, raw, step, today=TODAY)


@often
@given(forms(), answers)
def test_what_is_sent_can_be_kept_and_reads_the_same_again(form: Form, raw: dict[str, Any]) -> None:
    flow = engine.flow_of(form)
    way = engine.path(flow, clean_value(raw), today=TODAY)

    dump_json(way.answers).encode()
    again = engine.path(flow, {**raw, **way.answers}, today=TODAY)

    assert (again.steps, again.end) == (way.steps, way.end)
    assert again.answers == way.answers


@often
@given(forms(), answers, st.lists(st.tuples(st.integers(0, 9), anything), max_size=6))
def test_no_answer_is_lost_however_people_go_about(
    form: Form, raw: dict[str, Any], moves: list[tuple[int, Any]]
) -> None:
    """What was typed on a page is in the draft after any other page was answered."""
    flow = engine.flow_of(form)
    draft: dict[str, Any] = dict(raw)
    typed: dict[tuple[str, int | None, str], Any] = {}
    for number, value in moves:
        steps = engine.path(flow, draft, today=TODAY).steps
        if not steps:
            return
        step = steps[number % len(steps)]
        page = engine.page_of(flow, step)
        if page is None:
            continue
        given_now = {question.code: value for question in page.questions}
        try:
            saved = engine.put(flow, draft, step, given_now)
        except RuleBroken:
            continue
        draft |= saved
        for code, one in given_now.items():
            typed[page.repeat if step.item is not None else "", step.item, code] = one
    for (repeat, item, code), one in typed.items():
        kept = draft[repeat][item][code] if repeat and item is not None else draft[code]
        assert dump_json(kept) == dump_json(one)


@often
@given(forms())
def test_a_form_is_the_same_after_yaml_and_json(form: Form) -> None:
    assert reading.read_yaml(reading.write_yaml(form)) == form
    assert reading.from_builtins(reading.to_builtins(form)) == form
    assert compare(form, form) == []


@often
@given(forms(), forms())
def test_faults_style_words_and_changes_are_told_of_any_form(form: Form, other: Form) -> None:
    told = [*problems(form), *unexplained(form), *(finding.message for finding in linter.lint(form))]
    told += [str(change) for change in compare(form, other)]
    told += [rule_words(condition.rule, form) for condition in form.conditions]
    told += [text for _path, text in languages.texts(form)]
    assert all(isinstance(one, str) for one in told)
    assert (compare(form, other) == []) == (_without(form) == _without(other))


def _without(form: Form) -> Any:
    plain = reading.to_builtins(form)
    plain.pop("imported", None)
    return plain


@often
@given(forms(), answers)
def test_a_form_without_faults_leads_to_an_end(form: Form, raw: dict[str, Any]) -> None:
    """No way ends at a page that is not there, and each named condition and list is."""
    if problems(form):
        return
    way = engine.path(engine.flow_of(form), raw, today=TODAY)
    assert way.steps or not any(page.shown_when is None for page in form.pages)


data = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "today", "kids"]),
    st.one_of(
        st.integers(-3, 5),
        st.sampled_from(["yes", "x", "2026-03-02", "2026-03", "3", ""]),
        st.booleans(),
        st.lists(st.sampled_from(["x", 1]), max_size=2),
    ),
)


def _plain(rule: Any) -> bool:
    """Whether a rule uses only what the reference reads too."""
    if isinstance(rule, list):
        return all(_plain(one) for one in rule)
    if not isinstance(rule, dict):
        return True
    return next(iter(rule)) not in {"+", "-", "*", "/", "min", "max", "length", "round", "later"} and all(
        map(_plain, rule.values())
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(rules.filter(_plain), rules.filter(_plain), data)
def test_conditions_mean_what_a_second_reading_says(
    rule: dict[str, Any], named: dict[str, Any], known: dict[str, Any]
) -> None:
    conditions = {"c1": named}
    both = {"or": [rule, {"!": [{"condition": "c1"}]}]}

    whole = expand(both, conditions)

    assert whole is not None
    assert logic.holds(whole, known) == reference.truth(both, known, conditions)
    assert logic.holds(rule, known) == reference.truth(rule, known, {})
