"""The systems that keep records: what each does by itself with what a form sends it."""

from __future__ import annotations

import zlib
from typing import Any

from townhall.connectors.standins.book import Job

RECORDS = {
    "revenues": "Council tax system",
    "benefits": "Benefits system",
    "electoral": "Electoral registration system",
    "permits": "Parking permit system",
    "admissions": "School admissions system",
    "housing": "Housing system",
    "library": "Library system",
    "interpreters": "Interpreters' agency",
}
_BANDS_PENCE = (131_240, 153_113, 174_987, 196_860)  # a year's bill, made up


def answer_of(system: str, job: Job) -> tuple[str, dict[str, Any]] | None:
    """Words and data of the answer that it gives at once; None when a clerk has to look."""
    match system, job.kind:
        case "revenues", "council_tax.move":
            return _new_bill(job)
        case "revenues", _:
            return None
        case "electoral", _:
            return "We have your new address, and send you a form to confirm who can vote there.", {}
        case "admissions", "children.moved":
            return "We have noted the children’s dates of birth.", {}
    return None


def _new_bill(job: Job) -> tuple[str, dict[str, Any]]:
    """A bill in the same shape each time it is made, so that a repeat changes nothing."""
    number = zlib.crc32(job.id.encode())
    reference = f"CT{number % 100_000_000:08d}"
    pence = _BANDS_PENCE[number % len(_BANDS_PENCE)]
    return f"Your new council tax account is {reference}.", {"bill": {"reference": reference, "pence": pence}}
