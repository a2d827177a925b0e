"""Risk rules as data: what raises the score of a claim, in words, and what follows. Written in YAML, kept in `RuleSet.rules`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from townhall.catalogue import strict_yaml
from townhall.catalogue.pack import Code, Line, LogicRule
from townhall.core import logic
from townhall.core.errors import BadInput

FOLDER = Path(__file__).parent / "rules"
Band = Literal["low", "medium", "high"]
Points = Annotated[int, Meta(ge=0, le=1_000)]
FIELD = "rules"  # of the form in which rules are edited


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One piece of a set of rules."""


class Rule(Part, frozen=True):
    """Adds its points when it holds. `words` say to the claimant why; `check` says to an officer what to look at."""

    code: Code
    words: Line
    check: Line
    when: LogicRule
    points: Points


class Document(Part, frozen=True):
    """Something the claimant is asked to show; always, when there is no condition."""

    code: Code
    words: Line
    when: LogicRule | None = None


class NeverUsed(Part, frozen=True):
    """What no rule may read. `codes`: the questions that would tell it."""

    words: Line
    codes: tuple[str, ...] = ()


class RiskRules(Part, frozen=True):
    """A whole set. Below `medium_from` points a claim is low, from `high_from` on high. Conditions read answers by question."""

    form: Code
    title: Line
    medium_from: Annotated[int, Meta(ge=1, le=10_000)]
    high_from: Annotated[int, Meta(ge=1, le=10_000)]
    sample_percent: Annotated[float, Meta(ge=0, le=100)]  # of low claims, checked by chance; up to two decimals
    rules: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=200)]
    never_used: Annotated[tuple[NeverUsed, ...], Meta(min_length=1)]
    documents: tuple[Document, ...] = ()
    page: str = ""  # of the public page on how we decide; the form's code when empty

    def band(self, points: int) -> Band:
        if points >= self.high_from:
            return "high"
        return "medium" if points >= self.medium_from else "low"


def read(text: str) -> RiskRules:
    """Raises BadInput with what cannot be read and where. Whether it makes sense is for `problems`."""
    try:
        value, node = strict_yaml.load(text)
        return msgspec.convert(value, RiskRules, strict=True)
    except strict_yaml.YamlError as error:
        raise BadInput({FIELD: _("Line %(line)s: %(what)s") % {"line": error.line, "what": error}}) from error
    except msgspec.ValidationError as error:
        message, _at, path = str(error).partition(" - at `")
        unknown = re.search(r"unknown field `([^`]+)`", message)
        line = strict_yaml.line_of(node, path.rstrip("`") or "$", key=unknown[1] if unknown else "")
        raise BadInput({FIELD: _("Line %(line)s: %(what)s") % {"line": line, "what": message}}) from error


def write(rules: RiskRules) -> str:
    """`read(write(rules)) == rules`."""
    return strict_yaml.dump(to_builtins(rules))


def to_builtins(rules: RiskRules) -> dict[str, Any]:
    plain = msgspec.json.decode(msgspec.json.encode(rules))
    assert isinstance(plain, dict)
    return plain


def from_builtins(value: Any) -> RiskRules:
    return msgspec.convert(value, RiskRules)


def problems(rules: RiskRules, *, questions: Collection[str]) -> list[str]:
    """What is wrong with a set over a form with these questions, as sentences: among it a rule that reads what may never count."""
    return list(_problems(rules, frozenset(questions)))


def _problems(rules: RiskRules, questions: frozenset[str]) -> Iterator[str]:
    if rules.high_from <= rules.medium_from:
        yield _("“High” must begin above “medium”.")
    if round(rules.sample_percent, 2) != rules.sample_percent:
        yield _("The sample has at most two decimals.")
    never = {code: one.words for one in rules.never_used for code in one.codes}
    for code in sorted(never.keys() - questions):
        yield _("%(code)s is never used, but there is no such question.") % {"code": code}
    seen: set[str] = set()
    every: tuple[Rule | Document, ...] = (*rules.rules, *rules.documents)
    for one in every:
        if one.code in seen:
            yield _("%(code)s: the code is given twice.") % {"code": one.code}
        seen.add(one.code)
        if one.when is None:
            continue
        if wrong := logic.problem_in(one.when, known=questions):
            yield f"{one.code}: {wrong}"
        elif isinstance(one, Rule) and (read_ := sorted(set(logic.variables(one.when)) & never.keys())):
            yield _("%(code)s reads %(question)s, which may never count: %(words)s.") % {
                "code": one.code,
                "question": read_[0],
                "words": never[read_[0]],
            }
