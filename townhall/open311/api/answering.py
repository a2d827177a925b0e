"""The answer in the format of the address's extension."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse

from townhall.open311.formats import TYPES, Many, as_json, as_xml


def answer(tree: Mapping[str, object] | Many, *, root: str, extension: str, status: int = 200) -> HttpResponse:
    """In XML, `tree` is under an element called `root`."""
    content = as_json(tree) if extension == "json" else as_xml(root, tree)
    return HttpResponse(content, content_type=TYPES.get(extension, TYPES["xml"]), status=status)
