"""A system check: every address says who may open it. At run time one that does not is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver

from townhall.core.access import access_of


def patterns(
    found: Sequence[URLPattern | URLResolver] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site in the order they are tried, as `/staff/people/<uuid:user_id>` and its pattern."""
    for entry in get_resolver().url_patterns if found is None else found:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns, path)
        else:
            yield f"/{path}", entry


def every_view_declares_its_access(*_args: Any, **_options: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{path} ({_name(pattern.callback)}) does not say who may open it, so it is closed to everybody.",
            hint="Put @public, @staff or @api_key from townhall.core.access on top of the view.",
            id="accounts.E001",
        )
        for path, pattern in patterns()
        if access_of(pattern.callback) is None
    ]


def _name(view: Callable[..., Any]) -> str:
    return f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"
