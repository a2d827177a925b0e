"""The score of a claim: answers in, points, band, reasons and the sample out. Pure, so that anybody can reckon it again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from townhall.benefits.ruling import Band, RiskRules, Rule
from townhall.core import logic

OF = 10_000  # a draw is 0 to 9,999: hundredths of a per cent


@dataclass(frozen=True, kw_only=True)
class Score:
    """`draw` decides the sample: below the share in hundredths of a per cent the claim is checked whatever its points."""

    points: int
    band: Band
    held: tuple[Rule, ...]
    documents: tuple[str, ...]  # in words
    draw: int
    is_sampled: bool

    @property
    def accepts_itself(self) -> bool:
        return self.band == "low" and not self.is_sampled


def score(rules: RiskRules, answers: Mapping[str, Any], *, submission_id: UUID, key: bytes) -> Score:
    """The same answers under the same rules and key always give the same score."""
    held = tuple(rule for rule in rules.rules if logic.holds(rule.when, answers))
    points = sum(rule.points for rule in held)
    chance = draw(submission_id, key=key)
    return Score(
        points=points,
        band=rules.band(points),
        held=held,
        documents=tuple(one.words for one in rules.documents if one.when is None or logic.holds(one.when, answers)),
        draw=chance,
        is_sampled=chance < round(rules.sample_percent * 100),
    )


def draw(submission_id: UUID, *, key: bytes) -> int:
    """0 to 9,999, even over submissions, and not to be foreseen without the key: HMAC-SHA-256, its first eight bytes."""
    digest = hmac.new(key, submission_id.bytes, hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) * OF >> 64


def commitment(key: bytes) -> str:
    """What is written in the ledger when rules are published: later it proves that the key of the draws was this one."""
    return hashlib.sha256(key).hexdigest()
