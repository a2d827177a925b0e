"""How accounts stand up to those who try: guessing who has one, taking one over, and going where they should not."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts import codes
from townhall.accounts.residents import sessions, steps, web
from townhall.accounts.residents.errors import WrongCode
from townhall.accounts.residents.models import (
    ResidentAccount,
    ResidentAuthenticator,
    ResidentSession,
    ResidentStep,
)
from townhall.core.sealing import sealed
from townhall.core.time import now
from townhall.ledger.models import Entry
from townhall.notifications.models import Message
from townhall.portal.tests.residents import PASSWORD, code_mailed_to, make_account, register, signed_in

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW = "eleven brass kettles"


def with_code(account: ResidentAccount) -> ResidentAccount:
    ResidentAuthenticator.objects.create(account=account, secret=sealed(SECRET), confirmed_at=now())
    return account


def code_now(*, step: int = 0) -> str:
    return codes.code_at(SECRET, codes.step_at(now().timestamp()) + step)


def main_of(content: bytes) -> str:
    return content.decode().partition("<main")[2].partition("</main>")[0]


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post(reverse("portal:sign_in"), {"email": email, "password": password, **more})


def test_a_wrong_password_and_an_unknown_email_are_answered_alike() -> None:
    make_account(email="sam@example.org")
    answers = [
        Client().post(reverse("portal:sign_in"), {"email": email, "password": "wrong password"})
        for email in ("sam@example.org", "who@example.org")
    ]

    assert [one.status_code for one in answers] == [422, 422]
    known, unknown = (main_of(one.content).replace("sam@", "@").replace("who@", "@") for one in answers)
    tokens = [part for part in known.split('"') if len(part) == 64]  # the form's own token differs each time
    assert tokens
    assert len(known) == len(unknown)
    assert set(answers[0].headers) == set(answers[1].headers)
    assert set(answers[0].cookies) == set(answers[1].cookies)


@pytest.mark.parametrize("email", ["sam@example.org", "who@example.org"])
def test_an_unknown_email_takes_as_much_hashing_as_a_known_one(email: str) -> None:
    make_account(email="sam@example.org")
    with mock.patch("townhall.accounts.residents.passwords.check_password", return_value=False) as checked:
        sign_in(Client(), email, "wrong password")

    assert checked.call_count == 1
    assert checked.call_args.args[1].startswith("argon2")


@pytest.mark.parametrize("email", ["sam@example.org", "who@example.org"])
def test_forgetting_a_password_looks_the_same_for_everybody_and_sends_mail_to_owners_only(email: str) -> None:
    make_account(email="sam@example.org")
    client = Client()

    answer = client.post(reverse("portal:recover"), {"email": email})
    page = client.get(reverse("portal:code"))

    assert answer["Location"] == reverse("portal:code")
    assert "Enter the code we sent you" in page.content.decode()
    assert client.post(reverse("portal:code"), {"code": "000000"}).status_code == 422
    assert Message.objects.count() == (1 if email.startswith("sam") else 0)


def test_the_session_token_is_new_at_each_sign_in_and_an_old_one_opens_nothing(client: Client) -> None:
    make_account(email="sam@example.org")
    client.cookies[web.SESSION] = "planted-by-somebody-else"

    sign_in(client, "sam@example.org")
    first = client.cookies[web.SESSION].value
    assert first != "planted-by-somebody-else"
    client.post(reverse("portal:sign_out"))
    sign_in(client, "sam@example.org")
    second = client.cookies[web.SESSION].value

    assert second != first
    stale = Client()
    stale.cookies[web.SESSION] = first
    assert stale.get(reverse("portal:account")).status_code == 302
    assert first not in str(list(ResidentSession.objects.values())), "only a hash of the token is kept"


def test_the_eleventh_password_waits_and_so_does_the_right_one(client: Client) -> None:
    make_account(email="sam@example.org")
    for _attempt in range(10):
        sign_in(client, "sam@example.org", "wrong password")

    held = client.post(reverse("portal:sign_in"), {"email": "SAM@example.org", "password": PASSWORD})

    assert held.status_code == 429
    assert 0 < int(held["Retry-After"]) <= 900


def test_a_mailed_code_is_tried_five_times_and_works_once_in_one_browser_for_ten_minutes(client: Client) -> None:
    register(client, email="noor@example.org")
    code = code_mailed_to("noor@example.org")
    wrong = "000000" if code != "000000" else "111111"
    assert Client().post(reverse("portal:code"), {"code": code}).status_code == 410, "another browser"
    with mock.patch("townhall.portal.views.account.entering.now", return_value=now() + timedelta(minutes=11)):
        assert client.post(reverse("portal:code"), {"code": code}).status_code == 410
    for _try in range(5):
        assert client.post(reverse("portal:code"), {"code": wrong}).status_code == 422

    assert client.post(reverse("portal:code"), {"code": code}).status_code == 410
    assert ResidentAccount.objects.count() == 0


def test_a_code_is_kept_nowhere_but_in_the_mail_and_works_once(client: Client) -> None:
    register(client, email="noor@example.org")
    code, token = code_mailed_to("noor@example.org"), client.cookies[web.STEP].value
    assert code not in str(list(ResidentStep.objects.values()))
    assert client.post(reverse("portal:code"), {"code": code}).status_code == 302

    again = Client()
    again.cookies[web.STEP] = token
    assert again.post(reverse("portal:code"), {"code": code}).status_code == 410


def test_one_mailbox_gets_five_codes_in_a_quarter_of_an_hour() -> None:
    for _attempt in range(5):
        register(Client(), email="noor@example.org")

    held = Client().post(
        reverse("portal:register"),
        {"name": "Noor", "email": "noor@example.org", "password": PASSWORD, "kind": "resident"},
    )

    assert held.status_code == 429
    assert Message.objects.filter(recipient_address="noor@example.org").count() == 5


def test_a_new_password_by_mail_ends_every_session_and_lifts_no_second_factor(client: Client) -> None:
    account = with_code(make_account(email="sam@example.org"))
    elsewhere = signed_in(account)
    client.post(reverse("portal:recover"), {"email": "sam@example.org"})
    client.post(reverse("portal:code"), {"code": code_mailed_to("sam@example.org")})
    done = client.post(reverse("portal:new_password"), {"password": NEW})

    assert done["Location"].startswith(reverse("portal:sign_in"))
    assert elsewhere.get(reverse("portal:account")).status_code == 302
    assert client.get(reverse("portal:account")).status_code == 302, "a code from a mailbox signs nobody in"
    asked = client.post(reverse("portal:sign_in"), {"email": "sam@example.org", "password": NEW})
    assert asked["Location"] == reverse("portal:second_factor")
    assert Message.objects.filter(subject_line="Your password was changed").count() == 1


def test_a_recovery_code_in_an_older_mail_stops_when_the_password_changes(client: Client) -> None:
    account = make_account(email="sam@example.org")
    client.post(reverse("portal:recover"), {"email": "sam@example.org"})
    code = code_mailed_to("sam@example.org")
    signed_in(account).post(reverse("portal:password"), {"present": PASSWORD, "password": NEW})

    assert client.post(reverse("portal:code"), {"code": code}).status_code == 410


@pytest.mark.capability("ACCT-02")
def test_a_password_alone_opens_nothing_where_there_is_a_second_factor(client: Client) -> None:
    with_code(make_account(email="sam@example.org"))
    onward = reverse("portal:account_security")

    asked = client.post(reverse("portal:sign_in"), {"email": "sam@example.org", "password": PASSWORD, "next": onward})
    assert asked["Location"] == reverse("portal:second_factor")
    assert client.get(reverse("portal:account")).status_code == 302
    code = code_now()
    entered = client.post(reverse("portal:second_factor"), {"code": code})

    assert entered["Location"] == onward
    assert ResidentSession.objects.get().is_strong
    again = Client()
    sign_in(again, "sam@example.org")
    assert again.post(reverse("portal:second_factor"), {"code": code}).status_code == 422, "each code works once"


def test_the_sixth_code_of_an_app_waits(client: Client) -> None:
    with_code(make_account(email="sam@example.org"))
    sign_in(client, "sam@example.org")
    for _attempt in range(5):
        assert client.post(reverse("portal:second_factor"), {"code": "000000"}).status_code == 422

    assert client.post(reverse("portal:second_factor"), {"code": code_now()}).status_code == 429


def test_setting_up_codes_gives_recovery_codes_that_work_once(client: Client) -> None:
    account = make_account(email="sam@example.org")
    own = signed_in(account)
    own.get(reverse("portal:set_up_code"))
    kept = ResidentAuthenticator.objects.get(account=account)
    kept.secret = sealed(SECRET)
    kept.save()
    page = own.post(reverse("portal:set_up_code"), {"code": code_now()})
    recovery = page.context["codes"] if page.context else codes_on(page.content)

    sign_in(client, "sam@example.org")
    assert client.post(reverse("portal:second_factor"), {"code": recovery[0]}).status_code == 302
    again = Client()
    sign_in(again, "sam@example.org")
    assert again.post(reverse("portal:second_factor"), {"code": recovery[0]}).status_code == 422
    told = set(Message.objects.values_list("subject_line", flat=True))
    assert {"Sign-in codes are switched on", "A recovery code was used"} <= told


def codes_on(content: bytes) -> list[str]:
    return [part.partition("</code>")[0] for part in content.decode().split("<li><code>")[1:]]


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "\t//x",
    ],
)
def test_nobody_is_led_to_another_site_after_signing_in(client: Client, path: str) -> None:
    make_account(email="sam@example.org")

    answer = client.post(reverse("portal:sign_in"), {"email": "sam@example.org", "password": PASSWORD, "next": path})

    assert answer["Location"] == reverse("portal:account")


@pytest.mark.parametrize("password", ["short", "password1", "aaaaaaaaaa", "sam@example.org", "Aldermere2026", ""])
def test_easy_passwords_are_refused_with_a_sentence(client: Client, password: str) -> None:
    given = {"name": "Sam", "email": "sam@example.org", "password": password, "kind": "resident"}

    page = client.post(reverse("portal:register"), given)

    assert page.status_code == 422
    assert "assword" in page.content.decode()
    field = page.content.decode().partition('id="password" name="password"')[2].partition(">")[0]
    assert "value" not in field, "what was typed is not sent back"


@pytest.mark.parametrize("password", ["qpwoeiru", "čau čau lasko", "four small 🐢 boats", "x9" + "ab" * 60])
def test_any_characters_and_lengths_make_a_password(client: Client, password: str) -> None:
    register(client, email="noor@example.org", password=password)
    client.post(reverse("portal:code"), {"code": code_mailed_to("noor@example.org")})

    assert client.get(reverse("portal:account")).status_code == 200


def test_a_form_sets_nothing_that_it_does_not_ask_for(client: Client) -> None:
    register(client, email="noor@example.org", id="1", opened="desk", is_staff="1", level="3", role="administrator")
    client.post(reverse("portal:code"), {"code": code_mailed_to("noor@example.org")})

    account = ResidentAccount.objects.get()
    assert account.opened == "self"
    assert account.links.get().level == 1


def test_a_session_ends_after_its_idle_time_and_after_its_longest() -> None:
    account = make_account()
    client = signed_in(account)
    token = client.cookies[web.SESSION].value
    at = now()
    assert sessions.running(token, at + sessions.IDLE) is not None
    assert sessions.running(token, at + sessions.IDLE + timedelta(seconds=31)) is None
    ResidentSession.objects.update(last_seen_at=at + timedelta(hours=12))
    assert sessions.running(token, at + timedelta(hours=12, seconds=1)) is None


@pytest.mark.capability("ACCT-10")
def test_on_a_shared_computer_sessions_are_short_and_no_password_is_kept(client: Client) -> None:
    account = make_account(email="sam@example.org")
    client.post(reverse("portal:this_device"), {"shared": "1"})
    page = client.get(reverse("portal:sign_in")).content.decode()
    assert "current-password" not in page
    assert 'autocomplete="off"' in page

    sign_in(client, "sam@example.org")

    session = ResidentSession.objects.get(account=account)
    assert session.is_shared
    token, at = client.cookies[web.SESSION].value, now()
    assert sessions.running(token, at + timedelta(minutes=4)) is not None
    assert sessions.running(token, at + timedelta(minutes=6)) is None
    home = client.get(reverse("portal:account"))
    assert "no-store" in home["Cache-Control"]
    out = client.post(reverse("portal:sign_out"))
    assert out["Clear-Site-Data"] == '"cache", "storage"'
    assert out.cookies[web.SESSION].value == ""


def test_sessions_are_listed_and_ended_and_anothers_are_not(client: Client) -> None:
    sam, kim = make_account(), make_account("Kim")
    here, there, kims = signed_in(sam), signed_in(sam), signed_in(kim)
    other = ResidentSession.objects.get(account=kim)
    page = here.get(reverse("portal:account_security")).content.decode()
    assert page.count("/end") >= 2

    here.post(reverse("portal:session_end", args=[other.pk]))
    assert kims.get(reverse("portal:account")).status_code == 200, "somebody else's session cannot be ended"
    here.post(reverse("portal:other_sessions_end"))

    assert there.get(reverse("portal:account")).status_code == 302
    assert here.get(reverse("portal:account")).status_code == 200


def test_what_could_lock_somebody_out_asks_for_the_password_once_more() -> None:
    account = make_account(email="sam@example.org")
    client = signed_in(account)
    ResidentSession.objects.update(shown_at=now() - timedelta(minutes=20))
    wanted = reverse("portal:email")

    first = client.get(wanted)
    assert first["Location"] == f"{reverse('portal:sign_in_again')}?next=%2Faccount%2Fsecurity%2Femail"
    assert client.post(reverse("portal:sign_in_again"), {"password": "wrong", "next": wanted}).status_code == 422
    assert client.post(reverse("portal:sign_in_again"), {"password": PASSWORD, "next": wanted})["Location"] == wanted
    assert client.get(wanted).status_code == 200


def test_a_new_email_address_is_proved_first_and_the_old_one_is_told() -> None:
    account = make_account(email="sam@example.org")
    client, elsewhere = signed_in(account), signed_in(account)
    client.post(reverse("portal:email"), {"email": "new@example.org"})
    account.refresh_from_db()
    assert account.email == "sam@example.org"

    client.post(reverse("portal:email_code"), {"code": code_mailed_to("new@example.org")})

    account.refresh_from_db()
    assert account.email == "new@example.org"
    assert Message.objects.get(template="account/news").recipient_address == "sam@example.org"
    assert elsewhere.get(reverse("portal:account")).status_code == 302


def test_anothers_email_address_cannot_be_taken_nor_found_out() -> None:
    make_account(email="kim@example.org")
    client = signed_in(make_account(email="sam@example.org"))

    answer = client.post(reverse("portal:email"), {"email": "kim@example.org"})

    assert answer["Location"] == reverse("portal:email_code")
    assert "kim@example.org" in client.get(reverse("portal:email_code")).content.decode()
    assert client.post(reverse("portal:email_code"), {"code": "123456"}).status_code == 422
    assert not Message.objects.filter(recipient_address="kim@example.org", template="account/code").exists()


def test_a_closed_account_leaves_nothing_to_sign_in_with() -> None:
    account = make_account(email="sam@example.org")
    client, other = signed_in(account), signed_in(account)

    client.post(reverse("portal:close_account"))

    assert other.get(reverse("portal:account")).status_code == 302
    account.refresh_from_db()
    assert (account.email, account.name, account.password) == ("", "", "")
    assert not account.links.filter(ended_at=None).exists()
    assert (
        Client().post(reverse("portal:sign_in"), {"email": "sam@example.org", "password": PASSWORD}).status_code == 422
    )
    register(Client(), email="sam@example.org")  # and the address is free again


def test_every_step_of_signing_in_is_in_the_ledger_without_names_or_addresses(client: Client) -> None:
    make_account("Sam Resident", email="sam@example.org")
    sign_in(client, "sam@example.org", "wrong password")
    sign_in(client, "sam@example.org")
    client.post(reverse("portal:sign_out"))

    entries = Entry.objects.filter(subject_kind="account").order_by("at", "position")
    verbs = [entry.verb for entry in entries]
    assert verbs == ["account.opened", "account.password_refused", "account.signed_in", "account.signed_out"]
    assert "sam" not in str(list(entries.values())).lower()


def test_a_code_counted_is_counted_even_when_it_is_refused() -> None:
    token = steps.begin(steps.Purpose.RECOVER, email="sam@example.org", has_code=True, at=now())
    for _try in range(3):
        with pytest.raises(WrongCode):
            steps.try_code(token, "x", steps.Purpose.RECOVER, at=now())

    assert ResidentStep.objects.get().tries == 3
