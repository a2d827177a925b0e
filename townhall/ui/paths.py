"""Addresses of our pages. A page names dozens of them, and Django finds each through every pattern anew; here its shape is remembered."""

from __future__ import annotations

import re
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

_plain = re.compile(r"[A-Za-z0-9_-]+").fullmatch  # what `str`, `slug` and `path` in a pattern all take as it is


def is_ours(path: str) -> bool:
    """Whether a path that somebody typed or sent leads to this site, however a browser reads it."""
    return path.startswith("/") and "\\" not in path and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def url(name: str, *args: object, **kwargs: object) -> str:
    """`url("portal:service", code)`; raises NoReverseMatch for a page that is not there."""
    if kwargs:
        return reverse(name, args=args, kwargs=kwargs)
    texts = []
    for one in args:
        text = str(one) if type(one) is UUID else one
        if type(text) is not str or not _plain(text):
            return reverse(name, args=args)
        texts.append(text)
    shape = _shape(name, tuple([type(one) is UUID for one in args]), settings.ROOT_URLCONF)
    return shape % tuple(texts) if shape else reverse(name, args=args)


@lru_cache(maxsize=2_000)
def _shape(name: str, are_uuids: tuple[bool, ...], urls: str) -> str:
    """The address with a `%s` for each argument; empty when plain words or UUIDs alone do not tell it."""
    probes = [UUID(int=2**100 + place) if is_uuid else f"probe-{place}-" for place, is_uuid in enumerate(are_uuids)]
    try:
        path = reverse(name, args=probes).replace("%", "%%")
    except NoReverseMatch:
        return ""
    for probe in probes:
        path = path.replace(str(probe), "%s")
    return path if path.count("%s") == len(probes) else ""
