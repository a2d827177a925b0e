"""A form for a school place becomes an application: one for each child and round, a new version when it is changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.models import User
from townhall.accounts.permissions import require
from townhall.admissions.models import Application, Change, Round, Version
from townhall.admissions.states import Phase, State, check_move
from townhall.cases import operations as cases
from townhall.cases.events import CaseOpened
from townhall.cases.models import Case
from townhall.cases.states import State as CaseState
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.errors import NotFound, RuleBroken, WrongState
from townhall.core.time import council_date
from townhall.core.turns import take_turn
from townhall.forms import operations as form_operations
from townhall.forms import queries as forms
from townhall.forms.engine import Flow, file_ids
from townhall.forms.models import Submission
from townhall.forms.questions import Upload
from townhall.ledger import operations as ledger
from townhall.ui.words import long_date

SERVICE = "school-place"  # of the catalogue, and its form
MAY = "admissions.manage"
LIST = "schools"  # of the form: the schools, by their number
MOST_PREFERENCES = 6


class NotTaken(RuleBroken):
    """This application cannot be taken; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What a form says, read once."""

    kind: str
    child_name: str
    child_born: date
    preferences: list[dict[str, Any]]
    details: dict[str, Any]
    place: str
    helper_name: str
    helper_place: str
    name: str
    email: str
    phone: str


def heard_opened(event: CaseOpened) -> None:
    """In the transaction that keeps the form: a new application, a new version, or one that an officer has to look at."""
    if event.service_code != SERVICE or not event.form_code:
        return
    submission = forms.submission(event.case_id)
    flow = forms.flow(submission.form_code, version=submission.form_version)
    applied = read(flow, submission)
    case = Case.objects.get(pk=event.case_id)
    changed = _changed_by(submission)
    one = _round(applied, on=council_date(event.at), changed=changed)
    key = child_key(applied.child_name, applied.child_born)
    # Two of one child at once would both be the first: one waits for the other.
    take_turn(f"admission{one.pk}{key}")
    there = Application.objects.select_for_update().filter(round=one, child_key=key).first()
    if changed is not None and (there is None or there.pk != changed.pk):
        raise NotTaken(_("This would change whose application it is. Begin a new one for another child."))
    if there is None:
        _first(one, applied, case, key=key, at=event.at)
    elif changed is not None or _is_theirs(there, case):
        _again(there, applied, case, at=event.at)
    else:
        _contested(there, applied, case, at=event.at)


def child_key(name: str, born: date) -> str:
    """By which a second application for a child is known: the letters of the name, and the day of birth."""
    letters = "".join(one for one in name.casefold() if one.isalnum())
    return hashlib.sha256(f"{letters} {born.isoformat()}".encode()).hexdigest()


def read(flow: Flow, submission: Submission) -> Applied:
    """Raises NotTaken for schools given twice."""
    answers = submission.answers
    preferences = _preferences(flow, answers)
    numbers = [one["school"] for one in preferences]
    if len(set(numbers)) < len(numbers):
        raise NotTaken(_("You named a school twice. Name each school once, in the order that you want them."))
    place, helper, where = (
        str(answers.get("where", "home")),
        str(answers.get("helper", "")),
        str(answers.get("building", "")),
    )
    if submission.by_kind == ActorKind.STAFF:
        place, helper = Application.At.COUNCIL, _name_of(submission.by_id) or helper
    who = answers.get("who") or {}
    address = answers.get("address") or {}
    parts = ("line", "line1", "line2", "town", "postcode")
    return Applied(
        kind=str(answers.get("kind", "")),
        child_name=str(answers.get("child_name", "")).strip(),
        child_born=date.fromisoformat(str(answers.get("child_born", ""))),
        preferences=preferences,
        details={
            "uprn": str(address.get("uprn", "")),
            "address": ", ".join(str(address[part]) for part in parts if address.get(part)),
            "priority": [one for one in answers.get("priority", []) if one != "none"],
            "evidence": len(file_ids(flow, answers)),
        },
        place=place if place in Application.At.values else Application.At.HOME,
        helper_name=helper,
        helper_place=where,
        name=str(who.get("name", "")),
        email=str(answers.get("email", "")),
        phone=str(answers.get("phone", "")),
    )


def _preferences(flow: Flow, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {choice.key: choice.name for one in flow.form.lists if one.code == LIST for choice in one.choices}
    return [
        {
            "rank": rank,
            "school": str(one.get("school", "")),
            "name": names.get(str(one.get("school", "")), str(one.get("school", ""))),
            "sibling": str(one.get("sibling", "")),
            "sibling_born": str(one.get("sibling_born", "")),
        }
        for rank, one in enumerate(answers.get("schools") or [], start=1)
    ][:MOST_PREFERENCES]


def _round(applied: Applied, *, on: date, changed: Application | None) -> Round:
    """The round that takes this child now. Raises NotTaken with the dates."""
    if changed is not None:
        if not may_change(changed, on=on):
            raise NotTaken(_("The closing date is over, so this application can no longer be changed here. Call us."))
        return changed.round
    rounds = list(Round.objects.filter(kind=applied.kind).order_by("opens_on"))
    fits = [one for one in rounds if _is_born_for(one, applied.child_born)]
    open_now = next((one for one in fits if is_open(one, on=on)), None)
    if open_now is not None:
        return open_now
    coming = next((one for one in fits if one.opens_on > on), None)
    if coming is not None:
        raise NotTaken(_("Applications for this child open on %(date)s.") % {"date": long_date(coming.opens_on)})
    if fits:
        raise NotTaken(_("Applications for this child are closed. Apply for a place during the school year instead."))
    raise NotTaken(_("A child of this age does not start at this kind of school now. Check the date of birth."))


def is_open(one: Round, *, on: date) -> bool:
    last = one.late_until or one.closes_on
    return one.opens_on <= on and (last is None or on <= last)


def is_late(one: Round, *, on: date) -> bool:
    return one.closes_on is not None and on > one.closes_on


def phase(one: Round, *, on: date) -> Phase:
    """What the public and the staff are told of a round, the same for both."""
    if on < one.opens_on:
        return Phase.COMING
    if not is_open(one, on=on):
        return Phase.OVER
    return Phase.LATE if is_late(one, on=on) else Phase.OPEN


def may_change(application: Application, *, on: date) -> bool:
    """Until the closing date; where there is none, until it is withdrawn."""
    closes_on = application.round.closes_on
    return application.state != State.WITHDRAWN and (closes_on is None or on <= closes_on)


def _is_born_for(one: Round, born: date) -> bool:
    return (one.born_from is None or born >= one.born_from) and (one.born_until is None or born <= one.born_until)


def _first(one: Round, applied: Applied, case: Case, *, key: str, at: datetime) -> None:
    late = is_late(one, on=council_date(at))
    made = Application.objects.create(
        round=one,
        reference=case.reference,
        case_id=case.pk,
        customer_id=case.customer_id,
        child_name=applied.child_name,
        child_born=applied.child_born,
        child_key=key,
        applicant_name=applied.name,
        applicant_email=applied.email,
        applicant_phone=applied.phone,
        is_late=late,
        received_at=at,
        changed_at=at,
    )
    _version(made, applied, case, number=1, is_current=True, at=at)
    record("admission.received", made, at=at, late=late, place=applied.place)


def _again(there: Application, applied: Applied, case: Case, *, at: datetime) -> None:
    """The same again is one; anything else is the next version, and what was sent is sent again."""
    if not may_change(there, on=council_date(at)):
        raise NotTaken(_("There is an application for this child, and the closing date is over. Call us to change it."))
    now_there = there.versions.get(is_current=True)
    if not is_same(now_there, applied):
        now_there.is_current = False
        now_there.save(update_fields=["is_current"])
        number = there.versions.count() + 1
        evidence = now_there.details["evidence"]
        new = _version(there, applied, case, number=number, is_current=True, at=at, evidence=evidence)
        take_version(there, new, at=at)
        record("admission.changed", there, at=at, version=number)
    first = Case.objects.get(pk=there.case_id)
    if first.state not in (CaseState.MERGED, CaseState.WITHDRAWN, CaseState.DECLINED):
        cases.merge(case.pk, into_id=first.pk, by=SYSTEM, at=at)


def _contested(there: Application, applied: Applied, case: Case, *, at: datetime) -> None:
    """Kept beside the first and not sent: two people apply for one child, and an officer finds out who may."""
    made = _version(there, applied, case, number=there.versions.count() + 1, is_current=False, at=at)
    made.is_contested = True
    made.save(update_fields=["is_contested"])
    record("admission.contested", there, at=at, version=made.number)


@transaction.atomic
def settle(version_id: UUID, *, use: bool, by: Actor, at: datetime) -> Application:
    """An officer decides between two applications for one child: the other takes the place of the current one, or not.

    Raises NotAllowed, NotFound, WrongState when it is settled.
    """
    require(by, MAY)
    found = Version.objects.filter(pk=version_id).values_list("application_id", flat=True).first()
    if found is None:
        raise NotFound
    application = Application.objects.select_for_update(of=("self",)).select_related("round").get(pk=found)
    version = Version.objects.get(pk=version_id)
    if not version.is_contested:
        raise WrongState
    version.is_contested, version.settled_by = False, by.id
    if use:
        application.versions.filter(is_current=True).update(is_current=False)
        version.is_current = True
    version.save(update_fields=["is_contested", "settled_by", "is_current"])
    if use:
        take_version(application, version, at=at)
    record("admission.settled", application, by=by, at=at, version=version.number, used=use)
    return application


def take_version(application: Application, version: Version, *, at: datetime) -> None:
    """A locked application is what this version says, and goes out with the next file."""
    if application.state != State.RECEIVED:
        check_move(State(application.state), State.RECEIVED)
    application.state, application.version, application.changed_at = State.RECEIVED, version.number, at
    application.applicant_name = version.applicant_name
    application.applicant_email, application.applicant_phone = version.applicant_email, version.applicant_phone
    application.problem = ""
    application.save()


@transaction.atomic
def begin_change(application_id: UUID, *, by: Actor, at: datetime, customer_id: UUID | None = None) -> str:
    """Open the form again with what was sent; the token of its draft. Files stay with what they came with.

    Raises NotFound, WrongState once the closing date is over.
    """
    application = Application.objects.select_related("round").filter(pk=application_id).first()
    if application is None:
        raise NotFound
    if not may_change(application, on=council_date(at)):
        raise WrongState(_("The closing date is over, so this application can no longer be changed here. Call us."))
    version = application.versions.get(is_current=True)
    sent = forms.submission(version.case_id)
    number = forms.published_version(SERVICE)
    flow = forms.flow(SERVICE, version=number)
    files = {one.code for one in flow.form.questions() if isinstance(one, Upload)}
    answers = {code: value for code, value in sent.answers.items() if code not in files}
    for repeat in flow.form.repeats:
        answers.setdefault(repeat.more_code, "no")
    token = form_operations.start_draft(
        SERVICE, by=by, at=at, channel="web", version=number, answers=answers, customer_id=customer_id
    )
    draft = forms.draft(token, at=at)
    Change.objects.create(draft_id=draft.pk, application=application, at=at)
    return token


def is_same(version: Version, applied: Applied) -> bool:
    details = {**applied.details, "evidence": 0}
    return (
        version.preferences == applied.preferences
        and {**version.details, "evidence": 0} == details
        and (applied.details["evidence"] == 0 or applied.details["evidence"] == version.details["evidence"])
    )


def _version(
    application: Application,
    applied: Applied,
    case: Case,
    *,
    number: int,
    is_current: bool,
    at: datetime,
    evidence: int = 0,
) -> Version:
    return Version.objects.create(
        application=application,
        number=number,
        case_id=case.pk,
        is_current=is_current,
        preferences=applied.preferences,
        details={**applied.details, "evidence": applied.details["evidence"] + evidence},
        made_at_place=applied.place,
        helper_name=applied.helper_name,
        helper_place=applied.helper_place,
        applicant_name=applied.name,
        applicant_email=applied.email,
        applicant_phone=applied.phone,
        is_late=is_late(application.round, on=council_date(at)),
        at=at,
    )


def _changed_by(submission: Submission) -> Application | None:
    """The application that the draft of this form was begun to change."""
    try:
        draft_id = UUID(submission.key)
    except ValueError:
        return None
    found = Change.objects.select_related("application__round").filter(draft_id=draft_id).first()
    return found.application if found else None


def _is_theirs(there: Application, case: Case) -> bool:
    """The same account may change it by sending the form again; what only says so may not."""
    return there.customer_id is not None and there.customer_id == case.customer_id


def _name_of(user_id: str) -> str:
    return User.objects.filter(pk=user_id).values_list("name", flat=True).first() or "" if user_id else ""


def record(verb: str, application: Application, *, at: datetime, by: Actor = SYSTEM, **data: object) -> None:
    ledger.record(
        verb,
        about=application.subject,
        by=by,
        at=at,
        case_id=application.case_id,
        customer_id=application.customer_id,
        data=data or None,
    )
