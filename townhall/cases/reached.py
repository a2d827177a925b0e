"""Cases that reached a councillor: each a failure of ours, with its cause, counted by month and service."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.ids import uuid7


class ReachedCouncillor(models.Model):
    """A councillor wrote in about a case. What they wrote is a note of the case, which goes with it."""

    class Cause(models.TextChoices):
        NO_ANSWER = "no_answer", _("Nobody answered the customer")
        PASSED_AROUND = "passed_around", _("Passed from team to team")
        LATE = "late", _("Not done by the date promised")
        POOR = "poor", _("Done, and not well")
        NOT_TOLD = "not_told", _("Done, and the customer was not told")
        UNCLEAR = "unclear", _("Our page, letter or rule was unclear")
        REFUSED = "refused", _("They do not accept our decision")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="reached_councillors")
    councillor = models.TextField()  # their name
    cause = models.TextField(choices=Cause.choices)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="cases_reached_at")]
