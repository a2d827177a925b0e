"""A browser as people call theirs, from what it says of itself."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

# In order: many browsers also claim to be those after them.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("PlayStation", "PlayStation"),
    ("Nintendo", "Nintendo"),
    ("Safari", "Safari"),
)
_DEVICES: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Xbox", "Xbox"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def browser_words(said: str) -> str:
    """ "Chrome on Windows"; as much of it as can be told."""
    browser = next((name for sign, name in _BROWSERS if sign in said), "")
    device = next((name for sign, name in _DEVICES if sign in said), "")
    if browser and device:
        return _("%(browser)s on %(device)s") % {"browser": browser, "device": device}
    return browser or device or said[:60] or _("A browser")
