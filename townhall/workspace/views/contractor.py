"""The contractor's own door: their jobs, and nothing else. No customer is named here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_stubs_ext import StrOrPromise

from townhall.accounts.web import actor
from townhall.cases import operations as cases
from townhall.cases.access import jobs_seen_by
from townhall.cases.models import OPEN_JOBS, ContractorJob
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.files import operations as files
from townhall.files import queries as file_queries
from townhall.ledger import operations as ledger
from townhall.safety import queries as markers
from townhall.ui.map_view import MapView
from townhall.workspace import queue
from townhall.workspace.inputs import day, words
from townhall.workspace.views.shared import add_problems

RECENT = 50  # ended jobs on the list


class Accept(forms.Form):
    scheduled_on = day(gettext_lazy("Date of the work (optional)"), required=False)


class Schedule(forms.Form):
    scheduled_on = day(gettext_lazy("Date of the work"), missing=gettext_lazy("Enter the date of the work"))


class Progress(forms.Form):
    text = words(gettext_lazy("How far is it?"), missing=gettext_lazy("Enter how far it is"))
    photo = forms.FileField(label=gettext_lazy("Photo (optional)"), required=False, allow_empty_file=True)


class Finish(forms.Form):
    text = words(
        gettext_lazy("What was done?"),
        missing=gettext_lazy("Enter what was done"),
        hint=gettext_lazy("The customer is told this"),
    )
    photo = forms.FileField(
        label=gettext_lazy("Photo of the finished work (optional)"), required=False, allow_empty_file=True
    )


class Refuse(forms.Form):
    reason = words(gettext_lazy("Why can you not do it?"), missing=gettext_lazy("Enter why you cannot do it"))


Run = Callable[[ContractorJob, Mapping[str, Any], Actor, datetime], object]


@dataclass(frozen=True, kw_only=True)
class Step:
    code: str
    name: StrOrPromise
    form: type[forms.Form]
    states: tuple[ContractorJob.State, ...]
    run: Run
    done: StrOrPromise


def _with_photo(run: Run) -> Run:
    """Keep the photo, which staff approve before the public sees it, then do the step."""

    def both(job: ContractorJob, given: Mapping[str, Any], by: Actor, at: datetime) -> object:
        if given.get("photo"):
            files.store(
                given["photo"],
                about=job.case.subject,
                purpose="after",
                by=by,
                at=at,
                case_id=job.case_id,
                field="photo",
            )
        return run(job, given, by, at)

    return both


STEPS = (
    Step(
        code="accept",
        name=gettext_lazy("Accept"),
        form=Accept,
        states=(ContractorJob.State.SENT,),
        run=lambda job, given, by, at: cases.accept_job(job.pk, scheduled_on=given["scheduled_on"], by=by, at=at),
        done=gettext_lazy("Accepted."),
    ),
    Step(
        code="schedule",
        name=gettext_lazy("Set the date"),
        form=Schedule,
        states=(ContractorJob.State.ACCEPTED, ContractorJob.State.IN_PROGRESS),
        run=lambda job, given, by, at: cases.schedule_job(job.pk, on=given["scheduled_on"], by=by, at=at),
        done=gettext_lazy("The date is set, and the customer is told."),
    ),
    Step(
        code="progress",
        name=gettext_lazy("Give an update"),
        form=Progress,
        states=OPEN_JOBS,
        run=_with_photo(lambda job, given, by, at: cases.post_progress(job.pk, text=given["text"], by=by, at=at)),
        done=gettext_lazy("Everyone who follows is told."),
    ),
    Step(
        code="done",
        name=gettext_lazy("It is done"),
        form=Finish,
        states=OPEN_JOBS,
        run=_with_photo(lambda job, given, by, at: cases.finish_job(job.pk, result=given["text"], by=by, at=at)),
        done=gettext_lazy("Done. The council tells the customer."),
    ),
    Step(
        code="refuse",
        name=gettext_lazy("Refuse"),
        form=Refuse,
        states=OPEN_JOBS,
        run=lambda job, given, by, at: cases.refuse_job(job.pk, reason=given["reason"], by=by, at=at),
        done=gettext_lazy("Refused. The council has the work back."),
    ),
)
BY_CODE = {step.code: step for step in STEPS}


@staff(may="contractor.work")
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Open jobs, the soonest due first, and those that ended lately."""
    mine = jobs_seen_by(actor(request)).select_related("case")
    context = {
        "open_jobs": list(mine.filter(state__in=OPEN_JOBS).order_by("due_on", "id")[:500]),
        "ended": list(mine.exclude(state__in=OPEN_JOBS).order_by("-updated_at")[:RECENT]),
        "service_name": queue.service_name,
        "today": council_date(now()),
    }
    return render(request, "workspace/contractor/jobs.html", context)


@staff(may="contractor.work")
@require_safe
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    found = _job_or_404(request, job_id)
    by, at = actor(request), now()
    ledger.looked(by=by, at=at, customer_id=found.case.customer_id, case_id=found.case_id, page="contractor.job")
    told = markers.shared_outside(found.case.customer_id, at=at) if found.case.customer_id else []
    return render(request, "workspace/contractor/job.html", _context(found) | {"today": council_date(at), "told": told})


@staff(may="contractor.work")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, job_id: UUID, code: str) -> HttpResponse:
    found = _job_or_404(request, job_id)
    doing = BY_CODE.get(code)
    if doing is None:
        raise Http404
    is_post = request.method == "POST"
    form = doing.form(request.POST if is_post else None, request.FILES if is_post else None)
    status = 422 if is_post else 200
    if is_post and form.is_valid():
        try:
            doing.run(found, form.cleaned_data, actor(request), now())
        except NotFound as error:
            raise Http404 from error
        except BadInput as error:
            add_problems(form, error)
        except RuleBroken as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, str(doing.done))
            return (
                redirect("workspace:contractor") if code == "refuse" else redirect("workspace:contractor-job", job_id)
            )
    context = _context(found) | {"step": doing, "form": form, "is_possible": found.state in doing.states}
    return render(request, "workspace/contractor/step.html", context, status=status)


def _job_or_404(request: HttpRequest, job_id: UUID) -> ContractorJob:
    found = jobs_seen_by(actor(request)).select_related("case").filter(pk=job_id).first()
    if found is None:
        raise Http404
    return found


def _context(found: ContractorJob) -> dict[str, Any]:
    case = found.case
    pack = catalogue.service(case.service_code)
    return {
        "job": found,
        "case": case,
        "pack": pack,
        "steps": [step for step in STEPS if found.state in step.states],
        "photos": file_queries.photos_of_cases([case.pk], only_approved=False).get(case.pk, []),
        "map_view": MapView(lat=case.lat, lng=case.lng, metres=160.0) if case.lat and case.lng else None,
        "state_words": {
            "sent": _("Sent to you"),
            "accepted": _("Accepted"),
            "in_progress": _("In progress"),
            "done": _("Done"),
            "refused": _("Refused"),
        },
    }
