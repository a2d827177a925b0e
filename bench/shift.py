"""`make shift`: fifty advisers at ten times Harrow's call rate while things are killed, on a large council.

MINUTES=10 KILLS=8 SEED=1 CUSTOMERS=1000000 CONTACTS=10000000.

Every call is what an adviser does: look the caller up, open the record, start the conversation, wrap it up. A page that does not come is
asked for again, as a browser would. Afterwards every call that was wrapped up must be there once, as it was wrapped up. Exit status 1 when
one was lost or doubled, or a page took longer than it may. Times are of the pages as the advisers got them; those asked for while
something was down are counted apart.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psutil

from bench import council as councils
from bench import home, wire
from bench.council import Council, say
from bench.data import Scale
from bench.tree import Tree
from bench.walking import CSRF, HOST
from bench.wire import Answer, Broken

CONTACTS = int(os.environ.get("CONTACTS", "10000000"))  # every tenth reports something
LARGE = Scale(
    customers=int(os.environ.get("CUSTOMERS", "1000000")), open=CONTACTS // 100, closed=CONTACTS // 10 - CONTACTS // 100
)
CALLS = CONTACTS - LARGE.open - LARGE.closed
MINUTES = float(os.environ.get("MINUTES", "10"))
KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("SEED", "1"))
ADVISERS = 50
RATE = 10 * 120_000 / (22 * 9 * 3600)  # calls a second: ten times 120,000 a month, in 22 days of nine hours
MOST = {"look-up": 100.0, "record": 150.0, "wrap-up": 150.0}  # p95 in ms
AFTER_KILL = 10.0  # seconds in which pages may be slow

_MAKE = """
from importlib import import_module
from django.conf import settings
from townhall.accounts import sessions
from townhall.accounts.models import PostHolder, User
from townhall.accounts.web import SESSION_KEY
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date, now
from townhall.workforce import training
from townhall.workforce.models import Module
held = PostHolder.objects.filter(post__code="{post}").first()
advisers = []
for number in range({count}):
    user, made = User.objects.get_or_create(
        email=f"bench-adviser{{number}}@example.org",
        defaults=dict(name=f"Adviser {{number}}", password=held.user.password, created_at=now()),
    )
    if made:
        PostHolder.objects.create(post=held.post, user=user, from_on=held.from_on)
    advisers.append(user.pk)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(sessions.start(user.pk, browser="", at=now(), by=SYSTEM).pk)
    session.create()
    print("cookie", settings.SESSION_COOKIE_NAME + "=" + session.session_key)
training.make_usual_modules(by=SYSTEM, at=now())
for module in Module.objects.filter(is_active=True):
    training.record_passes(module.pk, advisers, passed_on=council_date(now()), by=SYSTEM, at=now())
"""


@dataclass
class Shift:
    """What all advisers did together."""

    port: int
    people: list[tuple[str, str, str]]  # id, name, email
    stopping: threading.Event = field(default_factory=threading.Event)
    times: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # page → when asked for, seconds
    wrapped: list[str] = field(default_factory=list)  # the marker in the notes of each call that was ended
    begun: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, cookie: str, random: Random) -> None:
        browser = _Desk(self, cookie)
        time.sleep(random.uniform(0, ADVISERS / RATE))
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                self._call(browser, random)
            except AssertionError as error:
                with self.lock:
                    self.problems.append(str(error)[:300])
            self.stopping.wait(max(0.0, random.expovariate(RATE / ADVISERS) - (time.monotonic() - began)))

    def _call(self, browser: _Desk, random: Random) -> None:
        with self.lock:
            self.begun += 1
        key, name, email = random.choice(self.people)
        first, last = name.split(" ")
        typed = random.choice((email, name, f"{first} {last[:4]}"))
        browser.get("look-up", f"/work/customers?q={quote(typed)}")
        browser.get("record", f"/work/customers/{key}?reason=contact")
        asked = browser.get("start", f"/work/desk/contacts/new?customer={key}")
        conversation = browser.post(
            "start", f"/work/desk/contacts/new?customer={key}", _hidden(asked) | {"channel": "phone"}
        )
        browser.get("conversation", conversation)
        asked = browser.get("wrap-up", f"{conversation}/wrap-up")
        marker = f"Call {uuid4()}"
        answers = {
            "reason_code": "information",
            "outcome": "resolved",
            "avoidable": "no",
            "anything_else": "no",
            "notes": marker,
        }
        browser.post("wrap-up", f"{conversation}/wrap-up", _hidden(asked) | answers)
        with self.lock:
            self.wrapped.append(marker)


class _Desk:
    """One adviser's browser. It asks again until a page comes."""

    def __init__(self, shift: Shift, cookie: str) -> None:
        self._shift, self._cookie = shift, cookie
        self._client = wire.Client(shift.port, timeout=30)

    def get(self, page: str, path: str) -> Answer:
        answer = self._send(page, lambda: wire.get(path, host=HOST, Cookie=self._cookie))
        assert answer.status == 200, f"{path}: {answer.status}"
        return answer

    def post(self, page: str, path: str, fields: dict[str, str]) -> str:
        """Where the answer leads."""
        answer = self._send(page, lambda: wire.post_form(path, fields, host=HOST, Cookie=self._cookie))
        assert answer.status == 302, f"{path}: {answer.status} {_words(answer)}"
        return answer.header(b"location").decode()

    def _send(self, page: str, request: Callable[[], bytes]) -> Answer:
        for _attempt in range(300):
            began = time.time()
            try:
                answer = self._client.send(request())
            except Broken:
                problem = "no answer"
            else:
                if answer.status < 500:
                    with self._shift.lock:
                        self._shift.times.setdefault(page, []).append((began, time.time() - began))
                    return answer
                problem = str(answer.status)
                self._client.close()
            with self._shift.lock:
                self._shift.repeated[problem] += 1
            time.sleep(0.5)
        raise AssertionError(f"{page} never came")


_HIDDEN = re.compile(rb'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def _hidden(answer: Answer) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in _HIDDEN.findall(answer.body)}


def _words(answer: Answer) -> str:
    found = re.search(rb"govuk-error-summary.*?</ul>", answer.body, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[0].decode()) if found else ""


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    council = councils.ready(LARGE, name="large", calls=CALLS)
    made = _MAKE.format(post="customer-services-adviser", count=ADVISERS)
    said = home.must(council.folder, "manage", "shell", "--no-imports", "-c", made, **council.env)
    cookies = [
        f"{line.removeprefix('cookie ')}; csrftoken={CSRF}" for line in said.splitlines() if line.startswith("cookie ")
    ]
    with council.connect("townhall_admin") as admin:
        people = admin.execute(
            "SELECT c.id::text, c.name, p.value FROM customers_customer c TABLESAMPLE SYSTEM (2) REPEATABLE (1) "
            "JOIN customers_contactpoint p ON p.customer_id = c.id AND p.kind = 'email' WHERE c.name LIKE '% %' "
            "AND c.name NOT LIKE '% % %' ORDER BY md5(c.id::text) LIMIT 5000"
        ).fetchall()
        counted = admin.execute(
            "SELECT (SELECT count(*) FROM customers_customer), (SELECT count(*) FROM contacts_contact)"
        )
        sizes: Any = counted.fetchone()
    say(f"{sizes[0]:,} customers, {sizes[1]:,} contacts")
    home.must(council.folder, "postgres", "stop")
    sink = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", council.env["EMAIL_PORT"], str(council.folder / "mails.txt")],
        cwd=home.ROOT,
    )
    tree = Tree(council.folder, port=council.port, env=council.env)
    try:
        tree.wait_until_ready()
        return _run(council, tree, people, cookies)
    finally:
        tree.stop()
        sink.terminate()
        sink.wait()


def _run(council: Council, tree: Tree, people: list[tuple[str, str, str]], cookies: list[str]) -> int:
    random = Random(SEED)
    shift = Shift(council.port, people)
    threads = [
        threading.Thread(target=shift.work, args=[cookie, Random(SEED * 1000 + number)])
        for number, cookie in enumerate(cookies)
    ]
    began = time.time()
    for thread in threads:
        thread.start()
    kills = _kill(tree, random, until=began + MINUTES * 60)
    shift.stopping.set()
    for thread in threads:
        thread.join()
    return _report(council, shift, kills, seconds=time.time() - began)


def _kill(tree: Tree, random: Random, *, until: float) -> list[tuple[float, str]]:
    """Something is killed every so often; when and what."""
    kinds: dict[str, Callable[[], psutil.Process | None]] = {
        "web process": lambda: _one(tree.web_workers(), random),
        "worker": tree.worker,
        "PostgreSQL backend": lambda: _one(tree.backends(), random),
        "PostgreSQL": tree.postmaster,
        "web master": tree.web_main,
    }
    kills: list[tuple[float, str]] = []
    pause = (until - time.time()) / (KILLS + 1)
    for number in range(KILLS):
        time.sleep(pause)
        name = list(kinds)[number % len(kinds)]
        if (victim := kinds[name]()) is not None:
            victim.kill()
            kills.append((time.time(), name))
            say(f"  killed: {name}")
    time.sleep(max(0.0, until - time.time()))
    return kills


def _one(processes: list[psutil.Process], random: Random) -> psutil.Process | None:
    return random.choice(processes) if processes else None


def _report(council: Council, shift: Shift, kills: list[tuple[float, str]], *, seconds: float) -> int:
    with council.connect() as connection:
        rows = connection.execute(
            "SELECT notes, count(*), count(*) FILTER (WHERE ended_at IS NOT NULL AND outcome = 'resolved') FROM contacts_contact "
            "WHERE notes LIKE 'Call %%' AND started_at > now() - make_interval(secs => %s) GROUP BY notes",
            (seconds + 60,),
        ).fetchall()
        ledgered = connection.execute(
            "SELECT count(*), count(DISTINCT subject_id) FROM ledger_entry WHERE verb = 'contact.wrapped_up' "
            "AND at > now() - make_interval(secs => %s)",
            (seconds + 60,),
        ).fetchone()
    there = {notes: (many, whole) for notes, many, whole in rows}
    lost = [one for one in shift.wrapped if there.get(one, (0, 0))[1] == 0]
    doubled = [one for one, (many, _whole) in there.items() if many > 1]
    assert ledgered is not None
    twice = ledgered[0] - ledgered[1]
    print(
        f"{ADVISERS} advisers for {seconds / 60:.1f} minutes: {len(shift.wrapped)} calls wrapped up ({len(shift.wrapped) / seconds:.2f}/s)"
    )
    print(f"killed: {json.dumps(Counter(name for _at, name in kills))}; asked again: {json.dumps(shift.repeated)}")
    failed = [*shift.problems[:5]]
    for page, times in shift.times.items():
        line, is_slow = _measured(page, times, [at for at, _name in kills])
        print(line)
        failed += [f"{page} took too long"] if is_slow else []
    print(f"calls lost {len(lost)}, doubled {len(doubled)}, wrapped up twice in the ledger {twice}")
    failed += [f"lost: {one}" for one in lost[:5]] + [f"doubled: {one}" for one in doubled[:5]]
    print("\n".join(["FAILED", *failed]) if failed or twice else "Nothing was lost or doubled.")
    return 1 if failed or twice or not shift.wrapped else 0


def _measured(page: str, times: list[tuple[float, float]], kills: list[float]) -> tuple[str, bool]:
    """A line of the table, and whether the page took longer than it may while nothing was down."""

    def is_disturbed(at: float, took: float) -> bool:
        return any(at + took >= kill and at < kill + AFTER_KILL for kill in kills)

    def p95(seconds: list[float]) -> float:
        return sorted(seconds)[int(len(seconds) * 0.95)] * 1000 if seconds else 0.0

    quiet = [took for at, took in times if not is_disturbed(at, took)]
    most = MOST.get(page)
    is_slow = most is not None and (not quiet or p95(quiet) > most)
    verdict = "" if most is None else f"  over {most:.0f} ms" if is_slow else "  reached"
    with_kills = p95([took for _at, took in times])
    return f"{page:<14} {len(times):6}  p95 {p95(quiet):6.1f} ms  with kills {with_kills:7.1f} ms{verdict}", is_slow


if __name__ == "__main__":
    sys.exit(main())
