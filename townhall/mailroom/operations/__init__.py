"""Everything that changes a mailbox or a mail."""

from townhall.mailroom.operations.boxes import NewMailbox, change_readers, close, open_mailbox
from townhall.mailroom.operations.mails import file_away, open_case, take_in

__all__ = ["NewMailbox", "change_readers", "close", "file_away", "open_case", "open_mailbox", "take_in"]
