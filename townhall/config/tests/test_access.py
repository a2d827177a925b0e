"""Every address is knocked at as every role, and docs/access.md must say what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern
from django.urls.converters import get_converters
from django.urls.resolvers import RoutePattern

from townhall.accounts.checks import patterns
from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.config import access_table
from townhall.config.access_table import ACCOUNT, ANYBODY, COLUMNS, KEY, NO, OWN_TEAM, RESIDENT, SIGN_IN, YES
from townhall.portal.tests.residents import make_account, signed_in

ENTERED = 299
SAMPLES = {"uuid": UUID(int=0), "int": 1, "str": "x", "slug": "x", "path": "x"}


class Threshold:
    """Stands behind the last middleware: whoever gets here has been let in, and the page itself need not be drawn."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse:
        return HttpResponse(status=ENTERED)


@pytest.fixture
def doors(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Threshold"]


@pytest.mark.capability("GOVN-03")
@pytest.mark.django_db
def test_every_role_finds_at_every_address_what_the_page_says(doors: None) -> None:
    found: dict[str, dict[str, str]] = {}
    for column in COLUMNS:
        client = _client(column)
        for path, pattern in patterns():
            found.setdefault(path, {}).setdefault(column, _knock(client, path, pattern))

    page = access_table.written(access_table.PATH.read_text()) if access_table.PATH.exists() else {}
    for row in page.values():  # whoever knocks belongs to a team that owns nothing
        row.update({column: NO for column, cell in row.items() if cell == OWN_TEAM})
    said = access_table.differences(page, found)

    assert not said, "\n".join([*said, "Read these, and when they are meant: .venv/bin/townhall access"])


def test_the_page_is_as_it_would_be_drawn() -> None:
    assert access_table.PATH.read_text() == access_table.words(), "Draw it anew: .venv/bin/townhall access"


def test_somebody_without_a_post_opens_what_every_role_opens_and_no_more() -> None:
    for path, row in access_table.expected().items():
        every_role = {row[role.value] for role in Role}
        access = dict(access_table.declared())[path]
        if access is not None and not access.may and not access.roles:
            assert len(every_role) == 1, path


def test_a_missing_address_and_a_changed_cell_are_told() -> None:
    row = dict.fromkeys(COLUMNS, YES)
    said = access_table.differences({"/a": row, "/old": row}, {"/a": {**row, ANYBODY: NO}, "/new": row})

    assert said == [
        "/a: anybody finds 'no', and the page says 'yes'",
        "/new is not in docs/access.md",
        "/old is in docs/access.md and nowhere else",
    ]


def _client(column: str) -> Client:
    client = Client()
    if column == RESIDENT:
        return signed_in(make_account())
    if column != ANYBODY:
        sign_in(client, make_user(roles=(Role(column),)))
    return client


def _knock(client: Client, path: str, pattern: URLPattern) -> str:
    answer = client.get(_filled(path))
    if answer.status_code == ENTERED:
        return YES
    if answer.status_code == 302 and answer["Location"].startswith("/account/sign-in"):
        return ACCOUNT
    if answer.status_code == 302 and answer["Location"].startswith("/staff/sign-in"):
        return SIGN_IN
    if access_table.found_by(ANYBODY, dict(access_table.declared())[path]) == KEY:
        assert answer.status_code in {400, 401, 403}, f"{path} answers {answer.status_code} without a key"
        return KEY
    if path == "/work/" and answer.status_code == 302:  # to one's own first page
        return NO
    assert answer.status_code == 403, f"{path} answers {answer.status_code} at the door"
    return NO


def _filled(path: str) -> str:
    """The address with something in every gap, so that it can be asked for."""
    pieces = []
    for piece in path.replace(">", "<").split("<"):
        name = piece.split(":")[0]
        if path.find(f"<{piece}>") >= 0:
            assert name in SAMPLES or name in get_converters() or ":" not in piece, f"{path}: no sample for {piece}"
            pieces.append(str(SAMPLES.get(name, "x")))
        else:
            pieces.append(piece)
    return "".join(pieces)


def test_addresses_are_routes_that_can_be_filled() -> None:
    assert all(isinstance(pattern.pattern, RoutePattern) for _path, pattern in patterns())
    assert _filled("/a/<uuid:x>/b/<name>") == f"/a/{UUID(int=0)}/b/x"
