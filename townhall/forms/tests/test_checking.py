from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.forms.checking import check, gather, read
from townhall.forms.questions import (
    Address,
    ApproximateDate,
    Asked,
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

CHOICES = (Choice(key="bag", name="A bag"), Choice(key="van", name="A van load"))
TODAY = date(2026, 3, 2)
ONE_OF_EACH: tuple[Question, ...] = (
    Text(code="q", label="Make and model"),
    LongText(code="q", label="What happened?"),
    Number(code="q", label="Number of bags", minimum=1, maximum=50),
    Date(code="q", label="Date of birth", when="past"),
    YesNo(code="q", label="Is it blocking the road?"),
    Radios(code="q", label="Size", choices=CHOICES),
    Select(code="q", label="Size", choices=CHOICES),
    Checkboxes(code="q", label="Kinds", choices=CHOICES),
    Upload(code="q", label="Photos", maximum=2),
    Contact(code="q", label="Who should we tell?"),
    Place(code="q", label="Where is it?"),
    Money(code="q", label="Rent", maximum_pence=100_000),
    ApproximateDate(code="q", label="When did you move in?", about=True),
    Time(code="q", label="What time?"),
    DateTime(code="q", label="When did it happen?", when="past"),
    Address(code="q", label="Address"),
    Person(code="q", label="Name", parts="first_middle_last", title=True),
    Email(code="q", label="Email address"),
    Phone(code="q", label="Phone number"),
    Website(code="q", label="Website"),
    Declaration(code="q", label="I agree"),
    Payment(code="q", label="Pay", pence=500),
    Calculated(code="q", label="Sum", rule={"+": [1, 2]}),
    Group(code="q", label="Children", item="child", questions=(Text(code="name", label="Name", required=True),)),
)
ids = [type(question).__name__ for question in ONE_OF_EACH]


def answer(question: Question, raw: Any) -> Any:
    """What the one question makes of it: the clean answer, or its problems."""
    checked = read([question], {"q": raw}, today=TODAY)
    return checked.problems or checked.answers.get("q")


@pytest.mark.parametrize(
    ("question", "raw", "expected"),
    [
        (Text(code="q", label="Name"), "  Ada   Lovelace ", "Ada Lovelace"),
        (LongText(code="q", label="Words"), "one\r\ntwo\n\nthree ", "one\ntwo\n\nthree"),
        (Number(code="q", label="Bags"), " 1,200 ", 1200),
        (Number(code="q", label="Bags"), "2.5", 2.5),
        (Date(code="q", label="Date"), {"day": "2", "month": "March", "year": "2026"}, "2026-03-02"),
        (Date(code="q", label="Date"), {"day": "29", "month": "2", "year": "2028"}, "2028-02-29"),
        (Date(code="q", label="Date"), "2026-03-02", "2026-03-02"),
        (Date(code="q", label="Date"), "2026-03-02T10:30:00Z", "2026-03-02T10:30:00+00:00"),
        (YesNo(code="q", label="Ok?"), "yes", "yes"),
        (Radios(code="q", label="Size", choices=CHOICES), "van", "van"),
        (Checkboxes(code="q", label="Kinds", choices=CHOICES), ["van", "bag", "van"], ["bag", "van"]),
        (Checkboxes(code="q", label="Kinds", choices=CHOICES), "van", ["van"]),
        (
            Contact(code="q", label="Who?"),
            {"name": " Ada ", "email": "ada@example.org", "phone": "", "prefers": "email"},
            {"name": "Ada", "email": "ada@example.org", "prefers": "email"},
        ),
        (Place(code="q", label="Where?"), {"uprn": "000123"}, {"how": "address", "uprn": "123"}),
        (Place(code="q", label="Where?"), {"lat": "53.9", "lng": "1.04"}, {"how": "map", "lat": 53.9, "lng": 1.04}),
        (
            Place(code="q", label="Where?"),
            {"how": "words", "words": "by the old\r\npump"},
            {"how": "words", "words": "by the old\npump"},
        ),
        (Money(code="q", label="Rent"), " £1,200.5 ", 120_050),
        (Money(code="q", label="Rent"), "25", 2_500),
        (Money(code="q", label="Rent", minimum_pence=None), "-3.07", -307),
        (ApproximateDate(code="q", label="Moved in"), {"month": "March", "year": "2019"}, "2019-03"),
        (ApproximateDate(code="q", label="Moved in", about=True), {"month": "", "year": "2019"}, "2019"),
        (ApproximateDate(code="q", label="Moved in", about=True), {"day": "3", "month": "3", "year": "2019"}, "2019-03-03"),
        (Time(code="q", label="Time"), "2.30 PM", "14:30"),
        (Time(code="q", label="Time"), "12am", "00:00"),
        (Time(code="q", label="Time"), {"hour": "9", "minute": "5"}, "09:05"),
        (DateTime(code="q", label="When"), {"day": "2", "month": "3", "year": "2025", "time": "9:05"}, "2025-03-02T09:05"),
        (Address(code="q", label="Address"), {"uprn": "000123", "line": "1 High Street"}, {"uprn": "123", "line": "1 High Street"}),
        (
            Address(code="q", label="Address"),
            {"line1": "1 High Street", "town": "Aldermere", "postcode": "ab12cd"},
            {"line1": "1 High Street", "town": "Aldermere", "postcode": "AB1 2CD"},
        ),
        (Address(code="q", label="Address", abroad=True), {"line1": "Rue 1", "country": "France"}, {"line1": "Rue 1", "country": "France"}),
        (Person(code="q", label="Name"), "Ada  Lovelace", {"name": "Ada Lovelace"}),
        (Person(code="q", label="Name", parts="first_last"), {"first": "Ada", "last": "L"}, {"first": "Ada", "last": "L"}),
        (Email(code="q", label="Email"), " ada@example.org ", "ada@example.org"),
        (Phone(code="q", label="Phone"), "+44 (0)7700 900-982", "+44 (0)7700 900-982"),
        (Website(code="q", label="Site"), "www.example.org/a?b=1", "https://www.example.org/a?b=1"),
        (Declaration(code="q", label="I agree"), ["yes"], "yes"),
        (Text(code="q", label="Postcode", kind="postcode"), "sw1a1aa", "SW1A 1AA"),
        (Text(code="q", label="Number", kind="national_insurance"), "qq123456c", "QQ 12 34 56 C"),
        (Text(code="q", label="Reference", pattern="[A-Z]\\d{8}"), "A12345678", "A12345678"),
        (Number(code="q", label="Bags", whole=True), "3.0", 3),
        (Number(code="q", label="Weight", suffix="kg"), "12 kg", 12),
        (
            Group(code="q", label="Children", questions=(Text(code="name", label="Name"),)),
            [{"name": "Ada"}, {"name": " "}, {"name": "Bo"}],
            [{"name": "Ada"}, {"name": "Bo"}],
        ),
    ],
)  # fmt: skip
def test_an_answer_is_read_as_it_was_meant(question: Question, raw: Any, expected: Any) -> None:
    assert answer(question, raw) == expected


@pytest.mark.parametrize(
    ("question", "raw", "said"),
    [
        (Text(code="q", label="Make and model", required=True), "", "Enter make and model"),
        (Text(code="q", label="Name", required=True, error="Enter your full name"), " ", "Enter your full name"),
        (
            YesNo(code="q", label="Is it blocking the road?", required=True),
            None,
            "Answer the question “Is it blocking the road?”",
        ),
        (Radios(code="q", label="Size", choices=CHOICES, required=True), None, "Select size"),
        (Text(code="q", label="Make", max_length=5), "abcdef", "Make must be 5 characters or fewer"),
        (
            LongText(code="q", label="What happened?", max_length=5),
            "abcdef",
            "Your answer must be 5 characters or fewer",
        ),
        (Number(code="q", label="Bags", minimum=1), "0", "Bags must be 1 or more"),
        (Number(code="q", label="Bags", maximum=9), "10", "Bags must be 9 or less"),
        (Number(code="q", label="Bags"), "many", "Bags must be a number, like 30"),
        (Number(code="q", label="Bags"), "1e9", "Bags must be a number, like 30"),
        (Number(code="q", label="Bags"), "nan", "Bags must be a number, like 30"),
        (Number(code="q", label="Bags"), "٣", None),
        (Radios(code="q", label="Size", choices=CHOICES), "lorry", "Select one of the answers in the list"),
        (Checkboxes(code="q", label="Kinds", choices=CHOICES), ["bag", "lorry"], "Select from the answers in the list"),
        (Upload(code="q", label="Photos"), ["not an id"], "Add the file again"),
        (Place(code="q", label="Where?", required=True), {}, "Answer the question “Where?”"),
        (
            Place(code="q", label="Where?"),
            {"lat": "nan", "lng": "1"},
            "Choose a place on the map, or describe it in words",
        ),
        (
            Place(code="q", label="Where?"),
            {"lat": "91", "lng": "1"},
            "Choose a place on the map, or describe it in words",
        ),
        (Place(code="q", label="Where?", needs_address=True), {"words": "here"}, "Choose an address from the list"),
        (Place(code="q", label="Where?"), {"uprn": "1234567890123"}, "Choose an address from the list"),
        (Money(code="q", label="Rent"), "lots", "Rent must be an amount of money, like £25 or £25.50"),
        (Money(code="q", label="Rent"), "1.005", "Rent must be an amount of money, like £25 or £25.50"),
        (Money(code="q", label="Rent", maximum_pence=100), "1.01", "Rent must be £1.00 or less"),
        (Money(code="q", label="Rent"), "-1", "Rent must be £0.00 or more"),
        (Time(code="q", label="Time"), "25:00", "Time must be a time, like 2:30pm or 14:30"),
        (Time(code="q", label="Time"), "7", "Time must be a time, like 2:30pm or 14:30"),
        (Email(code="q", label="Email"), "ada", "Enter an email address in the correct format, like name@example.com"),
        (Phone(code="q", label="Phone"), "12", "Enter a phone number, like 01632 960 001 or 07700 900 982"),
        (Website(code="q", label="Site"), "javascript:alert(1)", "Enter a website address in the correct format, like www.example.org"),
        (Declaration(code="q", label="I agree", required=True), "", "Tick the box to agree"),
        (Text(code="q", label="Postcode", kind="postcode"), "nowhere", "Enter a full UK postcode"),
        (Text(code="q", label="Reference", pattern="[A-Z]\\d{8}"), "12", "Enter reference in the correct format"),
        (LongText(code="q", label="Words", max_words=2), "one two three", "Words must be 2 words or fewer"),
        (Number(code="q", label="Bags", whole=True), "2.5", "Bags must be a whole number"),
        (Group(code="q", label="Children", minimum=2, questions=(Text(code="a", label="A"),)), [{"a": "x"}], "Add 2 or more"),
    ],
)  # fmt: skip
def test_a_problem_says_what_to_do(question: Question, raw: Any, said: str | None) -> None:
    found = check([question], {"q": raw}, today=TODAY)

    assert found == ({"q": said} if said else {})


@pytest.mark.parametrize(
    ("raw", "field", "said"),
    [
        ({"day": "", "month": "3", "year": "2026"}, "q-day", "Date of birth must include a day"),
        ({"day": "2", "month": "", "year": ""}, "q-month", "Date of birth must include a month"),
        ({"day": "2", "month": "3", "year": "26"}, "q-year", "Year must include 4 numbers"),
        ({"day": "31", "month": "2", "year": "2026"}, "q-day", "Date of birth must be a real date"),
        ({"day": "2", "month": "Smarch", "year": "2026"}, "q-month", "Date of birth must be a real date"),
        ({"day": "3", "month": "3", "year": "2026"}, "q", "Date of birth must be today or in the past"),
        ("soon", "q", "Date of birth must be a real date, like 2026-03-27"),
        ({"day": "٢", "month": "3", "year": "0000"}, "q-day", "Date of birth must be a real date"),
    ],
)
def test_the_first_faulty_part_of_a_date_is_named(raw: Any, field: str, said: str) -> None:
    question = Date(code="q", label="Date of birth", when="past")

    assert check([question], {"q": raw}, today=TODAY) == {field: said}


@pytest.mark.parametrize(
    ("anonymous", "raw", "problems"),
    [
        (True, {}, {}),
        (False, {}, {"q-name": "Enter your full name", "q-email": "Enter your email address or phone number"}),
        (
            True,
            {"email": "ada@example"},
            {"q-email": "Enter an email address in the correct format, like name@example.com"},
        ),
        (True, {"phone": "12"}, {"q-phone": "Enter a phone number, like 01632 960 001 or 07700 900 982"}),
        (True, {"prefers": "text"}, {"q-phone": "Enter your phone number"}),
        (False, {"name": "Ada", "phone": "+44 (0)7700 900-982"}, {}),
    ],
)
def test_contact_details_are_checked_part_by_part(anonymous: bool, raw: Any, problems: dict[str, str]) -> None:
    assert check([Contact(code="q", label="Who?", anonymous=anonymous)], {"q": raw}) == problems


@pytest.mark.parametrize("question", ONE_OF_EACH, ids=ids)
@pytest.mark.parametrize(
    "raw",
    [
        None, "", " ", "\0", "x" * 100_000, "🦊" * 50, "מה קרה?", "\u202egnp.exe", "\ud800", 7, -1.5, True, [], [[]], [None], {}, {"a": 1},
        {"day": {}, "month": [], "year": None}, {"lat": [], "lng": {}}, {"uprn": "9" * 10_000}, {"name": ["x"], "email": 5}, ["\0", "van"],
        float("nan"), float("inf"), 10**400,
    ],
)  # fmt: skip
def test_no_input_breaks_a_question_and_what_is_kept_can_be_stored(question: Question, raw: Any) -> None:
    checked = read([question], {"q": raw}, today=TODAY)

    kept = json.dumps(checked.answers, ensure_ascii=False)
    kept.encode()  # no half characters
    assert "\\u0000" not in kept
    assert all(checked.problems.values())


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(ONE_OF_EACH), _anything)
def test_any_answer_is_read_or_refused_and_a_clean_one_stays_as_it_is(question: Question, raw: Any) -> None:
    once = read([question], {"q": raw}, today=TODAY)
    if once.problems == {}:
        assert read([question], once.answers, today=TODAY) == once


def test_emoji_accents_and_right_to_left_text_are_kept() -> None:
    typed = "Żółć 👨‍👩‍👧 שלום עולם 🦢"

    assert answer(LongText(code="q", label="Words"), typed) == typed


def test_what_cannot_be_shown_or_kept_is_taken_out() -> None:
    assert answer(Text(code="q", label="Words"), "a\0b\x07c\x1b[31md\u202ee\ud83d") == "abc[31mde"


def test_a_hidden_question_is_not_asked_and_its_answer_is_dropped() -> None:
    questions = (
        YesNo(code="seen", label="Did you see it?", required=True),
        Text(code="what", label="What did you see?", required=True, shown_when={"==": [{"var": "seen"}, "yes"]}),
    )

    assert read(questions, {"seen": "no", "what": "a van"}).answers == {"seen": "no"}
    assert check(questions, {"seen": "yes"}) == {"what": "Answer the question “What did you see?”"}


def test_a_phone_number_may_stand_for_an_email_address_that_must_be_given() -> None:
    phone = Phone(code="phone", label="Phone number")
    questions = (Email(code="email", label="Email address", required=True, instead="phone"), phone)

    assert read(questions, {"phone": "07700 900982"}).answers == {"phone": "07700 900982"}
    assert check(questions, {}) == {"email": "Enter email address"}
    assert list(check(questions, {"phone": "no"})) == ["phone"]
    assert list(check(questions, {"email": "no", "phone": "07700 900982"})) == ["email"]
    assert list(check((questions[0],), {"phone": "07700 900982"})) == ["email"], "it was not asked"


def test_posted_fields_become_raw_answers() -> None:
    questions: tuple[Question, ...] = (
        Text(code="name", label="Name"),
        Date(code="on", label="Date"),
        Checkboxes(code="kinds", label="Kinds", choices=CHOICES),
        Contact(code="contact", label="Who?"),
        YesNo(code="ok", label="Ok?"),
    )
    posted = {
        "name": ["Ada"], "on-day": ["2"], "on-month": ["3"], "on-year": ["2026"], "kinds": ["bag", "van"],
        "contact-email": ["ada@example.org"], "csrf": ["x"],
    }  # fmt: skip

    raw = gather(questions, posted)

    assert read(questions, raw).answers == {
        "name": "Ada",
        "on": "2026-03-02",
        "kinds": ["bag", "van"],
        "contact": {"email": "ada@example.org"},
    }


def test_no_message_uses_words_that_blame() -> None:
    said = [
        message
        for question in ONE_OF_EACH
        for raw in (
            "x" * 9_000,
            {"email": "x", "phone": "x", "prefers": "x", "name": "x" * 999},
            ["x"],
            {"lat": "x", "lng": "x"},
        )
        for message in check([question], {"q": raw}, today=TODAY).values()
    ]
    assert len(said) > 10
    assert not [
        one for one in said if any(word in one.lower() for word in ("valid", "please", "sorry", "forbidden", "oops"))
    ]


def test_every_type_of_question_was_tried() -> None:
    assert {type(question) for question in ONE_OF_EACH} == set(Asked.__subclasses__())
