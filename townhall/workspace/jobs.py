"""What a contractor may see beside their jobs."""

from __future__ import annotations

from townhall.accounts.permissions import may
from townhall.cases.models import ContractorJob
from townhall.core.actors import Actor
from townhall.files.models import StoredFile


def sees_photos_of_their_job(by: Actor, file: StoredFile) -> bool:
    """A contractor sees the photos of a case while they have a job for it that was not taken back."""
    if file.case_id is None or not by.is_staff or not may(by, "contractor.work").allowed:
        return False
    mine = ContractorJob.objects.filter(case_id=file.case_id, team__in=by.teams)
    return mine.exclude(state=ContractorJob.State.CANCELLED).exists()
