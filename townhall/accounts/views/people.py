"""Who works here and what they hold: for administrators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from townhall.accounts import operations, queries, second_factor
from townhall.accounts.models import User
from townhall.accounts.views.sign_in import add_problems
from townhall.accounts.web import actor
from townhall.accounts.web_forms import PersonForm, PostForm
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now

MAY = "people.administer"
PAGE = 50


@staff(may=MAY)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    words, after = _typed(request, "q"), _typed(request, "after")
    rows = queries.people(on=council_date(now()), words=words, after=after, size=PAGE)
    more = rows[PAGE - 1].email if len(rows) > PAGE else ""
    return render(request, "accounts/people.html", {"people": rows[:PAGE], "words": words, "after": more})


@staff(may=MAY)
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = operations.create_user(
                email=form.cleaned_data["email"], name=form.cleaned_data["name"], by=actor(request), at=now()
            )
        except BadInput as error:
            add_problems(form, error)
        else:
            messages.success(request, _("Added. Now give them a post and a set-up link."))
            return redirect("accounts:person", user.pk)
    return render(request, "accounts/new_person.html", {"form": form})


@staff(may=MAY)
@require_GET
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return _person_page(request, user_id, PostForm())


@staff(may=MAY)
@require_POST
def set_up_link(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """A link to hand over, shown once."""
    try:
        token = operations.make_set_up_link(user_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    link = request.build_absolute_uri(reverse("accounts:set_up", args=[token]))
    return render(request, "accounts/set_up_link.html", {"person": User.objects.get(pk=user_id), "link": link})


@staff(may=MAY)
@require_POST
def post_held(request: HttpRequest, user_id: UUID) -> HttpResponse:
    form = PostForm(request.POST)
    if not form.is_valid():
        return _person_page(request, user_id, form)
    at, by = now(), actor(request)
    give = partial(
        operations.hold_post, user_id, UUID(form.cleaned_data["post"]), from_on=council_date(at), by=by, at=at
    )
    return _done(request, user_id, give, _("They hold the post from today."))


@staff(may=MAY)
@require_POST
def post_left(request: HttpRequest, user_id: UUID, post_id: UUID) -> HttpResponse:
    end = partial(operations.leave_post, user_id, post_id, by=actor(request), at=now())
    return _done(request, user_id, end, _("They no longer hold the post."))


@staff(may=MAY)
@require_POST
def disabled(request: HttpRequest, user_id: UUID) -> HttpResponse:
    close = partial(operations.disable, user_id, by=actor(request), at=now())
    return _done(request, user_id, close, _("They can no longer sign in, and their sessions have ended."))


@staff(may=MAY)
@require_POST
def enabled(request: HttpRequest, user_id: UUID) -> HttpResponse:
    open_again = partial(operations.enable, user_id, by=actor(request), at=now())
    return _done(request, user_id, open_again, _("They can sign in again."))


@staff(may=MAY)
@require_POST
def second_factor_removed(request: HttpRequest, user_id: UUID) -> HttpResponse:
    take_away = partial(second_factor.take_away, user_id, by=actor(request), at=now())
    said = _("Their app and recovery codes no longer work. They set up a new app when they next sign in.")
    return _done(request, user_id, take_away, said)


def _done(request: HttpRequest, user_id: UUID, operation: Callable[[], object], said: str) -> HttpResponse:
    """Run one operation on somebody and go back to their page with what happened, or why not."""
    try:
        operation()
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    else:
        messages.success(request, said)
    return redirect("accounts:person", user_id)


def _person_page(request: HttpRequest, user_id: UUID, form: PostForm) -> HttpResponse:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Http404
    context = {
        "person": user,
        "form": form,
        "posts": queries.posts_held(user_id, on=council_date(now())),
        "has_second_factor": second_factor.is_enrolled(user_id),
    }
    return render(request, "accounts/person.html", context)


def _typed(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:254]
