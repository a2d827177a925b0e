"""Which pages somebody may open, from the marks on the views, so that no page offers a link which ends at a refusal."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse

from townhall.accounts.permissions import may, role_decision
from townhall.accounts.web import signed_in
from townhall.core.access import Access, access_of
from townhall.ui.site import path_to


def path_for(request: HttpRequest, name: str, *arguments: object) -> str:
    """The page's address, or empty when there is no such page or its mark keeps this person of the staff out."""
    path = path_to(name, *arguments)
    person = signed_in(request) if path else None
    access = _mark(name, arguments, settings.ROOT_URLCONF) if person else None
    if person is None or access is None:
        return ""
    if access.may:
        return path if may(person.actor, access.may).allowed else ""
    if access.roles:
        return path if role_decision(person.actor, access.roles).allowed else ""
    return path


@lru_cache(maxsize=1_000)
def _mark(name: str, arguments: tuple[object, ...], urls: str) -> Access | None:
    try:
        return access_of(resolve(reverse(name, args=arguments), urls).func)
    except NoReverseMatch:
        return None
