from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from townhall.core.paging import cursor_of, page_of, read_cursor, read_id


@given(st.lists(st.one_of(st.text(), st.integers(), st.dates(), st.uuids()), max_size=4))
def test_a_cursor_gives_back_what_it_was_made_of(values: list[str | int | date | UUID]) -> None:
    assert read_cursor(cursor_of(*values), length=len(values)) == [str(value) for value in values]


@given(st.text(max_size=60), st.integers(0, 3))
def test_a_cursor_that_somebody_made_up_breaks_nothing(text: str, length: int) -> None:
    found = read_cursor(text, length=length)
    assert found is None or (len(found) == length and all(isinstance(one, str) for one in found))


@given(st.uuids(), st.text(max_size=60))
def test_an_id_in_a_cursor_is_read_and_what_is_none_is_none(row_id: UUID, text: str) -> None:
    assert read_id(cursor_of(row_id)) == row_id
    assert read_id(cursor_of(text + "x")) is None
    assert read_id(cursor_of(row_id, row_id)) is None
    assert read_id(text[:10]) is None


@given(st.lists(st.integers(), unique=True, max_size=40), st.integers(1, 7))
def test_page_by_page_everything_comes_once_and_in_order(numbers: list[int], size: int) -> None:
    ordered, seen, after = sorted(numbers), list[int](), ""
    while True:
        last = read_cursor(after, length=1)
        rest = [number for number in ordered if last is None or number > int(last[0])]
        page = page_of(rest[: size + 1], size=size, key=lambda number: (number,))
        seen += page.rows
        assert len(page.rows) <= size
        if not page.after:
            break
        after = page.after
    assert seen == ordered
