"""Levels, preferences, consents, helpers, data, the desk: what residents decide, and that it holds at once."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.residents.models import ResidentAccount
from townhall.accounts.tests.makers import make_user
from townhall.accounts.tests.makers import sign_in as staff_in
from townhall.cases.models import Case
from townhall.catalogue.operations import load_packs
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.refreshing import forget_all
from townhall.core.time import council_date, now
from townhall.customers import operations as customers
from townhall.customers.accounts import checking, consents, helpers, links, standard
from townhall.customers.accounts.models import (
    AccountLink,
    Check,
    CheckRule,
    Consent,
    ConsentWording,
    HelperInvite,
    Level,
)
from townhall.customers.models import AccessNeed, Customer
from townhall.ledger import operations as ledger
from townhall.ledger.models import Entry
from townhall.notifications import needs, sending
from townhall.notifications.letters import folder
from townhall.notifications.models import Message
from townhall.portal.tests.makers import HOME, PACKS, go_to_check, only_case
from townhall.portal.tests.residents import PASSWORD, code_mailed_to, customer_of, make_account, register, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("borough")]


@pytest.fixture
def adviser() -> Actor:
    return actor_for(make_user(roles=(Role.ADVISER,)), now())


def level_of(account: ResidentAccount) -> Level:
    return links.opened_by(account.pk, at=now())[0].level


def lives_at_home(account: ResidentAccount) -> Client:
    client = signed_in(account)
    client.post(reverse("portal:address"), {"choice": HOME})
    return client


@pytest.mark.capability("ACCT-02", "GOVN-02")
def test_a_letter_brings_a_code_that_verifies_the_address_for_every_service(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    account = make_account("Sam Resident")
    client = lives_at_home(account)
    assert level_of(account) == Level.EMAIL
    client.post(reverse("portal:verify"), {"letter": "1"})
    while sending.run(now() + timedelta(seconds=1)):
        pass
    [letter] = folder().glob("*.html")
    words = letter.read_text()
    assert "12 Mill Lane" in words
    found = re.search(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{4})</strong>", words)
    assert found is not None
    assert client.post(reverse("portal:verify"), {"code": "AAAA-AAAA"}).status_code == 422

    client.post(reverse("portal:verify"), {"code": found[1].lower().replace("-", " ")})

    assert level_of(account) == Level.ADDRESS
    check = Check.objects.get()
    assert (check.method, check.until_on) == ("letter", council_date(now()) + timedelta(days=1095))
    client.post(reverse("portal:address"), {"choice": "100002"})
    assert level_of(account) == Level.EMAIL, "an address that was left proves nothing of the next"
    assert client.post(reverse("portal:verify"), {"code": found[1]}).status_code == 422


def test_a_posted_code_is_tried_five_times_and_one_letter_goes_a_day() -> None:
    client = lives_at_home(make_account())
    client.post(reverse("portal:verify"), {"letter": "1"})
    assert client.post(reverse("portal:verify"), {"letter": "1"}).status_code == 422
    message = Message.objects.get(template="account/address_code")
    found = re.search(r"\*\*([0-9A-Z-]+)\*\*", message.body_text)
    assert found is not None
    for _try in range(5):
        assert client.post(reverse("portal:verify"), {"code": "WRONG"}).status_code == 422

    assert client.post(reverse("portal:verify"), {"code": found[1]}).status_code == 422
    assert message.channel == "letter"
    assert message.customer_id is None, "the code is in no inbox"


def test_the_letter_with_a_code_is_printed_as_they_need_it_though_it_is_in_no_inbox() -> None:
    account = make_account()
    client = lives_at_home(account)
    client.post(reverse("portal:verify"), {"letter": "1"})
    message = Message.objects.get(template="account/address_code")
    assert not needs.of_letter(message).large_print
    customers.agree_need(customer_of(account), need="large_print", by=SYSTEM, at=now())
    assert needs.of_letter(message).large_print
    assert needs.of_letter(message).postal == needs.of(customer_of(account)).postal


def known_household() -> Customer:
    held = customers.create(customers.NewCustomer(name="Samuel Resident", uprn=HOME), by=SYSTEM, at=now())
    customers.add_number(held.pk, kind="council_tax", value="CT 1234-5", by=SYSTEM, at=now())
    return held


@pytest.mark.capability("ACCT-02", "GOVN-02")
def test_a_number_on_a_bill_opens_the_record_we_hold() -> None:
    held = known_household()
    account = make_account("Sam Resident")
    client = signed_in(account)

    client.post(reverse("portal:verify"), {"kind": "council_tax", "number": "ct12345", "postcode": "zz1 1aa"})

    opened = {one.customer_id: one.level for one in links.opened_by(account.pk, at=now())}
    assert opened[held.pk] == Level.ADDRESS


@pytest.mark.parametrize(
    "given",
    [
        {"number": "CT99999", "postcode": "ZZ1 1AA"},
        {"number": "CT12345", "postcode": "ZZ1 1AB"},
        {"number": "", "postcode": ""},
    ],
)
def test_what_does_not_match_is_refused_in_one_sentence(given: dict[str, str]) -> None:
    known_household()
    client = signed_in(make_account("Sam Resident"))
    page = client.post(reverse("portal:verify"), {"kind": "council_tax", **given})
    stranger = signed_in(make_account("Mallory Other")).post(
        reverse("portal:verify"), {"kind": "council_tax", "number": "CT12345", "postcode": "ZZ1 1AA"}
    )

    sentence = "These details do not match what we hold"
    assert sentence in page.content.decode()
    assert sentence in stranger.content.decode()


def test_the_sixth_guess_at_a_number_waits() -> None:
    known_household()
    client = signed_in(make_account("Sam Resident"))
    wrong = {"kind": "council_tax", "number": "1", "postcode": "ZZ1 1AA"}
    for _guess in range(5):
        assert client.post(reverse("portal:verify"), wrong).status_code == 422

    assert client.post(reverse("portal:verify"), {**wrong, "number": "CT12345"}).status_code == 429


@pytest.mark.capability("GOVN-02")
def test_the_identity_standard_is_data_and_says_who_may_check_and_for_how_long(adviser: Actor) -> None:
    account = make_account()
    rule = standard.rule("identity-seen")
    assert rule is not None
    CheckRule.objects.create(
        method="identity-seen", name="Passport seen", level=3, lasts_days=10, roles=["officer"], evidence=["Passport"]
    )
    forget_all()
    with pytest.raises(NotAllowed):
        checking.staff_checked(customer_of(account), "identity-seen", evidence="Passport", by=adviser, at=now())
    officer = actor_for(make_user(roles=(Role.OFFICER,)), now())
    checking.staff_checked(customer_of(account), "identity-seen", evidence="Passport", by=officer, at=now())

    assert level_of(account) == Level.IDENTITY
    later = links.opened_by(account.pk, at=now() + timedelta(days=11))[0]
    assert later.level == Level.EMAIL, "a check does not last for ever"


@pytest.mark.capability("ACCT-02")
def test_a_service_opens_at_the_level_it_states(client: Client, adviser: Actor, tmp_path: Path) -> None:
    folder = tmp_path / "fly-tipping"
    folder.mkdir()
    (folder / "service.yaml").write_text((PACKS / "fly-tipping" / "service.yaml").read_text() + "\nlevel: address\n")
    load_packs(tmp_path, by=SYSTEM, at=now())
    forget_all()
    path = "/report/fly-tipping/where"
    assert client.get(path)["Location"] == f"{reverse('portal:sign_in')}?next=%2Freport%2Ffly-tipping%2Fwhere"
    account = make_account()
    own = signed_in(account)
    assert own.get(path)["Location"].startswith(reverse("portal:verify"))
    checking.staff_checked(customer_of(account), "address-seen", evidence="Council tax bill", by=adviser, at=now())

    assert own.get(path).status_code == 200


@pytest.mark.capability("ACCT-09")
def test_preferences_are_changed_in_one_place_and_hold_at_once() -> None:
    account = make_account()
    client = signed_in(account)
    given = {"preferred_channel": "letter", "language": "cy", "phone": "01632 960 001", "formats": ["large_print"]}

    client.post(reverse("portal:preferences"), given)

    customer = Customer.objects.get(pk=customer_of(account))
    assert (customer.preferred_channel, customer.language) == ("letter", "cy")
    assert AccessNeed.objects.get(customer=customer, ended_at=None).need == "large_print"
    assert links.opened_by(account.pk, at=now())[0].phone == "01632 960 001"
    client.post(reverse("portal:preferences"), {**given, "formats": [], "phone": ""})
    assert not AccessNeed.objects.filter(customer=customer, ended_at=None).exists()
    assert links.opened_by(account.pk, at=now())[0].phone == ""


@pytest.mark.capability("GOVN-01", "ACCT-09")
def test_a_consent_keeps_its_purpose_wording_date_and_channel_and_is_taken_back_as_easily() -> None:
    account = make_account()
    client, customer_id = signed_in(account), customer_of(account)
    page = client.get(reverse("portal:preferences")).content.decode()
    assert not consents.agreed(customer_id, "newsletter"), "nothing is agreed to by opening an account"
    assert "newsletter by email" in page

    client.post(reverse("portal:consent", args=["newsletter"]), {"version": "1"})
    assert consents.agreed(customer_id, "newsletter")
    client.post(reverse("portal:consent", args=["newsletter"]), {"withdraw": "1"})

    assert not consents.agreed(customer_id, "newsletter")
    kept = Consent.objects.get()
    assert (kept.purpose, kept.version, kept.channel, kept.withdrawn_channel) == ("newsletter", 1, "web", "web")
    verbs = list(
        Entry.objects.filter(verb__startswith="customer.consent").order_by("at").values_list("verb", flat=True)
    )
    assert verbs == ["customer.consent_given", "customer.consent_withdrawn"]


@pytest.mark.capability("GOVN-01")
def test_a_changed_wording_is_asked_anew_and_an_old_page_agrees_to_nothing() -> None:
    account = make_account()
    client, customer_id = signed_in(account), customer_of(account)
    client.post(reverse("portal:consent", args=["alerts"]), {"version": "1"})
    consents.reword("alerts", title="News", words="Other words", by=SYSTEM, at=now())
    forget_all()

    stale = client.post(reverse("portal:consent", args=["alerts"]), {"version": "1"})
    assert stale.status_code == 422
    assert consents.given(customer_id)["alerts"].version == 1, "what was agreed keeps its version"
    client.post(reverse("portal:consent", args=["alerts"]), {"version": "2"})

    assert consents.given(customer_id)["alerts"].version == 2
    assert ConsentWording.objects.get().version == 2


def invited(customer: ResidentAccount, email: str) -> str:
    """The path of the mailed link."""
    signed_in(customer).post(reverse("portal:helpers"), {"name": "Hal Helper", "email": email})
    mail = Message.objects.get(template="account/helper")
    found = re.search(r"(/account/help/\S+)", mail.body_text)
    assert found is not None
    return found[1]


@pytest.mark.capability("ACCT-03")
def test_a_helper_acts_with_consent_both_names_are_kept_and_it_ends_at_once() -> None:
    sam, hal = make_account("Sam Resident"), make_account("Hal Helper", email="hal@example.org")
    path = invited(sam, "hal@example.org")
    client = signed_in(hal)
    assert not AccountLink.objects.filter(role="helper").exists(), "nothing is open before they say yes"
    client.post(path)
    assert "helping Sam Resident" in client.get(reverse("portal:account")).content.decode()

    base = "/report/fly-tipping"
    client.post(f"{base}/where", {"q": "mill", "choice": f"address:{HOME}"})
    client.post(f"{base}/details", {"size": "van", "asked": ["size"]})
    assert 'value="Sam Resident (Hal Helper)"' in client.get(f"{base}/contact").content.decode()
    go_to_check(client, email="hal@example.org")
    client.post(f"{base}/check")

    case = only_case()
    assert case.customer_id == customer_of(sam)
    opened = Entry.objects.get(verb="case.opened")
    assert (opened.actor_id, opened.customer_id) == (str(customer_of(hal)), customer_of(sam))
    for closed in ("preferences", "helpers", "my_data", "address", "verify"):
        assert client.get(reverse(f"portal:{closed}")).status_code == 404, closed

    invite = HelperInvite.objects.get()
    signed_in(sam).post(reverse("portal:helper_end", args=[invite.pk]))
    assert "Sam Resident" not in client.get(reverse("portal:account")).content.decode()
    assert client.get(reverse("portal:request", args=[case.reference])).status_code == 404


def test_an_invitation_is_for_the_address_it_went_to_and_works_once() -> None:
    sam, hal = make_account("Sam"), make_account("Hal", email="hal@example.org")
    path = invited(sam, "hal@example.org")

    mallory = signed_in(make_account("Mallory"))
    assert mallory.post(path).status_code == 422
    client = signed_in(hal)
    assert client.post(path).status_code == 302
    assert client.post(path).status_code == 410
    assert signed_in(sam).post(path[:-3] + "abc").status_code == 410
    with pytest.raises(NotFound):
        helpers.end(HelperInvite.objects.get().pk, customer_id=customer_of(hal), by=SYSTEM, at=now())


@pytest.mark.capability("ACCT-08")
def test_staff_open_an_account_and_the_customer_completes_it_with_the_code_they_were_given(client: Client) -> None:
    user = make_user(roles=(Role.ADVISER,))
    desk = Client()
    staff_in(desk, user)
    held = customers.create(customers.NewCustomer(name="Ola Counter"), by=SYSTEM, at=now())
    path = reverse("workspace:customer_account", args=[held.pk])
    page = desk.post(path, {"do": "open", "email": "ola@example.org"}).content.decode()
    found = re.search(r'govuk-panel__title">(\d{6})<', page)
    assert found is not None
    mail = Message.objects.get(template="account/desk")
    link = re.search(r"(/account/opened-for-you/\S+)", mail.body_text)
    assert link is not None
    assert found[1] not in mail.body_text, "the mail alone opens nothing"
    assert not ResidentAccount.objects.exists()

    assert client.post(link[1], {"code": "000000", "password": PASSWORD}).status_code == 422
    client.post(link[1], {"code": found[1], "password": PASSWORD})

    account = ResidentAccount.objects.get()
    assert (account.opened, account.opened_by) == ("desk", user.pk)
    assert customer_of(account) == held.pk
    manager = Client()
    staff_in(manager, make_user(roles=(Role.TEAM_MANAGER,)))
    assert "By staff" in manager.get(reverse("workspace:accounts_opened")).content.decode()


@pytest.mark.capability("ACCT-08")
def test_moving_in_opens_an_account_with_its_address_in_one_form(client: Client) -> None:
    page = client.get(reverse("portal:moving_in"), {"q": "12 mill"}).content.decode()
    assert f'value="{HOME}"' in page
    given = {"choice": HOME, "name": "Mo Mover", "email": "mo@example.org", "password": PASSWORD}
    assert client.post(reverse("portal:moving_in"), given)["Location"] == reverse("portal:code")
    client.post(reverse("portal:code"), {"code": code_mailed_to("mo@example.org")})

    account = ResidentAccount.objects.get()
    assert account.opened == "form"
    assert links.opened_by(account.pk, at=now())[0].uprn == HOME


def test_my_data_shows_what_is_held_and_who_looked_in_which_post_without_their_name(adviser: Actor) -> None:
    account = make_account("Sam Resident", email="sam@example.org")
    client = lives_at_home(account)
    ledger.looked(by=adviser, at=now(), customer_id=customer_of(account), page="customer.record", reason="call")

    page = client.get(reverse("portal:my_data")).content.decode()

    assert "12 Mill Lane" in page
    assert "sam@example.org" in page
    assert "Post " in page, "the post"
    assert "Person " not in page, "not the name"


def test_everything_is_downloaded_as_a_file_and_as_a_page() -> None:
    account = make_account("Sam Resident", email="sam@example.org")
    client = lives_at_home(account)
    go_to_check(client, email="sam@example.org")
    client.post("/report/fly-tipping/check")

    answer = client.get(reverse("portal:my_data_json"))

    assert "attachment" in answer["Content-Disposition"]
    found = json.loads(answer.content)
    assert found["record"]["name"] == "Sam Resident"
    assert [one["reference"] for one in found["requests"]] == [only_case().reference]
    assert PASSWORD not in answer.content.decode()
    assert "argon2" not in answer.content.decode()
    assert only_case().reference in client.get(reverse("portal:my_data_page")).content.decode()


@pytest.mark.capability("ACCT-03")
def test_each_type_of_account_gets_its_own_records_and_tiles(client: Client) -> None:
    register(client, email="pip@example.org", kind="parish", organisation="Mill Parish Council")
    client.post(reverse("portal:code"), {"code": code_mailed_to("pip@example.org")})
    page = client.get(reverse("portal:account")).content.decode()
    assert "Mill Parish Council" in page

    link = AccountLink.objects.get(role="parish")
    client.post(reverse("portal:acting"), {"link": str(link.pk)})

    assert "for Mill Parish Council" in client.get(reverse("portal:account")).content.decode()


def test_a_case_of_nobody_is_in_no_list() -> None:
    client = signed_in(make_account())
    assert not Case.objects.exists()
    assert "You have not asked us for anything yet" in client.get(reverse("portal:requests")).content.decode()


@pytest.mark.capability("GOVN-02")
def test_the_electoral_roll_is_evidence_only_while_they_agree_and_only_the_match_is_kept(adviser: Actor) -> None:
    account = make_account()
    customer_id, roll = customer_of(account), str(standard.ROLL)
    with pytest.raises(BadInput, match="Ask them first"):
        checking.staff_checked(customer_id, "address-seen", evidence=roll, by=adviser, at=now())
    assert level_of(account) == Level.EMAIL
    consents.give(customer_id, "electoral-roll", version=1, channel="counter", by=adviser, at=now())

    check = checking.staff_checked(customer_id, "address-seen", evidence=roll, by=adviser, at=now())

    assert level_of(account) == Level.ADDRESS
    assert check.evidence.isdecimal(), "which kind of evidence, and nothing of what it said"
