"""Everything in the database that says whose it is: found in Django's metadata, so that a new table is followed by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.apps import apps
from django.db import models

from townhall.customers.models import Customer

# The ledger is never changed: it is read under both ids. The others are about pairs of records, or made anew from them.
LEFT = frozenset(
    {
        "ledger_entry",
        "ledger_look",
        "customers_customer",
        "customers_merge",
        "customers_proposal",
        "customers_matchkeys",
        "customers_matchdue",
    }
)
# For whom a form was sent in is kept as it was then, like all of a submission.
KEPT_AS_IT_WAS = frozenset({("forms_submission", "on_behalf_of")})
_also: set[tuple[str, str]] = set()


@dataclass(frozen=True, order=True)
class Reference:
    """A column that holds customers' ids. `is_key`: it is the table's primary key, so its row stays and is read under both ids."""

    table: str
    column: str
    key: str
    is_key: bool


def also_refers(table: str, column: str) -> None:
    """A column of customers' ids that is neither a foreign key nor called customer_id."""
    _also.add((table, column))
    references.cache_clear()


@lru_cache(maxsize=1)
def references() -> tuple[Reference, ...]:
    """All of them, in the order of their tables' names."""
    return tuple(sorted(_found()))


def _found() -> Iterator[Reference]:
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.proxy or not meta.managed or meta.db_table in LEFT:
            continue
        for field in meta.local_concrete_fields:
            if _is_customers(field, meta.db_table):
                assert meta.pk is not None
                yield Reference(meta.db_table, str(field.column), str(meta.pk.column), field.primary_key)


def _is_customers(field: models.Field[object, object], table: str) -> bool:
    if field.remote_field is not None:
        return field.remote_field.model is Customer
    return field.column == "customer_id" or (table, field.column) in _also
