"""What other code may read of penalty notices and appeals."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing

from townhall.accounts.permissions import may
from townhall.core.actors import Actor
from townhall.files.models import StoredFile
from townhall.files.queries import files_of
from townhall.payments.owed import reference_key
from townhall.penalties.models import Appeal, PenaltyNotice
from townhall.penalties.states import AppealState

_SIGNER = signing.TimestampSigner(salt="townhall.penalty")
OPEN_FOR = timedelta(hours=2)  # a notice's page, once somebody knew its number and mark
MOST = 100


def find(number: str, mark: str) -> PenaltyNotice | None:
    """The notice for whoever knows its number and the vehicle's mark: nobody else learns that there is one. One query."""
    found = PenaltyNotice.objects.filter(number_key=reference_key(number), mark_key=reference_key(mark)).first()
    return found if found and found.mark_key else None


def token_for(notice: PenaltyNotice) -> str:
    return _SIGNER.sign(notice.pk.hex)


def notice_in(token: str) -> PenaltyNotice | None:
    """The notice whose page this is, while the page is open."""
    try:
        notice_id = UUID(_SIGNER.unsign(token, max_age=OPEN_FOR))
    except (signing.BadSignature, ValueError):
        return None
    return PenaltyNotice.objects.filter(pk=notice_id).first()


def pictures(notice: PenaltyNotice) -> list[StoredFile]:
    """One query."""
    return [file for file in files_of(notice.subject) if file.is_image]


def latest_appeal(notice: PenaltyNotice) -> Appeal | None:
    """One query."""
    return notice.appeals.order_by("-received_at").first()


def waiting() -> list[Appeal]:
    """Appeals to decide, those due first. One query."""
    rows = Appeal.objects.select_related("notice").filter(state=AppealState.RECEIVED)
    return list(rows.order_by("decide_by", "received_at")[:MOST])


def sees_files(by: Actor, file: StoredFile) -> bool:
    """Pictures and evidence, for whoever decides."""
    return file.subject_kind in ("penalty", "appeal") and by.is_staff and may(by, "penalties.decide").allowed
