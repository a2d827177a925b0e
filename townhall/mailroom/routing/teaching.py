"""What the classifier learns from: what the catalogue says of each service, and every mail whose right place somebody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.core.errors import NotFound
from townhall.core.turns import take_turn
from townhall.mailroom.models import Route, RoutingVersion
from townhall.mailroom.routing import deciding
from townhall.mailroom.routing.calibrating import Figures, figures, learn_calibrated
from townhall.mailroom.routing.linear import Classifier, from_bytes, learn, softmax
from townhall.mailroom.routing.rules import text_of

MOST_MAILS = 20_000  # the newest that somebody decided about
COMPARED = 500
ENOUGH_NEW = 10  # decisions since the last time, before it is worth learning again
ENOUGH_OF_ANOTHER = 20  # mails, of two reasons at least, before reasons are learnt
LEAST_SURE = 0.75  # mails come that are like none before: however well it did, no mail goes out below this
SURE_FROM_WORDS_ALONE = 0.9  # without decisions there is nothing to measure by
_ONE_LEARNS = 0x6D61696C


@dataclass(frozen=True, kw_only=True)
class Taught:
    text: str
    service: str
    reason: str
    urgency: str


def learn_when_there_is_more(at: datetime) -> int:
    """The daily sweep; 1 when a new version was learnt."""
    last = RoutingVersion.objects.order_by("-number").first()
    if last is not None and _decided().count() < last.decided + ENOUGH_NEW:
        return 0
    return int(learn_now(at=at) is not None)


@transaction.atomic
def learn_now(*, at: datetime) -> RoutingVersion | None:
    """A new version from everything known; in use at once unless it does worse than the one that is. None when nothing is known."""
    take_turn(_ONE_LEARNS)
    mails = decided_mails(MOST_MAILS)
    examples = [(one.text, one.service) for one in mails] + _from_catalogue()
    if not examples:
        return None
    measured = len(mails) >= ENOUGH_OF_ANOTHER
    learning = learn_calibrated if measured else learn
    found = learning([text for text, _label in examples], [label for _text, label in examples])
    found.threshold = max(found.threshold, LEAST_SURE) if measured else SURE_FROM_WORDS_ALONE
    last = RoutingVersion.objects.order_by("-number").first()
    version = RoutingVersion.objects.create(
        number=last.number + 1 if last else 1,
        learnt_at=at,
        decided=len(mails),
        figures=found.figures,
        service=found.as_bytes(),
        reason=_learnt([(one.text, one.reason) for one in mails]),
        urgency=_learnt([(one.text, one.urgency) for one in mails]),
    )
    active = RoutingVersion.objects.filter(is_active=True).first()
    if active is None or not _does_worse(found, active):
        put_into_use(version, at=at)
    return version


def _does_worse(new: Classifier, active: RoutingVersion) -> bool:
    """By what each got right of mails that it had not seen when it was learnt; equal is not worse."""
    return "accuracy" in active.figures and new.figures.get("accuracy", 0.0) < active.figures["accuracy"] - 0.02


def put_into_use(version: RoutingVersion, *, at: datetime) -> None:
    """In the caller's transaction."""
    RoutingVersion.objects.filter(is_active=True).update(is_active=False)
    version.is_active, version.activated_at = True, at
    version.save(update_fields=["is_active", "activated_at"])
    transaction.on_commit(deciding.forget)


def _learnt(examples: Sequence[tuple[str, str]]) -> bytes:
    known = Counter(label for _text, label in examples if label)
    labels = {label for label, many in known.items() if many >= ENOUGH_OF_ANOTHER // 4}
    kept = [(text, label) for text, label in examples if label in labels]
    if len(kept) < ENOUGH_OF_ANOTHER or len(labels) < 2:
        return b""
    return learn_calibrated([text for text, _label in kept], [label for _text, label in kept]).as_bytes()


def compare(numbers: Sequence[int]) -> dict[int, Figures | None]:
    """How each version does on the newest mails that somebody decided about; None where there are none. Those it learnt from count too."""
    mails = [one for one in decided_mails(COMPARED) if one.service]
    found: dict[int, Figures | None] = {}
    for version in RoutingVersion.objects.filter(number__in=numbers).order_by("-number"):
        classifier = from_bytes(bytes(version.service))
        found[version.number] = _on(classifier, mails) if mails else None
    return found


def _on(classifier: Classifier, mails: Sequence[Taught]) -> Figures:
    import numpy as np

    leanings = np.array([classifier.leanings(one.text) for one in mails], dtype=np.float32)
    sure = softmax(leanings / np.float32(classifier.temperature))
    return figures([one.service for one in mails], sure, classifier.labels, threshold=classifier.threshold)


def decided_mails(most: int) -> list[Taught]:
    """Mails whose right service is known, the newest first. One query."""
    rows = (
        _decided()
        .select_related("mail")
        .only("right_service", "right_reason", "right_urgency", "mail__subject", "mail__new_words")
    )
    return [
        Taught(
            text=text_of(row.mail.subject, row.mail.new_words),
            service=row.right_service,
            reason=row.right_reason,
            urgency=row.right_urgency,
        )
        for row in rows.order_by("-decided_at")[:most]
    ]


def _decided() -> Any:
    return Route.objects.filter(decided_at__isnull=False).exclude(right_service="")


def _from_catalogue() -> list[tuple[str, str]]:
    """Each service's own words, so that a new council begins with something."""
    return [(text, pack.code) for pack in catalogue.services() for text in _words_of(pack)]


def _words_of(pack: ServicePack) -> list[str]:
    try:
        catalogue.entry(pack.code)
    except NotFound:
        return []
    lists = [*pack.keywords, *pack.synonyms, *pack.misspellings]
    return [pack.name, f"{pack.name}. {pack.summary}", f"{pack.summary} {pack.done}", *lists, " ".join(lists)]
