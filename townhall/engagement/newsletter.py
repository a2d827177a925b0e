"""The monthly newsletter: written, shown, approved by somebody else, tried, and sent to every account holder who agreed to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts.permissions import require
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.db import execute, fetch_all
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.customers import merging
from townhall.customers.accounts import consents
from townhall.engagement import quiet
from townhall.engagement.models import Issue, Reader
from townhall.ledger import operations as ledger
from townhall.notifications import bulk
from townhall.notifications import operations as notifications
from townhall.notifications.events import MessageFailed
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient, email_address

WRITE, APPROVE = "newsletter.write", "newsletter.approve"
TEMPLATE = "newsletter/issue"
PURPOSE = "newsletter"
BATCH = 5_000  # readers queued in one transaction
SECTIONS: Final[Mapping[str, StrOrPromise]] = {
    "changes": gettext_lazy("Your account and our website"),
    "season": gettext_lazy("This season"),
    "consultations": gettext_lazy("Have your say"),
    "news": gettext_lazy("News"),
    "events": gettext_lazy("Events"),
}
_FROM = """FROM customers_consent c
    JOIN customers_accountlink l ON l.customer_id = c.customer_id AND l.ended_at IS NULL AND l.role = 'self'
    JOIN accounts_residentaccount a ON a.id = l.account_id AND a.closed_at IS NULL AND a.email <> ''"""
_AGREED = "c.purpose = 'newsletter' AND c.withdrawn_at IS NULL"
_NEW_READERS = f"""
    INSERT INTO engagement_reader (customer_id, token, bounced_email)
    SELECT DISTINCT c.customer_id, gen_random_uuid(), '' {_FROM} WHERE {_AGREED} ON CONFLICT DO NOTHING"""
_READERS = f"""
    SELECT DISTINCT ON (c.customer_id) c.customer_id, a.name, a.email, r.token
    {_FROM} JOIN engagement_reader r ON r.customer_id = c.customer_id
    WHERE {_AGREED} AND (%s::uuid IS NULL OR c.customer_id > %s) AND r.bounced_email <> a.email
    ORDER BY c.customer_id, a.id LIMIT %s"""


@transaction.atomic
def write(month: date, *, subject_line: str, sections: Mapping[str, str], by: Actor, at: datetime) -> Issue:
    """A month's issue, or other words for it. Changed words need approval. Raises NotAllowed, BadInput, WrongState when it is out."""
    require(by, WRITE)
    words = {code: sections.get(code, "").strip() for code in SECTIONS}
    problems = {}
    if not subject_line.strip():
        problems["subject_line"] = _("Enter a subject line")
    if not any(words.values()):
        problems["news"] = _("Write at least one section")
    if problems:
        raise BadInput(problems)
    first = month.replace(day=1)
    issue = Issue.objects.select_for_update().filter(month=first).first() or Issue(month=first)
    if issue.state in {Issue.State.SENDING, Issue.State.SENT}:
        raise WrongState(_("This issue has gone out already."))
    issue.subject_line, issue.sections, issue.state = subject_line.strip(), words, Issue.State.DRAFT
    issue.written_by, issue.written_at, issue.approved_by, issue.approved_at = by.id, at, "", None
    issue.save()
    ledger.record("newsletter.written", about=issue.subject, by=by, at=at)
    return issue


@transaction.atomic
def approve(issue_id: UUID, *, by: Actor, at: datetime) -> Issue:
    """It may go out. Raises NotAllowed, NotFound, WrongState unless it is being written, and for whoever wrote it."""
    require(by, APPROVE)
    issue = _locked(issue_id, Issue.State.DRAFT)
    if issue.written_by == by.id:
        raise WrongState(_("Somebody else has to approve what you wrote."))
    issue.state, issue.approved_by, issue.approved_at = Issue.State.APPROVED, by.id, at
    issue.save(update_fields=["state", "approved_by", "approved_at"])
    ledger.record("newsletter.approved", about=issue.subject, by=by, at=at)
    return issue


def try_out(issue_id: UUID, *, email: str, by: Actor, at: datetime) -> None:
    """Send it to one address, as readers would get it. Raises NotAllowed, NotFound, BadInput."""
    require(by, WRITE)
    issue = Issue.objects.filter(pk=issue_id).first()
    if issue is None:
        raise NotFound
    if not email_address(email):
        raise BadInput({"email": _("Enter an email address in the correct format, like name@example.com")})
    with transaction.atomic():
        key = f"newsletter-test-{issue.pk}-{at.isoformat()}"
        context = context_of(issue, stop=f"{settings.PUBLIC_URL}/newsletter", at=at)
        to = Recipient(email=email)
        notifications.send(TEMPLATE, to=to, about=issue.subject, key=key, context=context, at=at)
        ledger.record("newsletter.tried_out", about=issue.subject, by=by, at=at)


@transaction.atomic
def send(issue_id: UUID, *, by: Actor, at: datetime) -> Issue:
    """Let it go to everybody; the worker queues it. Raises NotAllowed, NotFound, WrongState unless it is approved."""
    require(by, WRITE)
    issue = _locked(issue_id, Issue.State.APPROVED)
    issue.state, issue.began_at = Issue.State.SENDING, at
    issue.save(update_fields=["state", "began_at"])
    know_readers()
    ledger.record("newsletter.sent", about=issue.subject, by=by, at=at)
    return issue


def know_readers() -> None:
    """Give a link of their own to account holders who agreed and have none yet. Call inside a transaction."""
    execute(_NEW_READERS)


def _locked(issue_id: UUID, state: Issue.State) -> Issue:
    issue = Issue.objects.select_for_update().filter(pk=issue_id).first()
    if issue is None:
        raise NotFound
    if issue.state != state:
        raise WrongState
    return issue


# What higher apps put into a section as it goes out, such as the consultations that are open then.
_added: dict[str, Callable[[datetime], str]] = {}


def add(section: str, words: Callable[[datetime], str]) -> None:
    """Register words for a section, in `config`."""
    _added[section] = words


def _section(issue: Issue, code: str, at: datetime) -> str:
    added = _added[code](at) if code in _added else ""
    return "\n\n".join(part for part in (issue.sections.get(code, ""), added) if part)


def context_of(issue: Issue, *, stop: str, at: datetime) -> dict[str, Any]:
    written = [(str(name), _section(issue, code, at)) for code, name in SECTIONS.items()]
    return {
        "subject": issue.subject_line,
        "sections": [(name, words) for name, words in written if words],
        "stop": stop,
        "unsubscribe_url": stop,
    }


def queue(at: datetime) -> int:
    """The next thousands of readers of an issue that goes out; how many. Killed, it goes on where it was."""
    with transaction.atomic():
        sending = Issue.objects.select_for_update(skip_locked=True).filter(state=Issue.State.SENDING)
        issue = sending.order_by("month").first()
        if issue is None:
            return 0
        readers = fetch_all(_READERS, (issue.reached, issue.reached, BATCH))
        if readers:
            issue.queued += _queue_for(issue, readers, at=at)
            issue.reached = readers[-1][0]
        if len(readers) < BATCH:
            issue.state, issue.ended_at = Issue.State.SENT, at
            ledger.record("newsletter.queued", about=issue.subject, by=SYSTEM, at=at, data={"queued": issue.queued})
        issue.save(update_fields=["queued", "reached", "state", "ended_at"])
    return len(readers)


def _queue_for(issue: Issue, readers: list[tuple[Any, ...]], *, at: datetime) -> int:
    """The words are rendered once for all of them."""
    shown = notifications.preview(
        TEMPLATE, to=Recipient(email="reader@example.org"), context=context_of(issue, stop=bulk.STOP, at=at)
    )
    mails = [
        (f"newsletter-{issue.pk}-{customer_id}", name, email, customer_id, stop_link(token))
        for customer_id, name, email, token in readers
    ]
    return bulk.queue_mails(
        mails,
        template=TEMPLATE,
        about=issue.subject,
        subject_line=shown.subject_line,
        body_text=shown.body_text,
        not_before=quiet.over_at(at),
        at=at,
    )


def stop_link(token: UUID) -> str:
    return f"{settings.PUBLIC_URL}/newsletter/stop/{token}"


@transaction.atomic
def stop(token: UUID, *, at: datetime) -> None:
    """Who holds the link gets no more, from this moment. Twice is once. Raises NotFound."""
    reader = Reader.objects.filter(token=token).first()
    if reader is None:
        raise NotFound
    customer_id = merging.standing(reader.customer_id) or reader.customer_id
    by = Actor(kind=ActorKind.CUSTOMER, id=str(customer_id))
    consents.withdraw(customer_id, PURPOSE, channel="email", by=by, at=at)
    bulk.withdraw_from(customer_id, TEMPLATE, by=by, at=at)


def reads(token: UUID) -> bool | None:
    """Whether the holder of the link gets the newsletter; None when there is no such link."""
    reader = Reader.objects.filter(token=token).first()
    return consents.agreed(merging.standing(reader.customer_id) or reader.customer_id, PURPOSE) if reader else None


def failed(event: MessageFailed) -> None:
    """An address that refuses the newsletter for good gets no more of it, until the account has another."""
    if event.customer_id is None:
        return
    message = Message.objects.filter(pk=event.message_id, template=TEMPLATE).first()
    if message is not None:
        Reader.objects.filter(pk=event.customer_id).update(bounced_email=message.recipient_address, bounced_at=event.at)
