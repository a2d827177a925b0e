"""An adviser's shift of ten varied calls: from look-up to wrap-up every one is taken by keyboard alone.

What happens at the other end (the phone platform rings, a card is held to the terminal, the line breaks) is done there; the adviser only
presses keys.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from journeys import keyboard
from journeys.browsing import Resident, resident
from journeys.council import Council
from journeys.shift import Caller, Callers, callers
from journeys.staff import Staff, heading_of, said
from journeys.test_telephones import platform

AGENT = "2041"
AMINA = "Amina Larkspur"
SIGNER, WARNED = "Dana Handsworth", "Victor Placeholder"


@pytest.fixture(scope="module")
def today(council: Council) -> Callers:
    return callers(council, "Nell", "Otto", "Pia")


@pytest.fixture
def amina(staff: Staff) -> Resident:
    who = staff(AMINA)
    who.open("/work/customers")
    who.look("Look up")
    return who


def find(who: Resident, words: str, name: str) -> None:
    """Look somebody up as one types, and go on to them with the arrow."""
    who.page.keyboard.press("/")
    who.page.keyboard.insert_text(words)
    found = who.page.locator("[data-found]").get_by_role("link", name=name).first
    found.wait_for()
    who.page.keyboard.press("ArrowDown")
    keyboard.reach(who, found)
    keyboard.submit(who)


def begin(who: Resident, name: str) -> None:
    """They are known and ring: two keys lead from the look-up's answer into the conversation."""
    find(who, name, name)
    who.page.get_by_role("heading", level=1).wait_for()
    keyboard.shortcut(who, "t")
    who.look(name)


def begin_by(who: Resident, name: str, channel: str) -> None:
    """They are known and got in touch another way than by phone."""
    find(who, name, name)
    keyboard.enter(who, "link", "They got in touch another way")
    who.look(f"Start a conversation with {name}")
    keyboard.choose(who, "How did they get in touch?", channel)
    keyboard.enter(who, "button", "Start")
    who.look(name)
    assert channel in who.words()


def somebody(who: Resident, *, name: str) -> None:
    """Somebody whom nobody knows yet."""
    keyboard.shortcut(who, "n")
    who.look("Start a conversation")
    keyboard.type_into(who, "Name as given", name)
    keyboard.enter(who, "button", "Start")
    who.look(name)


def as_it_stands(who: Resident, *, key: str = "d") -> None:
    """Nothing unusual: two key presses end the conversation, wherever the focus is, and are shown on the page."""
    shown = who.page.locator(".desk-keys").inner_text()
    assert f"g {key} " in shown, shown
    keyboard.shortcut(who, key)
    if key == "d":
        said(who, "The conversation is wrapped up.")
        who.look("Look up")
    else:
        said(who, "This is the further conversation: what else can we do?")


def wrap_up(who: Resident, *, reason: str, outcome: str, notes: str = "") -> None:
    """Something was unusual: the questions are answered."""
    keyboard.shortcut(who, "w")
    who.look("Wrap up")
    answer_wrap_up(who, reason=reason, outcome=outcome, notes=notes)


def answer_wrap_up(who: Resident, *, reason: str, outcome: str, notes: str = "") -> None:
    keyboard.pick_in(who, "Why did they get in touch?", reason)
    keyboard.pick_in(who, "How did it end?", outcome)
    keyboard.pick_in(who, "Could this contact have been avoided?", "No")
    if notes:
        keyboard.type_into(who, "Notes (optional)", notes)
    keyboard.pick_in(who, "Is there anything else we can do?", "No, that was all")
    keyboard.enter(who, "button", "Wrap up")
    said(who, "The conversation is wrapped up.")
    who.look("Look up")


def send_report(who: Resident, service: str, place: str) -> str:
    """The place, the name and the address are there or typed; the reference."""
    if not who.page.locator("input[name=choice]").count():
        keyboard.type_into(who, "Postcode, ", place)
        keyboard.enter(who, "button", "Find place")
        who.look(service)
    keyboard.pick(who, who.page.locator("input[name=choice]").first)
    keyboard.enter(who, "button", "Send the report")
    who.page.wait_for_load_state()
    if who.page.get_by_role("heading", name="Say this before you send it").is_visible():
        who.look(service)
        keyboard.reach(who, who.page.locator("button[name=checked]"))
        keyboard.submit(who)
    said(who, "Reported. The reference is")
    return who.page.locator(".desk-done .desk-ref").first.inner_text()


def answer(who: Resident, question: str, given: str) -> None:
    """A step of the script beside the form."""
    step = who.page.locator(".desk-script__now").get_by_role("group", name=question)
    keyboard.pick(who, step.get_by_label(given, exact=True))
    keyboard.enter(who, "button", "Next step")
    who.page.wait_for_load_state()


def a_bin_by_script(council: Council, amina: Resident, nell: Caller) -> str:
    """1. The call opens its record by itself; a script with branches fills in the report; two keys wrap it up. The reference."""
    call = platform(council, "calls", agent=AGENT, number=nell.phone, queue="housing")["call"]
    amina.page.get_by_role("heading", name=nell.name, level=1).wait_for()
    amina.look(nell.name)
    platform(council, f"calls/{call}", event="answered", agent=AGENT)
    keyboard.shortcut(amina, "t")
    amina.look(nell.name)
    platform(council, f"calls/{call}", event="ended", agent=AGENT, handling=30)
    amina.page.keyboard.press("?")
    amina.page.get_by_role("dialog", name="Keyboard shortcuts").get_by_text("Have them called back").wait_for()
    amina.page.keyboard.press("Escape")
    keyboard.shortcut(amina, "r")
    amina.look("What is it about?")
    amina.page.keyboard.type("bin not emptied")
    keyboard.submit(amina)
    keyboard.enter(amina, "link", "Missed")
    heading = heading_of(amina)
    keyboard.enter(amina, "button", "Begin: A bin was not emptied")
    amina.look(heading)
    answer(amina, "Which collection was missed?", "Recycling")
    answer(amina, "Was it out by six in the morning?", "Yes")
    answer(amina, "Were cars or roadworks in the way?", "No")
    answer(amina, "Were the neighbours' bins emptied?", "No")
    amina.page.get_by_text("The whole street was missed").wait_for()
    keyboard.enter(amina, "button", "Next step")
    amina.page.get_by_text("Take the report.").first.wait_for()
    amina.look(heading)
    reference = send_report(amina, heading, "4 mill lane")
    amina.look(nell.name)
    as_it_stands(amina)
    return reference


def graffiti_from_knowledge(amina: Resident, otto: Caller) -> None:
    """2. Knowledge leads to the form, and there is something else: the next conversation with them is open."""
    begin(amina, otto.name)
    keyboard.shortcut(amina, "h")
    amina.look("Knowledge")
    amina.page.keyboard.press("/")
    amina.page.keyboard.type("spray paint")
    keyboard.submit(amina)
    amina.look("Knowledge")
    keyboard.enter(amina, "link", "Who cleans off graffiti")
    amina.look("Who cleans off graffiti")
    keyboard.enter(amina, "link", f"Fill it in for {otto.name}")
    amina.look("Graffiti")
    keyboard.pick_in(amina, "What is the graffiti on?", "A council building")
    keyboard.pick_in(amina, "Is it racist, sexual or aimed at a person?", "No")
    send_report(amina, "Graffiti", "4 mill lane")
    as_it_stands(amina, key="a")
    amina.look(otto.name)
    assert "after an earlier conversation" in amina.words()


def a_call_back(amina: Resident, otto: Caller) -> None:
    """3. In a conversation that is open: a call back is promised, and that is all."""
    keyboard.shortcut(amina, "b")
    amina.look("Take a message")
    number = amina.page.get_by_label("Number to call back").input_value()
    assert number.replace(" ", "") == otto.phone.replace(" ", "")
    keyboard.type_into(amina, "What it is about", "The bill for the skip, after two.")
    keyboard.choose(amina, "Who calls them back", "Waste collection: Waste officer")
    keyboard.enter(amina, "button", "Have them called back")
    said(amina, "They will be called back.")
    amina.look(otto.name)
    assert "They will be called back by" in amina.words()
    as_it_stands(amina)


def a_chaser(amina: Resident, nell: Caller, reference: str) -> None:
    """4. Found by the reference of an open case; asking for progress is a chaser of the case there is."""
    find(amina, reference, "Whoever reported it")
    amina.look(nell.name)
    keyboard.shortcut(amina, "t")
    amina.look(nell.name)
    keyboard.jump(amina, "k", amina.page.get_by_role("button", name="They ask for progress").first)
    keyboard.submit(amina)
    said(amina, f"{reference} is marked as chased: once")
    as_it_stands(amina)


def somebody_who_signs(amina: Resident) -> None:
    """5. By video: what she needs comes before anything else, and a signer is booked from there."""
    begin_by(amina, SIGNER, "Sign-language video")
    assert amina.page.locator("main h2").first.inner_text() == "Before you go on"
    assert "British Sign Language" in amina.words()
    keyboard.enter(amina, "link", "Book a signer")
    amina.look("Book an interpreter")
    keyboard.shortcut(amina, "c")  # back, from a page that is not the desk's
    amina.look(SIGNER)
    wrap_up(amina, reason="Ask for information", outcome="Resolved", notes="Read the dates out by video.")


def a_marker_and_a_move(amina: Resident) -> None:
    """6. A marker shows before anything else; they moved."""
    begin(amina, WARNED)
    amina.page.locator(".ws-flag").first.wait_for()
    conversation = amina.page.url
    house = "20 Mill Lane" if "22 Mill Lane" in amina.words() else "22 Mill Lane"  # where they do not live yet
    keyboard.shortcut(amina, "p")
    amina.look(WARNED)
    keyboard.shortcut(amina, "m")
    amina.look("Add an address")
    keyboard.type_into(amina, "Postcode, or house and street", house)
    keyboard.enter(amina, "button", "Find address")
    amina.look("Add an address")
    keyboard.pick(amina, amina.page.locator("input[name=choice]").first)
    keyboard.tick(amina, "They moved")
    keyboard.enter(amina, "button", "Save")
    amina.look(WARNED)
    assert house in amina.words()
    keyboard.shortcut(amina, "c")
    assert amina.page.url == conversation
    wrap_up(amina, reason="Tell us about a change", outcome="Resolved")


def a_payment(council: Council, browser: Browser, amina: Resident, nell: Caller, bill: str) -> None:
    """7. At the window: the card is held to the terminal, and two keys end it."""
    begin_by(amina, nell.name, "Face to face")
    keyboard.shortcut(amina, "m")
    amina.look("Take a card payment")
    keyboard.choose(amina, "Customer service centre", "Aldermere Customer Centre")
    keyboard.type_into(amina, "Reference on the bill", bill)
    keyboard.enter(amina, "button", "Find")
    amina.look("Take a card payment")
    keyboard.enter(amina, "link", bill)
    amina.look("Send to the card terminal")
    keyboard.enter(amina, "button", "Send £85.00 to the terminal")
    amina.look("The terminal shows £85.00")
    card = resident(browser, council.url)
    card.open(amina.page.get_by_role("link", name="Open the terminal").get_attribute("href") or "")
    card.press("Pay £85.00")
    keyboard.enter(amina, "button", "Check how it went")
    amina.look("Paid")
    keyboard.shortcut(amina, "c")
    amina.look(nell.name)
    assert "Paid here: £85.00" in amina.words()
    as_it_stands(amina)


def an_abusive_call(amina: Resident) -> None:
    """8. A caller who threatens: the words of warning, the call ended in one press, and the short report."""
    somebody(amina, name="A loud caller")
    keyboard.jump(amina, "x", amina.page.locator("#abusive"))
    amina.page.get_by_text("I cannot go on while you speak to me like this").wait_for()
    amina.look("A loud caller")
    keyboard.enter(amina, "button", "Warned, and the call ended")
    said(amina, "The call is ended, and the warning is on record.")
    amina.look("Report an incident")
    assert amina.page.get_by_label("Shouting, insults or abuse").is_checked()
    keyboard.type_into(amina, "What happened?", "Shouted and swore after the warning.")
    keyboard.pick_in(amina, "Was anybody hurt?", "Nobody was hurt")
    keyboard.enter(amina, "button", "Send the report")
    amina.look("The report is sent")


def handed_on(amina: Resident) -> None:
    """9. The back office is rung with its reason, and it goes on there."""
    somebody(amina, name="Rosa Handon")
    keyboard.shortcut(amina, "o")
    amina.look("Ring the back office")
    keyboard.choose(amina, "Service", "Pothole")
    keyboard.type_into(amina, "Why you need to ring", "The crew stands at the wrong end of the street.")
    keyboard.pick_in(amina, "Is it inside the agreed process?", "Yes, the process provides for this call")
    keyboard.enter(amina, "button", "Go on")
    said(amina, "You may ring.")
    amina.look("Ring the back office")
    keyboard.type_into(amina, "Who you spoke with", "Dev Kerbstone")
    keyboard.type_into(amina, "What came of it", "He sends them to the other end and rings her.")
    keyboard.enter(amina, "button", "Keep the call")
    said(amina, "The call is kept.")
    keyboard.shortcut(amina, "c")
    amina.look("Rosa Handon")
    wrap_up(amina, reason="Something else", outcome="Referred")


def the_line_breaks(amina: Resident, pia: Caller) -> None:
    """10. In the middle of the notes, and then the browser closes: what was typed is there again."""
    begin(amina, pia.name)
    keyboard.shortcut(amina, "w")
    amina.look("Wrap up")
    says = amina.page.locator("[data-kept-says]")
    keyboard.type_into(amina, "Notes (optional)", "She rings again on Tuesday")
    expect(says).to_have_text("Kept", timeout=20_000)
    amina.page.context.set_offline(True)
    amina.page.keyboard.type(" after four")
    expect(says).to_contain_text("no connection", timeout=20_000)
    amina.page.context.set_offline(False)
    expect(says).to_have_text("Kept", timeout=30_000)
    refused = [one for one in amina.complaints if "ERR_INTERNET_DISCONNECTED" not in one]
    assert not refused, refused
    amina.complaints.clear()  # the browser says that it was offline
    here = amina.page.url
    amina.page.goto("about:blank")
    amina.open(here)
    amina.look("Wrap up")
    expect(amina.page.get_by_label("Notes (optional)")).to_have_value("She rings again on Tuesday after four")
    answer_wrap_up(amina, reason="Ask for information", outcome="Resolved")


@pytest.mark.capability("CHAN-04")
def test_the_morning(council: Council, amina: Resident, today: Callers) -> None:
    nell, otto, _pia = today.people
    reference = a_bin_by_script(council, amina, nell)
    graffiti_from_knowledge(amina, otto)
    a_call_back(amina, otto)
    a_chaser(amina, nell, reference)
    somebody_who_signs(amina)


def test_the_afternoon(council: Council, browser: Browser, amina: Resident, today: Callers) -> None:
    nell, _otto, pia = today.people
    a_marker_and_a_move(amina)
    a_payment(council, browser, amina, nell, today.bill)
    an_abusive_call(amina)
    handed_on(amina)
    the_line_breaks(amina, pia)
