from __future__ import annotations

from django.db import models

from townhall.core.ids import uuid7


class Purpose(models.TextChoices):
    BEFORE = "before"  # the problem, as reported
    AFTER = "after"  # the work done
    ATTACHMENT = "attachment"
    EVIDENCE = "evidence"
    ORIGINAL = "original"  # byte for byte as it came, where what is shown of it was made anew


class State(models.TextChoices):
    PRIVATE = "private"
    APPROVED = "approved"  # may be shown to anybody
    REJECTED = "rejected"


class Scan(models.TextChoices):
    """How a file stands with the virus scanner. What waits or is infected is never served."""

    NONE = "none"  # there was no scanner when it came
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


SERVED = (Scan.NONE, Scan.CLEAN)
THUMBNAIL = "-thumbnail"


class StoredFile(models.Model):
    """Something uploaded, as we keep it: images re-made without what the camera wrote into them. Private until approved."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.TextField()  # "draft" until what it belongs to exists
    subject_id = models.UUIDField()
    case_id = models.UUIDField(null=True)
    purpose = models.TextField(choices=Purpose.choices)
    content_type = models.TextField()  # of what is kept, not of what was sent
    bytes = models.PositiveIntegerField()
    sha256 = models.TextField()  # of what is kept
    storage_name = models.TextField(unique=True)  # random; the thumbnail's is this with "-thumbnail"
    width = models.PositiveIntegerField(null=True)  # pixels; images only
    height = models.PositiveIntegerField(null=True)
    state = models.TextField(choices=State.choices, default=State.PRIVATE)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")  # user id
    uploaded_by_kind = models.TextField()
    uploaded_by_id = models.TextField(blank=True, default="")
    original_name = models.TextField()  # for staff to recognise it; never used as a path
    created_at = models.DateTimeField()
    scan = models.TextField(choices=Scan.choices, default=Scan.NONE, db_default=Scan.NONE)
    scanned_at = models.DateTimeField(null=True)
    scan_attempts = models.SmallIntegerField(default=0, db_default=0)
    next_scan_at = models.DateTimeField(null=True)  # while it waits; a claim moves it on
    threat = models.TextField(blank=True, default="", db_default="")  # what the scanner calls it

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="files_of_a_subject"),
            models.Index(fields=["case_id"], condition=models.Q(case_id__isnull=False), name="files_of_a_case"),
            models.Index(fields=["created_at"], condition=models.Q(subject_kind="draft"), name="files_of_drafts"),
            models.Index(fields=["next_scan_at"], condition=models.Q(scan="waiting"), name="files_to_scan"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="private") | models.Q(decided_at__isnull=False), name="file_decided_at_a_time"
            )
        ]

    @property
    def is_served(self) -> bool:
        return self.scan in SERVED

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def thumbnail_name(self) -> str:
        return f"{self.storage_name}{THUMBNAIL}"
