"""Every address of the account is tried with somebody else's ids: nothing of theirs is shown, and nothing of theirs changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from townhall.accounts.checks import patterns
from townhall.accounts.residents import providers
from townhall.accounts.residents.models import Passkey, ResidentAccount, ResidentIdentity, ResidentSession
from townhall.accounts.residents.web import SESSION
from townhall.cases.models import Case, Follower, Note
from townhall.core.access import Door, access_of
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.accounts import consents, feeds, helpers
from townhall.customers.accounts.models import AccountLink, Check, Consent, Feed, HelperInvite
from townhall.customers.models import AccessNeed, ContactPoint, Customer, CustomerAddress
from townhall.documents.models import Document
from townhall.documents.operations import keep_document
from townhall.engagement.deals import operations as deals
from townhall.engagement.deals.models import Deal, Voucher
from townhall.engagement.models import AlertSubscription
from townhall.forms import operations as forms
from townhall.forms.models import Draft
from townhall.ledger.models import Entry
from townhall.notifications.recipients import Recipient
from townhall.payments.models import Charge, Payment
from townhall.payments.tests.makers import make_charge
from townhall.portal.tests.authenticator import Authenticator
from townhall.portal.tests.makers import HOME, make_report
from townhall.portal.tests.residents import customer_of, make_account, signed_in
from townhall.portal.tests.test_passkeys import add as add_passkey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("borough")]
HELD = (
    ResidentAccount, ResidentSession, Passkey, ResidentIdentity, Customer, ContactPoint, CustomerAddress, AccessNeed,
    AccountLink, HelperInvite, Consent, Check, Feed, Case, Follower, Note, Draft, AlertSubscription,
    Charge, Deal, Document, Payment, Voucher,
)  # fmt: skip

ECHOED = frozenset({"email", "reference"})  # a form gives back what was typed into it: that is no leak


class Sam:
    """Somebody with something behind every door."""

    def __init__(self) -> None:
        self.account = make_account("Samantha Secret", email="samantha@example.org")
        self.customer_id = customer_of(self.account)
        self.by = Actor(kind=ActorKind.CUSTOMER, id=str(self.customer_id))
        at = now()
        self.client = signed_in(self.account)
        add_passkey(self.account, Authenticator())
        providers.link(self.account.pk, provider_code="x", issuer="https://id.example.org", subject="sam", at=at)
        self.client.post(reverse("portal:address"), {"choice": HOME})
        customers.add_contact_point(self.customer_id, kind="phone", value="01632 960777", by=self.by, at=at)
        customers.agree_need(self.customer_id, need="large_print", by=self.by, at=at)
        consents.give(self.customer_id, "newsletter", version=1, channel="web", by=self.by, at=at)
        feeds.feed_for(self.customer_id, HOME, by=self.by, at=at)
        self.invite = helpers.invite(
            self.customer_id, account_id=self.account.pk, name="Hal", email="hal@example.org", by=self.by, at=at
        )
        reporter = Recipient(name="Samantha Secret", email="samantha@example.org", customer_id=self.customer_id)
        self.reference = make_report(reporter=reporter).reference
        forms.start_draft(
            "sams-form", by=self.by, at=at, channel="web", answers={"a": "Samantha"}, customer_id=self.customer_id
        )
        self.alert = AlertSubscription.objects.create(
            topic="planning", email="samantha@example.org", customer_id=self.customer_id, created_at=at, confirmed_at=at
        )
        self._owned(at)

    def _owned(self, at: datetime) -> None:
        """A bill, a letter, and as a trader a deal with a voucher."""
        self.charge = make_charge(customer_id=self.customer_id, payer_name="Samantha Secret")
        self.document = keep_document(
            customer_id=self.customer_id,
            kind="decision",
            title="Our decision for Samantha",
            about=Subject(kind="case", id=self.customer_id),
            key="sams-decision",
            html="<p>Dear Samantha Secret, you have it.</p>",
            by=SYSTEM,
            at=at,
        )
        self.deal = Deal.objects.create(
            trader_id=self.customer_id,
            trader_name="Quay Bakery (fictional)",
            title="A loaf for £1",
            offer="Any small loaf",
            month=council_date(at).replace(day=1),
            state="approved",
            offered_at=at,
        )
        self.voucher = deals.take(self.deal.pk, self.customer_id, by=self.by, at=at)

    def ids(self) -> dict[str, Any]:
        """What stands in the gaps of addresses, and in forms."""
        link = AccountLink.objects.get(account=self.account)
        return {
            "reference": self.reference,
            "session_id": ResidentSession.objects.filter(account=self.account).latest("started_at").pk,
            "passkey_id": Passkey.objects.get().pk,
            "identity_id": ResidentIdentity.objects.get().pk,
            "invite_id": self.invite.pk,
            "draft_id": Draft.objects.get().pk,
            "subscription_id": self.alert.pk,
            "link_id": link.pk,
            "document_id": self.document.pk,
            "deal_id": self.deal.pk,
            "voucher_id": self.voucher.pk,
            "activity_id": self.deal.pk,  # nobody's own: what anybody may take part in
            "charge_id": self.charge.pk,
            "kind": "council_tax",
            "link": str(link.pk),
            "purpose": "newsletter",
            "token": helpers.token_of(self.invite),
            "account": str(self.account.pk),
            "account_id": str(self.account.pk),
            "customer": str(self.customer_id),
            "customer_id": str(self.customer_id),
            "email": "samantha@example.org",
            "code": "123456",
            "reply": "from a stranger",
            "more": "from a stranger",
            "withdraw": "1",
        }

    def secrets(self) -> list[str]:
        return [
            "Samantha",
            "samantha@example.org",
            "960777",
            "12 Mill Lane, Aldermere",
            self.reference,
            self.voucher.code,
            str(self.customer_id),
        ]


def doors() -> Iterator[tuple[str, URLPattern]]:
    for path, pattern in patterns():
        access = access_of(pattern.callback)
        if access is not None and access.door is Door.RESIDENT:
            yield path, pattern


def filled(pattern: URLPattern, ids: dict[str, Any]) -> str:
    wanted = pattern.pattern.converters
    missing = [name for name in wanted if name not in ids]
    assert not missing, f"{pattern.pattern} has a gap for {missing}: say here what of Samantha's belongs in it"
    return reverse(f"portal:{pattern.name}", kwargs={name: ids[name] for name in wanted})


def snapshot() -> dict[str, list[dict[str, Any]]]:
    seen = ("last_seen_at", "last_used_at", "issued")  # anybody may take a voucher of a deal
    return {
        model.__name__: [
            {key: value for key, value in row.items() if key not in seen}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in HELD
    }


def of_sam(shot: dict[str, list[dict[str, Any]]], sam: Sam, *, mine: set[UUID]) -> dict[str, list[dict[str, Any]]]:
    """Without the rows that belong to the stranger."""

    def is_mine(row: dict[str, Any]) -> bool:
        return any(row.get(key) in mine for key in ("account_id", "customer_id", "by_account_id", "trader_id", "id"))

    return {name: [row for row in rows if not is_mine(row)] for name, rows in shot.items()}


def test_a_stranger_with_every_id_sees_nothing_and_changes_nothing() -> None:
    sam = Sam()
    ids = sam.ids()
    stranger = make_account("Kim Stranger", email="kim@example.org")
    mine = {stranger.pk, customer_of(stranger)}
    before = of_sam(snapshot(), sam, mine=mine)
    walked = 0
    for _path, pattern in doors():
        if pattern.name in ("close_account", "sign_out"):
            continue
        path = filled(pattern, ids)
        client = signed_in(stranger)
        for answer, typed in ((client.get(path), set()), (client.post(path, ids), ECHOED)):
            assert answer.status_code < 500, path
            shown = b"".join(answer).decode() if answer.streaming else answer.content.decode()
            leaked = [word for word in sam.secrets() if word in _without(shown, {path, *(ids[name] for name in typed)})]
            # The invitation's own link names who asks: whoever has it is told so.
            assert not leaked or pattern.name == "accept", f"{path} shows {leaked}"
        walked += 1

    assert walked > 35
    assert of_sam(snapshot(), sam, mine=mine) == before
    assert not Entry.objects.filter(actor_id__in=[str(one) for one in mine], customer_id=sam.customer_id).exists()


def _without(shown: str, known: set[str]) -> str:
    for word in known:
        shown = shown.replace(word, "")
    return shown


def test_nobody_without_an_account_opens_any_of_them() -> None:
    sam = Sam()
    ids = sam.ids()
    for _path, pattern in doors():
        path = filled(pattern, ids)
        for client in (Client(), _with_cookie("x" * 43), _with_cookie("")):
            for answer in (client.get(path), client.post(path, ids)):
                assert answer.status_code == 302, path
                assert answer["Location"].startswith(reverse("portal:sign_in")), path


GAP = re.compile(r"<(?:(\w+):)?(\w+)>")


def test_references_and_ids_are_no_keys_to_what_is_open_to_everybody() -> None:
    """Links that open something of hers hold a secret; what stands on letters and in addresses opens nothing of hers."""
    sam = Sam()
    ids, client = sam.ids(), Client()
    hers = ["Samantha", "samantha@example.org", "960777", sam.voucher.code]
    uuids = {
        name: str(ids[name])
        for name in ("draft_id", "charge_id", "document_id", "voucher_id", "customer_id", "account_id")
    }
    walked = 0
    for path, pattern in patterns():
        access = access_of(pattern.callback)
        if access is None or access.door is not Door.PUBLIC or not pattern.pattern.converters or "demo/" in path:
            continue
        for known in (sam.reference, *uuids.values()):
            filled_in = GAP.sub(lambda gap: _put_in(gap, known, ids), path)  # noqa: B023 - used at once
            if "\0" in filled_in:
                continue
            answer = client.get(filled_in)
            assert answer.status_code < 500, filled_in
            shown = (
                b"".join(answer).decode(errors="replace")
                if answer.streaming
                else answer.content.decode(errors="replace")
            )
            assert not [word for word in hers if word in shown], filled_in
            walked += 1
    assert walked > 100


def _put_in(gap: re.Match[str], known: str, ids: dict[str, Any]) -> str:
    """The service where a service is asked for, or what is known; a null where that does not fit."""
    kind, name = gap[1] or "str", gap[2]
    if kind == "uuid":
        return str(ids.get(name, known)) if name in ids or ("-" in known and len(known) == 36) else "\0"
    return "fly-tipping" if kind == "slug" else known


def _with_cookie(token: str) -> Client:
    client = Client()
    client.cookies[SESSION] = token
    return client
