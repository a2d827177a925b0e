"""Who is behind a request to the account, and for whom they act just now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from townhall.accounts.residents.sessions import Resident
from townhall.accounts.residents.web import SESSION, resident
from townhall.accounts.web import actor
from townhall.core.actors import Actor
from townhall.core.time import now
from townhall.customers.accounts.links import Opened, opened_by

_UNASKED = object()


@dataclass(frozen=True, kw_only=True)
class Me:
    """Somebody signed in, with the customers' records that their account opens."""

    person: Resident
    opened: Sequence[Opened]
    acting: Opened  # the record that the pages show just now

    @property
    def own(self) -> Opened:
        """Their own record; where the account has none, as for a business alone, the first it opens."""
        return next((one for one in self.opened if one.role == "self"), self.opened[0])

    @property
    def is_helping(self) -> bool:
        return not self.acting.is_own

    @property
    def actor(self) -> Actor:
        """Who acts: the person at the screen, so that of somebody helped both names are kept."""
        return self.own.actor if self.is_helping else self.acting.actor

    @property
    def name_given(self) -> str:
        """The name a request is made in: with the helper's own."""
        return f"{self.acting.name} ({self.person.name})" if self.is_helping else self.person.name


def me(request: HttpRequest) -> Me | None:
    """Who is signed in, or None. Two queries, once for each request; none for a browser without the cookie."""
    if SESSION not in request.COOKIES:
        return None
    found = getattr(request, "_me", _UNASKED)
    if found is _UNASKED:
        found = _look_up(request)
        request._me = found  # type: ignore[attr-defined]
    assert found is None or isinstance(found, Me)
    return found


def acting(request: HttpRequest) -> Actor:
    """Who acts on a page for everybody: whoever is signed in to an account, else as anywhere."""
    who = me(request)
    return who.actor if who else actor(request)


def required(request: HttpRequest) -> Me:
    """For views that only a resident may open."""
    found = me(request)
    assert found is not None  # the middleware lets nobody else in, and an open account has a record
    return found


def _look_up(request: HttpRequest) -> Me | None:
    person = resident(request)
    opened = opened_by(person.account_id, at=now()) if person else ()
    if person is None or not opened:
        return None
    chosen = next((one for one in opened if one.link_id == person.acting_link_id), None)
    own = next((one for one in opened if one.role == "self"), opened[0])
    return Me(person=person, opened=opened, acting=chosen or own)
