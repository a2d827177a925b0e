"""Guessing what only a few should know, a report's reference for one: who misses too often has to wait before asking again.

Only misses are counted, so a line that many share costs nobody anything, and what is found is found without a statement more. The
count is the whole house's; that somebody has to wait is kept in each web process, which hears of it at their next miss there.
"""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings

from townhall.accounts import throttle
from townhall.accounts.throttle import Limit

REFERENCES = Limit(what="reference.missed", most=settings.PUBLIC_REPORTS * 2)
_MOST_KEPT = 10_000
_OURS = [ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
_waiting: dict[str, float] = {}  # until when, in monotonic seconds


def wait(address: str) -> int:
    """For how many seconds this address has to wait; 0 when it may ask. No statement."""
    if not _waiting:
        return 0
    until = _waiting.get(line_of(address), 0.0)
    return max(0, round(until - time.monotonic()))


def missed(address: str, *, at: datetime, times: int = 1) -> int:
    """Count misses; for how many seconds the address has to wait now."""
    line = line_of(address)
    if not line or not REFERENCES.most:
        return 0
    left = throttle.wait(REFERENCES, line, at, times=times).total_seconds()
    if left <= 0:
        return 0
    if len(_waiting) >= _MOST_KEPT:
        _forget_past()
    _waiting[line] = time.monotonic() + left
    return max(1, round(left))


def forget() -> None:
    """Nobody has to wait, as far as this process knows."""
    _waiting.clear()


@lru_cache(maxsize=1_000)
def line_of(address: str) -> str:
    """What is counted as one: an IPv4 address, the /64 of an IPv6 one; empty for one that is not counted, as it is our own network's."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found.is_loopback or found.is_link_local or any(found in one for one in _OURS if one.version == found.version):
        return ""
    return str(ip_network(f"{found}/64", strict=False)) if isinstance(found, IPv6Address) else str(found)


def _forget_past() -> None:
    now = time.monotonic()
    for line in [line for line, until in list(_waiting.items()) if until <= now]:
        _waiting.pop(line, None)
