"""A whole council for a journey: the demo on a data directory of its own, its mailbox, and its officers."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

TOWNHALL = [str(Path(sys.executable).parent / "townhall")]
READY_SECONDS = 600  # a first start makes the database, the borough and its reports
# What pytest's own plugin sets for tests would point the server at the test database.
_OF_THE_TESTS = ("DATABASE_URL", "DATABASE_OWNER_URL", "TOWNHALL_TEST_APP_URL", "PYTEST_VERSION", "PYTEST_CURRENT_TEST")


# The other systems have not been up these weeks: what waits for them waits since now, as in the demo's own story.
_OLD_REPORTS = """
from datetime import timedelta
from uuid import uuid4
from django.db import transaction
from townhall.connectors.models import Delivery
from townhall.core.actors import PUBLIC
from townhall.core.time import now
from townhall.notifications.recipients import Recipient
from townhall.places import queries as places
from townhall.street.reporting import NewReport, report
from townhall.cases.models import Case
where = places.find(place, addresses_only=True)[0].place
for number in days:
    with transaction.atomic():
        made = report(NewReport(service_code=service, place=where, reporter=Recipient(name="Olive Longago", email=email), channel="web",
                                key=uuid4().hex, description="It has been there for weeks.", answers=answers),
                      by=PUBLIC, at=now() - timedelta(days=number))
        Delivery.objects.filter(case_id=made.case_id).update(queued_at=now(), next_attempt_at=now())
    print(made.reference)
"""
_PROBLEMS = """
from townhall.config import promises
from townhall.ledger import checks
for problem in [*promises.check(), *checks.check()]:
    print(problem)
"""
_SEND_LATER = """
from datetime import timedelta
from townhall.core.time import now
from townhall.notifications import sending
while sending.run(now() + timedelta(minutes=minutes)):
    pass
"""


@dataclass(frozen=True, kw_only=True)
class Council:
    url: str
    data: Path

    def run(self, *arguments: str) -> str:
        """A `townhall` command on this council; its output. Fails the journey when the command fails."""
        done = subprocess.run(
            [*TOWNHALL, "--data", str(self.data), *arguments],
            env={**_environment(), **self._places()},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"townhall {' '.join(arguments[:2])}: {done.stdout}\n{done.stderr[-4000:]}"
        return done.stdout

    def _places(self) -> dict[str, str]:
        """Where the running demo is, for the links in mails, and its mail server, which stands 25 ports beside it."""
        port = int(self.url.rpartition(":")[2])
        return {"PORT": str(port), "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port + 25)}

    def reported_days_ago(self, *days: int, service: str, answers: dict[str, str], place: str, email: str) -> list[str]:
        """Reports that came in so many days ago, one for each, made by the operation itself; their references.

        The worker rings whatever their clocks have run past.
        """
        return self._python(_OLD_REPORTS, days=days, service=service, answers=answers, place=place, email=email).split()

    def later(self, *, minutes: int) -> None:
        """What waits to be sent within so many minutes is sent now."""
        self._python(_SEND_LATER, minutes=minutes)

    def _python(self, code: str, **given: object) -> str:
        names = "".join(f"{name} = {value!r}\n" for name, value in given.items())
        return self.run("manage", "shell", "-v0", "-c", names + code).strip()

    def prove(self) -> None:
        """Every promise is kept or running, and the ledger is whole."""
        problems = self._python(_PROBLEMS)
        assert not problems, problems

    def mails_to(self, address: str, *, count: int, about: str = "", seconds: float = 90) -> list[EmailMessage]:
        """The mails that arrived for an address, the oldest first, once there are `count` of them. about: words in them."""
        deadline = time.monotonic() + seconds
        while True:
            found = [mail for mail in self._mails() if address in str(mail["To"]) and about in words_of(mail)]
            if len(found) >= count or time.monotonic() > deadline:
                assert len(found) == count, [str(mail["Subject"]) for mail in found]
                return found
            time.sleep(0.3)

    def _mails(self) -> Iterator[EmailMessage]:
        for path in sorted(self.data.glob("demo-mail/*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
            mail = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(mail, EmailMessage)
            yield mail


def an_address(name: str) -> str:
    """An email address that nobody had before, so that journeys can be walked again on a council that runs on."""
    return f"{name}.{secrets.token_hex(3)}@example.org"


def today() -> date:
    """By the council's clock."""
    return datetime.now(ZoneInfo("Europe/London")).date()


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage) -> str:
    """The personal link of a mail about a report."""
    words = words_of(mail).split()
    return next(word.rstrip(".)>") for word in words if "/r/" in word)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTS}


def _free_port() -> int:
    """One with room for the mail server and the stand-ins beside it, below those that the system gives to whoever calls."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        if all(_is_free(beside) for beside in (port, port + 25, port + 50)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def running(data: Path) -> Iterator[Council]:
    """Start the demo on a new data directory, and stop it afterwards."""
    port = _free_port()
    council = Council(url=f"http://localhost:{port}", data=data)
    output = (data / "demo.out").open("w")
    command = [*TOWNHALL, "--data", str(data), "demo", "--port", str(port)]
    process = subprocess.Popen(
        command, env=_environment(), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        _wait(process, council)
        yield council
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=120)
        output.close()


def _wait(process: subprocess.Popen[bytes], council: Council) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, _said(council)
        if _is_ready(council.url):
            return
        time.sleep(0.5)
    raise AssertionError("The demo was not ready in time.\n" + _said(council))


def _said(council: Council) -> str:
    """What the demo said last, on the terminal and in its log."""
    files = [council.data / name for name in ("demo.out", "townhall.log")]
    return "\n".join(file.read_text()[-4000:] for file in files if file.exists())


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(json.load(answer)["ready"])
    except (OSError, ValueError, urllib.error.URLError):
        return False
