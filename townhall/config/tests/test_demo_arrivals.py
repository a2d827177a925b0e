"""The demo's post and partner, made by the operations that anybody uses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from townhall.accounts.demo import PASSWORD
from townhall.accounts.models import User
from townhall.accounts.tests.makers import sign_in
from townhall.clocks.tests.makers import make_calendars
from townhall.config.demo.arrivals import load_arrivals
from townhall.config.demo.loading import _load_people
from townhall.contacts.seeds import seed_reference_data
from townhall.core.actors import SYSTEM
from townhall.core.refreshing import forget_all
from townhall.customers import operations as customers
from townhall.customers.operations import NewCustomer
from townhall.intake.models import Piece

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_the_demo_has_post_of_each_kind_and_a_partner_who_finds_whoever_was_passed_on() -> None:
    make_calendars(AT)
    seed_reference_data()
    _load_people(AT)
    forget_all()
    customers.create(NewCustomer(name="Mary Marsh", kind="person", phone="01632 960123"), by=SYSTEM, at=AT, key="m")
    load_arrivals("Mary Marsh", password=PASSWORD, at=AT)
    assert {one.channel for one in Piece.objects.all()} == {"letter", "fax", "social"}
    dee = Client()
    sign_in(dee, User.objects.get(name="Dee Harrow"))
    queue = dee.get("/partner/").content.decode()
    assert "Mary Marsh" in queue
    assert "Sam Oak" in queue
