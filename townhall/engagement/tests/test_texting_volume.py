"""A text to as many people as the catalogue asks for."""

from __future__ import annotations

import time

import pytest
from django.conf import LazySettings
from django.db import connection

from townhall.accounts.models import Role
from townhall.accounts.queries import actor_for
from townhall.accounts.tests.makers import make_user
from townhall.engagement.tests.makers import NOON
from townhall.engagement.texting import campaigns, results
from townhall.engagement.texting.planning import Plan
from townhall.notifications import sending
from townhall.notifications.models import Message
from townhall.places.models import Area

PEOPLE, SECONDS = 90_000, 120  # on two cores that others use too
_PEOPLE = """
    WITH made AS MATERIALIZED (SELECT gen_random_uuid() AS customer, n FROM generate_series(1, %s) AS n),
    homes AS (INSERT INTO places_address (uprn, line, postcode, search_text, easting, northing, ward_code, classification)
        SELECT n::text, n || ' Harbour Row', 'ZZ12AB', '', 530000 + n %% 300, 180000 + n / 300, 'W1', 'R' FROM made),
    customers AS (INSERT INTO customers_customer (id, kind, name, search_name, preferred_channel, language, created_at)
        SELECT customer, 'person', 'Resident ' || n, 'resident ' || n, '', 'en', now() FROM made),
    phones AS (INSERT INTO customers_contactpoint (id, customer_id, kind, value, normalised)
        SELECT gen_random_uuid(), customer, 'phone', '', '+447700' || lpad(n::text, 6, '0') FROM made)
    INSERT INTO customers_customeraddress (id, customer_id, uprn, line, postcode)
    SELECT gen_random_uuid(), customer, n::text, '', '' FROM made"""


@pytest.mark.slow
@pytest.mark.django_db
def test_ninety_thousand_texts_are_chosen_queued_and_taken_back(settings: LazySettings) -> None:
    settings.TEXT_PROVIDER = "demo"
    Area.objects.create(kind=Area.Kind.WARD, code="W1", name="Everywhere", rings=[])
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, (PEOPLE,))
        cursor.execute("ANALYZE customers_customer, customers_contactpoint, customers_customeraddress, places_address")
    officer, manager = (actor_for(make_user(roles=(role,)), at=NOON) for role in (Role.OFFICER, Role.TEAM_MANAGER))
    words = "Flood warning, {name}. Stay away from the river."
    plan = Plan(name="Flood", purpose="emergency", words=words, to="ward", to_code="W1")

    began = time.perf_counter()
    row = campaigns.plan(plan, by=officer, at=NOON)
    chosen = time.perf_counter() - began
    campaigns.approve(row.pk, by=manager, at=NOON)
    campaigns.send(row.pk, by=officer, at=NOON)
    began = time.perf_counter()
    while campaigns.queue(NOON):
        pass
    queued = time.perf_counter() - began
    print(f"{PEOPLE} chosen and judged in {chosen:.1f} s, queued in {queued:.1f} s")
    row.refresh_from_db()
    assert row.people == Message.objects.filter(template="text/to-many").count() == PEOPLE
    assert chosen + queued < SECONDS
    assert len(sending.claim(at=NOON + campaigns.UNDO)) == sending.BATCH
    began = time.perf_counter()
    campaigns.stop(row.pk, because="Wrong river", by=officer, at=NOON)
    print(f"stopped in {time.perf_counter() - began:.1f} s")
    assert results.progress(row)["stopped"] == PEOPLE - sending.BATCH
