"""A benefit claim: accepted as it is sent, or verified and then decided by an officer with a reason (acceptance scenario 4)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from journeys.browsing import SMALL_PHONE, Resident, resident
from journeys.council import Council, an_address, words_of
from journeys.staff import Staff, at_case, to_case

# The draw by chance would now and then take the claim that is to be accepted: the journey's rules draw nobody.
_NO_DRAW = """
from msgspec.structs import replace
from townhall.benefits import publishing, queries, ruling
from townhall.core.actors import SYSTEM
from townhall.core.time import now
rules = queries.rules_of(queries.published(form))
if rules.sample_percent:
    text = ruling.write(replace(rules, sample_percent=0))
    publishing.save_draft(form, text, note="No checks by chance", by=SYSTEM, at=now())
    publishing.publish(form, by=SYSTEM, at=now())
"""
FORM = "housing-benefit-claim"


def answer(who: Resident, heading: str, **typed: str) -> None:
    """Fill in one page by the names of its fields, look at it, and go on."""
    who.look(heading)
    for name, value in typed.items():
        field = who.page.locator(f'[name="{name}"]').first
        if field.get_attribute("type") in ("radio", "checkbox"):
            who.page.locator(f'[name="{name}"][value="{value}"]').check()
        else:
            field.fill(value)
    who.press("Continue")


def claim(who: Resident, email: str, *, income: str, page: str, amount: dict[str, str]) -> str:
    """From the service's page to the confirmation; the reference."""
    who.open(f"/forms/{FORM}")
    who.look("Claim Housing Benefit")
    who.press("Start now")
    answer(who, "Which of these fits you?", reason="pension_age")
    home = {"address-line1": "2 Near Row", "address-town": "Aldermere", "address-postcode": "ZZ1 1AA"}
    who.look("What is your address?")
    who.page.get_by_text("Write the address by hand").click()
    answer(who, "What is your address?", **home)
    answer(who, "Who do you rent from?", landlord="council")
    answer(who, "How much is the rent a week?", rent="98.50")
    answer(who, "Do you live with a partner?", has_partner="no")
    answer(who, "Do children live with you?", has_children="no")
    answer(who, "Do other adults live with you?", has_adults="no")
    answer(who, "What do you, or your partner, live on?", income=income)
    answer(who, page, **amount)
    answer(who, "How much do you and your partner have in savings?", savings="small")
    answer(who, "Will any of this change in the next 13 weeks?", change_soon="no")
    you = {"who-name": "Pearl Renter", "national_insurance": "QQ 12 34 56 C", "email": email}
    answer(who, "About you", **you)
    who.look("Check your answers")
    who.press("Agree and send")
    who.look("We have what you sent")
    reference = re.search(r"TH-\w{4}-\w{4}", who.words())
    assert reference is not None
    return reference[0]


@pytest.mark.capability("FORM-07")
def test_a_low_claim_is_accepted_at_once_and_a_medium_one_by_an_officer(
    council: Council, browser: Browser, staff: Staff
) -> None:
    council._python(_NO_DRAW, form=FORM)
    low, medium = an_address("pearl"), an_address("sol")
    pearl = resident(browser, council.url, width=SMALL_PHONE)
    pearl.open("/how-we-decide/housing-benefit")
    pearl.look("How we decide about Housing Benefit")
    assert "What never counts" in pearl.words()
    amount = {"pension": "180"}
    accepted = claim(pearl, low, income="pension", page="How much is the pension a week?", amount=amount)
    pearl.follow("Follow what you sent")
    assert "Accepted" in pearl.words()
    (mail,) = council.mails_to(low, count=1, about="accepted your claim")
    assert "shows your pension" in " ".join(words_of(mail).split())

    sol = resident(browser, council.url, script=False)
    profit = {"profit": "600"}
    waiting = claim(sol, medium, income="self_employed", page="What is the profit a month?", amount=profit)
    officer = staff("Una Reckoner")
    to_case(officer, accepted)
    assert "Score 0, low" in officer.words()
    to_case(officer, waiting)
    assert "Check the profit from self-employment" in officer.words()
    officer.follow("How it was assessed")
    officer.look(f"How claim {waiting} was assessed")
    officer.page.get_by_label("Low").check()
    officer.press("Keep this decision")
    officer.look(f"How claim {waiting} was assessed")
    officer.page.get_by_label("Low").check()
    officer.page.get_by_label("Reason").fill("The accounts came with the last claim.")
    officer.press("Keep this decision")
    officer.look(f"How claim {waiting} was assessed")
    assert "Una Reckoner decided low in place of medium" in officer.words()
    officer.follow("Back")
    at_case(officer, waiting)
    assert "An officer decided: low" in officer.words()
    assert council.mails_to(medium, count=1, about="accepted your claim")

    officer.open("/work/benefits")
    officer.look("Benefit claims")
    assert "Decided otherwise by an officer" in officer.words()
