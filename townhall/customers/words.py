"""The words by which a customer may be looked for: name, merged names, addresses, past ones too; with a key for each two of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from townhall.core.db import fetch_all
from townhall.customers.matching.lookup import keys_of, words_of

BATCH = 500

_SAID = """
    SELECT c.id, concat_ws(' ', c.name,
      (SELECT string_agg(m.name, ' ' ORDER BY m.id) FROM customers_customer m WHERE m.merged_into_id = c.id),
      string_agg(a.line || ' ' || a.postcode, ' ' ORDER BY a.until_on DESC NULLS FIRST, a.id DESC))
    FROM customers_customer c LEFT JOIN customers_customeraddress a ON a.customer_id = c.id
    WHERE c.id = ANY(%s) GROUP BY c.id"""
_PUT_DOWN = "UPDATE customers_customer SET words = %s, word_keys = %s WHERE id = %s"
_MISSING = (
    "SELECT id FROM customers_customer WHERE word_keys IS NULL ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"
)


def put_down(customer_ids: Sequence[UUID]) -> None:
    """Anew, after a name or an address changed; in the caller's transaction."""
    rows = []
    for customer_id, said in fetch_all(_SAID, (list(customer_ids),)):
        words = words_of(said)
        rows.append((" ".join(words), sorted(keys_of(words)), customer_id))
    with connection.cursor() as cursor:
        cursor.executemany(_PUT_DOWN, rows)


@transaction.atomic
def put_down_missing(at: datetime) -> int:
    """Those who came by a loader."""
    del at
    missing = [row[0] for row in fetch_all(_MISSING, (BATCH,))]
    if missing:
        put_down(missing)
    return len(missing)
