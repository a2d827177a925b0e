"""What is worked out from the answers: values of calculated questions, what is to be paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from townhall.core import logic
from townhall.core.money import Pence
from townhall.core.reckoning import number, rounded
from townhall.forms.checking import applies
from townhall.forms.engine.flow import Flow
from townhall.forms.questions import Calculated, Payment, Question


def worked_out(questions: Iterable[Question], known: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the calculated questions, each seeing those before it. One that comes to nothing is left out."""
    found: dict[str, Any] = {}
    for question in questions:
        if isinstance(question, Calculated) and applies(question, {**known, **found}):
            value = value_of(question, {**known, **found})
            if value not in (None, "", []):
                found[question.code] = value
    return found


def value_of(question: Calculated, known: Mapping[str, Any]) -> Any:
    try:
        value = logic.evaluate(question.rule, known)
    except (ValueError, TypeError, IndexError, KeyError):
        return None  # `problems` refuses such a rule; a stored form goes on without the value
    return rounded([value]) if question.unit == "pence" else value


@dataclass(frozen=True, kw_only=True)
class Due:
    """One line of what is to be paid."""

    code: str
    words: str
    pence: Pence


def fees(flow: Flow, clean: Mapping[str, Any]) -> list[Due]:
    """The fees that these answers make, in the order of the form; those that come to nothing are left out."""
    found = []
    for fee in flow.form.fees:
        if fee.when is not None and not logic.holds(fee.when, clean):
            continue
        times = number(clean.get(fee.times)) if fee.times else 1
        pence = rounded([fee.pence * (times or 0)]) or 0
        if pence > 0:
            found.append(Due(code=fee.code, words=fee.words, pence=Pence(pence)))
    return found


def to_pay(flow: Flow, question: Payment, clean: Mapping[str, Any]) -> Pence:
    """What a payment question asks for: its own amount, what its rule gives, or the form's fees together."""
    if question.pence is not None:
        return Pence(question.pence)
    if question.rule is not None:
        try:
            return Pence(max(rounded([logic.evaluate(question.rule, clean)]) or 0, 0))
        except (ValueError, TypeError, IndexError, KeyError):
            return Pence(0)
    return Pence(sum(due.pence for due in fees(flow, clean)))
