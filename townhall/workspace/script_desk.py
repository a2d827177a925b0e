"""Scripts in a conversation: beside the form that they fill in, or by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.contacts.models import Contact
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.subjects import Subject
from townhall.forms.service_forms import DESCRIPTION
from townhall.knowledge import queries, runs
from townhall.knowledge.queries import ScriptInUse
from townhall.knowledge.runs import Going
from townhall.knowledge.scripts import Step

BEGIN, STEP, ANSWER, AGAIN = "script-begin", "script-step", "script-answer", "script-again"


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What stands beside a form: the script that is on, or those to choose from."""

    going: Going | None
    offered: list[ScriptInUse]
    problem: str = ""
    again: Step | None = None  # to be answered once more

    def __bool__(self) -> bool:
        return self.going is not None or bool(self.offered)


def subject_of(contact: Contact) -> Subject:
    return Subject(kind="contact", id=contact.pk)


def beside(
    contact: Contact, service_code: str, *, posted: Mapping[str, str] | None = None, problem: str = ""
) -> Beside:
    """The scripts of one service in this conversation. Two queries where a script is on, one where none is."""
    offered = queries.scripts_for(service_code)
    keys = {one.id for one in offered}
    found = runs.runs_of(subject_of(contact)) if offered else []
    going = next((one for one in found if one.run.entry_id in keys), None)
    again = again_of(posted or {}, going)
    return Beside(going=going, offered=[] if going else offered, problem=problem, again=again)


def again_of(posted: Mapping[str, str], going: Going | None) -> Step | None:
    """The step whose answer somebody wants to change, or did not give."""
    asked = posted.get(AGAIN) or posted.get(STEP, "")
    run, _colon, code = asked.partition(":")
    if going is None or run != str(going.run.pk):
        return None
    return next((one.step for one in going.walk.done if one.step.code == code and AGAIN in posted), None)


def moved(posted: Mapping[str, str], contact: Contact, *, by: Actor, at: datetime) -> str | None:
    """Do what was pressed of the script; a sentence when the answer is missing. None when nothing of it was pressed."""
    about = subject_of(contact)
    if AGAIN in posted:
        return ""
    try:
        if begin := posted.get(BEGIN):
            runs.begin(UUID(begin), about=about, by=by, at=at)
            return ""
        if STEP in posted:
            run, _colon, step = posted[STEP].partition(":")
            given = posted.get(ANSWER, "")[:2_000]
            runs.answer(UUID(run), step=step, given=given, about=about, by=by, at=at)
            return ""
    except BadInput as error:
        return _("Answer first: %(what)s") % {"what": " ".join(error.problems.values())}
    except (NotFound, ValueError):
        return _("This script has changed. Look at it as it is now.")
    except RuleBroken as error:
        return str(error)
    return None


def filled(raw: Mapping[str, Any], going: Going | None) -> dict[str, Any]:
    """The form's answers with what the script's answers say, where the form has none; the rest into its description."""
    answers = dict(raw)
    if going is None:
        return answers
    for code, value in going.walk.written().items():
        if not answers.get(code):
            answers[code] = value
    if going.walk.at.end is not None:
        held = str(answers.get(DESCRIPTION) or "")
        lines = [line for line in rest(going) if line not in held]
        answers[DESCRIPTION] = "\n".join(part for part in (held, *lines) if part)
    return answers


def rest(going: Going) -> list[str]:
    """Questions and answers that no question of the form takes, in words."""
    return [f"{one.step.ask} {one.words}" for one in going.walk.done if one.answer and not one.step.writes]


def suggested(contact: Contact) -> dict[str, str]:
    """What the newest script of a conversation says of its wrap-up: service, reason, and how it ended; empty without one."""
    going = next(iter(runs.runs_of(subject_of(contact))), None)
    if going is None:
        return {}
    end = going.walk.at.end
    found = {"service_code": going.script.service, "reason_code": "request" if end == "form" else "information"}
    outcome = {"resolved": "resolved", "refer": "referred"}.get(end or "", "")
    return {**found, "outcome": outcome} if outcome else found


def notes(contact: Contact) -> str:
    """What the scripts of a conversation brought, for its notes."""
    found = runs.runs_of(subject_of(contact))
    return "\n".join(line for one in reversed(found) for line in one.walk.noted())
