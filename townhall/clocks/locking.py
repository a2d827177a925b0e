"""Who waits for whom.

An operation on a case locks the case and then its clocks. A sweep finds clocks first, and what listens to it may lock the case:
the other way round. So a sweep takes one clock in each transaction and waits only a moment for anything else; it gives way
long before PostgreSQL (deadlock_timeout, 1 s) would end somebody's request, and tries again later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable


class GaveWay(Exception):
    """Somebody else held what was needed; nothing was changed."""


@contextmanager
def giving_way() -> Iterator[None]:
    """A transaction that raises GaveWay when it would have to wait for a lock for 0.3 s."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '300ms'")
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise GaveWay from error
        raise
