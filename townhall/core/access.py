"""Who may open a page, declared beside the view. A view that declares nothing is closed to everybody (accounts.middleware).

`@public`                          anybody
`@staff`                           anybody on the staff who is signed in with a second factor
`@staff(may="cases.see")`          staff whose posts allow that (accounts.permissions)
`@staff(roles=["administrator"])`  staff who hold a post with one of these roles
`@resident`                       somebody signed in to an account of their own, never staff
`@resident(fresh=True)`           who has proved who they are in the last quarter of an hour
`@api_key("open311.write")`        another system, with a key that has that scope

The marks are plain data, so that lower apps can make them and the table in docs/access.md can be checked against them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, overload

View = TypeVar("View", bound=Callable[..., Any])


class Door(StrEnum):
    PUBLIC = "public"
    STAFF = "staff"
    RESIDENT = "resident"
    KEY = "key"


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a view declares. `refuse(request, refusal)` lets an API answer a bad key in its own format."""

    door: Door
    may: str = ""  # a capability of accounts.permissions
    roles: frozenset[str] = frozenset()  # empty: any role
    scope: str = ""  # of an API key
    refuse: Callable[..., Any] | None = None
    keeps_alive: bool = True  # whether opening it counts as activity of a session
    fresh: bool = False  # residents: only soon after they proved who they are


PUBLIC_ACCESS = Access(door=Door.PUBLIC)


def declared(view: Callable[..., Any], access: Access) -> None:
    view.access = access  # type: ignore[attr-defined]


def access_of(view: Callable[..., Any]) -> Access | None:
    """What a view declares, or None: nobody may open it."""
    found = getattr(view, "access", None)
    return found if isinstance(found, Access) else None


def public(view: View) -> View:
    declared(view, PUBLIC_ACCESS)
    return view


@overload
def staff(view: View) -> View: ...


@overload
def staff(*, may: str = "", roles: Iterable[str] = (), keeps_alive: bool = True) -> Callable[[View], View]: ...


def staff(
    view: Callable[..., Any] | None = None, *, may: str = "", roles: Iterable[str] = (), keeps_alive: bool = True
) -> Any:
    access = Access(door=Door.STAFF, may=may, roles=frozenset(roles), keeps_alive=keeps_alive)

    def mark(marked: View) -> View:
        declared(marked, access)
        return marked

    return mark if view is None else mark(view)


def api_key(scope: str, *, refuse: Callable[..., Any] | None = None) -> Callable[[View], View]:
    def mark(view: View) -> View:
        declared(view, Access(door=Door.KEY, scope=scope, refuse=refuse))
        return view

    return mark


@overload
def resident(view: View) -> View: ...


@overload
def resident(*, fresh: bool = False) -> Callable[[View], View]: ...


def resident(view: Callable[..., Any] | None = None, *, fresh: bool = False) -> Any:
    access = Access(door=Door.RESIDENT, fresh=fresh)

    def mark(marked: View) -> View:
        declared(marked, access)
        return marked

    return mark if view is None else mark(view)
