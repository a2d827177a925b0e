"""Opening an account, signing in and out."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts.residents.models import ResidentAccount, ResidentSession
from townhall.accounts.residents.web import SESSION
from townhall.customers.accounts.models import AccountLink
from townhall.customers.models import ContactPoint, Customer
from townhall.notifications.models import Message
from townhall.portal.tests.residents import PASSWORD, code_mailed_to, make_account, register, signed_in

pytestmark = pytest.mark.django_db


def show_password(client: Client, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post(reverse("portal:sign_in"), {"email": email, "password": password, **more})


@pytest.mark.capability("ACCT-01", "ACCT-08")
def test_a_resident_opens_an_account_with_a_code_from_a_mail_and_is_signed_in(client: Client) -> None:
    register(client, email="Noor@Example.org")
    assert ResidentAccount.objects.count() == 0, "nothing is open before the mailbox is proved"

    home = client.post(reverse("portal:code"), {"code": code_mailed_to("noor@example.org")}, follow=True)

    assert home.status_code == 200
    assert "Noor New" in home.content.decode()
    account = ResidentAccount.objects.get()
    link = AccountLink.objects.get(account=account)
    assert (link.role, link.customer.name) == ("self", "Noor New")
    assert ContactPoint.objects.get(customer=link.customer).verified_at is not None


def test_a_business_account_opens_the_persons_record_and_the_organisations(client: Client) -> None:
    register(client, email="noor@example.org", kind="business", organisation="Noor Bakes")
    client.post(reverse("portal:code"), {"code": code_mailed_to("noor@example.org")})

    assert {(link.role, link.customer.name) for link in AccountLink.objects.all()} == {
        ("self", "Noor New"),
        ("business", "Noor Bakes"),
    }


def test_a_resident_signs_in_and_out(client: Client) -> None:
    account = make_account("Sam Resident", email="sam@example.org")

    answer = client.post(reverse("portal:sign_in"), {"email": " SAM@example.org ", "password": PASSWORD})
    assert answer["Location"] == reverse("portal:account")
    page = client.get(reverse("portal:account"))
    assert "Sam Resident" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    cookie = client.cookies[SESSION]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

    out = client.post(reverse("portal:sign_out"))

    assert "Clear-Site-Data" not in out, "nothing of the account is ever kept on somebody's own device"
    assert "no-store" in out["Cache-Control"]
    assert client.get(reverse("portal:account"))["Location"].startswith(reverse("portal:sign_in"))
    assert ResidentSession.objects.get(account=account).ended_because == "signed_out"


def test_the_same_email_again_looks_the_same_and_only_its_owner_is_told(client: Client) -> None:
    make_account(email="sam@example.org")

    register(client, email="sam@example.org", name="Mallory")
    page = client.get(reverse("portal:code"))
    other = Client()
    register(other, email="else@example.org", name="Mallory")
    same = other.get(reverse("portal:code"))

    plain = page.content.decode().replace("sam@example.org", "").partition("<main")[2]
    assert len(plain) == len(same.content.decode().replace("else@example.org", "").partition("<main")[2])
    mail = Message.objects.get(recipient_address="sam@example.org")
    assert "already" in mail.subject_line
    assert client.post(reverse("portal:code"), {"code": "123456"}).status_code == 422
    assert ResidentAccount.objects.filter(email="sam@example.org").count() == 1
    assert Customer.objects.count() == 1


def test_a_staff_page_stays_closed_to_a_resident() -> None:
    client = signed_in(make_account())
    assert client.get("/work/")["Location"].startswith("/staff/sign-in")
