from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7
from townhall.customers.models import Customer


class Merge(models.Model):
    """One record that was merged into another. Undone, it stays: what happened is not forgotten."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")  # the one that stands
    merged = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    by_kind = models.TextField()
    by_id = models.TextField(blank=True, default="")
    undone_at = models.DateTimeField(null=True)
    # References that were written during the merge are looked for again then.
    follow_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="merged_once"),
            models.CheckConstraint(condition=~Q(kept=models.F("merged")), name="merge_two_customers"),
        ]
        indexes = [
            models.Index(fields=["merged", "-at"], name="merge_of_merged"),
            models.Index(fields=["follow_at"], condition=Q(follow_at__isnull=False), name="merge_to_follow"),
        ]


class MergeChange(models.Model):
    """What a merge wrote into one column of one row, so that undoing it returns that and nothing else. Values as JSON."""

    class Kind(models.TextChoices):
        MOVED = "moved"  # a reference, from the merged record to the one that stands
        CHANGED = "changed"  # what was chosen to stand, or a row that may be there once

    id = models.BigAutoField(primary_key=True)  # in the order they were written
    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="changes")
    kind = models.TextField(choices=Kind.choices)
    table = models.TextField()
    row = models.TextField()  # its primary key
    column = models.TextField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    undone = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["table", "row"], condition=Q(undone=False), name="merge_change_of_row"),
        ]


class Proposal(models.Model):
    """Two records that may be one customer. `one` is the record with the lower id, so that a pair is there once."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        MERGED = "merged", _("Merged")
        REJECTED = "rejected", _("Two customers")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    state = models.TextField(choices=State.choices, default=State.PROPOSED)
    bits = models.FloatField()  # log2 odds that they are one
    evidence = models.JSONField()  # [column, level, bits] each, the most telling first
    said = models.TextField()  # what both records said when it was weighed, as a hash
    weights = models.PositiveIntegerField()  # the version they were weighed with; 0: the defaults
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")  # a member of staff; empty: Townhall
    reason = models.TextField(blank=True, default="")  # why it was rejected: a code
    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="merge_proposal_once"),
            models.CheckConstraint(condition=Q(one__lt=models.F("other")), name="merge_proposal_in_order"),
        ]
        indexes = [
            models.Index(fields=["-bits", "-id"], condition=Q(state="proposed"), name="merge_proposals_open"),
            models.Index(fields=["state", "bits"], condition=~Q(state="proposed"), name="merge_proposals_over"),
        ]


class Weights(models.Model):
    """What agreement is worth, learnt from the council's own records. The highest version of a kind is used."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.TextField(choices=Customer.Kind.choices)
    version = models.PositiveIntegerField()
    model = models.JSONField()  # customers.matching.model.Model
    records = models.PositiveIntegerField()  # learnt from so many
    learnt_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="weights_version_once")]


class MatchKeys(models.Model):
    """Under which keys a customer is compared with others: those of `matching.candidates`, each as 32 bits with a sign."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, primary_key=True, related_name="+")
    keys = ArrayField(models.IntegerField())

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="match_keys", fastupdate=False)]


class MatchDue(models.Model):
    """A record that came or changed and is still to be compared. Rows are added by triggers, and never waited for."""

    id = models.BigAutoField(primary_key=True)
    customer_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["customer_id"], name="match_due_customer")]
