from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.core.cards import has_card_number, refuse_card_numbers, without_card_numbers
from townhall.core.errors import BadInput


def luhn(body: str) -> str:
    """`body` with its check digit, counted from the left as the standard's text has it."""
    total = 0
    for place, digit in enumerate(reversed(body), start=1):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return body + str(-total % 10)


CARDS = st.builds(
    lambda first, rest: luhn(first + rest),
    st.sampled_from("2345"),
    st.text("0123456789", min_size=11, max_size=17).filter(lambda rest: len(set(rest)) > 1),
)


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "card 4242 4242 4242 4242, exp 12/27",
        "4000-0582-6000-0005",
        "AMEX 3782 822463 10005.",
        "call 01632 960123 4242 4242 4242 4242",
        "on 12 03 2026 5555.5555.5555.4444",
        "6304000000000000",
    ],
)
def test_a_card_number_is_found_however_it_is_written(text: str) -> None:
    assert has_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Call 07700 900123 or 01632 960100 after 5",
        "4242 4242 4242 4243",
        "UPRN 100012345678 and TH-7K3M-92QX",
        "0000000000000000",
        "1234567890123456789012345678901234567890",
        "Meter 9999999999999999",
    ],
)
def test_other_numbers_may_stay(text: str) -> None:
    assert not has_card_number(text)


@given(CARDS, st.sampled_from(["", " ", "-", "."]), st.text("abc, ", max_size=5))
def test_every_number_with_its_check_digit_is_found(card: str, between: str, around: str) -> None:
    groups = [card[start : start + 4] for start in range(0, len(card), 4)]
    assert has_card_number(f"{around}{between.join(groups)}{around}")


@given(CARDS, st.integers(1, 9))
def test_one_wrong_digit_is_no_card_number(card: str, by: int) -> None:
    assert not has_card_number(card[:-1] + str((int(card[-1]) + by) % 10))


def test_the_sentence_stands_beside_the_field() -> None:
    with pytest.raises(BadInput) as refused:
        refuse_card_numbers(notes="4242424242424242", name="Sam")
    assert list(refused.value.problems) == ["notes"]


def test_long_texts_cost_little() -> None:
    begun = time.perf_counter()
    has_card_number("1 2 3 4 5 6 7 8 9 0 " * 2_000)
    assert not has_card_number("all quiet on Mill Lane " * 2_000)
    assert time.perf_counter() - begun < 2


@given(CARDS)
def test_what_another_system_took_down_is_kept_without_the_card(card: str) -> None:
    kept = without_card_numbers(f"Flat 4, ring 01632 960123. Card {card}, thanks")
    assert card not in kept
    assert not has_card_number(kept)
    assert kept.startswith("Flat 4, ring 01632 960123. Card [")
    assert kept.endswith("], thanks")
