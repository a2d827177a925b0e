"""A linear classifier: multinomial logistic regression over weighted features, learnt by stochastic gradient descent.

It says how sure it is, in probabilities that were fitted to texts it had not seen (temperature scaling: Guo and others, "On
Calibration of Modern Neural Networks", 2017), and which words decided.
"""

from __future__ import annotations

import io
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from townhall.mailroom.routing.features import features_of, share_of_words

MOST_FEATURES = 40_000
MOST_COUNTED = 3_000_000  # features that are counted at a time; what one text alone had so far goes first
STEPS = 250_000  # gradient steps, so that learning takes a minute at most
MOST_ROUNDS, FEWEST_ROUNDS = 20, 3
WORDS_SHOWN = 5
LEAST_SHOWN = 0.25  # of what the strongest word brings: one that brings less decided nothing

Floats = NDArray[np.float32]
Row = tuple[NDArray[np.int32], Floats]  # the places of a text's features, and their weights


@dataclass(frozen=True, kw_only=True)
class Guess:
    """`confidence`: the probability that it is right, 0 to 1. `words`: those that spoke for it most, the first the strongest."""

    label: str
    confidence: float
    words: tuple[str, ...] = ()


@dataclass
class Classifier:
    """`weights` has a row for each feature and a column for each label."""

    labels: list[str]
    places: dict[str, int]
    rarity: Floats
    weights: Floats
    offsets: Floats
    temperature: float = 1.0
    threshold: float = 1.0
    figures: dict[str, float] = field(default_factory=dict)

    def row(self, text: str) -> Row:
        return _row(features_of(text), self.places, self.rarity)

    def leanings(self, text: str) -> Floats:
        """A number for each label, the highest the likeliest; no probabilities yet."""
        places, values = self.row(text)
        found: Floats = values @ self.weights[places] + self.offsets
        return found

    def probabilities(self, text: str) -> Floats:
        return softmax(self.leanings(text) / self.temperature)

    def guess(self, text: str) -> Guess:
        counted = features_of(text)
        places, values = row = _row(counted, self.places, self.rarity)
        own = self.weights[places]
        found = softmax((values @ own + self.offsets) / self.temperature)
        best = int(np.argmax(found))
        words = self._words_for(text, counted, row, own[:, best] - own.mean(axis=1)) if len(places) else ()
        return Guess(label=self.labels[best], confidence=float(found[best]), words=words)

    def _words_for(self, text: str, counted: Counter[str], row: Row, speaks: Floats) -> tuple[str, ...]:
        """`speaks`: how much each of the row's features speaks for the label rather than for any."""
        places, values = row
        by_place = dict(zip(places.tolist(), (values * speaks).tolist(), strict=True))
        weights = {name: by_place[place] for name in counted if (place := self.places.get(name)) is not None}
        shares = sorted(share_of_words(text, weights).items(), key=lambda one: -one[1])
        least = LEAST_SHOWN * max((share for _word, share in shares), default=0.0)
        return tuple(word for word, share in shares[:WORDS_SHOWN] if share > 0 and share >= least)

    def as_bytes(self) -> bytes:
        """To keep it; `from_bytes` reads it. No code is in it, only numbers and words."""
        about = {
            "labels": self.labels,
            "features": list(self.places),
            "temperature": self.temperature,
            "threshold": self.threshold,
            "figures": self.figures,
        }
        out = io.BytesIO()
        np.savez_compressed(
            out,
            about=np.frombuffer(json.dumps(about).encode(), np.uint8),
            rarity=self.rarity,
            weights=self.weights.astype(np.float16),
            offsets=self.offsets,
        )
        return out.getvalue()


def from_bytes(kept: bytes) -> Classifier:
    with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        return Classifier(
            labels=about["labels"],
            places={name: place for place, name in enumerate(about["features"])},
            rarity=arrays["rarity"],
            weights=arrays["weights"].astype(np.float32),
            offsets=arrays["offsets"],
            temperature=about["temperature"],
            threshold=about["threshold"],
            figures=about["figures"],
        )


def learn(texts: Sequence[str], labels: Sequence[str], *, seed: int = 1) -> Classifier:
    """From texts of which the right label is known; the same texts and seed make the same classifier. Raises ValueError without any."""
    if not texts:
        raise ValueError("There is nothing to learn from.")
    names = sorted(set(labels))
    known = {label: place for place, label in enumerate(names)}
    places, rarity = _vocabulary(texts)
    rows = [_row(features_of(text), places, rarity) for text in texts]
    truth = np.array([known[label] for label in labels])
    weights, offsets = _descend(rows, truth, features=len(places), classes=len(names), seed=seed)
    return Classifier(labels=names, places=places, rarity=rarity, weights=weights, offsets=offsets)


def _vocabulary(texts: Sequence[str]) -> tuple[dict[str, int], Floats]:
    """The features worth keeping, and how much more a rare one says. What one text alone has is left out once there are many.

    The features of a text are found twice, here and for its row, as those of all texts together may not fit into memory.
    """
    texts_with: Counter[str] = Counter()
    for text in texts:
        texts_with.update(features_of(text).keys())
        if len(texts_with) > MOST_COUNTED:
            texts_with = Counter({name: many for name, many in texts_with.items() if many > 1})
    fewest = 2 if len(texts) > 50 else 1
    ordered = sorted(texts_with.items(), key=lambda one: (-one[1], one[0]))
    kept = [(name, many) for name, many in ordered if many >= fewest or name.startswith("w:")][:MOST_FEATURES]
    rarity = [math.log((1 + len(texts)) / (1 + many)) + 1 for _name, many in kept]
    return {name: place for place, (name, _many) in enumerate(kept)}, np.array(rarity, dtype=np.float32)


def _row(counted: Counter[str], places: dict[str, int], rarity: Floats) -> Row:
    """Of length 1, so that a long mail weighs no more than a short one."""
    found = [(place, 1 + math.log(many)) for name, many in counted.items() if (place := places.get(name)) is not None]
    at = np.array([place for place, _many in found], dtype=np.int32)
    values = np.array([many for _place, many in found], dtype=np.float32) * rarity[at]
    length = math.sqrt(float(values @ values)) or 1.0
    return at, values / np.float32(length)


def _descend(
    rows: Sequence[Row], truth: NDArray[np.int64], *, features: int, classes: int, seed: int
) -> tuple[Floats, Floats]:
    many = np.bincount(truth, minlength=classes) + 1.0
    offsets: Floats = np.log(many / many.sum()).astype(np.float32)
    weights: Floats = np.zeros((features, classes), dtype=np.float32)
    rounds = max(FEWEST_ROUNDS, min(MOST_ROUNDS, STEPS // len(rows)))
    order, step, steps = np.random.default_rng(seed), 0, rounds * len(rows)
    for _round in range(rounds):
        for one in order.permutation(len(rows)):
            places, values = rows[one]
            wrong = softmax(values @ weights[places] + offsets)
            wrong[truth[one]] -= 1
            pace = np.float32(1 - step / steps)
            weights[places] -= pace * np.outer(values, wrong)
            offsets -= np.float32(0.05) * pace * wrong
            step += 1
    return weights, offsets


def softmax(leanings: Floats) -> Floats:
    raised: Floats = np.exp(leanings - leanings.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares
