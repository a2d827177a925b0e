from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from townhall.notifications import sending
from townhall.notifications.models import Message
from townhall.notifications.operations import send
from townhall.notifications.recipients import Recipient
from townhall.notifications.states import State
from townhall.notifications.tests.makers import MONDAY, a_case, later
from townhall.ui import paper
from townhall.ui.tests.reading import Reading

pytestmark = pytest.mark.django_db(transaction=True)
WORDING = "Subject: Your code <for> the account\n\nDear Ann,\n\n## What to do\n\n- Type **482913**\n- Within a week"


@pytest.fixture
def tray(settings: Settings, tmp_path: Path) -> Path:
    settings.LETTER_PROVIDER, settings.DATA_DIR = "folder", tmp_path
    return tmp_path / "letters"


def _letter() -> Message:
    ann = Recipient(name="Ann Example", postal="1 Mill Lane, Aldermere, ZZ1 1AA", prefers="letter")
    send("check", to=ann, about=a_case(), key="letter", context={}, at=MONDAY, override=WORDING, channel="letter")
    return Message.objects.get(key="letter")


def test_a_letter_is_a_page_and_an_accessible_pdf_in_normal_and_large_print(tray: Path) -> None:
    if not paper.can_print():
        pytest.skip("no PDFs on this machine: WeasyPrint's libraries are missing")
    message = _letter()

    assert sending.run(MONDAY) == 1
    assert sending.run(later(3600)) == 0

    name = message.id.hex
    assert sorted(one.name for one in tray.iterdir()) == [f"{name}-large.pdf", f"{name}.html", f"{name}.pdf"]
    page = (tray / f"{name}.html").read_text()
    assert "Ann Example<br>1 Mill Lane<br>Aldermere<br>ZZ1 1AA" in page
    assert "<h1>Your code &lt;for&gt; the account</h1>" in page
    for file in (f"{name}.pdf", f"{name}-large.pdf"):
        found = Reading((tray / file).read_bytes())
        assert str(found.root.Lang) == "en-GB"
        assert found.headings == [1, 2]
        assert 'pdfuaid:part="1"' in found.metadata


def test_where_nothing_can_print_the_page_is_there_and_the_letter_is_sent(
    tray: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "can_print", lambda: False)
    message = _letter()

    assert sending.run(MONDAY) == 1

    message.refresh_from_db()
    assert message.state == State.SENT
    assert [one.name for one in tray.iterdir()] == [f"{message.id.hex}.html"]
