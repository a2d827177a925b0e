"""What a mail can be made into beside a case: a complaint, comment, compliment or Member's enquiry."""

from __future__ import annotations

from datetime import datetime

from townhall.complaints import receiving
from townhall.complaints.receiving import New
from townhall.core.actors import Actor
from townhall.core.cards import without_card_numbers
from townhall.core.subjects import Subject
from townhall.mailroom.operations.converting import Found, made_by


def connect() -> None:
    made_by(complaint)


def complaint(found: Found, kind: str, by: Actor, at: datetime) -> Subject:
    """It arrived when the mail did, and is about the mail's case where that has one."""
    mail = found.mail
    words = "\n\n".join(part for part in (mail.subject, mail.new_words.strip() or mail.words.strip()) if part) or "…"
    new = New(
        kind=kind,
        words=without_card_numbers(words)[: receiving.LONGEST],
        channel="email",
        service_code=found.service if receiving.is_service(found.service) else "",
        name=mail.from_name or mail.from_address,
        email=mail.from_address,
        customer_id=found.customer_id,
        case_id=mail.case_id,
        is_logged=mail.case_id is not None,
        source=Subject(kind="mail", id=mail.pk),
        received_at=mail.received_at,
        answers=found.thread,
        reply_to=mail.mailbox.address,
    )
    return receiving.receive(new, by=by, at=at).subject
