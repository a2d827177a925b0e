"""Telling an officer's own address from a shared mailbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from html import unescape
from typing import Final
from urllib.parse import unquote

from django.conf import settings

from townhall.accounts.models import Team, User
from townhall.core.refreshing import Refreshing

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63})@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_LIKE_A_NAME: Final = re.compile(r"[a-z]{2,}[._-][a-z]{2,}\d{0,2}")
AROUND = 60  # characters of an excerpt on each side
_shared: list[Callable[[], Iterable[str]]] = []


@dataclass(frozen=True, kw_only=True)
class Known:
    """shared: mailboxes that several people read; staff: addresses by which staff sign in; domains: the council's."""

    shared: frozenset[str]
    staff: frozenset[str]
    domains: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A personal address in some words. like_a_name: it reads as somebody's name, or is how one of the staff signs in."""

    address: str
    excerpt: str
    like_a_name: bool


def shared_come_from(source: Callable[[], Iterable[str]]) -> None:
    """An app above says which other addresses several people read, in `config`."""
    if source not in _shared:
        _shared.append(source)


def _load() -> Known:
    own = [settings.COUNCIL_EMAIL, settings.EMAIL_REPLY_TO, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]]
    others = [address for source in _shared for address in source()]
    teams = list(Team.objects.values_list("email", flat=True))
    shared = frozenset(one.strip().casefold() for one in (*own, *others, *teams) if one)
    given = {one.strip().casefold() for one in settings.COUNCIL_DOMAINS if one.strip()}
    domains = given or {one.rpartition("@")[2] for one in shared}
    staff = frozenset(one.casefold() for one in User.objects.values_list("email", flat=True))
    return Known(shared=shared, staff=staff - shared, domains=frozenset(domains))


_known = Refreshing(_load)


def forget() -> None:
    """Read anew what is known: a mailbox was added."""
    _known.forget()


def seen_in(text: str) -> list[Seen]:
    """Addresses of the council's domains, and of its staff, that are no shared mailbox: each once, in order."""
    known = _known.get()
    plain = unquote(unescape(text)) if "%40" in text or "&" in text else text
    found: dict[str, Seen] = {}
    for match in _ADDRESS.finditer(plain):
        address = match[0].casefold().rstrip(".")
        if address in found or address in known.shared or not _is_ours(address, known):
            continue
        start, end = max(0, match.start() - AROUND), match.end() + AROUND
        found[address] = Seen(
            address=address,
            excerpt=" ".join(plain[start:end].split()),
            like_a_name=address in known.staff or bool(_LIKE_A_NAME.fullmatch(address.partition("@")[0])),
        )
    return list(found.values())


def _is_ours(address: str, known: Known) -> bool:
    domain = address.rpartition("@")[2]
    return address in known.staff or any(domain == one or domain.endswith(f".{one}") for one in known.domains)
