"""A form runs: where the way leads, what is known on it, what is checked and sent. No database."""

from townhall.forms.engine.flow import Flow, flow_of
from townhall.forms.engine.items import add_item, given_items, more_question, remove_item
from townhall.forms.engine.reckoning import Due, fees, to_pay
from townhall.forms.engine.steps import (
    CHECK_STEP,
    End,
    Path,
    Step,
    first,
    known_at,
    may_open,
    next_step,
    page_of,
    parse_step,
    path,
    previous_step,
    put,
    read_page,
    resume,
    scope,
)
from townhall.forms.engine.summary import Row, kept_rows, rows, rows_of
from townhall.forms.engine.uploads import file_ids

__all__ = [
    "CHECK_STEP",
    "Due",
    "End",
    "Flow",
    "Path",
    "Row",
    "Step",
    "add_item",
    "fees",
    "file_ids",
    "first",
    "flow_of",
    "given_items",
    "kept_rows",
    "known_at",
    "may_open",
    "more_question",
    "next_step",
    "page_of",
    "parse_step",
    "path",
    "previous_step",
    "put",
    "read_page",
    "remove_item",
    "resume",
    "rows",
    "rows_of",
    "scope",
    "to_pay",
]
