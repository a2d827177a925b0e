"""One HTTP call to another system: bounded in time and size, following no redirects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx

from townhall.connectors.addresses import allowed_address

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0  # for the whole answer, however slowly it drips
LONGEST_ANSWER = 1_000_000  # bytes


class NoConnection(Exception):
    """Nobody is there: the request did not reach the other system."""


class NoAnswer(Exception):
    """The request may have arrived, but no whole answer came in time. It has to be repeated under the same key."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after: str
    location: str = ""  # where a redirect leads


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    public_only: bool = False,
    https_only: bool = True,
    seconds: float | None = None,
) -> Answer:
    """`public_only`: the address comes from outside, see addresses.py. Raises NoConnection, NoAnswer or ForbiddenAddress."""
    seconds = ANSWER_SECONDS if seconds is None else seconds
    extensions: dict[str, object] = {}
    sent = {"User-Agent": "Townhall", **headers}
    target = httpx.URL(url)
    if public_only:
        address = allowed_address(url, https_only=https_only)
        sent["Host"] = urlsplit(url).netloc
        extensions["sni_hostname"] = target.host
        target = target.copy_with(host=address)
    until = time.monotonic() + seconds
    timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    try:
        # No proxies and no .netrc from the environment, and a fresh connection: an old one may just have been closed.
        with (
            httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False, verify=_trusted()) as client,
            client.stream(method, target, headers=sent, content=body, extensions=extensions) as response,
        ):
            received = b""
            for chunk in response.iter_raw():
                received += chunk
                if len(received) > LONGEST_ANSWER or time.monotonic() > until:
                    raise NoAnswer("The answer was too long or too slow.")
            return Answer(
                response.status_code,
                received,
                response.headers.get("retry-after", ""),
                response.headers.get("location", ""),
            )
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NoConnection(f"No connection: {type(error).__name__}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswer(f"No answer: {type(error).__name__}") from error


@cache
def _trusted() -> SSLContext:
    """Read once: the list of authorities takes longer to read than most calls take."""
    return httpx.create_ssl_context(trust_env=False)
