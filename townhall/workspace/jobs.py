"""What a contractor may see beside their jobs."""

from __future__ import annotations

from townhall.accounts.permissions import may
from townhall.cases.access import jobs_seen_by
from townhall.core.actors import Actor
from townhall.files.models import StoredFile


def sees_photos_of_their_job(by: Actor, file: StoredFile) -> bool:
    """A contractor sees the photos of a case while they have a job for it, and a while after it is done."""
    if file.case_id is None or not by.is_staff or not may(by, "contractor.work").allowed:
        return False
    return jobs_seen_by(by).filter(case_id=file.case_id).exists()
