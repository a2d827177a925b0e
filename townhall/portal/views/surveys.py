"""A short survey, by its signed link that answers once; without an account and without JavaScript."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from townhall.accounts.web import actor
from townhall.core.access import public
from townhall.core.errors import RuleBroken
from townhall.core.time import now
from townhall.feedback import answering, asking, queries
from townhall.feedback.models import Answer, Asked
from townhall.forms.typed import clean_line, clean_text


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    asked_id = asking.asked_in(token)
    asked = queries.asked(asked_id) if asked_id else None
    if asked is None:
        raise Http404
    typed = {name: clean_line(request.POST.get(name, ""))[:20] for name in ("score", "reason")}
    typed["comment"] = clean_text(request.POST.get("comment", ""))[: answering.LONGEST + 1]
    problems: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        score = int(typed["score"]) if typed["score"] in ("1", "2", "3", "4", "5") else None
        try:
            made = answering.answer(
                asked.pk, score=score, reason=typed["reason"], comment=typed["comment"], by=actor(request), at=now()
            )
        except RuleBroken as error:
            problems = getattr(error, "problems", {})
            status = 422 if problems else 409
            asked = queries.asked(asked.pk) or asked
        else:
            return render(request, "portal/complaints/survey_thanks.html", {"made": made})
    return render(request, "portal/complaints/survey.html", _context(asked, typed, problems), status=status)


def _context(asked: Asked, typed: dict[str, str], problems: dict[str, str]) -> dict[str, object]:
    return {
        "asked": asked,
        "is_answered": hasattr(asked, "answer"),
        "is_over": now() > asked.until_at,
        "typed": typed,
        "scores": [(str(value), label) for value, label in Answer.Score.choices],
        "reasons": Answer.Reason.choices,
        "problems": problems,
        "errors": [{"text": words, "href": f"#{name}"} for name, words in problems.items()],
    }
