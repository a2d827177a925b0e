"""A script: what staff ask and say, step by step, as data. Written in YAML, read strictly.

service: missed-bin
steps:
  - code: which
    ask: Which bin was missed?
    choices:
      - {code: refuse, label: Rubbish, then: when}
      - {code: assisted, label: Any, and we fetch it from the door, then: door}
    writes: stream
  - {code: door, tell: "Say sorry first.", tone: warning, then: when}
  - {code: when, ask: "Since when has it been out?", kind: words, then: end}
  - {code: end, end: form, tell: Open the form.}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import msgspec
from django.utils.translation import gettext as _
from msgspec import Struct

from townhall.catalogue import strict_yaml
from townhall.catalogue.pack import Code, Line

Tone = Literal["say", "help", "warning"]
Kind = Literal["choice", "words", "yes_no", "date"]
End = Literal["form", "resolved", "refer"]
MOST_STEPS = 100
LONGEST_ANSWER = 1_000
YES, NO = "yes", "no"


class BadScript(Exception):
    """A script cannot be read, or makes no sense. The message says where and why."""


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One piece of a script."""


class Choice(Part, frozen=True):
    code: Code
    label: Line
    then: str = ""  # the step that follows; the next one of the script when empty


class Step(Part, frozen=True):
    """Something to ask, to say or to do, or an end. `writes`: the answer of the service's form that it fills in."""

    code: Code
    ask: str = ""
    tell: str = ""  # Markdown: said to the customer, or help for staff
    tone: Tone = "say"
    kind: Kind = "choice"
    choices: tuple[Choice, ...] = ()
    writes: str = ""
    then: str = ""
    end: End | None = None

    @property
    def options(self) -> list[tuple[str, str]]:
        """What can be chosen: value and words."""
        if self.kind == "yes_no":
            return [(YES, _("Yes")), (NO, _("No"))]
        return [(one.code, one.label) for one in self.choices]

    def label_of(self, answer: str) -> str:
        if self.kind == "yes_no":
            return _("Yes") if answer == YES else _("No")
        return next((one.label for one in self.choices if one.code == answer), answer)


class Script(Part, frozen=True):
    steps: tuple[Step, ...]
    service: str = ""  # whose form opens at its end
    about: str = ""

    def step(self, code: str) -> Step:
        return next(one for one in self.steps if one.code == code)

    def after(self, step: Step, answer: str = "") -> Step | None:
        """The step that follows an answer; None behind an end."""
        if step.end is not None:
            return None
        chosen = next((one.then for one in step.choices if one.code == answer), "")
        code = chosen or step.then
        return self.step(code) if code else self.steps[self.steps.index(step) + 1]


@lru_cache(maxsize=500)
def read(text: str) -> Script:
    """Raises BadScript, naming the line."""
    try:
        value, node = strict_yaml.load(text)
        found = msgspec.convert(value, Script, strict=True)
    except strict_yaml.YamlError as error:
        raise BadScript(_("Line %(line)s: %(why)s") % {"line": error.line, "why": error}) from error
    except msgspec.ValidationError as error:
        message, _at, path = str(error).partition(" - at `")
        line = strict_yaml.line_of(node, path.rstrip("`") or "$")
        raise BadScript(_("Line %(line)s: %(why)s") % {"line": line, "why": message}) from error
    if wrong := list(_problems(found)):
        raise BadScript(" ".join(wrong))
    return found


def _problems(script: Script) -> Iterator[str]:
    codes = [one.code for one in script.steps]
    if not codes or len(codes) > MOST_STEPS:
        yield _("A script has between 1 and %(most)d steps.") % {"most": MOST_STEPS}
        return
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield _("The step %(code)s is there twice.") % {"code": code}
    for number, step in enumerate(script.steps):
        yield from _step_problems(step, is_last=number == len(codes) - 1, codes=codes)
    if not any(True for _wrong in _circles(script, codes)):
        return
    yield _("A step leads back to itself, so nobody would reach an end.")


def _step_problems(step: Step, *, is_last: bool, codes: Sequence[str]) -> Iterator[str]:
    named = {"code": step.code}
    if not step.ask and not step.tell:
        yield _("%(code)s: it has to ask or to tell something.") % named
    if step.ask and step.kind == "choice" and not step.choices:
        yield _("%(code)s: what can be chosen is missing.") % named
    if step.choices and step.kind not in {"choice", "yes_no"}:
        yield _("%(code)s: choices belong to a question of the kind choice.") % named
    if step.kind == "yes_no" and {one.code for one in step.choices} - {YES, NO}:
        yield _("%(code)s: the choices of yes_no are yes and no.") % named
    if step.writes and not step.ask:
        yield _("%(code)s: only an answer can be written somewhere.") % named
    if step.end is not None and (step.ask or step.then):
        yield _("%(code)s: nothing follows an end.") % named
    leads = [step.then, *(one.then for one in step.choices)]
    for code in sorted({code for code in leads if code and code not in codes}):
        yield _("%(code)s: there is no step %(then)s.") % {**named, "then": code}
    falls = not step.then and not (step.choices and all(one.then for one in step.choices))
    if is_last and step.end is None and falls:
        yield _("%(code)s: the last step has to be an end, or lead to another.") % named


def _circles(script: Script, codes: Sequence[str]) -> Iterator[str]:
    """Steps from which the way comes back to them. A way is followed through its first visit only."""
    leads: dict[str, list[str]] = {}
    for number, step in enumerate(script.steps):
        following = codes[number + 1] if number + 1 < len(codes) else ""
        ways = [one.then or step.then or following for one in step.choices] if step.choices else []
        ways += [step.then or following] if not step.choices or step.kind == "yes_no" else []
        leads[step.code] = [] if step.end else [one for one in ways if one in codes]
    for code in codes:
        seen: set[str] = set()
        waiting = list(leads[code])
        while waiting:
            one = waiting.pop()
            if one == code:
                yield code
                break
            if one not in seen:
                seen.add(one)
                waiting += leads[one]


@dataclass(frozen=True, kw_only=True)
class Answered:
    step: Step
    answer: str  # as given; empty for what was only said

    @property
    def words(self) -> str:
        return self.step.label_of(self.answer) if self.answer else ""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How far somebody is: the steps gone through, and the one that is on."""

    done: tuple[Answered, ...]
    at: Step

    def written(self) -> dict[str, str]:
        """What the answers fill in of the form, by its questions' codes."""
        return {one.step.writes: one.answer for one in self.done if one.step.writes and one.answer}

    def noted(self) -> list[str]:
        """Every question with its answer in words, one a line."""
        return [f"{one.step.ask} {one.words}" for one in self.done if one.answer]


def walk(script: Script, answers: Sequence[Sequence[str]]) -> Walk:
    """Follow the answers as far as they fit the script; what does not fit any more is left out."""
    step, done = script.steps[0], []
    for code, answer in answers:
        if code != step.code or step.end is not None or (step.ask and not is_answer(step, answer)):
            break
        done.append(Answered(step=step, answer=answer))
        following = script.after(step, answer)
        assert following is not None  # only an end has none
        step = following
    return Walk(done=tuple(done), at=step)


def is_answer(step: Step, answer: str) -> bool:
    if step.kind == "yes_no":
        return answer in (YES, NO)
    if step.kind == "choice":
        return answer in {one.code for one in step.choices}
    return bool(answer.strip()) and len(answer) <= LONGEST_ANSWER
