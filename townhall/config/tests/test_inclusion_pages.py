"""Needs at work as staff and customers meet them: scenario 11, interpreters, sign-language video, other formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from townhall.accounts.models import PostHolder, Role, User
from townhall.accounts.tests.makers import make_post, make_team, make_user, sign_in
from townhall.connectors.standins import Standin
from townhall.contacts.models import Contact
from townhall.contacts.seeds import seed_reference_data as seed_contacts
from townhall.core.actors import SYSTEM
from townhall.core.subjects import Subject
from townhall.core.time import now
from townhall.customers.models import AccessNeed
from townhall.documents.operations import keep_document
from townhall.inclusion.models import FormatRequest, InterpreterBooking, InterpreterCall, Relay, Version
from townhall.inclusion.tests.makers import make_adviser, make_dana, served
from townhall.ledger.models import Look
from townhall.notifications import letters, needs
from townhall.notifications import operations as notifications
from townhall.notifications.models import Message
from townhall.notifications.recipients import Recipient
from townhall.places.models import Site
from townhall.registers import operations as registers
from townhall.registers.definition import read_folder
from townhall.registers.models import Row
from townhall.ui.paper import Sheet, as_page, standard_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency(transactional_db: None) -> Iterator[Standin]:
    yield from served()


def at_work(user_id: str | UUID) -> Client:
    client = Client()
    sign_in(client, User.objects.get(pk=user_id))
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def send(client: Client, path: str, data: dict[str, Any], *, status: int = 302) -> Any:
    answer = client.post(path, data)
    assert answer.status_code == status, (path, answer.status_code, answer.content.decode()[:3000])
    return answer


def conversation(client: Client, customer_id: Any = "") -> Contact:
    send(client, "/work/desk/contacts/new", {"customer": str(customer_id), "channel": "counter"})
    return Contact.objects.latest("started_at")


def hub(client: Client) -> None:
    Site.objects.create(code="hub", name="Hub")
    send(client, "/work/safety/station", {"site": "hub", "place": "Window 1"})


@pytest.mark.capability("INCL-01")
def test_needs_on_the_record_bring_up_sign_language_video_and_a_later_letter_comes_in_the_chosen_format(
    settings: Any, tmp_path: Path
) -> None:
    """Acceptance scenario 11."""
    settings.LETTER_PROVIDER, settings.DATA_DIR = "folder", tmp_path
    seed_contacts()
    adviser, manager = at_work(make_adviser(now()).id), at_work(make_user(roles=(Role.TEAM_MANAGER,)).pk)
    hub(adviser)
    video = {"kind": "bsl_vrs", "site": "hub", "link": "https://video.example.org/hub", "live_on": "2026-01-05"}
    assert (
        "https://"
        in send(manager, "/work/inclusion/channels", video | {"link": "http://x"}, status=422).content.decode()
    )
    send(manager, "/work/inclusion/channels", video)
    send(manager, "/work/inclusion/rooms", {"site": "hub", "name": "Room 2", "meets": ["wheelchair", "hearing_loop"]})
    send(manager, "/work/inclusion/rooms", {"site": "hub", "name": "Room 3", "meets": []})
    dana = make_dana(at=now())
    for need in ("bsl", "large_print", "no_internet", "wheelchair", "braille"):
        send(adviser, f"/work/customers/{dana.pk}/needs", {"need": need, "detail": "", "may_share": "yes"})
    contact = conversation(adviser, dana.pk)
    shown = page(adviser, f"/work/desk/contacts/{contact.pk}")
    for words in (
        "British Sign Language",
        "Start sign-language video",
        "Rooms here that suit them: Room 2",
        "Book a signer",
    ):
        assert words in shown, words
    assert shown.index("Start sign-language video") < shown.index("About a case we have")
    link = re.search(r'href="(/work/inclusion/video/[^"]+)"', shown)
    assert link is not None
    assert adviser.get(link[1])["Location"] == "https://video.example.org/hub"

    to = Recipient(name=dana.name, email="dana@example.org", customer_id=dana.pk)
    about = Subject(kind="test", id=uuid4())
    context = {"need": "x", "detail": "", "phone": "01632 960000", "link": "https://example.org"}
    made = notifications.send("inclusion/need_review", to=to, about=about, key="later", context=context, at=now())
    assert made is not None
    message = Message.objects.get(pk=made)
    assert message.channel == "letter"
    assert needs.of(dana.pk).large_print
    letters.Post().send(message)
    names = {path.name.removeprefix(message.id.hex) for path in (tmp_path / "letters").iterdir()}
    assert ".pdf" not in names
    assert 'class="large"' in (tmp_path / "letters" / f"{message.id.hex}.html").read_text()
    letter = keep_document(
        customer_id=dana.pk,
        kind="letter",
        title="Your bill",
        about=about,
        key="x",
        html="<p>x</p>",
        by=SYSTEM,
        at=now(),
    )
    assert FormatRequest.objects.get(document_id=letter.pk).format == "braille"
    assert AccessNeed.objects.filter(customer=dana, review_on__gt=now().date() + timedelta(days=360)).count() == 5


@pytest.mark.capability("INCL-02")
@pytest.mark.django_db(transaction=True)
def test_an_interpreter_joins_the_conversation_and_one_is_booked_for_a_visit(agency: Standin) -> None:
    seed_contacts()
    adviser = at_work(make_adviser(now()).id)
    dana = make_dana(at=now(), language="pl")
    contact = conversation(adviser, dana.pk)
    assert '<option value="pl" selected' in page(adviser, f"/work/desk/contacts/{contact.pk}")
    send(adviser, f"/work/desk/contacts/{contact.pk}/interpreter", {"language": "pl", "third": "01632 960500"})
    call = InterpreterCall.objects.get()
    assert agency.office.interpreters.calls[call.provider_id].third == "+441632960500"
    shown = page(adviser, f"/work/desk/contacts/{contact.pk}")
    assert "The interpreter is on the line" in shown
    assert "Dial 01632 960990" in shown
    send(adviser, f"/work/inclusion/calls/{call.pk}/end", {})
    assert "Cost: £0.95" in page(adviser, f"/work/inclusion/calls/{call.pk}")
    assert re.search(
        r"Polski</th>\s*<td[^>]*>1</td>\s*<td[^>]*>1</td>\s*<td[^>]*>1</td>", page(adviser, "/work/inclusion")
    )

    stranger = conversation(adviser)
    send(adviser, f"/work/desk/contacts/{stranger.pk}/interpreter", {"language": "", "third": ""})
    assert "Select a language" in page(adviser, f"/work/desk/contacts/{stranger.pk}")

    day = f"{now() + timedelta(days=4):%Y-%m-%d}"
    form = page(adviser, f"/work/inclusion/interpreters/new?customer={dana.pk}")
    assert "1 Mill Lane" in form
    for where in InterpreterBooking.Where.values:
        wanted = {
            "kind": "language",
            "language": "pl",
            "where": where,
            "place": "1 Mill Lane",
            "on": day,
            "time": "10:00",
        }
        agency.office.interpreters.free = 9
        send(adviser, "/work/inclusion/interpreters/new", {**wanted, "minutes": "60", "customer": str(dana.pk)})
    send(adviser, "/work/inclusion/interpreters/new", {**wanted, "language": "", "minutes": "5"}, status=422)
    assert set(InterpreterBooking.objects.values_list("where", "state")) == {
        (where, "booked") for where in InterpreterBooking.Where.values
    }
    first = InterpreterBooking.objects.first()
    assert first is not None
    send(adviser, f"/work/inclusion/interpreters/{first.pk}/cancellation", {})
    assert "Cancelled" in page(adviser, "/work/inclusion/interpreters")


@pytest.mark.capability("INCL-03")
def test_sign_language_video_and_text_relay_are_channels_by_site_and_old_lines_are_listed() -> None:
    seed_contacts()
    adviser, person = at_work(make_adviser(now()).id), make_user()
    post = make_post(team=make_team(code="customer-services"), role=Role.TEAM_MANAGER)
    PostHolder.objects.create(post=post, user=person, from_on=date(2020, 1, 1))
    manager = at_work(person.pk)
    hub(adviser)
    video = {"kind": "bsl_vrs", "site": "hub", "link": "https://video.example.org/hub", "live_on": "2026-01-05"}
    send(manager, "/work/inclusion/channels", video | {"promoted_on": "2026-02-01"})
    send(manager, "/work/inclusion/channels", {"kind": "relay_text", "site": "", "link": "", "live_on": "2026-01-05"})
    relay = Relay.objects.get(kind="bsl_vrs")
    adviser.get(f"/work/inclusion/video/{relay.pk}")
    for _number in range(2):
        send(adviser, "/work/desk/contacts/new", {"channel": "relay_text", "name": "Tess"})
    shown = page(adviser, "/work/inclusion")
    assert re.search(r"Sign-language video</th>\s*<td[^>]*>Hub</td>.*?1 February 2026</td>\s*<td[^>]*>1</td>", shown)
    assert re.search(r"Text relay</th>\s*<td[^>]*>Everywhere</td>.*?Not yet</td>\s*<td[^>]*>2</td>", shown)
    send(manager, f"/work/inclusion/channels/{relay.pk}/end", {})
    assert "Hub" not in page(adviser, "/work/inclusion").partition("Sign-language video and text relay</h2>")[2]

    registers.load(read_folder(), at=now())
    line = {"where": "Housing", "withdrawn_on": f"{now() + timedelta(days=90):%Y-%m-%d}", "replaced_by": "text_relay"}
    fields = {f"field-{name}": value for name, value in line.items()}
    send(manager, "/work/registers/textphone-lines/new", {"title": "01632 960700", **fields})
    row = Row.objects.get(register_id="textphone-lines")
    assert {one.due for one in row.actions.all()} == {"told", "gone"}
    assert "Text relay (18001)" in page(manager, "/work/registers/textphone-lines")


@pytest.mark.capability("INCL-04")
def test_a_translation_is_asked_for_finished_used_again_and_standard_lines_print() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    seed_contacts()
    adviser, manager = at_work(make_adviser(now()).id), at_work(make_user(roles=(Role.TEAM_MANAGER,)).pk)
    dana = make_dana(at=now())
    asked = {"what": "leaflet", "title": "Your bins", "source": "LF-12", "format": "pl", "customer": str(dana.pk)}
    where = send(adviser, "/work/inclusion/requests", asked)["Location"]
    assert (
        "Say where it is to go"
        in send(adviser, "/work/inclusion/requests", asked | {"customer": ""}, status=422).content.decode()
    )
    assert "Your bins" in page(adviser, "/work/inclusion/requests")
    assert send(adviser, where, {"words": ""}, status=422)
    pdf = SimpleUploadedFile("bins-pl.pdf", b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")
    send(adviser, where, {"file": pdf, "words": "Twoje kosze"})
    assert "Ready to send" in " ".join(page(adviser, where).split()).replace("ready to send", "Ready to send")
    send(adviser, where, {"do": "sent"})
    again = send(adviser, "/work/inclusion/requests", asked | {"customer": "", "deliver_to": "Library desk"})[
        "Location"
    ]
    assert "Twoje kosze" in page(adviser, again)
    version = Version.objects.get()
    assert "Your bins" in page(adviser, "/work/inclusion/versions?q=bins")
    send(adviser, f"/work/inclusion/versions/{version.pk}/end", {})
    assert "Your bins" not in page(adviser, "/work/inclusion/versions")
    third = send(adviser, "/work/inclusion/requests", asked)["Location"]
    assert "Write why" in send(adviser, third, {"do": "declined"}, status=422).content.decode()
    send(adviser, third, {"do": "declined", "reason": "Read to them on the phone"})
    assert set(FormatRequest.objects.values_list("state", flat=True)) == {"sent", "ready", "declined"}
    assert Look.objects.filter(customer_id=dana.pk, page="format_request").exists()

    for place, (language, words) in enumerate((("pl", "Po polsku: 01632 960000"), ("ur", "اردو میں"))):
        line = {"language": language, "words": words, "is_printed": "yes", "position": str(place)}
        send(manager, "/work/inclusion/lines", line)
    printed = as_page(Sheet(title="A leaflet", body="<p>Words</p>", lines=standard_lines()))
    assert "Po polsku" in printed
    assert 'lang="ur" dir="rtl"' in printed
