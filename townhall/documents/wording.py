"""The words of documents: `jinja2/documents/<name>.html` of any app, drawn in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation


def worded(name: str, context: Mapping[str, object], *, language: str) -> str:
    """Safe HTML below the title. `council`, `phone` and `website` are known to every template."""
    with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
        return render_to_string(
            f"documents/{name}.html",
            {
                "council": settings.COUNCIL_NAME,
                "phone": settings.COUNCIL_PHONE,
                "website": settings.PUBLIC_URL,
                **context,
            },
        )
