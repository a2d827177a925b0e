"""Assessing a claim by the published rules, and an officer's decision in their place."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from townhall.benefits import queries
from townhall.benefits.models import Assessment, BandChoice, Override, RuleSet
from townhall.benefits.scoring import Score, score
from townhall.cases import operations as cases
from townhall.cases.events import CaseAccepted, CaseOpened
from townhall.cases.models import OPEN_STATES, Case, Task
from townhall.cases.operations import Part
from townhall.cases.operations.locking import locked, record
from townhall.cases.operations.telling import as_recipient, case_link
from townhall.cases.states import State
from townhall.core.actors import SYSTEM, Actor
from townhall.core.cards import refuse_card_numbers
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.documents import operations as documents
from townhall.documents.wording import worded
from townhall.forms import queries as forms
from townhall.notifications import operations as notifications

RULES = "rules"  # who decided, when nobody did
CHECK_DAYS = 5  # working days to verify one thing
LONGEST = 2_000  # characters of a reason


def heard_opened(event: CaseOpened) -> None:
    """A claim was sent in: in the same transaction it is assessed, and accepted or given to officers to verify."""
    if not event.form_code or not queries.has_published(event.form_code):
        return
    ruleset = queries.published(event.form_code)
    if ruleset is None:
        return
    answers = forms.submission(event.case_id).answers
    found = score(queries.rules_of(ruleset), answers, submission_id=event.case_id, key=bytes(ruleset.sample_key))
    made = _keep(event.case_id, found, ruleset, number=1, accepted_itself=found.accepts_itself, by=SYSTEM, at=event.at)
    if found.accepts_itself:
        cases.accept(event.case_id, by=SYSTEM, at=event.at)
    else:
        _verify(made, _checks(found), service_code=event.service_code, by=SYSTEM, at=event.at)


def heard_accepted(event: CaseAccepted) -> None:
    """Whoever accepted it, the claimant gets the list of documents to show."""
    made = queries.current(event.case_id)
    if made is None:
        return
    case = Case.objects.get(pk=event.case_id)
    _keep_decision(case, made, at=event.at)
    claimant = case.follower_rows.filter(is_reporter=True, ended_at__isnull=True).first()
    if claimant is None:
        return
    rules = queries.rules_of(made.ruleset)
    notifications.send(
        "benefit/documents",
        to=as_recipient(claimant),
        about=case.subject,
        key=f"benefit-documents-{case.pk}-{event.at.isoformat()}",
        context={
            "reference": case.reference,
            "benefit": rules.title,
            "documents": made.documents,
            "link": case_link(case.reference, claimant.pk),
            "how": f"{settings.PUBLIC_URL}/how-we-decide/{rules.page or rules.form}",
            "council": settings.COUNCIL_NAME,
            "phone": settings.COUNCIL_PHONE,
        },
        at=event.at,
        case_id=case.pk,
    )


def _keep_decision(case: Case, made: Assessment, *, at: datetime) -> None:
    """The decision as a document, where we know whose claim it is."""
    if case.customer_id is None:
        return
    rules = queries.rules_of(made.ruleset)
    language = documents.language_of(case.customer_id)
    with translation.override(language):
        title = _("Our decision on your claim for %(benefit)s") % {"benefit": rules.title}
        next_steps = [
            _(
                "Show us the documents within one month: add photos of them to your claim, or bring them to the council."
            ),
            _("You can ask that a person looks at the decision again. How we decide is on our website: %(page)s")
            % {"page": f"{settings.PUBLIC_URL}/how-we-decide/{rules.page or rules.form}"},
        ]
        context = {
            "said": _("We have accepted your claim. We now work out how much it is."),
            "facts": [(_("Benefit"), rules.title), (_("Claim"), case.reference)],
            "lists": [(_("What to show us"), list(made.documents))] if made.documents else [],
            "next": next_steps,
        }
    documents.keep_document(
        customer_id=case.customer_id,
        kind="decision",
        title=title,
        about=case.subject,
        key=f"benefit-decision-{case.pk}-{at.isoformat()}",
        html=worded("decision", context, language=language),
        reference=case.reference,
        language=language,
        by=SYSTEM,
        at=at,
    )


@transaction.atomic
def override(case_id: UUID, *, band: str, reason: str, by: Actor, at: datetime) -> Override:
    """Put another band in place of the one there is. Both are kept. Low accepts the claim; any other has it verified.

    Raises NotAllowed, NotFound, BadInput without a reason or a change, WrongState when the case is over.
    """
    case = locked(case_id, by=by, to="cases.accept")
    made = _locked_current(case_id)
    reason = reason.strip()
    problems = {}
    if band not in BandChoice.values or band == made.band_now:
        problems["band"] = _("Select another band than the one it has")
    if not reason:
        problems["reason"] = _("Enter the reason")
    elif len(reason) > LONGEST:
        problems["reason"] = _("Use at most %(longest)s characters") % {"longest": LONGEST}
    if problems:
        raise BadInput(problems)
    refuse_card_numbers(reason=reason)
    if case.state not in OPEN_STATES or case.state == State.DONE:
        raise WrongState(_("This case is no longer open."))
    kept = Override.objects.create(assessment=made, was=made.band_now, band=band, reason=reason, by_id=by.id, at=at)
    made.band_now = band
    made.save(update_fields=["band_now"])
    record(case, "benefit.overridden", by=by, at=at, was=kept.was, band=band, override=str(kept.pk))
    if band == BandChoice.LOW:
        _accept_after_all(case, made, reason=reason, by=by, at=at)
    elif not _open_tasks(made):
        title = _("Check the claim: %(reason)s") % {"reason": reason[:200]}
        _verify(made, [title], service_code=case.service_code, by=by, at=at)
    return kept


@transaction.atomic
def assess_again(case_id: UUID, *, by: Actor, at: datetime) -> Assessment:
    """Assess a claim by the rules published now. It only says what they say: what was decided stays, and the earlier one is kept.

    Raises NotAllowed, NotFound, WrongState when those rules have assessed it already.
    """
    case = locked(case_id, by=by, to="cases.accept")
    earlier = _locked_current(case_id)
    ruleset = queries.published(earlier.ruleset.form_code)
    if ruleset is None or ruleset.pk == earlier.ruleset_id:
        raise WrongState(_("The claim was assessed by the rules that hold now."))
    answers = forms.submission(case_id).answers
    found = score(queries.rules_of(ruleset), answers, submission_id=case_id, key=bytes(ruleset.sample_key))
    earlier.is_current = False
    earlier.save(update_fields=["is_current"])
    made = _keep(case_id, found, ruleset, number=earlier.number + 1, accepted_itself=False, by=by, at=at)
    made.task_ids = earlier.task_ids
    made.save(update_fields=["task_ids"])
    record(case, "benefit.assessed_again", by=by, at=at, version=ruleset.version, was=earlier.band_now, band=made.band)
    return made


def _keep(
    case_id: UUID, found: Score, ruleset: RuleSet, *, number: int, accepted_itself: bool, by: Actor, at: datetime
) -> Assessment:
    made = Assessment.objects.create(
        case_id=case_id,
        number=number,
        ruleset=ruleset,
        points=found.points,
        band=found.band,
        band_now=found.band,
        reasons=[{"code": one.code, "words": one.words, "points": one.points} for one in found.held],
        documents=list(found.documents),
        draw=found.draw,
        is_sampled=found.is_sampled,
        accepted_itself=accepted_itself,
        decided_by=RULES if by is SYSTEM else by.id,
        at=at,
    )
    if number == 1:
        data = {"version": ruleset.version, "points": found.points, "band": found.band, "sampled": found.is_sampled}
        record(Case.objects.get(pk=case_id), "benefit.assessed", by=by, at=at, **data)
    return made


def _checks(found: Score) -> list[str]:
    checks = [rule.check for rule in found.held if rule.points]
    return [*checks, _("Check the whole claim: it was drawn by chance")] if found.is_sampled else checks


def _verify(made: Assessment, titles: list[str], *, service_code: str, by: Actor, at: datetime) -> None:
    parts = [Part(service_code=service_code, title=title, days=CHECK_DAYS) for title in titles]
    tasks = cases.split(made.case_id, parts, by=by, at=at)
    made.task_ids = [*made.task_ids, *(str(task.pk) for task in tasks)]
    made.save(update_fields=["task_ids"])


def _accept_after_all(case: Case, made: Assessment, *, reason: str, by: Actor, at: datetime) -> None:
    for task in _open_tasks(made):
        cases.cancel_task(task.pk, reason=reason, by=by, at=at)
    if case.state in (State.AWAITING_DECISION, State.WAITING_FOR_CUSTOMER):
        cases.accept(case.pk, by=by, at=at)


def _open_tasks(made: Assessment) -> list[Task]:
    return list(Task.objects.filter(pk__in=made.task_ids, state=Task.State.OPEN).order_by("created_at", "id"))


def _locked_current(case_id: UUID) -> Assessment:
    rows = Assessment.objects.select_for_update(of=("self",)).select_related("ruleset")
    made = rows.filter(case_id=case_id, is_current=True).first()
    if made is None:
        raise NotFound
    return made
