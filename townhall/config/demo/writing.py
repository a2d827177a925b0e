"""Layouts of letters and emails, one letter that waits to be posted, and somebody who hears of one service by text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from townhall.accounts.models import Post, User
from townhall.accounts.queries import actor_for
from townhall.core.actors import Actor
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import Ways
from townhall.documents import layouts, writing
from townhall.documents.layouts import Words
from townhall.documents.writing import About, Typed

_SIGNED: Final = "Yours sincerely\n\n{{ writer }}\n{{ post }}\n{{ council }}"
_OTHER: Final = "To have this in large print, another language or another format, call {{ phone }}."
_OUTCOME: Final = Words(
    heading="What we did about your report {{ reference }}",
    body="Dear {{ name }},\n\nThank you for telling us about {{ place }}.\n\n## What we found\n\n{{ ask: What we found }}\n\n"
    "## What happens next\n\n{{ ask: What happens next }}\n\n{{ own words }}",
    signature=_SIGNED,
    accessibility=_OTHER,
)
_GENERAL: Final = Words(
    heading="{{ ask: What it is about }}",
    body="Dear {{ name }},\n\n{{ own words }}",
    signature=_SIGNED,
    accessibility=_OTHER,
)
_MEMBER: Final = Words(
    heading="From your ward councillor",
    body="Dear {{ name }},\n\nThank you for writing to me.\n\n{{ own words }}",
    signature="Councillor {{ ask: The Member’s name }}\n{{ council }}",
    accessibility=_OTHER,
)


def load_writing(customer_name: str, *, at: datetime) -> None:
    """Made by the same operations as anything else."""
    manager, adviser = _holder("customer-services-manager", at), _holder("customer-services-adviser", at)
    before = at - timedelta(days=30)
    layouts.add("Outcome of a report", "letter", _OUTCOME, by=manager, at=before)
    letter = layouts.add("Letter on any matter", "letter", _GENERAL, by=manager, at=before)
    layouts.add("Email on any matter", "email", _GENERAL, by=manager, at=before)
    layouts.add("A Member’s email", "email", _MEMBER, writer="member", by=manager, at=before)
    signed = _SIGNED.replace("Yours sincerely", "With kind regards")
    newer = Words(heading=_GENERAL.heading, body=_GENERAL.body, signature=signed, accessibility=_OTHER)
    layouts.change(letter.pk, newer, note="Friendlier at the end", by=manager, at=at - timedelta(days=3))
    customer = Customer.objects.filter(name=customer_name, merged_into=None).first()
    if customer is None:
        return
    customers.choose_channels(customer.pk, "missed-bin", Ways(first="text", second="email"), by=adviser, at=at)
    if writing.going(begun := writing.begin(letter.pk, customer.pk, About(), by=adviser, at=at)).channel is not None:
        said = {"What it is about": "Your new account with us"}
        writing.keep(
            begun.pk, Typed(asked=said, more="Everything we send you is in your account as well."), by=adviser, at=at
        )
        writing.send(begun.pk, About(), by=adviser, at=at)


def _holder(code: str, at: datetime) -> Actor:
    user = User.objects.filter(posts_held__post=Post.objects.get(code=code)).first()
    assert user is not None
    return actor_for(user, at=at)
