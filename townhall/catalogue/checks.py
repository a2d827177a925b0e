"""What the shape of a pack cannot say: codes that must differ, words that must be there, conditions that must make sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from townhall.catalogue.pack import ALWAYS_SENT, Attribute, Rule, ServicePack
from townhall.core import logic

Problem = tuple[str, str]  # path, sentence


def problems_in(pack: ServicePack) -> list[Problem]:
    """Everything wrong with one pack by itself."""
    return [
        *_twice("attributes", (attribute.code for attribute in pack.attributes)),
        *_twice("refused", (refusal.code for refusal in pack.refused)),
        *_twice("outcomes", (outcome.code for outcome in pack.outcomes)),
        *_twice("updates", (setting.update for setting in pack.updates)),
        *_attributes(pack.attributes),
        *_routing(pack),
        *_promises(pack),
    ]


def problems_between(
    packs: Iterable[ServicePack], *, known: frozenset[str] = frozenset()
) -> list[tuple[str, str, str]]:
    """What is wrong among packs (code, path, sentence): names given twice, related services that do not exist."""
    packs = list(packs)
    codes = known | {pack.code for pack in packs}
    names = Counter(pack.name.casefold() for pack in packs)
    found = [
        (pack.code, f"$.related[{index}]", f"There is no service {code!r}.")
        for pack in packs
        for index, code in enumerate(pack.related)
        if code not in codes or code == pack.code
    ]
    found += [
        (pack.code, "$.name", "Another service has this name.") for pack in packs if names[pack.name.casefold()] > 1
    ]
    return found


def _twice(where: str, codes: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, code in enumerate(codes):
        if code in seen:
            yield f"$.{where}[{index}]", f"{code!r} is given twice."
        seen.add(code)


def _attributes(attributes: tuple[Attribute, ...]) -> Iterator[Problem]:
    earlier: frozenset[str] = frozenset()
    for index, attribute in enumerate(attributes):
        path = f"$.attributes[{index}]"
        is_list = attribute.datatype in ("singlevaluelist", "multivaluelist")
        if is_list and len(attribute.values) < 2:
            yield f"{path}.values", "A list needs at least two values."
        if not is_list and attribute.values:
            yield f"{path}.values", "Only a list has values."
        yield from (
            (f"{path}.{where}", text) for where, text in _twice("values", (one.key for one in attribute.values))
        )
        if attribute.datatype != "number" and (attribute.minimum is not None or attribute.maximum is not None):
            yield path, "Only a number has a minimum or a maximum."
        if attribute.shown_when is not None:
            problem = logic.problem_in(attribute.shown_when, known=earlier)
            if problem:
                yield f"{path}.shown_when", problem
        earlier |= {attribute.code}


def _routing(pack: ServicePack) -> Iterator[Problem]:
    for index, rule in enumerate(pack.routing):
        path = f"$.routing[{index}]"
        if rule == Rule(when=rule.when):
            yield path, "The rule decides nothing."
        if rule.team and rule.refer_to:
            yield path, "A rule names a team or another body, not both."
        if rule.contract and not rule.team:
            yield path, "A contract needs the contractor's team."
        for code, keys in rule.when.answers.items():
            attribute = pack.attribute(code)
            if attribute is None:
                yield f"{path}.when.answers", f"There is no question {code!r}."
            elif unknown := set(keys) - {value.key for value in attribute.values}:
                yield f"{path}.when.answers", f"{code!r} cannot be answered {min(unknown)!r}."


def _promises(pack: ServicePack) -> Iterator[Problem]:
    everyone = {setting.update for setting in pack.updates if not setting.trial_group}
    for update in sorted(ALWAYS_SENT - everyone):
        yield "$.updates", f"{update!r} is always sent, to everybody."
    for status in ("awaiting_decision", "declined", "done"):
        if status not in pack.statuses:
            yield "$.statuses", f"{status!r} cannot be switched off."
    if not pack.refused:
        yield "$.refused", "Say what is refused, so that a report can be declined with a reason."
    if pack.place.checks_round and not pack.place.needs_address:
        yield "$.place.checks_round", "A round can be looked up for an address only."
    if pack.clocks.chasers_to_senior <= pack.clocks.chasers_to_manager:
        yield "$.clocks.chasers_to_senior", "The senior manager hears after the team manager."
    if pack.clocks.decision_days < pack.clocks.referral_days:
        yield "$.clocks.decision_days", "The decision limit comes after the referral."
