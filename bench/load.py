"""The load generator: eight kept-alive connections in a process of its own, each with one request under way."""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from bench.wire import Answer, read_answer

CONNECTIONS = 8


@dataclass
class Taken:
    """What one run showed. Latencies in seconds, of the requests that began after the warm-up."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)  # answers that were not what was asked for
    warmed: int = 0  # requests of the warm-up

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0


# Gives a request and what its answer has to hold; is told the answer, when it belongs to one connection alone.
Turn = Generator[tuple[bytes, bytes], Answer | None, None]


@dataclass(frozen=True)
class Wanted:
    """One kind of request. `requests`: each sent once, or around and around. `is_right`: the answer is the page and no error page.

    walk: what one connection sends, where each request hangs on the answer before it; then there are no `requests`.
    """

    requests: Sequence[tuple[bytes, bytes]]  # the request, and what its answer has to hold
    status: int | tuple[int, ...]
    again: bool  # around and around
    connections: int = CONNECTIONS
    walk: Callable[[], Turn] | None = None

    def turns(self) -> Turn:
        while True:
            yield from self.requests
            if not self.again:
                return

    def lines(self) -> list[Turn]:
        """For each connection what it sends: all from one list, or each on a walk of its own."""
        if self.walk is not None:
            return [self.walk() for _ in range(self.connections)]
        return [self.turns()] * self.connections

    def is_right(self, answer: Answer, holds: bytes) -> bool:
        statuses = (self.status,) if isinstance(self.status, int) else self.status
        return answer.status in statuses and (holds in answer.body or holds in answer.raw_head)


def run(
    wanted: Wanted,
    *,
    port: int,
    seconds: float,
    warm: float = 2.0,
    around: Callable[[str], None] = lambda _moment: None,
) -> Taken:
    """Send for `warm` and then `seconds`. `around` is called with "began" and "ended", here, when the counted part does."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_generate, args=(theirs, wanted, port, seconds, warm))
    process.start()
    for moment in ("began", "ended"):
        assert ours.recv() == moment
        around(moment)
    taken = ours.recv()
    process.join()
    assert isinstance(taken, Taken)
    return taken


def _generate(pipe: Connection, wanted: Wanted, port: int, seconds: float, warm: float) -> None:
    selector = selectors.DefaultSelector()
    lines = [_Line(port, turn, selector) for turn in wanted.lines()]
    taken = Taken(seconds)
    began = time.perf_counter() + warm
    ends = began + seconds
    is_counting = False
    while (now := time.perf_counter()) < ends:
        if not is_counting and now >= began:
            is_counting = True
            pipe.send("began")
        for key, _events in selector.select(0.05):
            line: _Line = key.data
            done = line.read(wanted)
            if done is None:
                continue
            problem, started, ended = done
            if started < began:
                taken.warmed += 1
            elif problem:
                taken.wrong[problem] += 1
            elif ended <= ends:
                taken.latencies.append(ended - started)
            if not line.send():
                ends = min(ends, now)
    taken.seconds = max(ends - began, 0.001)
    pipe.send("ended")
    pipe.send(taken)
    for line in lines:
        line.socket.close()


class _Line:
    """One connection with the request that is under way on it."""

    def __init__(self, port: int, turn: Turn, selector: selectors.BaseSelector) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._turn = turn
        self._buffer = b""
        self._holds = b""
        self._answer: Answer | None = None
        self._started = 0.0
        selector.register(self.socket, selectors.EVENT_READ, self)
        self.send()

    def send(self) -> bool:
        """Send the next request; False when there is none left."""
        try:
            request, self._holds = self._turn.send(self._answer)
        except StopIteration:
            return False
        self._started = time.perf_counter()
        self.socket.sendall(request)
        return True

    def read(self, wanted: Wanted) -> tuple[str, float, float] | None:
        """Once the answer is whole: what was wrong with it, and when it was asked for and came."""
        more = self.socket.recv(262_144)
        if not more:
            raise ConnectionError("The server closed a kept-alive connection.")
        self._buffer += more
        found = read_answer(self._buffer)
        if found is None:
            return None
        answer, self._buffer = found
        self._answer = answer if wanted.walk else None
        problem = "" if wanted.is_right(answer, self._holds) else f"{answer.status}"
        return problem, self._started, time.perf_counter()
