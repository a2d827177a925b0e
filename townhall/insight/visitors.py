"""What a request tells of its reader, and no more is kept: where they came from, and the kind of device and browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext_lazy as _

from townhall.insight.models import Source

DEVICES: Final = {
    "phone": _("Phone"),
    "tablet": _("Tablet"),
    "desk": _("Computer"),
    "console": _("Games console"),
    "tv": _("Television"),
    "other": _("Something else"),
}
# Pixels: what a browser's width is at least. The style sheet asks for one of these, so that it is known without a script.
WIDTHS: Final = {"w0": 320, "w360": 390, "w600": 768, "w1024": 1024, "w1280": 1280, "w1680": 1920}
NO_SCRIPT: Final = "no-script"
_LONGEST = 400  # characters of a browser's name that are looked at

_BOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|monitor|curl|wget|python|java/|go-http|headless|scan|probe|feed|fetch|httpclient|lighthouse",
    re.IGNORECASE,
)
_CONSOLE = re.compile(r"playstation|xbox|nintendo|steam gameoverlay|valve", re.IGNORECASE)
_TV = re.compile(r"smart-?tv|\btv\b|tizen|web0s|webos|netcast|hbbtv|bravia|aft[bmst]|roku|appletv|crkey", re.IGNORECASE)
_TABLET = re.compile(r"ipad|tablet|kindle|silk(?!.*mobile)|playbook|android(?!.*mobile)", re.IGNORECASE)
_PHONE = re.compile(r"mobi|iphone|ipod|windows phone|blackberry|opera mini", re.IGNORECASE)
_DESK = re.compile(r"windows nt|macintosh|x11|cros|linux", re.IGNORECASE)
# In this order: each names those after it too.
_FAMILIES: Final = (
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|OPT/|Opera")),
    ("Silk", re.compile(r"Silk/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|Chromium/")),
    ("Internet Explorer", re.compile(r"MSIE |Trident/")),
    ("Safari", re.compile(r"Version/.*Safari/|iPhone|iPad")),
)
_SEARCH = re.compile(
    r"(?:^|\.)(?:google\.[a-z.]{2,6}|bing\.com|duckduckgo\.com|(?:search\.)?yahoo\.[a-z.]{2,6}|ecosia\.org|qwant\.com|startpage\.com"
    r"|search\.brave\.com|yandex\.[a-z.]{2,6}|baidu\.com|ask\.com|kagi\.com|mojeek\.com|com\.google\.android\.googlequicksearchbox)$"
)


@dataclass(frozen=True)
class Reader:
    device: str
    family: str
    is_bot: bool


def reader_of(user_agent: str) -> Reader:
    """By the name that the browser gives itself."""
    return _reader_of(user_agent[:_LONGEST])


@lru_cache(maxsize=2_000)
def _reader_of(name: str) -> Reader:
    is_bot = not name or _BOT.search(name) is not None
    family = next((family for family, pattern in _FAMILIES if pattern.search(name)), "Other")
    return Reader(_device_of(name), family, is_bot)


def _device_of(name: str) -> str:
    kinds = (("console", _CONSOLE), ("tv", _TV), ("tablet", _TABLET), ("phone", _PHONE), ("desk", _DESK))
    return next((kind for kind, pattern in kinds if pattern.search(name)), "other")


def source_of(referer: str, *, host: str) -> Source:
    """By the class of the site that led here. Nothing else of the address is looked at, but whether it is our own home page."""
    if not referer:
        return Source.DIRECT
    _scheme, _slashes, rest = referer.partition("://")
    there, _slash, path = rest.partition("/")
    if there == host:
        return Source.HOME if not path or path[0] in "?#" else Source.INSIDE
    return _source_by(there.partition(":")[0][:200].lower())


@lru_cache(maxsize=1_000)
def _source_by(host: str) -> Source:
    if not host:
        return Source.DIRECT
    return Source.SEARCH if _SEARCH.search(host) else Source.OTHER
