"""The pages by which staff come in."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts import operations, throttle
from townhall.accounts.models import Authenticator, Role, SetUpLink, StaffSession, User
from townhall.accounts.tests.makers import PASSWORD, code_now, make_user, sign_in
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya() -> User:
    return make_user(roles=(Role.OFFICER,), password=PASSWORD, enrolled=True, name="Priya Example")


def show_password(client: Client, email: str, password: str, **more: str) -> object:
    return client.post(reverse("accounts:sign_in"), {"email": email, "password": password, **more})


@pytest.mark.capability("GOVN-03")
def test_staff_sign_in_with_a_password_and_a_code(client: Client, priya: User) -> None:
    wanted = reverse("accounts:password")
    first = client.get(wanted)
    assert first["Location"] == f"{reverse('accounts:sign_in')}?next=%2Fstaff%2Fpassword"

    asked = client.post(first["Location"], {"email": priya.email.upper(), "password": PASSWORD, "next": wanted})
    assert asked["Location"] == reverse("accounts:second_factor")
    assert client.get(wanted).status_code == 302, "a password alone opens nothing"
    before = client.cookies["sessionid"].value

    entered = client.post(reverse("accounts:second_factor"), {"code": code_now()})

    assert entered["Location"] == wanted
    assert client.cookies["sessionid"].value != before, "the session has a new id"
    page = client.get(wanted)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert _verbs(priya) == ["staff.signed_in"]


def test_a_wrong_password_and_an_unknown_email_are_answered_alike(client: Client, priya: User) -> None:
    wrong = client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": "wrong password 12"})
    unknown = client.post(reverse("accounts:sign_in"), {"email": "nobody@example.org", "password": "wrong password 12"})

    sentence = "Your email address or password is not right"
    assert sentence in wrong.content.decode()
    assert sentence in unknown.content.decode()
    assert priya.email in wrong.content.decode(), "what was typed is kept"
    assert "wrong password 12" not in wrong.content.decode()
    assert _verbs(priya) == ["staff.password_refused"]


def test_somebody_disabled_cannot_sign_in(client: Client, priya: User) -> None:
    operations.disable(priya.pk, by=SYSTEM, at=now())

    page = client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": PASSWORD})

    assert "is not right" in page.content.decode()


@pytest.mark.parametrize("password", ["", " ", "x" * 5_000, "😀" * 20, "abc\0def", "\u202etxet"])
@pytest.mark.parametrize(
    "email", ["", "not an email", "x" * 300 + "@example.org", "a\0b@example.org", "😀@example.org"]
)
def test_odd_input_gets_the_form_back(client: Client, email: str, password: str) -> None:
    page = client.post(reverse("accounts:sign_in"), {"email": email, "password": password})

    assert page.status_code == 200
    assert "There is a problem" in page.content.decode()


@pytest.mark.capability("GOVN-03")
def test_the_eleventh_attempt_on_an_account_waits_even_with_the_right_password(client: Client, priya: User) -> None:
    for _attempt in range(10):
        client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": "wrong password 12"})

    held = client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": PASSWORD})

    assert held.status_code == 429
    assert "too many attempts" in held.content.decode()
    assert 0 < int(held["Retry-After"]) <= 900


def test_the_wait_is_over_after_a_quarter_of_an_hour_however_often_they_tried(client: Client, priya: User) -> None:
    for _attempt in range(30):
        client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": "wrong password 12"})
    later = now() + throttle.WINDOW + timedelta(seconds=1)

    with mock.patch("townhall.accounts.views.sign_in.now", return_value=later):
        page = client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": PASSWORD})

    assert page["Location"] == reverse("accounts:second_factor")


def test_the_sixth_code_waits(client: Client, priya: User) -> None:
    client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": PASSWORD})
    for _attempt in range(5):
        assert client.post(reverse("accounts:second_factor"), {"code": "000000"}).status_code == 200

    assert client.post(reverse("accounts:second_factor"), {"code": code_now()}).status_code == 429
    assert StaffSession.objects.count() == 0


def test_the_code_must_follow_the_password_within_ten_minutes(client: Client, priya: User) -> None:
    client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": PASSWORD})

    with mock.patch("townhall.accounts.views.sign_in.now", return_value=now() + timedelta(minutes=11)):
        page = client.post(reverse("accounts:second_factor"), {"code": code_now()})

    assert page["Location"] == reverse("accounts:sign_in")


@pytest.mark.capability("GOVN-03")
def test_a_newcomer_follows_the_link_sets_up_the_app_and_keeps_the_codes(client: Client) -> None:
    user = make_user(roles=(Role.ADVISER,))
    token = operations.make_set_up_link(user.pk, by=SYSTEM, at=now())
    path = reverse("accounts:set_up", args=[token])

    weak = client.post(path, {"password": "password1234"})
    assert "too common" in weak.content.decode()
    chosen = client.post(path, {"password": PASSWORD})
    assert chosen["Location"] == reverse("accounts:set_up_second_factor")
    page = client.get(chosen["Location"])
    secret = page.content.decode().split("<code>")[1].split("</code>")[0].replace(" ", "")
    assert "<svg" in page.content.decode()
    from townhall.accounts import codes

    done = client.post(chosen["Location"], {"code": codes.code_at(secret, codes.step_at(now().timestamp()))})

    assert done.status_code == 200
    shown = done.content.decode().split('id="recovery-codes"')[1].split("</ul>")[0].count("<li>")
    assert shown == 10
    assert client.get(reverse("accounts:sessions")).status_code == 200
    assert client.get(path).status_code == 410, "the link works once"
    assert secret not in str(list(Authenticator.objects.values())), "the key is not kept in the clear"
    assert token not in str(list(SetUpLink.objects.values()))


def test_the_front_door_leads_everybody_to_their_own_first_page(client: Client, priya: User) -> None:
    asked = client.get("/work/")["Location"]
    client.post(asked, {"email": priya.email, "password": PASSWORD, "next": "/work/"})
    assert client.session.get("staff_next") == "", "not a page that not everybody may open"


def test_whoever_may_not_open_the_queue_is_led_from_it_to_their_own_first_page(client: Client) -> None:
    contractor, administrator = (make_user(roles=(role,)) for role in (Role.CONTRACTOR, Role.ADMINISTRATOR))

    sign_in(client, contractor)
    assert client.get("/work/")["Location"] == "/contractor/"
    sign_in(client, administrator)
    assert client.get("/work/")["Location"] == reverse("accounts:people")


def test_next_never_leads_away_from_here(client: Client, priya: User) -> None:
    for evil in ("https://evil.example.com/", "//evil.example.com", "javascript:alert(1)", "/\\evil.example.com"):
        client.post(reverse("accounts:sign_in"), {"email": priya.email, "password": PASSWORD, "next": evil})
        assert client.session.get("staff_next") == ""


def test_signing_out_ends_the_session(client: Client, priya: User) -> None:
    sign_in(client, priya)
    assert client.get(reverse("accounts:sign_out")).status_code == 200
    assert client.get(reverse("accounts:sessions")).status_code == 200

    client.post(reverse("accounts:sign_out"))

    assert client.get(reverse("accounts:sessions")).status_code == 302
    assert _verbs(priya) == ["staff.signed_in", "staff.signed_out"]


def test_a_form_without_its_token_is_refused(priya: User) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(reverse("accounts:sign_in"), {"email": priya.email, "password": PASSWORD}).status_code == 403


def _verbs(user: User) -> list[str]:
    return list(Entry.objects.filter(subject_id=user.pk).order_by("at", "id").values_list("verb", flat=True))
