"""The report journey: which pages it has for a service, in which order, and what each one leaves in the draft.

A draft's answers: `place` (what was chosen, as `places.place.Place` in plain values), `round` (the collection that was missed),
`details` (clean answers to the service's questions), `raw` (the same as typed), `description`, `photos` (stored file ids),
`contact` (clean), `contact_typed`, and `passed` (pages gone through). Without a draft nothing was answered yet: looking at the
first page leaves no row behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from townhall.catalogue.pack import ServicePack
from townhall.forms.models import Draft
from townhall.forms.questions import Contact, Question
from townhall.forms.service_forms import description_question, service_questions
from townhall.notifications.recipients import Recipient
from townhall.places.place import Place, Source
from townhall.street.bins import STREAM

FORM = "report"
LOOK_UPS = ("nearby",)  # pages that look something up and ask nothing that must be answered
CONTACT_PARTS = ("name", "email", "phone", "prefers")


@dataclass(frozen=True, kw_only=True)
class Journey:
    pack: ServicePack
    version: int  # of the pack
    draft: Draft | None

    @property
    def answers(self) -> dict[str, Any]:
        return dict(self.draft.answers) if self.draft else {}

    @property
    def steps(self) -> list[str]:
        """The pages of this service, in order."""
        steps = ["where"]
        if self.pack.place.checks_round:
            steps.append("round")
        steps += ["nearby", "details"]
        if self.pack.photos.allowed and self.pack.photos.maximum:
            steps.append("photos")
        return [*steps, "contact", "check"]

    def next_after(self, step: str) -> str:
        steps = self.steps
        return steps[min(steps.index(step) + 1, len(steps) - 1)]

    def before(self, step: str) -> str:
        """The page that "Back" leads to; empty on the first. Look-ups are not worth going back to."""
        steps = self.steps
        place = steps.index(step) - 1 if step in steps else 0  # a page of its own comes after the place
        while place > 0 and steps[place] in LOOK_UPS:
            place -= 1
        return steps[place] if place >= 0 else ""

    def first_missing(self) -> str:
        """The first page still to be answered; `check` when all are."""
        passed = set(self.answers.get("passed", []))
        return next((step for step in self.steps if step not in passed and step not in LOOK_UPS), "check")

    @property
    def place(self) -> Place | None:
        return as_place(self.answers["place"]) if self.answers.get("place") else None

    @property
    def questions(self) -> tuple[Question, ...]:
        """The service's own, but for what the round was asked about already, and room for more words."""
        asked = service_questions(self.pack)
        if self.pack.place.checks_round:
            asked = tuple(question for question in asked if question.code != STREAM)
        return (*asked, description_question())

    @property
    def round_stream(self) -> str:
        """The collection that the round says was missed."""
        return str(self.answers.get("round", {}).get(STREAM, ""))

    @property
    def is_sent_all_the_same(self) -> bool:
        """Whether they want it sent although the round says that nothing was missed."""
        return bool(self.answers.get("round", {}).get("anyway"))

    @property
    def details(self) -> dict[str, Any]:
        """Clean answers to every question of the service."""
        answers = dict(self.answers.get("details", {}))
        return {STREAM: self.round_stream, **answers} if self.round_stream else answers

    @property
    def photo_ids(self) -> list[UUID]:
        return [UUID(one) for one in self.answers.get("photos", [])]

    @property
    def recipient(self) -> Recipient:
        given = self.answers.get("contact", {})
        return Recipient(
            name=given.get("name", ""),
            email=given.get("email", ""),
            phone=given.get("phone", ""),
            prefers=given.get("prefers") if given.get("prefers") in ("email", "text") else None,
        )


def contact_question(pack: ServicePack) -> Contact:
    return Contact(code="contact", label="", anonymous=pack.anonymous, required=not pack.anonymous)


def place_values(place: Place) -> dict[str, Any]:
    return {**asdict(place), "source": place.source.value}


def as_place(values: Mapping[str, Any]) -> Place:
    return Place(**{**values, "source": Source(values["source"])})
