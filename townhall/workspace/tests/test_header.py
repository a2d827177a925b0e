"""The way round the workspace: a short bar, and every other page one press further."""

from __future__ import annotations

import re

from townhall.accounts.models import Role
from townhall.ui.site import path_to
from townhall.workspace.tests.conftest import signed_in_as
from townhall.workspace.views.header import PLACES


def _bar(page: str) -> list[str]:
    return re.findall(r'govuk-service-navigation__link" href="([^"]+)"', page)


def test_a_manager_has_a_short_bar_and_finds_every_page_on_one() -> None:
    manager = signed_in_as("mo", team="street-cleansing", role=Role.TEAM_MANAGER)
    bar = _bar(manager.get("/work/").content.decode())
    page = manager.get("/work/all").content.decode()

    assert len(bar) <= 8
    assert bar[-1] == "/work/all"
    reached = {path_to(place.name) for place in PLACES if f'href="{path_to(place.name)}"' in page}
    assert {"/work/registers", "/work/website", "/work/exceptions"} <= reached
    assert "/staff/people" not in page  # not for their post
    assert "/work/registers" in _bar(manager.get("/work/registers").content.decode())  # where they are now


def test_who_may_open_only_a_few_pages_has_them_all_in_the_bar() -> None:
    auditor = signed_in_as("ana", team="street-cleansing", role=Role.FINANCE)

    bar = _bar(auditor.get("/work/payments").content.decode())

    assert "/work/payments" in bar
    assert "/work/all" not in bar


def test_the_menu_of_telephones_has_only_what_opens_for_this_person() -> None:
    adviser = signed_in_as("ada", team="customer-services", role=Role.ADVISER)
    administrator = signed_in_as("sam", team="corporate", role=Role.ADMINISTRATOR)
    for who, closed in ((adviser, {"/work/phone/signed-in"}), (administrator, {"/work/phone/operator"})):
        page = who.get("/work/phone").content.decode()
        offered = set(re.findall(r'class="ws-tab[^"]*" href="([^"]+)"', page))

        assert {"/work/phone", "/work/phone/rota"} <= offered
        assert not closed & offered
        assert {who.get(path).status_code for path in offered} == {200}
        assert {who.get(path).status_code for path in closed} == {403}
