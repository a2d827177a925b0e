"""The table of who may do what, and the door of every view."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from townhall.accounts.checks import every_view_declares_its_access
from townhall.accounts.models import Role
from townhall.accounts.permissions import CAPABILITIES, may, require
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.accounts.web import client_address
from townhall.accounts.web import require as require_in
from townhall.core.access import public, staff
from townhall.core.actors import PUBLIC, SYSTEM, Actor, ActorKind
from townhall.core.errors import NotAllowed

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _staff(*roles: Role) -> Actor:
    return Actor(kind=ActorKind.STAFF, id="somebody", roles=frozenset(roles))


def test_an_officer_decides_and_an_adviser_is_told_why_not() -> None:
    assert may(_staff(Role.OFFICER), "cases.decline").allowed
    refused = may(_staff(Role.ADVISER), "cases.decline")

    assert not refused.allowed
    assert (
        refused.reason == "Only these roles may decline a case: officer, team manager. You are signed in as: adviser."
    )


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_nobody_without_a_post_or_from_outside_may_do_anything(capability: str) -> None:
    outside = Actor(kind=ActorKind.CUSTOMER, id="1", roles=frozenset(Role))
    for actor in (PUBLIC, outside, _staff(), Actor(kind=ActorKind.CONNECTOR, id="1", scopes=frozenset({"other"}))):
        assert not may(actor, capability).allowed
        assert may(actor, capability).reason
    assert may(SYSTEM, capability).allowed


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_those_who_watch_never_change_anything(capability: str) -> None:
    watching = _staff(Role.AUDITOR, Role.PORTFOLIO_HOLDER)
    asking = {"work.open", "tasks.own", "knowledge.flag"}  # one's own page, and to say that something is unclear

    if may(watching, capability).allowed:
        assert capability.endswith(".see") or capability in asking


def test_the_data_protection_officer_changes_nothing_of_a_service() -> None:
    changes = {
        name
        for name in CAPABILITIES
        if may(_staff(Role.DATA_PROTECTION_OFFICER), name).allowed
        and not name.endswith((".see", ".detail"))
        and name not in ("work.open", "tasks.own", "knowledge.flag")
    }

    assert changes == {
        "retention.manage",
        "requests.open",
        "requests.answer",
        "freedom.answer",
        "looks.question",
        "assessments.sign",
    }


def test_a_contractor_does_contractor_work_and_nothing_else() -> None:
    allowed = {name for name in CAPABILITIES if may(_staff(Role.CONTRACTOR), name).allowed}

    assert allowed == {"contractor.work"}


def test_a_key_may_do_what_its_scopes_name() -> None:
    key = Actor(kind=ActorKind.CONNECTOR, id="1", scopes=frozenset({"cases.open"}))

    assert may(key, "cases.open").allowed
    with pytest.raises(NotAllowed, match=r"cases\.decline"):
        require(key, "cases.decline")


def test_a_capability_that_is_not_in_the_table_is_a_bug() -> None:
    with pytest.raises(KeyError):
        may(SYSTEM, "cases.delcine")


def _undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("should not be seen")


@staff(may="audit.see")
def _audit(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the audit log")


@staff(roles=[Role.PORTFOLIO_HOLDER])
def _room(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the members' room")


@public
def _asks_inside(request: HttpRequest) -> HttpResponse:
    require_in(request, "cases.decline")
    return HttpResponse("done")


urlpatterns = [path("closed", _undeclared), path("audit", _audit), path("room", _room), path("inside", _asks_inside)]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_declares_nothing_is_closed_and_the_check_finds_it(client: Client) -> None:
    answer = client.get("/closed")

    assert answer.status_code == 403
    assert "should not be seen" not in answer.content.decode()
    found = every_view_declares_its_access()
    assert [error.id for error in found] == ["accounts.E001"]
    assert "/closed" in found[0].msg


@pytest.mark.capability("GOVN-03")
@pytest.mark.django_db
def test_a_page_says_who_may_open_it(client: Client) -> None:
    sign_in(client, make_user(roles=(Role.AUDITOR,)))
    with override_settings(ROOT_URLCONF=__name__):
        assert client.get("/audit").content == b"the audit log"
        room, inside = client.get("/room"), client.get("/inside")

    assert room.status_code == inside.status_code == 403
    assert "This page is for: portfolio holder." in room.content.decode()
    assert "Only these roles may decline a case" in inside.content.decode()


def test_the_callers_address_is_taken_from_our_own_proxies_only(settings: object) -> None:
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.7"}

    assert client_address(request) == "10.0.0.1"
    settings.PROXIES = 1  # type: ignore[attr-defined]
    assert client_address(request) == "198.51.100.7"
    settings.PROXIES = 3  # type: ignore[attr-defined]
    assert client_address(request) == "10.0.0.1"
