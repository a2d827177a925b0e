"""`make shift`: fifty advisers at ten times Harrow's call rate while things are killed, on a large council.

MINUTES=10 KILLS=8 SEED=1 CUSTOMERS=1000000 CONTACTS=10000000 SETTLE=10.

Every call is what an adviser does: look the caller up, open the record, start the conversation, wrap it up. A page that does not come is
asked for again, as a browser would. Afterwards every call that was begun and wrapped up must be there once, as it was wrapped up. Exit
status 1 when one was lost or doubled, or a page took longer than it may. Times are of the pages as the advisers got them; those asked for
in the ten seconds after something was killed are counted apart. A council of each size is filled once and kept under BENCH_DATA.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
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
NAME = "large" if (LARGE.customers, CONTACTS) == (1_000_000, 10_000_000) else f"large-{LARGE.customers}-{CONTACTS}"
MINUTES = float(os.environ.get("MINUTES", "10"))
KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("SEED", "1"))
ADVISERS = 50
RATE = 10 * 120_000 / (22 * 9 * 3600)  # calls a second: ten times 120,000 a month, in 22 days of nine hours
MOST = {"look-up": 100.0, "record": 150.0, "wrap-up": 150.0}  # p95 in ms
AFTER_KILL = 10.0  # seconds in which pages may be slow
LETTERS = str.maketrans("0123456789", "ghijklmnop")  # digits might make the number of a card, which no note may hold
SETTLE = float(os.environ.get("SETTLE", "10"))  # minutes
QUIET, LOOKED_AT = 0.2, 10.0  # of a processor, seconds
MANY = 250_000  # customers of whom a sample is enough
LEAST_RATE = 0.85  # of the rate: the last calls end after the shift, and the first advisers begin one by one

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
    sizes: tuple[int, int] = (0, 0)  # customers, contacts
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
        marker = "Call " + uuid4().hex.translate(LETTERS)
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
    council = councils.ready(LARGE, name=NAME, calls=CALLS)
    made = _MAKE.format(post="customer-services-adviser", count=ADVISERS)
    said = home.must(council.folder, "manage", "shell", "--no-imports", "-c", made, **council.env)
    cookies = [
        f"{line.removeprefix('cookie ')}; csrftoken={CSRF}" for line in said.splitlines() if line.startswith("cookie ")
    ]
    with council.connect("townhall_admin") as admin:
        people = admin.execute(
            "SELECT c.id::text, c.name, p.value FROM customers_customer c TABLESAMPLE SYSTEM (%s) REPEATABLE (1) "
            "JOIN customers_contactpoint p ON p.customer_id = c.id AND p.kind = 'email' WHERE c.name LIKE '%% %%' "
            "AND c.name NOT LIKE '%% %% %%' ORDER BY md5(c.id::text) LIMIT 5000",
            (2 if LARGE.customers >= MANY else 100,),
        ).fetchall()
        counted = admin.execute(
            "SELECT (SELECT count(*) FROM customers_customer), (SELECT count(*) FROM contacts_contact)"
        )
        sizes = counted.fetchone()
    assert sizes is not None
    say(f"{sizes[0]:,} customers, {sizes[1]:,} contacts")
    home.must(council.folder, "postgres", "stop")
    sink = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", council.env["EMAIL_PORT"], str(council.folder / "mails.txt")],
        cwd=home.ROOT,
    )
    tree = Tree(council.folder, port=council.port, env=council.env)
    try:
        tree.wait_until_ready()
        _settle(tree)
        return _run(council, tree, Shift(council.port, people, sizes=(sizes[0], sizes[1])), cookies)
    finally:
        tree.stop()
        sink.terminate()
        sink.wait()


def _settle(tree: Tree) -> None:
    """Wait until the worker has done what fell due while nothing ran, such as the night's work; SETTLE minutes at most."""
    deadline = time.monotonic() + SETTLE * 60
    used = 1.0
    while used > QUIET and time.monotonic() < deadline:
        before = _used(tree)
        time.sleep(LOOKED_AT)
        used = sum(max(0.0, after - before.get(pid, 0.0)) for pid, after in _used(tree).items()) / LOOKED_AT
    say(f"the worker and the database use {used:.0%} of a processor: the shift begins")


def _used(tree: Tree) -> dict[int, float]:
    """Processor seconds so far of the worker and of each of the database's processes that serve us."""
    found = {}
    worker = tree.worker()
    for one in [*tree.backends(), *([worker] if worker else [])]:
        with suppress(psutil.Error):
            times = one.cpu_times()
            found[one.pid] = times.user + times.system
    return found


def _run(council: Council, tree: Tree, shift: Shift, cookies: list[str]) -> int:
    random = Random(SEED)
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
    return _report(council, shift, kills, began=began)


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


def _report(council: Council, shift: Shift, kills: list[tuple[float, str]], *, began: float) -> int:
    """Say it all at once, each figure with its limit; the exit status."""
    seconds = time.time() - began
    counts, failed = _counted(council, shift, began=began)
    failed += shift.problems[:5]
    loading = councils.seconds_to_fill(council)
    loaded = "" if loading is None else f", loaded in {loading / 60:.0f} minutes"
    print(f"council            {shift.sizes[0]:,} customers, {shift.sizes[1]:,} contacts{loaded}")
    each = len(shift.wrapped) / seconds
    print(f"advisers           {ADVISERS} for {seconds / 60:.1f} minutes")
    print(f"calls wrapped up   {len(shift.wrapped)}, {each:.2f} a second (ten times Harrow's rate: {RATE:.2f})")
    print(f"killed             {_listed(Counter(name for _at, name in kills))}")
    print(f"asked again        {_listed(shift.repeated)}")
    print(counts)
    print(f"{'page':<18} {'asked':>6} {'p50 ms':>8} {'p95 ms':>8} {'limit':>6}  {'p95 with kills':>14}")
    for page, times in shift.times.items():
        line, is_slow = _measured(page, times, [at for at, _name in kills])
        print(line)
        failed += [f"{page} took longer than it may"] if is_slow else []
    if each < RATE * LEAST_RATE:
        failed.append(f"only {each:.2f} calls a second")
    print(
        "\n".join(["FAILED", *failed])
        if failed
        else "PASSED: nothing was lost or doubled, and every page kept its limit."
    )
    return 1 if failed else 0


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"


def _counted(council: Council, shift: Shift, *, began: float) -> tuple[str, list[str]]:
    """What the database has of the shift's calls, and what is wrong with it."""
    since = (began,)
    with council.connect() as connection:
        rows = connection.execute(
            "SELECT notes, count(*), count(*) FILTER (WHERE ended_at IS NOT NULL AND outcome = 'resolved') FROM contacts_contact "
            "WHERE notes LIKE 'Call %%' AND started_at > to_timestamp(%s) GROUP BY notes",
            since,
        ).fetchall()
        ledgered = connection.execute(
            "SELECT count(*), count(DISTINCT subject_id) FROM ledger_entry WHERE verb = 'contact.wrapped_up' "
            "AND at > to_timestamp(%s)",
            since,
        ).fetchone()
        started = connection.execute(
            "SELECT count(*) FROM contacts_contact k JOIN accounts_user u ON u.id = k.adviser_id "
            "WHERE u.email LIKE 'bench-adviser%%' AND k.started_at > to_timestamp(%s)",
            since,
        ).fetchone()
    assert ledgered is not None
    assert started is not None
    there = {notes: (many, whole) for notes, many, whole in rows}
    lost = [one for one in shift.wrapped if there.get(one, (0, 0))[1] == 0]
    doubled = [one for one, (many, _whole) in there.items() if many > 1]
    twice, extra = ledgered[0] - ledgered[1], started[0] - shift.begun
    wrong = [f"lost: {one}" for one in lost[:5]] + [f"doubled: {one}" for one in doubled[:5]]
    wrong += [f"{twice} wrapped up twice"] if twice else []
    wrong += [f"{extra} more begun than there were calls"] if extra > 0 else []
    wrong += [] if shift.wrapped else ["no call was wrapped up"]
    return (
        f"calls lost         {len(lost)}, doubled {len(doubled) + max(extra, 0)}, wrapped up twice {twice} (limit 0)",
        wrong,
    )


def _measured(page: str, times: list[tuple[float, float]], kills: list[float]) -> tuple[str, bool]:
    """A line of the table, and whether the page took longer than it may while nothing was down."""

    def is_disturbed(at: float, took: float) -> bool:
        return any(at + took >= kill and at < kill + AFTER_KILL for kill in kills)

    quiet = sorted(took for at, took in times if not is_disturbed(at, took))
    every = sorted(took for _at, took in times)
    most = MOST.get(page)
    is_slow = most is not None and (not quiet or _share(quiet, 0.95) > most)
    limit = "" if most is None else f"{most:.0f}"
    verdict = "" if most is None else "MISSED" if is_slow else "kept"
    p50, p95, all_p95 = _share(quiet, 0.5), _share(quiet, 0.95), _share(every, 0.95)
    line = f"{page:<18} {len(times):>6} {p50:>8.1f} {p95:>8.1f} {limit:>6}  {all_p95:>14.1f}  {verdict}"
    return line.rstrip(), is_slow


def _share(seconds: list[float], share: float) -> float:
    """In milliseconds, of times in order."""
    return seconds[int(len(seconds) * share)] * 1000 if seconds else 0.0


if __name__ == "__main__":
    sys.exit(main())
