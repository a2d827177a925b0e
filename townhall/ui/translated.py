"""Sentences as pages ask for them, remembered: a page has dozens, and to find each through the catalogues costs more than to draw it.

Both are what Jinja calls new style: values are escaped and put in by their names, and `%%` is a percent sign.
"""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as django_gettext
from django.utils.translation import ngettext as django_ngettext
from markupsafe import Markup


def gettext(message: str, /, **values: object) -> Markup:
    return _pattern(message, get_language()) % values if values else _sentence(message, get_language())


def ngettext(singular: str, plural: str, number: int, /, **values: object) -> Markup:
    """`num` is the number, unless it is given among the values."""
    pattern = _one_or_many(singular, plural, number, get_language())
    return pattern % {"num": number, **values}


@lru_cache(maxsize=20_000)
def _pattern(message: str, language: str | None) -> Markup:
    return Markup(django_gettext(message))  # noqa: S704 - our own sentences, and those of our translators


@lru_cache(maxsize=20_000)
def _sentence(message: str, language: str | None) -> Markup:
    return _pattern(message, language) % {}


@lru_cache(maxsize=5_000)
def _one_or_many(singular: str, plural: str, number: int, language: str | None) -> Markup:
    return Markup(django_ngettext(singular, plural, number))  # noqa: S704 - as above
