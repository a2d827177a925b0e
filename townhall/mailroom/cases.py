"""A mail as a case, or as more to one: the same operations as every other channel."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from townhall.cases.models import OPEN_STATES, Case, Follower
from townhall.cases.operations.adding import LONGEST, add_information
from townhall.cases.operations.from_form import SentForm, open_from_form
from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput
from townhall.core.references import parse_reference, references_in
from townhall.core.subjects import Subject
from townhall.files import operations as files
from townhall.files.models import Purpose
from townhall.forms import queries as forms
from townhall.mailroom.models import Enclosed, Mail, Original
from townhall.mailroom.reading.parsing import read
from townhall.mailroom.states import BoxState
from townhall.notifications.models import Message

FORM = "ask-us"
_HOLDERS = """SELECT DISTINCT customer_id FROM customers_contactpoint
    WHERE kind = 'email' AND normalised = %s AND ended_at IS NULL ORDER BY customer_id LIMIT 20"""
LONGEST_QUESTION = 4_900
MOST_FILES = 10
_OURS = re.compile(r"<([0-9a-f]{32})@")  # the Message-ID of a message of ours


def open_for(mail: Mail, *, service: str = "", by: Actor, at: datetime) -> UUID:
    """A case of its own: owner, promise, and an acknowledgement with reference and date to whoever wrote. `service`: whose it is, when
    that is known; else the front desk's.

    The acknowledgement answers the mail itself, and an answer to it comes back to the same mailbox.
    """
    words = "\n\n".join(part for part in (mail.subject, mail.new_words.strip()) if part) or "…"
    case_id = _open(mail, words, key=f"mail-{mail.pk}", service=service, by=by, at=at)
    keep_files(mail, case_id, by=by, at=at)
    return case_id


def open_part(mail: Mail, words: str, *, number: int, service: str, by: Actor, at: datetime) -> UUID:
    """Another matter of the same mail, as a case of its own."""
    return _open(mail, words, key=f"mail-{mail.pk}-{number}", service=service, by=by, at=at)


def _open(mail: Mail, words: str, *, key: str, service: str, by: Actor, at: datetime) -> UUID:
    known = customers_at(mail.from_address)
    sent = SentForm(
        form_code=FORM,
        version=forms.published_version(FORM),
        answers={
            "question": words[:LONGEST_QUESTION],
            "who": {"name": mail.from_name or mail.from_address},
            "how": "email",
            "email": mail.from_address,
        },
        channel="email",
        key=key,
        on_behalf_of=known[0] if len(known) == 1 else None,
        about_service=service,
        received="mail/received",
        said=_said(mail, service or FORM),
        in_reply_to=thread_of(mail),
        reply_to=mail.mailbox.address,
    )
    return open_from_form(sent, by=by, at=at).case_id


def _said(mail: Mail, service: str) -> dict[str, object]:
    """What an acknowledgement says beside the usual: the reply standard, and the form that is quicker."""
    box = mail.mailbox
    form = box.replacement or (service if service != FORM else "")
    closes_on = box.replies_until if box.state == BoxState.CLOSING else None
    return {
        "mailbox": box.address,
        "reply_days": box.reply_days,
        "asked": mail.subject,
        "quicker": catalogue.service(form).name if form else "",
        "quicker_link": f"{settings.PUBLIC_URL}/services/{form}" if form else f"{settings.PUBLIC_URL}/services",
        "closes_on": closes_on,
    }


def thread_of(mail: Mail) -> str:
    """The Message-IDs of an answer to it: what it refers to, the oldest first, then its own."""
    return " ".join([*reversed(mail.refers_to), mail.message_id])


def add_to(mail: Mail, follower: Follower, *, by: Actor, at: datetime) -> UUID:
    """More to an open case, from somebody who follows it."""
    words = mail.new_words.strip() or mail.subject or "…"
    add_information(follower.pk, text=words[:LONGEST], channel="email", by=by, at=at)
    keep_files(mail, follower.case_id, by=by, at=at)
    return follower.case_id


def follower_of(mail: Mail) -> Follower | None:
    """Whoever this mail comes from, on the open case that it answers: known by what it refers to, or by a reference in its subject.

    Somebody who knows a reference but does not follow the case is nobody here: their mail becomes a case of its own.
    """
    found = (follower_in(case_id, mail) for case_id in dict.fromkeys(_cases_meant(mail)))
    return next((one for one in found if one is not None), None)


def follower_in(case_id: UUID, mail: Mail) -> Follower | None:
    """Whoever follows this open case under the address that the mail comes from, or as the customer who has it."""
    followers = Follower.objects.filter(case_id=case_id, ended_at__isnull=True, case__state__in=OPEN_STATES)
    known = customers_at(mail.from_address)
    for one in followers.order_by("-is_reporter", "since", "id")[:50]:
        if one.email.casefold() == mail.from_address or one.customer_id in known:
            return one
    return None


def _cases_meant(mail: Mail) -> list[UUID]:
    """Of what it answers, and of references in its subject; nothing is asked where it names nothing."""
    meant: list[UUID | None] = []
    if ours := [UUID(found[1]) for one in mail.refers_to if (found := _OURS.match(one))]:
        answered = Message.objects.filter(pk__in=ours, case_id__isnull=False)
        meant += answered.values_list("case_id", flat=True)[:5]
    if others := [one for one in mail.refers_to if one]:
        earlier = Mail.objects.filter(message_id__in=others, case_id__isnull=False)
        meant += earlier.values_list("case_id", flat=True)[:5]
    if named := list(filter(None, map(parse_reference, references_in(mail.subject)))):
        meant += Case.objects.filter(reference__in=named).values_list("pk", flat=True)[:5]
    return [one for one in meant if one is not None]


def customers_at(address: str) -> list[UUID]:
    """Customers who have this email address. One query."""
    return [row[0] for row in fetch_all(_HOLDERS, (address,))]


def keep_files(mail: Mail, case_id: UUID | None, *, by: Actor, at: datetime, about: Subject | None = None) -> None:
    """Attachments of a kind we keep stand on the case too, and are scanned there; any other stays in the original, with the reason.

    `about`: what they are of, when that is no case.
    """
    if not mail.attachments:
        return
    if about is None:
        assert case_id is not None
        about = Subject(kind="case", id=case_id)
    for place, one in enumerate(read(bytes(Original.objects.get(mail=mail).raw)).attachments):
        row, _made = Enclosed.objects.get_or_create(
            mail=mail,
            place=place,
            defaults={
                "name": one.name.replace("\x00", "")[:255],
                "content_type": one.content_type[:200],
                "size": len(one.content),
            },
        )
        if row.verdict == Enclosed.Verdict.KEPT:
            continue
        row.verdict, row.why = Enclosed.Verdict.ASIDE, ""
        if place < MOST_FILES:
            try:
                upload = SimpleUploadedFile(one.name, one.content)
                kept = files.store(upload, about=about, purpose=Purpose.ATTACHMENT, by=by, at=at, case_id=case_id)
            except BadInput as error:
                row.verdict, row.why = Enclosed.Verdict.REFUSED, next(iter(map(str, error.problems.values())), "")[:300]
            else:
                row.verdict, row.file_id = Enclosed.Verdict.KEPT, kept.pk
        row.save(update_fields=["verdict", "why", "file_id"])
