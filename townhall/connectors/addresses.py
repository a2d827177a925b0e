"""Where webhooks may go: public https addresses only, so that nobody makes us call machines inside the council's network."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import BadInput


class ForbiddenAddress(Exception):
    """This address may not be called, or does not exist."""


class NoSuchHost(ForbiddenAddress):
    """Its name is not known, at least not now."""


def check_url(url: str) -> None:
    """Raises BadInput when a webhook may not be sent there."""
    try:
        allowed_address(url)
    except ForbiddenAddress as error:
        raise BadInput({"url": _("This address cannot be used: {why}.").format(why=error)}) from error


def allowed_address(url: str, *, https_only: bool = True) -> str:
    """The IP address to call for `url`. Resolved here and called as such, so that the name cannot point elsewhere a moment later."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ForbiddenAddress(_("it is not a web address")) from None
    if not host or parts.scheme not in ("https", "http") or parts.username or parts.password:
        raise ForbiddenAddress(_("it is not a web address"))
    private_allowed = settings.ALLOW_PRIVATE_WEBHOOKS
    if https_only and parts.scheme != "https" and not private_allowed:
        raise ForbiddenAddress(_("it must begin with https://"))
    try:
        found = socket.getaddrinfo(host, port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoSuchHost(_("there is no such host")) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not private_allowed and not all(map(_is_public, addresses)):
        raise ForbiddenAddress(_("it is not public"))
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
