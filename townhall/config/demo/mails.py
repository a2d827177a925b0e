"""A shared mailbox of the demo, with a few mails of made-up people in it."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

from townhall.accounts.models import PostHolder
from townhall.core.actors import SYSTEM
from townhall.mailroom import operations
from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations import NewMailbox, NewRule

ADDRESS = "enquiries@aldermere.example.org"
_NEVER = timedelta(days=3650)  # there is no server behind it: the demo puts its mails in itself
_MAILS = (
    (
        "Nell Fernsby",
        "Pothole in Mill Lane",
        "There is a deep pothole outside number 4. A cyclist nearly fell. When will it be filled?",
    ),
    (
        "Idris Poole",
        "Missed bin again",
        "My recycling bin was not emptied on Tuesday, for the second time. Please come back for it.",
    ),
    (
        "Greta Winslow",
        "A question",
        "Hello, could you tell me who I should talk to? I am not sure whether this is for you.",
    ),
    (
        "Otis Marlowe",
        "Parking permit and a broken light",
        "I need a parking permit. And the street light in Wherry Lane is out.",
    ),
)


def load_mails(*, at: datetime) -> None:
    """The worker acts on them as on any other mail."""
    desk = PostHolder.objects.filter(post__team__code="customer-services", until_on=None)
    new = NewMailbox(
        address=ADDRESS,
        purpose="Anything that people write to the council about",
        owner="customer-services-manager",
        readers=list(desk.values_list("user_id", flat=True)),
        host="mail.aldermere.example.org",
        login=ADDRESS,
        secret="MAIL_ENQUIRIES_PASSWORD",  # noqa: S106 - the name of a variable
    )
    mailbox = operations.open_mailbox(new, by=SYSTEM, at=at)
    Mailbox.objects.filter(pk=mailbox.pk).update(next_fetch_at=at + _NEVER, fetched_at=at)
    operations.add_rule(NewRule(words="pothole", service="pothole"), by=SYSTEM, at=at)
    for number, (name, subject, words) in enumerate(_MAILS):
        made = EmailMessage()
        made["From"] = f"{name} <{name.split()[0].lower()}@example.org>"
        made["To"], made["Subject"], made["Message-ID"] = ADDRESS, subject, f"<demo-{number}@example.org>"
        made.set_content(words)
        operations.take_in(made.as_bytes(), mailbox, at=at)
