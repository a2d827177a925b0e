"""Everything that changes a mailbox or a mail."""

from townhall.mailroom.operations.answering import LookAgain, NewReply, put_with, reply, split
from townhall.mailroom.operations.boxes import (
    NewMailbox,
    begin_closing,
    change,
    close,
    looked_into,
    open_mailbox,
    reopen,
)
from townhall.mailroom.operations.converting import turn_into
from townhall.mailroom.operations.mails import file_away, open_case, read_by_somebody, take_in
from townhall.mailroom.operations.routing import NewRule, add_rule, end_rule, learn, send_to, use_version

__all__ = [
    "LookAgain",
    "NewMailbox",
    "NewReply",
    "NewRule",
    "add_rule",
    "begin_closing",
    "change",
    "close",
    "end_rule",
    "file_away",
    "learn",
    "looked_into",
    "open_case",
    "open_mailbox",
    "put_with",
    "read_by_somebody",
    "reopen",
    "reply",
    "send_to",
    "split",
    "take_in",
    "turn_into",
    "use_version",
]
