"""Made-up forms and answers for Hypothesis: every type of question, ways that may go wrong, answers that may be anything."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from townhall.forms.definition import (
    CHECK,
    Bullets,
    ChoiceList,
    Condition,
    Details,
    Fee,
    Form,
    FormPage,
    Inset,
    Paragraph,
    Part,
    Repeat,
    Route,
    Section,
    Stop,
)
from townhall.forms.questions import (
    Address,
    ApproximateDate,
    Calculated,
    Checkboxes,
    Choice,
    Contact,
    Date,
    DateTime,
    Declaration,
    Email,
    Group,
    LongText,
    Money,
    Number,
    Payment,
    Person,
    Phone,
    Place,
    Question,
    Radios,
    Select,
    Text,
    Time,
    Upload,
    Website,
    YesNo,
)

CODES = ("a", "b", "c", "d")
PAGES = ("one", "two", "three", "four", "five")
REPEATS = ("kids", "cars")
words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
CHOICES = (Choice(key="x", name="X"), Choice(key="y", name="Y"), Choice(key="z", name="None", alone=True))

values = st.one_of(
    st.sampled_from(["yes", "no", "x", "y", "2026-03-02", ""]), st.integers(-3, 5), st.booleans(), st.none()
)
variables = st.builds(lambda code: {"var": code}, st.sampled_from([*CODES, "today", "kids"]))


TWO = ("==", "!=", "<", "<=", ">", ">=", "in", "and", "or", "+", "-", "*", "/", "min", "max")


def _operation(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two = st.tuples(inner, inner).map(list)
    return st.one_of(
        st.builds(lambda name, pair: {name: pair}, st.sampled_from(TWO), two),
        st.builds(lambda name, one: {name: [one]}, st.sampled_from(["!", "!!", "length", "round"]), inner),
        st.builds(lambda one: {"in": [one, ["x", 1, "no"]]}, inner),
        st.builds(lambda one, two, three: {"if": [one, two, three]}, inner, inner, inner),
        st.builds(lambda one, number: {"later": [one, number, "months"]}, inner, st.integers(-30, 30)),
    )  # fmt: skip


rules: st.SearchStrategy[dict[str, Any]] = _operation(st.recursive(values | variables, _operation, max_leaves=3))
named_rules: st.SearchStrategy[dict[str, Any]] = rules | st.sampled_from(
    [{"condition": "c1"}, {"condition": "c2"}, {"!": [{"condition": "c1"}]}, {"condition": "gone"}]
)
maybe_rule: st.SearchStrategy[dict[str, Any] | None] = st.none() | st.none() | named_rules
_L: dict[str, Any] = {"code": "q", "label": "Label", "why": "To know"}
ONE_OF_EACH: tuple[Question, ...] = (
    *(
        kind(**_L)
        for kind in (Text, LongText, Number, Money, Date, ApproximateDate, Time, DateTime, YesNo, Email, Phone, Website)
    ),
    *(kind(**_L) for kind in (Upload, Contact, Place, Address, Person, Declaration, Payment)),
    Radios(**_L, choices=CHOICES),
    Select(**_L, list="l1"),
    Select(**_L, list="gone"),
    Checkboxes(**_L, choices=CHOICES, maximum=1),
    Group(**_L, questions=(Text(code="in_group", label="In", required=True), Number(code="m", label="M"))),
    Calculated(**_L, rule={"+": [{"var": "a"}, {"var": "b"}]}, unit="pence"),
    Calculated(**_L, rule={"length": [{"var": "kids"}]}),
)


@st.composite
def _questions(draw: st.DrawFn, code: str) -> Question:
    question = draw(st.sampled_from(ONE_OF_EACH))
    changed: dict[str, Any] = {"code": code, "required": draw(st.booleans()), "shown_when": draw(maybe_rule)}
    return msgspec.structs.replace(question, **changed)


content: st.SearchStrategy[Any] = st.one_of(
    st.builds(Paragraph, text=words, shown_when=maybe_rule),
    st.builds(Details, title=words, text=words),
    st.builds(Inset, text=words),
    st.builds(Bullets, lines=st.lists(words, max_size=2).map(tuple)),
)
targets = st.sampled_from([*PAGES, CHECK, "gone"])
routes = st.lists(st.builds(Route, to=targets, when=maybe_rule), max_size=2).map(tuple)


@st.composite
def pages(draw: st.DrawFn, code: str) -> FormPage:
    asked = draw(st.lists(st.sampled_from(CODES), max_size=2, unique=True))
    parts: list[Part] = [draw(_questions(one)) for one in asked]
    if draw(st.booleans()):
        parts.insert(0, draw(content))
    return FormPage(
        code=code,
        title=draw(words),
        parts=tuple(parts),
        shown_when=draw(maybe_rule),
        next=draw(routes),
        stop=draw(st.sampled_from([None, None, None, Stop(text="Elsewhere")])),
        repeat=draw(st.sampled_from(["", "", "", "", *REPEATS])),
        section=draw(st.sampled_from(["", "s1"])),
    )


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """A form that may have any fault."""
    codes = PAGES[: draw(st.integers(1, len(PAGES)))]
    return Form(
        code="made-up",
        title=draw(words),
        pages=tuple(draw(pages(code)) for code in codes),
        start=draw(st.sampled_from([(), (), ("one",), ("two", "gone")])),
        sections=(Section(code="s1", title="First"),),
        conditions=(
            Condition(code="c1", words="first", rule=draw(named_rules)),
            Condition(code="c2", words="second", rule=draw(maybe_rule)),
        ),
        lists=(ChoiceList(code="l1", choices=CHOICES),),
        repeats=(
            Repeat(code="kids", title="Children", item="child", minimum=draw(st.integers(0, 2)), maximum=3),
            Repeat(code="cars", title="Cars", item="car", count=draw(st.sampled_from(["a", "gone"])), maximum=2),
        ),
        fees=(Fee(code="f", words="Fee", pence=100, when=draw(maybe_rule), times=draw(st.sampled_from(["", "a"]))),),
        texts=draw(st.sampled_from([{}, {"cy": {"title": "Teitl", "pages.one.title": "Un", "nowhere": "dim"}}])),
    )


_plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | words
    | st.sampled_from(["yes", "no", "x", "2026-03-02", "14:30"])
)
_keys = st.sampled_from([*CODES, "day", "month", "year", "name"])
anything = st.recursive(
    _plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3), max_leaves=4
)
answers = st.dictionaries(st.sampled_from([*CODES, *REPEATS, "kids__more", "cars__more"]), anything, max_size=6)
