"""How a form goes: begun, given up, time and faults of each page, before and after the drafts are gone (FORM-12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from townhall.accounts.models import Role
from townhall.accounts.tests.makers import make_user, sign_in
from townhall.core.time import council_date, now
from townhall.forms import figures
from townhall.forms import operations as forms
from townhall.forms.figures import FormFigures
from townhall.forms.models import Draft, Figure
from townhall.portal.tests.test_forms import follow_on, moving, publish, to_the_check

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("borough")]


def of_moving(*, later: timedelta = timedelta(0)) -> FormFigures:
    at = now() + later
    return figures.figures("moving", since=council_date(at) - timedelta(days=90), at=at)


def one_sent_one_left() -> None:
    publish(moving())
    sent = Client()
    check = to_the_check(sent)
    assert sent.post("/forms/moving/mail", {"mail": "wrong"}).status_code == 422
    follow_on(sent, check, {})
    follow_on(Client(), "/forms/moving/live-here", {"lives": "yes"})


def test_pages_count_who_reached_them_what_went_wrong_and_where_people_stopped() -> None:
    one_sent_one_left()
    now_ = of_moving()
    assert (now_.whole.reached, now_.sent, now_.whole.left, now_.under_way) == (2, 1, 0, 1)
    found = of_moving(later=timedelta(days=2))
    assert (found.whole.reached, found.sent, found.whole.left, found.under_way) == (2, 1, 1, 0)
    assert (found.pages["live-here"].reached, found.pages["live-here"].left) == (2, 1)
    assert (found.pages["mail"].reached, found.pages["mail"].faults, found.pages["mail"].passes) == (1, 1, 1)


def test_the_figures_stay_the_same_when_the_drafts_are_forgotten() -> None:
    one_sent_one_left()
    end = now() + timedelta(days=30)
    before = of_moving(later=timedelta(days=2))
    assert forms.forget_drafts(end) == 0  # not before they are counted
    assert figures.roll_up(end) == 2
    assert figures.roll_up(end) == 0
    assert forms.forget_drafts(end) == 2
    assert not Draft.objects.exists()
    assert Figure.objects.filter(page="").count() == 1
    after = of_moving(later=timedelta(days=2))
    assert (after.whole, after.sent, dict(after.pages)) == (before.whole, before.sent, dict(before.pages))


@pytest.mark.capability("FORM-05")
def test_managers_see_the_pages_and_the_register_of_what_is_typed_again() -> None:
    one_sent_one_left()
    client = Client()
    sign_in(client, make_user(roles=(Role.SENIOR_MANAGER,), name="Mo Manager"))
    shown = client.get("/work/forms/moving/figures").content.decode()
    assert "What is your email address?" in shown
    assert "They are counted each night." in shown
    assert client.get("/work/forms/nothing/figures").status_code == 404
    register = client.get("/work/forms-register").content.decode()
    assert "/work/forms/moving/figures" in register
    assert "typed again" in register
