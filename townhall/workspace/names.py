"""Who did something, by name."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from townhall.accounts.models import User


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """Names of staff by user id; what Townhall did itself is not among them. One query."""
    people = []
    for one in ids:
        try:
            people.append(UUID(one))
        except ValueError:
            continue
    return {str(key): name for key, name in User.objects.filter(pk__in=people).values_list("pk", "name")}
