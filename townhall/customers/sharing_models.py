from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from townhall.accounts.models import Team
from townhall.core.ids import uuid7


class SharingBasis(models.Model):
    """Why staff of one department may see what another holds about a customer who was not asked. Ended ones are kept."""

    class Basis(models.TextChoices):
        """UK GDPR, article 6(1), without consent: that is the customer's to give."""

        PUBLIC_TASK = "public_task", _("A public task")
        LEGAL_OBLIGATION = "legal_obligation", _("A legal obligation")
        VITAL_INTERESTS = "vital_interests", _("Somebody’s vital interests")
        CONTRACT = "contract", _("A contract with them")
        LEGITIMATE_INTERESTS = "legitimate_interests", _("Legitimate interests")

    class Readers(models.TextChoices):
        FRONT = "front", _("The contact centre and reception")
        MANAGERS = "managers", _("Managers")
        TEAM = "team", _("One team")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service_code = models.TextField(blank=True, default="")  # what is shared; empty: every service
    besides = ArrayField(models.TextField(), default=list, blank=True)  # of every service, all but these
    readers = models.TextField(choices=Readers.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    basis = models.TextField(choices=Basis.choices)
    why = models.TextField()
    recorded_by_id = models.UUIDField(null=True)  # a member of staff; null: since Townhall was set up
    recorded_at = models.DateTimeField()
    ended_by_id = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customers_sharingbasis"
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="sharing_says_why"),
            models.CheckConstraint(
                condition=Q(readers="team", team__isnull=False) | (~Q(readers="team") & Q(team__isnull=True)),
                name="sharing_with_one_team",
            ),
            models.UniqueConstraint(
                fields=["service_code", "readers", "team"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="sharing_once",
            ),
        ]
