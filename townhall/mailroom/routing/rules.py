"""Rules in words: the council's own first, then what everybody means by a word of danger or of waiting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from townhall.mailroom.models import RoutingRule, Urgency

LONGEST = 20_000  # characters of a mail that are looked at


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`words`: any of them, in lower case, whole words only. What it says nothing of is empty."""

    words: Sequence[str]
    where: str = RoutingRule.Where.ANYWHERE.value
    mailbox_id: UUID | None = None
    service: str = ""
    reason: str = ""
    urgency: str = ""
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A mail as the rules and the classifier see it."""

    subject: str
    words: str
    sender: str
    mailbox_id: UUID

    @property
    def text(self) -> str:
        return text_of(self.subject, self.words)


def text_of(subject: str, words: str) -> str:
    """The words of a mail without what they quote, under its subject: what is learnt from, and what is asked about."""
    return f"{subject}\n{words}".strip()[:LONGEST]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the rules say: the first that names each. `words`: those that were found, for the service if any."""

    service: str = ""
    reason: str = ""
    urgency: str = ""
    words: tuple[str, ...] = ()
    rule_id: UUID | None = None


# What the words of anybody who writes mean; a rule of the council's own comes before these.
_DANGER = """
gas leak|smell of gas|danger to life|dangerous|in danger|on fire|flooding|flooded|collapsed|exposed wires|live wire|no heating
no hot water|injured|suicidal|unsafe|abuse|homeless tonight|sleeping rough|sewage|carbon monoxide
"""
_WAITING = """
still waiting|any news|any update|chasing|no reply|not heard|heard nothing|nobody has come|second time|third time|following up
"""


def _any_of(words: str) -> list[str]:
    return words.strip().replace("\n", "|").split("|")


USUAL: Final = (
    Rule(urgency=Urgency.URGENT, words=_any_of(_DANGER)),
    Rule(urgency=Urgency.SOON, words=_any_of("urgent|urgently|asap|as soon as possible|by tomorrow|deadline|bailiff")),
    Rule(
        reason="dissatisfied",
        words=_any_of("complain|complaint|complaining|unacceptable|disgusted|disgraceful|ombudsman|appalling"),
    ),
    Rule(reason="progress", words=_any_of(_WAITING)),
    Rule(reason="payment", words=_any_of("direct debit|payment|refund|overpaid|pay my")),
    Rule(reason="change", words=_any_of("change of address|moving house|moved house|moved to|moving to|new address")),
    Rule(
        reason="information",
        words=_any_of("what time|when is|how do i|could you tell me|can you tell me|opening hours"),
    ),
)


def said_of(asked: Asked, own: Iterable[Rule]) -> Said:
    """The council's own rules in their order, then the usual ones."""
    found: dict[str, str] = {}
    words: tuple[str, ...] = ()
    rule_id: UUID | None = None
    for rule in (*own, *USUAL):
        if rule.mailbox_id not in (None, asked.mailbox_id) or not (hit := _hit(rule, asked)):
            continue
        if rule.service and "service" not in found:
            words, rule_id = (hit,), rule.id
        for name in ("service", "reason", "urgency"):
            if getattr(rule, name):
                found.setdefault(name, str(getattr(rule, name)))
    return Said(words=words, rule_id=rule_id, **found)


def _hit(rule: Rule, asked: Asked) -> str:
    """The word that was found, or "". A part of an address is enough of a sender."""
    if rule.where == RoutingRule.Where.SENDER:
        return next((one for one in rule.words if one in asked.sender), "")
    text = asked.subject if rule.where == RoutingRule.Where.SUBJECT else asked.text
    hit = _pattern(tuple(rule.words)).search(text)
    return hit[0].casefold() if hit else ""


@lru_cache(maxsize=500)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(r"\s+".join(map(re.escape, one.split())) for one in words)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
