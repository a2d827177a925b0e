"""How sure is sure: probabilities fitted to texts kept back, and the confidence from which enough of them are right."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from townhall.mailroom.routing.linear import Classifier, Floats, learn, softmax

WANTED = 0.95  # of those routed without a person are to be right
SURE_ENOUGH_TO_SAY = 20  # texts above a threshold before it is believed
FOLDS = 5
FEW = 3_000  # texts, up to which each is kept back once; of more a sixth is kept back
KEPT_BACK = 6
_BINS = 10


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Shares from 0 to 1. `off_by`: how far confidence and truth lie apart on average (expected calibration error, ten bins)."""

    tested: int
    accuracy: float
    macro_f1: float
    routed: float
    right_of_routed: float
    off_by: float


def learn_calibrated(texts: Sequence[str], labels: Sequence[str], *, seed: int = 1) -> Classifier:
    """Learnt from all of them; its temperature, threshold and figures from predictions for texts it had not seen."""
    found = learn(texts, labels, seed=seed)
    leanings, truth = _unseen(texts, labels, found.labels, seed=seed)
    if not len(truth):
        found.threshold = 0.99
        return found
    found.temperature = _temperature(leanings, truth)
    sure = softmax(leanings / found.temperature)
    found.threshold = threshold_for(sure.max(axis=1), sure.argmax(axis=1) == truth)
    measured = figures([found.labels[one] for one in truth], sure, found.labels, threshold=found.threshold)
    found.figures = {name: round(value, 4) for name, value in vars(measured).items()}
    return found


def _unseen(
    texts: Sequence[str], labels: Sequence[str], names: Sequence[str], *, seed: int
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """(leanings, truth) of texts by classifiers that learnt without them. A label that one of them never saw counts as most unlikely."""
    parts = FOLDS if len(texts) <= FEW else KEPT_BACK
    part_of = _parts(texts, parts, seed=seed)
    kept: list[Floats] = []
    truth: list[int] = []
    known = {name: place for place, name in enumerate(names)}
    for part in range(parts if parts == FOLDS else 1):
        held = [one for one, own in enumerate(part_of) if own == part]
        rest = [one for one, own in enumerate(part_of) if own != part]
        if not held or not rest:
            continue
        tried = learn([texts[one] for one in rest], [labels[one] for one in rest], seed=seed)
        columns = [known[label] for label in tried.labels]
        for one in held:
            row = np.full(len(names), -20.0, dtype=np.float32)
            row[columns] = tried.leanings(texts[one])
            kept.append(row)
            truth.append(known[labels[one]])
    return np.array(kept, dtype=np.float32), np.array(truth, dtype=np.int64)


def _parts(texts: Sequence[str], parts: int, *, seed: int) -> list[int]:
    """The part of each text. The same words are in one part, so that what is repeated often does not look easy."""
    different = sorted(set(texts))
    random.Random(seed).shuffle(different)
    part_of = {text: place % parts for place, text in enumerate(different)}
    return [part_of[text] for text in texts]


def _temperature(leanings: Floats, truth: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Of those tried, the one under which what was true was likeliest, with a doubt that shrinks as more are known: that
    none of a few was wrong proves little (the rule of succession)."""
    doubt = 2 / (len(truth) + 4)
    rows = np.arange(len(truth))

    def loss(temperature: float) -> float:
        logs = np.log(softmax(leanings / np.float32(temperature)) + 1e-9)
        return float(-((1 - doubt) * logs[rows, truth] + doubt * logs.mean(axis=1)).mean())

    return min((0.05 * 1.12**step for step in range(50)), key=loss)


def threshold_for(confidence: Floats, right: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """The lowest confidence from which on WANTED of them are right; 0.99 when none is that good."""
    order = np.argsort(-confidence, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = [place for place in range(len(order)) if shares[place] >= WANTED and place + 1 >= SURE_ENOUGH_TO_SAY]
    return float(confidence[order[good[-1]]]) if good else 0.99


def figures(truth: Sequence[str], sure: Floats, names: Sequence[str], *, threshold: float) -> Figures:
    """`sure`: the probabilities, a row for each text."""
    said = [names[int(one)] for one in sure.argmax(axis=1)]
    confidence = sure.max(axis=1)
    right = np.array([one == other for one, other in zip(truth, said, strict=True)])
    routed = confidence >= threshold
    return Figures(
        tested=len(truth),
        accuracy=float(right.mean()),
        macro_f1=_macro_f1(truth, said),
        routed=float(routed.mean()),
        right_of_routed=float(right[routed].mean()) if routed.any() else 0.0,
        off_by=_off_by(confidence, right),
    )


def _macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """The mean over the labels that are there, each counting alike."""
    found = []
    for label in sorted(set(truth)):
        hits = sum(one == other == label for one, other in zip(truth, said, strict=True))
        together = sum(one == label for one in truth) + sum(one == label for one in said)
        found.append(2 * hits / together)
    return sum(found) / len(found)


def _off_by(confidence: Floats, right: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(confidence[bins == one].mean()) - float(right[bins == one].mean())) * float((bins == one).mean())
        for one in range(_BINS)
        if (bins == one).any()
    ]
    return sum(gaps)
