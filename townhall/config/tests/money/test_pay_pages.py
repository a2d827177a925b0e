"""The payer's pages: what can be found, paid and seen, and by whom."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.core.actors import SYSTEM
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.core.time import council_date, now
from townhall.files import operations as files
from townhall.files.queries import files_of
from townhall.payments import operations
from townhall.payments.models import Charge, Payment
from townhall.payments.standin import PretendProvider
from townhall.payments.tests.makers import make_charge, make_payment, press
from townhall.penalties import queries as penalties
from townhall.penalties.models import Appeal, PenaltyNotice
from townhall.penalties.tests.makers import make_appeal, make_notice, picture
from townhall.portal.tests.residents import customer_of, make_account, signed_in


def page(client: Client, path: str, **data: Any) -> str:
    return client.get(path, data).content.decode()


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


@pytest.mark.capability("PAY-01")
@pytest.mark.parametrize(
    ("button", "heading"),
    [
        ("success:normal", "Payment received"),
        ("decline:normal", "Your payment was not taken"),
        ("cancel:normal", "You cancelled the payment"),
        ("expire:normal", "The time to pay ran out"),
        ("error:normal", "Your payment was not taken"),
    ],
)
def test_from_the_reference_to_the_outcome(
    provider: PretendProvider, client: Client, button: str, heading: str
) -> None:
    charge = make_charge(reference="7000 99-1", at=now())
    found = client.get("/pay", {"reference": " 7000991 "})
    assert found["Location"] == f"/pay/{charge.pk}"

    sent = client.post(found["Location"], {"email": "sam@example.org"})
    assert sent.status_code == 303
    back = path_of(press(sent["Location"], button))

    shown = page(client, back)
    assert heading in shown
    assert "sam@" not in shown
    assert page(client, back) == shown, "it can be opened again"
    payment = Payment.objects.get()
    if button.startswith("success"):
        assert "£120.50" in shown
        assert "s…@example.org" in shown
    else:
        assert "No money has been taken" in shown
        assert str(payment.charge_id) in shown


def test_trying_again_keeps_the_address_for_the_receipt(provider: PretendProvider, client: Client) -> None:
    charge = make_charge(at=now())
    sent = client.post(f"/pay/{charge.pk}", {"email": "sam@example.org"})
    failed = page(client, path_of(press(sent["Location"], "decline:normal")))
    again = re.search(r'href="(/pay/[^"?]+)\?again=([^"]+)"', failed)
    assert again

    shown = page(client, again[1], again=again[2])
    assert "s…@example.org" in shown
    assert "sam@" not in shown
    assert "s…@" not in page(client, f"/pay/{make_charge(reference='R777', at=now()).pk}", again=again[2])
    client.post(again[1], {"again": again[2], "email": ""})
    assert list(Payment.objects.order_by("created_at").values_list("email", flat=True)) == ["sam@example.org"] * 2


def test_what_a_charge_is_for_names_its_kind_once(provider: PretendProvider) -> None:
    charge = make_charge(description="This month", at=now())
    kind = charge.kind.name
    assert charge.words == f"{kind}: This month"
    charge.description = f"{kind}, this month"
    assert charge.words == f"{kind}, this month"


def test_in_between_the_page_says_not_to_pay_again(provider: PretendProvider, client: Client) -> None:
    payment = make_payment(at=now())

    shown = page(client, f"/pay/back/{payment.token}")

    assert "We are waiting for your payment" in shown
    assert payment.next_url in shown


def test_without_the_provider_the_page_says_that_nothing_was_taken(provider: PretendProvider, client: Client) -> None:
    charge = make_charge(at=now())
    provider.book.behaviour.outage = True

    answer = client.post(f"/pay/{charge.pk}")

    assert answer.status_code == 409
    assert "No money has been taken" in answer.content.decode()


@pytest.mark.parametrize("state", ["paid", "held", "cancelled"])
def test_what_is_not_to_be_paid_says_so_and_has_no_button(
    provider: PretendProvider, client: Client, state: str
) -> None:
    charge = make_charge(at=now())
    Charge.objects.filter(pk=charge.pk).update(state=state)

    shown = page(client, f"/pay/{charge.pk}")

    assert "<form" not in shown.split("<main")[1]
    assert client.post(f"/pay/{charge.pk}").status_code == 409


def test_several_with_one_reference_are_listed_and_another_is_not_found(
    provider: PretendProvider, client: Client
) -> None:
    make_charge(reference="R1234", description="First week", at=now())
    make_charge(reference="R1234", description="Second week", at=now())

    assert "First week" in page(client, "/pay", reference="r1234")
    assert "Second week" in page(client, "/pay", reference="r1234")
    for nothing in ("R9999", "", "%", "x" * 5_000, "\x00"):
        answer = client.get("/pay", {"reference": nothing})
        assert answer.status_code == 422
        assert "error-summary" in answer.content.decode()


def test_guessing_references_has_an_end_and_finding_does_not(provider: PretendProvider) -> None:
    make_charge(reference="R5555", at=now())
    client = Client(REMOTE_ADDR="203.0.113.9")
    for _time in range(40):
        assert client.get("/pay", {"reference": "R5555"}).status_code == 302
    answers = [client.get("/pay", {"reference": f"N{number}00"}).status_code for number in range(35)]
    assert answers[0] == 422
    assert answers[-1] == 429
    assert client.get("/pay", {"reference": "R5555"}).status_code == 429


@pytest.mark.parametrize("token", ["x", "a" * 32, "'; drop", "%00"])
def test_a_token_that_we_did_not_make_leads_nowhere(client: Client, db: None, token: str) -> None:
    assert client.get(f"/pay/back/{token}").status_code == 404


def test_no_page_keeps_or_asks_for_a_card_number(provider: PretendProvider, client: Client) -> None:
    charge = make_charge(at=now())
    for path in ("/pay", f"/pay/{charge.pk}"):
        names = re.findall(r'<input[^>]*name="([^"]*)"', page(client, path))
        assert set(names) <= {"reference", "email", "csrfmiddlewaretoken", "kind"}


# Penalty notices


@pytest.mark.capability("PAY-02")
def test_the_motorist_needs_number_and_mark(client: Client, db: None) -> None:
    notice = make_notice(number="AL20000001", mark="ZZ21 OLU", at=now())

    def ask(number: str, mark: str) -> Any:
        return client.post("/penalty", {"number": number, "mark": mark})

    right = ask(" al-20000001 ", "zz21olu")
    assert right.status_code == 302
    assert penalties.notice_in(right["Location"].split("/")[-1]) == notice
    wrong_mark, wrong_number = ask("AL20000001", "ZZ99 XXX"), ask("AL99999999", "ZZ21 OLU")
    said = [re.findall(r"We have no notice[^<]*", one.content.decode())[0] for one in (wrong_mark, wrong_number)]
    assert wrong_mark.status_code == wrong_number.status_code == 422
    assert said[0] == said[1]
    assert ask("", "").status_code == 422


def test_guessing_marks_has_an_end(db: None) -> None:
    make_notice(number="AL20000002", at=now())
    client = Client(REMOTE_ADDR="203.0.113.10")
    answers = [client.post("/penalty", {"number": "AL20000002", "mark": f"ZZ{n} X"}).status_code for n in range(35)]
    assert answers[0] == 422
    assert answers[-1] == 429


@pytest.mark.capability("PAY-02")
def test_pictures_are_seen_by_who_knows_the_notice_and_by_nobody_else(client: Client, db: None) -> None:
    notice = make_notice(at=now())
    kept = files.store(picture(), about=notice.subject, purpose="evidence", by=SYSTEM, at=now())

    shown = page(client, f"/penalty/{penalties.token_for(notice)}")
    link = re.search(r'<img class="th-picture" src="([^"]+)"', shown)

    assert link
    assert client.get(link[1].replace("&amp;", "&")).status_code == 200
    assert client.get(reverse("files:file", args=[kept.pk])).status_code == 404
    other = Subject(kind="penalty", id=make_notice(at=now()).pk)
    assert other != notice.subject


@pytest.mark.capability("PAY-02")
def test_an_appeal_with_evidence_from_the_page(client: Client, db: None) -> None:
    notice = make_notice(at=now())
    path = f"/penalty/{penalties.token_for(notice)}"
    typed = {"ground": "other", "words": "The sign was hidden.", "name": "Olu Driver", "email": "olu@example.org"}

    missing = client.post(f"{path}/appeal", {})
    nonsense = client.post(f"{path}/appeal", {**typed, "files": SimpleUploadedFile("x.exe", b"MZ\x00\x01")})
    assert (missing.status_code, nonsense.status_code, Appeal.objects.count()) == (422, 422, 0)
    sent = client.post(f"{path}/appeal", {**typed, "files": [picture("a.png"), picture("b.png")]})

    assert sent.status_code == 302
    appeal = Appeal.objects.get()
    assert len(files_of(appeal.subject)) == 2
    shown = page(client, sent["Location"])
    assert appeal.reference in shown
    assert "You do not need to pay at the moment" in shown
    assert "You do not need to pay this at the moment" in page(client, f"/pay/{notice.charge_id}")


def test_a_card_number_in_an_appeal_is_refused(client: Client, db: None) -> None:
    path = f"/penalty/{penalties.token_for(make_notice(at=now()))}/appeal"
    typed = {"ground": "other", "words": "I paid with 4242 4242 4242 4242", "name": "Olu", "email": "olu@example.org"}

    assert client.post(path, typed).status_code == 422
    assert not Appeal.objects.exists()


def test_a_notices_page_closes_after_some_time_and_is_nobody_elses(client: Client, db: None) -> None:
    notice = make_notice(at=now())
    token = penalties.token_for(notice)
    other = make_notice(at=now())
    forged = other.pk.hex + ":" + token.split(":", 1)[1]
    for wrong in (forged, "x", notice.pk.hex):
        assert client.get(f"/penalty/{wrong}")["Location"] == "/penalty"
        assert client.post(f"/penalty/{wrong}/appeal", {"words": "x"})["Location"] == "/penalty"
    assert not Appeal.objects.exists()


@pytest.mark.capability("PAY-02")
def test_paying_online_pays_the_notice(provider: PretendProvider, client: Client) -> None:
    notice = make_notice(at=now())
    sent = client.post(f"/pay/{notice.charge_id}")
    client.get(path_of(press(sent["Location"], "success:none")))

    assert PenaltyNotice.objects.get(pk=notice.pk).state == "paid"
    assert "This notice is paid" in page(client, f"/penalty/{penalties.token_for(notice)}")
    assert Payment.objects.get().amount_pence == 3_500


def test_a_decision_is_read_on_the_notices_page(client: Client, db: None) -> None:
    from townhall.penalties import operations as deciding
    from townhall.penalties.tests.makers import OFFICER

    at = now()
    made = make_appeal(at=at)
    deciding.decide(made.pk, accepted=False, words="The sign is <b>clear</b>.", by=OFFICER, at=at + timedelta(days=1))

    shown = page(client, f"/penalty/{penalties.token_for(made.notice)}")

    assert "The sign is &lt;b&gt;clear&lt;/b&gt;." in shown
    assert "Appeal</a>" not in shown


def test_a_discount_is_shown_with_its_end(provider: PretendProvider, client: Client) -> None:
    today = council_date(now())
    charge = make_charge(
        at=now(), amount_pence=Pence(7_000), discount_pence=Pence(3_500), discount_until=today + timedelta(days=3)
    )
    assert "£35.00" in page(client, f"/pay/{charge.pk}")
    assert operations.start(charge.pk, by=SYSTEM, at=now()).amount_pence == 3_500


@pytest.mark.capability("PAY-01")
def test_who_is_signed_in_finds_what_they_paid_on_their_own_page(provider: PretendProvider) -> None:
    account = make_account("Sam Resident", email="sam@example.org")
    sam = signed_in(account)
    charge = make_charge(reference="L9900777", at=now())  # a bill that names nobody

    assert 'value="sam@example.org"' in page(sam, f"/pay/{charge.pk}")
    sent = sam.post(f"/pay/{charge.pk}", {"email": "sam@example.org"})
    sam.get(path_of(press(sent["Location"], "success:none")))

    assert Payment.objects.get().customer_id == customer_of(account)
    assert "L9900777" in page(sam, "/account")
    staff = Client()
    sign_in(staff, make_user(roles=(Role.ADVISER,)))
    assert "L9900777" in page(staff, f"/work/customers/{customer_of(account)}", reason="check")
