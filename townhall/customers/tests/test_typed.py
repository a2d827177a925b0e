from __future__ import annotations

from datetime import date

import pytest

from townhall.core.references import new_reference
from townhall.customers.typed import (
    Kind,
    folded_name,
    normalised_number,
    normalised_phone,
    recognise,
    shown_phone,
)


@pytest.mark.parametrize(
    ("typed", "kind", "value", "name"),
    [
        ("Sam.Okafor@Example.org", Kind.EMAIL, "sam.okafor@example.org", ""),
        (" 01632 960 123 ", Kind.PHONE, "+441632960123", ""),
        ("+44 (0)7700 900982", Kind.PHONE, "+447700900982", ""),
        ("01632-960-123 ext 4", Kind.PHONE, "+441632960123", ""),
        ("zz1 1aa", Kind.POSTCODE, "ZZ11AA", ""),
        ("Okafor ZZ1 1AA", Kind.POSTCODE, "ZZ11AA", "okafor"),
        ("ZZ11AA sam okafor", Kind.POSTCODE, "ZZ11AA", "sam okafor"),
        ("(DN55-1PT)", Kind.POSTCODE, "DN551PT", ""),
        ("12 Harbour Row, Aldermere, ZZ1 1AA", Kind.POSTCODE, "ZZ11AA", ""),
        ("12 Harbour Row", Kind.ADDRESS, "12 Harbour Row", ""),
        ("100001", Kind.DIGITS, "100001", ""),
        ("PCN-44 120/A", Kind.NUMBER, "PCN44120A", "pcn 44 120 a"),
        ("Margaret", Kind.NAME, "", "margaret"),  # eight letters, like a reference
        ("O’Brien, Zoë", Kind.NAME, "", "obrien zoe"),
        ("محمد علي", Kind.NAME, "", "محمد علي"),
        ("x", Kind.NOTHING, "", ""),
        ("  ", Kind.NOTHING, "", ""),
        ("'; DROP TABLE --", Kind.NAME, "", "drop table"),
        ("a\x00b & !:*", Kind.NAME, "", "ab"),
        ("SW1A 1A", Kind.NUMBER, "SW1A1A", "sw1a 1a"),
        ("😀😀😀", Kind.NOTHING, "", ""),
    ],
)
def test_what_was_typed_is_recognised(typed: str, kind: Kind, value: str, name: str) -> None:
    found = recognise(typed)

    assert (found.kind, found.value, found.name) == (kind, value, name)


@pytest.mark.parametrize(
    "typed",
    ["27/3/1980 Okafor", "Okafor 27.03.1980", "okafor 1980-03-27", "27 March 1980 okafor", "Okafor, 27th Mar 1980"],
)
def test_a_date_of_birth_stands_before_or_after_a_name(typed: str) -> None:
    found = recognise(typed)

    assert (found.kind, found.born, found.name) == (Kind.BORN, date(1980, 3, 27), "okafor")


def test_a_case_reference_is_recognised_however_it_is_typed() -> None:
    reference = new_reference()

    assert recognise(reference.lower()).value == reference
    assert recognise(reference.lower()).kind is Kind.REFERENCE


def test_details_are_kept_in_one_form() -> None:
    assert folded_name("  Zoë  O'Brien-Smith ") == "zoe obrien smith"
    assert normalised_phone("0044 1632 960123") == normalised_phone("01632960123") == "+441632960123"
    assert normalised_phone("12345") == ""
    assert shown_phone("+441632960123") == "01632960123"
    assert normalised_number("ct 12-34 / b") == "CT1234B"
