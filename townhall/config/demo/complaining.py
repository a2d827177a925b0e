"""A complaint, a comment and a compliment, so that their pages are not empty. Who says them is made up."""

from __future__ import annotations

from datetime import datetime, timedelta

from townhall.complaints import receiving
from townhall.complaints.receiving import New
from townhall.core.actors import PUBLIC

_SAID = (
    ("complaint", "fly-tipping", "Nobody came for the sofa, and nobody told me why.", "Rosa Quayle"),
    ("compliment", "pothole", "The crew was friendly and left the street tidy.", "Idris Fenn"),
    ("comment", "", "A bench at the quay would be good for those of us who cannot stand for long.", "May Tolliver"),
)


def load_complaints(*, at: datetime) -> None:
    for days, (kind, service, words, name) in enumerate(_SAID, start=1):
        email = f"{name.partition(' ')[0].lower()}@example.org"
        new = New(kind=kind, service_code=service, words=words, channel="web", name=name, email=email)
        receiving.receive(new, by=PUBLIC, at=at - timedelta(days=days))
