"""What happened and what was looked at, for ever. The tables themselves are plain SQL in the first migration (partitions, rights).

Rows are written by `operations.record` and `operations.looked` only, and nothing changes them afterwards: see
docs/adr/0003-ledger-seals.md. They hold ids, codes and dates, never names or free text, so erasing a customer's
words leaves history whole.
"""

from __future__ import annotations

from django.db import models

from townhall.core.ids import uuid7


class Entry(models.Model):
    """One thing that happened. The key in the database is (id, at), as the table is partitioned by month of `at`."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField()
    position = models.BigIntegerField()  # order of transactions; the database gives it, see `ledger_position()`
    actor_kind = models.TextField()
    actor_id = models.TextField()
    verb = models.TextField()  # for example "case.opened"
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)


class Look(models.Model):
    """One time that somebody saw a customer's record or a list of them."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    at = models.DateTimeField()
    position = models.BigIntegerField()
    actor_kind = models.TextField()
    actor_id = models.TextField()
    customer_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    page = models.TextField()  # which page or list, for example "workspace:customer"
    reason = models.TextField(default="")  # a code, never free text


class Seal(models.Model):
    """A hash over every row with from_position <= position < to_position, and over the seal before."""

    number = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without gaps
    from_position = models.BigIntegerField()
    to_position = models.BigIntegerField()
    entries = models.BigIntegerField()  # rows of ledger_entry in it
    looks = models.BigIntegerField()
    entries_digest = models.TextField()  # SHA-256 over those rows, hexadecimal
    looks_digest = models.TextField()
    previous_hash = models.TextField()
    hash = models.TextField()
    sealed_at = models.DateTimeField()


class Era(models.Model):
    """A database cluster this ledger has lived in. Transaction numbers start again in a new one; positions never do."""

    era = models.IntegerField(primary_key=True)
    system_identifier = models.BigIntegerField()
    position_offset = models.BigIntegerField()  # position = transaction number + this
    started_at = models.DateTimeField()
