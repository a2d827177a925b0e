"""What a reader does with a mail: send it where it belongs, answer it, split it, put it with its case."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from townhall.accounts.models import User
from townhall.accounts.queries import posts_of
from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import council_date, now
from townhall.files.models import Purpose
from townhall.files.sanitising import cleaned
from townhall.knowledge.queries import replies_for
from townhall.mailroom import operations
from townhall.mailroom.models import Mail
from townhall.mailroom.operations import LookAgain, NewReply
from townhall.mailroom.permissions import READ
from townhall.notifications.enclosing import Enclosure
from townhall.ui.site import site
from townhall.workspace import reply_prompts
from townhall.workspace.views.mail import mail_page
from townhall.workspace.views.shared import user_id
from townhall.workspace.views.typing_in import problems_of, typed

MOST_FILES = 5


@staff(may=READ)
@never_cache
@require_POST
def send_to(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Where it belongs."""
    given = typed(request, "service", "reason", "urgency")

    def act() -> str:
        operations.send_to(mail_id, **given, by=actor(request), at=now())
        return _("The mail is with the service that it is for.")

    return _done(request, mail_id, act, given)


@staff(may=READ)
@never_cache
@require_POST
def split(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    given = typed(request, "part_words", "part_service")

    def act() -> str:
        operations.split(mail_id, words=given["part_words"], service=given["part_service"], by=actor(request), at=now())
        return _("The other matter has a case of its own, and its sender was told.")

    return _done(request, mail_id, act, given, prefix="part_")


@staff(may=READ)
@never_cache
@require_POST
def put_with(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    given = typed(request, "reference")

    def act() -> str:
        case = operations.put_with(mail_id, reference=given["reference"], by=actor(request), at=now())
        return _("The mail is with %(reference)s.") % {"reference": case.reference}

    return _done(request, mail_id, act, given)


@staff(may=READ)
@never_cache
@require_POST
def turn_into(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """It is a complaint, a comment, a compliment or a Member's enquiry: one press makes the record, with the mail kept to it."""
    try:
        made = operations.turn_into(mail_id, kind=request.POST.get("kind", ""), by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, " ".join(problems_of(error).values()))
        return redirect("workspace:mail", mail_id)
    messages.success(request, _("The record is made, its sender is told, and the mail is kept to it."))
    return redirect("workspace:complaint", made.id)


def _done(
    request: HttpRequest, mail_id: UUID, act: Callable[[], str], given: dict[str, str], *, prefix: str = ""
) -> HttpResponse:
    """Do it and come back with what was done, or show what is wrong beside what was typed."""
    try:
        messages.success(request, act())
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        problems = {f"{prefix}{name}": words for name, words in error.problems.items()}
        return mail_page(request, mail_id, problems=problems, typed=given)
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    return redirect("workspace:mail", mail_id)


@staff(may=READ)
@never_cache
@require_POST
def reply(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """Answer it. "Use it" puts an approved reply into the box; what the check finds is shown before anything goes."""
    given = typed(request, "words", "approved", "key", "sure")
    if "use" in request.POST:
        return mail_page(request, mail_id, typed=given | {"words": _with_approved(given, mail_id)}, is_writing=True)
    if prompted := _prompted(request, mail_id, given):
        return prompted
    try:
        new = NewReply(
            words=given["words"],
            key=given["key"] or f"{mail_id}-{now().isoformat()}",
            signature=_signature(user_id(request)),
            enclosures=_files(request),
            sure=given["sure"] == "yes",
        )
        operations.reply(mail_id, new, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except LookAgain as error:
        return mail_page(request, mail_id, typed=given, found=error.found, reply_key=given["key"], is_writing=True)
    except RuleBroken as error:
        return mail_page(
            request,
            mail_id,
            problems=problems_of(error, field="words"),
            typed=given,
            reply_key=given["key"],
            is_writing=True,
        )
    messages.success(request, _("Your reply is on its way."))
    return redirect("workspace:mail", mail_id)


def _prompted(request: HttpRequest, mail_id: UUID, given: dict[str, str]) -> HttpResponse | None:
    """The approved words that say the same, shown once before one's own go out, or in the box when they were taken."""
    service = Case.objects.filter(pk__in=_case_of(mail_id)).values_list("service_code", flat=True).first() or ""
    taken = reply_prompts.taken(request.POST.dict(), service=service)
    if taken is not None:
        return mail_page(request, mail_id, typed=given | {"words": taken}, reply_key=given["key"], is_writing=True)
    prompts = reply_prompts.of(given["words"], service=service, field="words")
    if not prompts.is_own_words or request.POST.get("prompted") == str(prompts.like[0].reply.id):
        return None
    return mail_page(request, mail_id, typed=given, prompts=prompts, reply_key=given["key"], is_writing=True)


def _with_approved(given: dict[str, str], mail_id: UUID) -> str:
    """What was typed, and below it the approved words that were picked."""
    case = Case.objects.filter(pk__in=_case_of(mail_id)).first()
    for one in replies_for(service=case.service_code if case else ""):
        if str(one.id) == given["approved"]:
            return f"{given['words']}\n\n{one.text}".strip()
    return given["words"]


def _case_of(mail_id: UUID) -> list[UUID]:
    return [one for one in Mail.objects.filter(pk=mail_id).values_list("case_id", flat=True) if one is not None]


def _signature(reader: UUID) -> str:
    """Name and post, council and phone, a line each."""
    post = posts_of([reader], on=council_date(now())).get(reader, "")
    name = User.objects.values_list("name", flat=True).get(pk=reader)
    return "\n".join(one for one in (name, post, site().name, site().phone) if one)


def _files(request: HttpRequest) -> list[Enclosure]:
    """What is attached, cleaned as every upload is. Raises BadInput under "files"."""
    uploads = request.FILES.getlist("files")
    if len(uploads) > MOST_FILES:
        raise BadInput({"files": _("Attach %(most)d files at most") % {"most": MOST_FILES}})
    kept = [cleaned(one, purpose=Purpose.ATTACHMENT, field="files") for one in uploads]
    return [Enclosure(name=one.name, content_type=one.content_type, content=one.content) for one in kept]
