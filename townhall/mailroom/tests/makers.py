"""Made-up mails and the mailbox they come to."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

from townhall.cases.models import Case
from townhall.core.actors import Actor, ActorKind
from townhall.core.ids import uuid7
from townhall.mailroom import handling, operations
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.operations import NewMailbox

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ADDRESS = "waste@council.example"
ADVISER = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000aa", roles=frozenset({"adviser"}))
AUDITOR = Actor(kind=ActorKind.STAFF, id="5c0f1d3e-0000-4000-8000-0000000000ab", roles=frozenset({"auditor"}))


def new_mailbox(**other: object) -> NewMailbox:
    given: dict[str, object] = {
        "address": ADDRESS,
        "purpose": "Bins and street cleaning",
        "readers": [UUID(ADVISER.id), uuid7()],
        "host": "127.0.0.1",
        "login": ADDRESS,
        "secret": "MAIL_TEST_PASSWORD",
        "encrypted": False,
    }
    return NewMailbox(**(given | other))  # type: ignore[arg-type]


def written(subject: str = "Bins", words: str = "My bin was missed.", **headers: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Sam Okafor <sam@example.org>", ADDRESS, subject
    made["Message-ID"] = f"<{uuid7()}@example.org>"
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(words)
    return made.as_bytes()


def come_in(mailbox: Mailbox, raw: bytes, *, at: datetime = AT) -> Mail:
    assert operations.take_in(raw, mailbox, at=at)
    handling.handle(at)
    return Mail.objects.latest("received_at", "id")


def case_of(mail: Mail) -> Case:
    assert mail.case_id is not None
    return Case.objects.get(pk=mail.case_id)
