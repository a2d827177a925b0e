"""The newsletter to as many account holders as the catalogue asks for."""

from __future__ import annotations

import time

import pytest
from django.db import connection

from townhall.engagement import newsletter
from townhall.engagement.models import Issue
from townhall.engagement.tests.makers import NOON
from townhall.engagement.tests.test_newsletter import MANAGER, SENIOR
from townhall.notifications import sending
from townhall.notifications.models import Message

HOLDERS, SECONDS = 90_000, 60
_HOLDERS = """
    WITH made AS MATERIALIZED (
        SELECT gen_random_uuid() AS account, gen_random_uuid() AS customer, n FROM generate_series(1, %s) AS n),
    customers AS (INSERT INTO customers_customer (id, kind, name, search_name, preferred_channel, language, created_at)
        SELECT customer, 'person', 'Resident ' || n, 'resident ' || n, '', 'en', now() FROM made),
    accounts AS (INSERT INTO accounts_residentaccount (id, email, name, password, opened, opened_at)
        SELECT account, 'resident' || n || '@example.org', 'Resident ' || n, '', 'self', now() FROM made),
    links AS (INSERT INTO customers_accountlink (id, account_id, customer_id, role, level, since, ended_because)
        SELECT gen_random_uuid(), account, customer, 'self', 1, now(), '' FROM made)
    INSERT INTO customers_consent (id, customer_id, purpose, version, channel, given_at, withdrawn_channel)
    SELECT gen_random_uuid(), customer, 'newsletter', 1, 'web', now(), '' FROM made"""


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.capability("ENGA-03")
def test_ninety_thousand_mails_are_queued_within_a_minute() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, (HOLDERS,))
        cursor.execute("ANALYZE customers_consent, customers_accountlink, accounts_residentaccount")
    words = {code: f"What {code} means for you this month. " * 12 for code in newsletter.SECTIONS}
    issue = newsletter.write(NOON.date(), subject_line="March in town", sections=words, by=MANAGER, at=NOON)
    newsletter.approve(issue.pk, by=SENIOR, at=NOON)

    began = time.perf_counter()
    newsletter.send(issue.pk, by=MANAGER, at=NOON)
    while newsletter.queue(NOON):
        pass
    took = time.perf_counter() - began

    print(f"{HOLDERS} queued in {took:.1f} s")
    assert Issue.objects.get().queued == Message.objects.filter(template="newsletter/issue").count() == HOLDERS
    assert took < SECONDS
    began = time.perf_counter()
    assert len(sending.claim(at=NOON)) == sending.BATCH
    print(f"a batch claimed in {1000 * (time.perf_counter() - began):.0f} ms while they wait")
