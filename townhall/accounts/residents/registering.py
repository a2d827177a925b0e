"""Opening an account. There is none until its email address is proved, so nobody can open one in another's name and wait there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.accounts.events import AccountNews, AccountOpened
from townhall.accounts.residents import limits, passwords, steps
from townhall.accounts.residents.errors import StepOver
from townhall.accounts.residents.models import ResidentAccount
from townhall.accounts.residents.sessions import about, themselves
from townhall.accounts.residents.steps import Purpose
from townhall.core.errors import BadInput
from townhall.core.events import publish
from townhall.ledger.operations import record

LONGEST_NAME = 200
MISSING_EMAIL = gettext_lazy("Enter your email address")
MISSING_PASSWORD = gettext_lazy("Enter your password")
KINDS = ("resident", "business", "leaseholder", "employee", "parish")
WITH_ORGANISATION = frozenset({"business", "parish"})


def clean_email(typed: str) -> str:
    """As it is kept. Raises BadInput."""
    email = typed.strip().lower()
    if not email:
        raise BadInput({"email": MISSING_EMAIL})
    try:
        validate_email(email)
    except ValidationError as error:
        problem = _("Enter an email address in the correct format, like name@example.com")
        raise BadInput({"email": problem}) from error
    if len(email) > 254:
        raise BadInput({"email": _("Your email address must be 254 characters or fewer")})
    return email


def register(
    *,
    name: str,
    email: str,
    password: str,
    kind: str = "resident",
    organisation: str = "",
    uprn: str = "",
    address: str,
    at: datetime,
) -> str:
    """Ask for an account; the token of the step, whether or not there is one with this email address already.

    uprn: where they have moved to, when they say so in the same form.
    Both ways take the same work and look the same; only the mail differs, which its owner alone reads.
    Raises BadInput, TooManyAttempts.
    """
    email = _checked(name, email, password, kind, organisation)
    limits.count((limits.MAIL, email), (limits.MAIL_ADDRESS, address), at=at)
    kept = passwords.hashed(password)
    with transaction.atomic():
        data = {"name": name, "password": kept, "kind": kind, "organisation": organisation, "uprn": uprn}
        if tell_if_known(email, at=at):
            return steps.begin(Purpose.REGISTER, at=at, email=email, data={}, has_code=True)
        return steps.begin(Purpose.REGISTER, at=at, email=email, name=name, data=data, mails_code=True)


def tell_if_known(email: str, *, at: datetime) -> bool:
    """Whether an account has this email address already; then its owner is told that somebody asked for one."""
    known = ResidentAccount.objects.filter(email=email, closed_at=None).first()
    if known is not None:
        publish(AccountNews(account_id=known.pk, email=email, name=known.name, what="already", at=at))
    return known is not None


def _checked(name: str, email: str, password: str, kind: str, organisation: str) -> str:
    problems: dict[str, str] = {}
    if not name:
        problems["name"] = _("Enter your full name")
    elif len(name) > LONGEST_NAME:
        problems["name"] = _("Your name must be %(n)d characters or fewer") % {"n": LONGEST_NAME}
    if kind not in KINDS:
        problems["kind"] = _("Select who the account is for")
    if kind in WITH_ORGANISATION and not organisation:
        problems["organisation"] = _("Enter the name of the organisation")
    clean = ""
    try:
        clean = clean_email(email)
        passwords.check(password, email=clean, name=name)
    except BadInput as error:
        problems |= error.problems
    if problems:
        raise BadInput(problems)
    return clean


def confirm(token: str, typed: str, *, at: datetime) -> ResidentAccount:
    """The code was right: open the account. Raises StepOver, WrongCode."""
    step = steps.try_code(token, typed, Purpose.REGISTER, at=at)
    if not step.data:
        raise StepOver
    given = step.data
    with transaction.atomic():
        steps.finish(step, at=at)
        return open_account(
            email=step.email,
            name=given["name"],
            password=given["password"],
            kind=given["kind"],
            organisation=given["organisation"],
            uprn=given["uprn"],
            opened=ResidentAccount.Opened.FORM if given["uprn"] else ResidentAccount.Opened.SELF,
            at=at,
        )


@transaction.atomic
def open_account(
    *,
    email: str,
    name: str,
    password: str = "",
    kind: str = "resident",
    organisation: str = "",
    uprn: str = "",
    opened: str = ResidentAccount.Opened.SELF,
    opened_by: UUID | None = None,
    customer_id: UUID | None = None,
    at: datetime,
) -> ResidentAccount:
    """An account for an email address that was proved. `password` is a hash. Raises StepOver when it has one by now."""
    try:
        with transaction.atomic():
            account = ResidentAccount.objects.create(
                email=email, name=name, password=password, opened=opened, opened_by=opened_by, opened_at=at
            )
    except IntegrityError as error:  # opened in another browser in the meantime
        raise StepOver from error
    data: dict[str, object] = {"how": str(opened), "kind": kind}
    record("account.opened", about=about(account.pk), by=themselves(account.pk), at=at, data=data)
    publish(
        AccountOpened(
            account_id=account.pk,
            email=email,
            name=name,
            kind=kind,
            organisation=organisation,
            uprn=uprn,
            customer_id=customer_id,
            at=at,
        )
    )
    return account
