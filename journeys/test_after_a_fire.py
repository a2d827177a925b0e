"""Acceptance scenario 2, without the reception steps: after a fire one adviser sees what the family agreed to share, and nothing else.

Each follow-on has an owner.
"""

from __future__ import annotations

import secrets

from playwright.sync_api import Browser

from journeys.browsing import PHONE, Resident, resident
from journeys.council import Council, an_address
from journeys.staff import Staff, said
from journeys.test_account import open_account

SHARED = {
    "housing-repair": "Smoke damage in the kitchen.",
    "housing-benefit-claim": "Claims housing benefit since May.",
    "school-place": "Two children at Mill School.",
}
KEPT = {"parking-permit": "Wants a permit for a second car."}
OWN = SHARED["housing-repair"]  # told to the adviser's own service
FOLLOW_ONS = {
    "Housing officer": "A home for tonight, and the way back.",
    "Revenues officer": "Benefit for both homes.",
    "School admissions officer": "The way to school from the other home.",
}
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_SAID = """
from townhall.accounts.models import User
from townhall.accounts.queries import actor_for
from townhall.contacts import operations as contacts
from townhall.contacts.operations import Given, WrapUp
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.customers import operations as customers
from townhall.customers.models import Customer
from townhall.customers.operations import NewCustomer
by = actor_for(User.objects.get(name="Amina Larkspur"), at=now())
for name in names:
    customer = Customer.objects.filter(name=name).first()
    customer = customer or customers.create(NewCustomer(name=name), by=SYSTEM, at=now())
    for service, notes in told.items():
        contact = contacts.start(channel="phone", by=by, at=now(), given=Given(name=name), customer_id=customer.pk)
        contacts.wrap_up(contact.pk, WrapUp(reason_code="information", outcome="resolved", avoidable=False, anything_else=False,
                                            notes=f"{name}: {notes}", service_code=service), by=by, at=now())
"""


def record(who: Resident, name: str) -> str:
    """Their record, for a conversation; its words."""
    who.open(f"/work/customers?q={name.replace(' ', '+')}")
    who.look("Look up")
    who.follow(name)
    who.open(who.page.url.partition("?")[0] + "?reason=contact")
    who.look(name)
    return who.words()


def seen(who: Resident, name: str) -> list[str]:
    """Which of what was told of them stands on their record for `who`."""
    shown = record(who, name)
    return [words for words in (SHARED | KEPT).values() if f"{name}: {words}" in shown]


def agree(who: Resident, *, withdraw: bool = False) -> None:
    """To one purpose of their account, or no longer."""
    who.open("/account/preferences")
    who.look("Preferences")
    who.go(who.page.locator("form[action$='/share-family']").get_by_role("button"))
    who.look("Preferences")
    assert ("You have taken it back." if withdraw else "Thank you. That holds from now on.") in who.words()


def follow_on(who: Resident, *, owner: str, about: str) -> None:
    """Somebody by name of their post calls them back, from the conversation."""
    who.follow("Have them called back")
    who.look("Take a message")
    who.page.get_by_label("Number to call back").fill("07700 900555")
    who.page.get_by_label("What it is about").fill(about)
    choice = who.page.get_by_label("Who calls them back").locator("option", has_text=owner).first
    who.page.get_by_label("Who calls them back").select_option(choice.get_attribute("value"))
    who.press("Have them called back")
    said(who, "They will be called back.")


def test_a_family_after_a_fire(council: Council, browser: Browser, staff: Staff) -> None:
    surname = secrets.token_hex(4).translate(_LETTERS).title()
    mother, lodger = f"Meera {surname}", f"Lorcan {surname}"
    meera = resident(browser, council.url, width=PHONE)
    open_account(meera, council, name=mother, email=an_address("meera"))
    council._python(_SAID, names=[mother, lodger], told=SHARED | KEPT)

    # Before anybody agreed, the adviser of housing sees what housing was told.
    bridie = staff("Bridie Hearthstone")
    assert seen(bridie, mother) == [OWN]
    assert "Held elsewhere: School place" in bridie.words()

    # The family agrees, on the mother's phone, for housing, benefits and school.
    agree(meera)
    assert seen(bridie, mother) == list(SHARED.values())
    assert "Held elsewhere: Parking permit for residents" in bridie.words()
    assert seen(bridie, lodger) == [OWN]  # who did not agree

    # One conversation; each follow-on is promised, and is somebody's.
    record(bridie, mother)
    bridie.press("They are on the phone")
    bridie.look(mother)
    for owner, about in FOLLOW_ONS.items():
        follow_on(bridie, owner=owner, about=about)
    bridie.look(mother)
    for owner in FOLLOW_ONS:
        assert f"by {owner}." in bridie.words(), bridie.words()
    bridie.press("Wrap up as it stands")
    said(bridie, "The conversation is wrapped up.")
    tilly = staff("Tilly Slateboard")
    tilly.open("/work/call-backs")
    tilly.look("Call-backs")
    assert mother in tilly.words()
    assert FOLLOW_ONS["School admissions officer"] in tilly.words()

    # Taken back, it holds at once.
    agree(meera, withdraw=True)
    assert seen(bridie, mother) == [OWN]
