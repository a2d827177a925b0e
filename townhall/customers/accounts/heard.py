"""What `accounts` announces about residents' accounts: whose record an account opens, and the mails it causes.

Everything here runs inside the announcing transaction and only writes rows.
"""

from __future__ import annotations

from uuid import UUID

from townhall.accounts.events import AccountClosed, AccountEmailChanged, AccountNews, AccountOpened, CodeMade
from townhall.accounts.residents.sessions import about
from townhall.core.actors import SYSTEM
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers import operations
from townhall.customers.accounts import links, wording
from townhall.customers.accounts.models import AccountLink, Feed, HelperInvite, Level
from townhall.customers.models import ContactPoint, Customer, CustomerRole
from townhall.customers.operations import NewCustomer
from townhall.customers.typed import normalised_email
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

_CAPACITY = {
    "leaseholder": CustomerRole.Role.LEASEHOLDER,
    "employee": CustomerRole.Role.EMPLOYEE,
    "resident": CustomerRole.Role.RESIDENT,
}


def code_made(event: CodeMade) -> None:
    """Mailed to the address alone: the code is on no page and in no inbox."""
    notifications.send(
        "account/code",
        to=Recipient(name=event.name, email=event.email),
        about=Subject(kind="account_step", id=event.step_id),
        key=f"account-code-{event.step_id}",
        context={"code": event.code, "purpose": wording.purpose(event.purpose)},
        at=event.at,
        channel="email",
    )


def account_news(event: AccountNews) -> None:
    title, words = wording.news(event.what)
    notifications.send(
        "account/news",
        to=Recipient(name=event.name, email=event.email),
        about=about(event.account_id),
        key=f"account-{event.what}-{event.account_id}-{event.at.isoformat()}",
        context={"title": title, "words": words, "at": event.at, "link": wording.sign_in_link()},
        at=event.at,
        channel="email",
    )


def account_opened(event: AccountOpened) -> None:
    """A record for somebody new: never one found by the email address alone, which two people may share."""
    if event.customer_id is not None:
        _open_existing(event, event.customer_id)
        return
    person = operations.create(NewCustomer(name=event.name, email=event.email), by=SYSTEM, at=event.at)
    _verify_email(person.pk, event)
    if event.kind in _CAPACITY:
        operations.add_role(person.pk, role=_CAPACITY[event.kind], by=SYSTEM, at=event.at)
    links.link(event.account_id, person.pk, role=AccountLink.Role.SELF, by=SYSTEM, at=event.at)
    if event.uprn:
        operations.add_address(person.pk, uprn=event.uprn, from_on=council_date(event.at), by=SYSTEM, at=event.at)
    if event.kind in (AccountLink.Role.BUSINESS, AccountLink.Role.PARISH):
        new = NewCustomer(name=event.organisation, kind=Customer.Kind.ORGANISATION)
        body = operations.create(new, by=SYSTEM, at=event.at)
        operations.link(body.pk, person.pk, relation="contact_at", by=SYSTEM, at=event.at)
        links.link(event.account_id, body.pk, role=event.kind, by=SYSTEM, at=event.at)


def _open_existing(event: AccountOpened, customer_id: UUID) -> None:
    is_body = Customer.objects.filter(pk=customer_id, kind=Customer.Kind.ORGANISATION).exists()
    role = AccountLink.Role.BUSINESS if is_body else AccountLink.Role.SELF
    _verify_email(customer_id, event)
    links.link(event.account_id, customer_id, role=role, by=SYSTEM, at=event.at, level=Level.EMAIL)


def _verify_email(customer_id: UUID, event: AccountOpened | AccountEmailChanged) -> None:
    point = operations.add_contact_point(customer_id, kind="email", value=event.email, by=SYSTEM, at=event.at)
    operations.verify_contact_point(point.pk, by=SYSTEM, at=event.at, how="code")


def email_changed(event: AccountEmailChanged) -> None:
    customer_id = links.own_customer(event.account_id)
    if customer_id is None:
        return
    _verify_email(customer_id, event)
    old = ContactPoint.objects.filter(
        customer_id=customer_id, kind="email", normalised=normalised_email(event.was), ended_at=None
    ).first()
    if old is not None:
        operations.end_contact_point(old.pk, by=SYSTEM, at=event.at)


def account_closed(event: AccountClosed) -> None:
    """Links, invitations and calendars end; the record stays as long as the council must keep it."""
    for row in AccountLink.objects.filter(account_id=event.account_id, ended_at=None):
        links.unlink(row.pk, because="closed", by=SYSTEM, at=event.at)
        others = AccountLink.objects.filter(customer_id=row.customer_id, ended_at=None)
        if row.role == AccountLink.Role.HELPER or others.exclude(role=AccountLink.Role.HELPER).exists():
            continue
        for helper in others:
            links.unlink(helper.pk, because="closed", by=SYSTEM, at=event.at)
        Feed.objects.filter(customer_id=row.customer_id, ended_at=None).update(ended_at=event.at)
    HelperInvite.objects.filter(by_account_id=event.account_id, ended_at=None).update(ended_at=event.at)
