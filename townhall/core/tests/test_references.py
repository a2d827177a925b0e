from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from townhall.core.references import ALPHABET, new_reference, parse_reference

REFERENCES = st.text(alphabet=ALPHABET, min_size=7, max_size=7).map(
    lambda body: next(one for letter in ALPHABET if (one := parse_reference(body + letter)))
)


def test_a_new_reference_is_one() -> None:
    made = {new_reference() for _ in range(1000)}
    assert len(made) == 1000
    assert all(parse_reference(one) == one for one in made)


@given(REFERENCES, st.sampled_from(["", "th", "TH-", " Th "]), st.sampled_from(["", "-", " ", " - "]))
def test_however_it_is_typed_it_is_the_same(reference: str, before: str, between: str) -> None:
    body = reference.removeprefix("TH-").replace("-", "").lower()
    typed = f" {before}{body[:4]}{between}{body[4:]} "
    assert parse_reference(typed) == reference
    assert parse_reference(typed.replace("1", "i").replace("v", "u")) == reference
    assert parse_reference(typed.replace("1", "L")) == reference


@given(REFERENCES, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(reference: str, at: int, wrong: str) -> None:
    body = reference.removeprefix("TH-").replace("-", "")
    if body[at] != wrong:
        assert parse_reference(body[:at] + wrong + body[at + 1 :]) is None


@given(REFERENCES)
def test_every_swap_of_two_characters_is_found(reference: str) -> None:
    body = reference.removeprefix("TH-").replace("-", "")
    for first, second in combinations(range(8), 2):
        if body[first] != body[second]:
            swapped = list(body)
            swapped[first], swapped[second] = body[second], body[first]
            assert parse_reference("".join(swapped)) is None


@given(st.text(max_size=20))
def test_anything_else_is_none_or_a_reference_in_its_one_form(typed: str) -> None:
    found = parse_reference(typed)
    assert found is None or parse_reference(found) == found
