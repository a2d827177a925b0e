"""What was uploaded is held until the scanner has seen it; what is infected is put away and never served."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from townhall.core import events
from townhall.core.actors import PUBLIC
from townhall.core.errors import WrongState
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.files import clamd, operations, queries, scanning
from townhall.files.events import FileHeld, FileInfected
from townhall.files.models import Scan, StoredFile
from townhall.files.tests.makers import picture, upload
from townhall.files.tests.scanner import MARK, _Scanner, scanner, unix_scanner
from townhall.files.tests.test_operations import AT, OFFICER

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
CLEAN_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
ILL_PDF = CLEAN_PDF.replace(b"<<>>", b"(" + MARK + b")")


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }


@pytest.fixture
def clam(settings: Any) -> Iterator[_Scanner]:
    with scanner() as server:
        settings.CLAMD_ADDRESS = server.address
        yield server


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    handlers = {FileInfected: [found.append], FileHeld: [found.append]}
    for kind, to in handlers.items():
        monkeypatch.setitem(events._handlers, kind, to)
    return found


def store(content: bytes = CLEAN_PDF, name: str = "letter.pdf") -> StoredFile:
    about = Subject(kind="draft", id=uuid7())
    return operations.store(upload(name, content), about=about, purpose="evidence", by=PUBLIC, at=AT)


def status(file: StoredFile) -> int:
    """As the one who has just uploaded it finds it."""
    return Client().get(queries.own_link(file.pk, thumbnail=False)).status_code


def test_a_clean_file_is_held_until_it_was_scanned(clam: _Scanner) -> None:
    file = store()
    assert status(file) == 409

    assert scanning.sweep(AT) == 1
    assert scanning.sweep(AT + MINUTE) == 0

    assert clam.scanned == [CLEAN_PDF]
    assert status(file) == 200


def test_an_infected_file_is_put_away_named_and_never_served_again(clam: _Scanner, heard: list[Any]) -> None:
    file = store(ILL_PDF, "Rechnung.pdf")

    assert scanning.sweep(AT) == 1

    now = StoredFile.objects.get()
    assert (now.scan, now.threat, now.next_scan_at) == (Scan.INFECTED, "Test.Made-Up", None)
    assert status(file) == 410
    assert not default_storage.exists(file.storage_name)
    assert default_storage.exists(now.storage_name)
    assert queries.infected([file.pk]) == {file.pk: "Rechnung.pdf"}
    assert [(one.name, one.threat) for one in heard] == [("Rechnung.pdf", "Test.Made-Up")]
    scanning.tidy(AT + timedelta(days=29))
    assert default_storage.exists(now.storage_name)
    scanning.tidy(AT + timedelta(days=31))
    assert not default_storage.exists(now.storage_name)


def test_a_held_photo_is_not_approved_and_not_shown_among_the_others(clam: _Scanner) -> None:
    case = uuid7()
    sent = upload("tip.jpg", picture())
    file = operations.store(sent, about=Subject(kind="case", id=case), purpose="before", by=PUBLIC, at=AT, case_id=case)

    with pytest.raises(WrongState, match="viruses"):
        operations.approve(file.pk, by=OFFICER, at=AT)
    scanning.sweep(AT)
    operations.approve(file.pk, by=OFFICER, at=AT)

    assert [one.id for one in queries.photos_of_cases([case], only_approved=True)[case]] == [file.pk]


@pytest.mark.parametrize("fault", ["down", "stream: Can't allocate memory ERROR", "nonsense"])
def test_without_an_answer_files_wait_are_tried_again_and_their_owner_is_told_once(
    fault: str, clam: _Scanner, settings: Any, heard: list[Any]
) -> None:
    there = settings.CLAMD_ADDRESS
    if fault == "down":
        with socket.create_server(("127.0.0.1", 0)) as free:
            settings.CLAMD_ADDRESS = f"127.0.0.1:{free.getsockname()[1]}"
    else:
        clam.says = fault.encode() + b"\0"
    file = store()
    assert [scanning.sweep(AT + minute * MINUTE) for minute in range(60)] == [0] * 60

    assert status(file) == 409
    assert StoredFile.objects.get().scan_attempts < 15, "each time it waits longer"
    assert [type(one) for one in heard] == [FileHeld]
    settings.CLAMD_ADDRESS, clam.says = there, b""
    scanning.sweep(AT + 90 * MINUTE)
    assert status(file) == 200


def test_without_a_scanner_files_are_served_as_before(settings: Any) -> None:
    settings.CLAMD_ADDRESS = ""
    file = store()

    assert scanning.sweep(AT) == 0
    assert status(file) == 200


def test_the_client_speaks_over_both_kinds_of_socket_and_says_when_it_may_not_be_clean(tmp_path: Path) -> None:
    with unix_scanner(tmp_path / "clamd.ctl") as address:
        assert clamd.scan(b"x" * 300_000, address=address) == ""
        assert clamd.scan(b"x" * 70_000 + MARK, address=address) == "Test.Made-Up"
        with pytest.raises(clamd.NoAnswer, match="size limit"):
            clamd.scan(b"x" * 3_000_000, address=address)
    for wrong in ("localhost", ":3310", "unix", "localhost:clamd"):
        with pytest.raises(clamd.BadAddress):
            clamd.scan(b"", address=wrong)


@pytest.mark.proof
def test_the_real_scanner_finds_what_its_signature_names(tmp_path: Path, settings: Any) -> None:
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("clamd is not installed (on Debian: apt-get install clamav-daemon)")
    signatures, path = tmp_path / "signatures", tmp_path / "clamd.ctl"
    signatures.mkdir(mode=0o755)
    (signatures / "ours.ndb").write_text(f"Test.Made-Up:0:*:{MARK.hex()}\n")
    config = tmp_path / "clamd.conf"
    config.write_text(f"Foreground yes\nLocalSocket {path}\nDatabaseDirectory {signatures}\nUser root\n")
    process = subprocess.Popen([program, "--config-file", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _try in range(100):
            if path.exists() or process.poll() is not None:
                break
            time.sleep(0.2)
        if not path.exists():
            pytest.skip("clamd is installed and does not start here")
        settings.CLAMD_ADDRESS = f"unix:{path}"
        ill, well = store(ILL_PDF), store()

        assert scanning.sweep(AT) == 2

        found: dict[UUID, tuple[str, str]] = {one.pk: (one.scan, one.threat) for one in StoredFile.objects.all()}
        assert found[well.pk] == ("clean", "")
        assert found[ill.pk][0] == "infected"
        assert "Test.Made-Up" in found[ill.pk][1]
        assert (status(ill), status(well)) == (410, 200)
    finally:
        process.terminate()
        process.wait(10)
