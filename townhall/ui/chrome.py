"""The top and the foot of every public page: the same for all visitors, so they are drawn once and remembered."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.template import loader
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from townhall.ui.site import PUBLIC_LINKS, Site, nearest_of, site


def public_header(here: str) -> SafeString:
    """Masthead, navigation with the link that leads to `here` marked, and the phase banner."""
    return _drawn(
        "ui/public_header.html", nearest_of(PUBLIC_LINKS, here), get_language(), site(), settings.ROOT_URLCONF
    )


def public_footer() -> SafeString:
    return _drawn("ui/footer.html", "", get_language(), site(), settings.ROOT_URLCONF)


@lru_cache(maxsize=200)
def _drawn(template: str, here: str, language: str | None, council: Site, urls: str) -> SafeString:
    """By everything that can change it."""
    return SafeString(loader.render_to_string(template, {"here": here}))
