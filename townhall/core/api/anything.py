"""The rest of an address, whatever is in it: `<path:…>` stops at the end of a line, which an address may hold as %0A."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class Anything(StringConverter):
    regex = "(?s:.+)"


register_converter(Anything, "anything")
