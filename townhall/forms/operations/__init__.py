"""Everything that changes a form, a draft or a submission."""

from townhall.forms.operations.definitions import (
    discard_form,
    publish,
    publish_form,
    retire_form,
    roll_back,
    save_form,
    save_yaml,
)
from townhall.forms.operations.drafts import (
    DRAFT_DAYS,
    SAVED_DAYS,
    close_draft,
    forget_drafts,
    give_draft_to,
    hash_of,
    open_draft,
    save_draft,
    save_for_later,
    start_draft,
)
from townhall.forms.operations.loading import load_forms, read_forms
from townhall.forms.operations.paying import owe_on_the_way
from townhall.forms.operations.sending import drop_sealed, send_form, submit

__all__ = [
    "DRAFT_DAYS",
    "SAVED_DAYS",
    "close_draft",
    "discard_form",
    "drop_sealed",
    "forget_drafts",
    "give_draft_to",
    "hash_of",
    "load_forms",
    "open_draft",
    "owe_on_the_way",
    "publish",
    "publish_form",
    "read_forms",
    "retire_form",
    "roll_back",
    "save_draft",
    "save_for_later",
    "save_form",
    "save_yaml",
    "send_form",
    "start_draft",
    "submit",
]
