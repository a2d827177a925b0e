"""Shared mailboxes: what waits for somebody to read, what became of each mail, and the register of boxes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.catalogue import queries as catalogue
from townhall.complaints import queries as complaints
from townhall.complaints.models import Complaint
from townhall.complaints.receiving import RECORD
from townhall.contacts import queries as contacts
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.ids import uuid7
from townhall.core.time import now
from townhall.files.models import Purpose, StoredFile
from townhall.files.sanitising import cleaned
from townhall.knowledge.queries import replies_for
from townhall.mailroom import operations, queries
from townhall.mailroom.models import Answer, Mail, Urgency
from townhall.mailroom.models.mails import ANSWERED, TO_DECIDE
from townhall.mailroom.permissions import READ, readable_by
from townhall.notifications.recipients import email_address
from townhall.workspace import mail_html, presence
from townhall.workspace.queue import service_name
from townhall.workspace.views.desk import as_uuid
from townhall.workspace.views.shared import user_id
from townhall.workspace.views.typing_in import errors_of

ANYTHING = "all"


@staff(may=READ)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """`done` picks what became of them; by default what somebody has to read. `box`: one mailbox."""
    done = request.GET.get("done", Mail.Done.TRIAGE)
    wanted = done if done in (*Mail.Done.values, ANSWERED) else None
    box = as_uuid(request.GET.get("box", ""))
    by = actor(request)
    page = queries.mails(by=by, at=now(), box=box, done=wanted, after=request.GET.get("after", "")[:200])
    mine = [one for one in queries.boxes(by=by, at=now()) if one.is_read_by(by)]
    operations.looked_into([one.id for one in mine if box in (None, one.id)], by=by, at=now())
    context = {
        "page": page,
        "done": done if wanted is not None else ANYTHING,
        "box": str(box or ""),
        "kinds": [
            (ANYTHING, _("Anything")),
            *((one.value, one.label) for one in Mail.Done if one.value),
            (ANSWERED, _("Answered")),
        ],
        "boxes": [("", _("Any")), *((str(one.id), one.address) for one in mine)],
    }
    return render(request, "workspace/mail/listed.html", context)


@staff(may=READ)
@never_cache
@require_safe
def one(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    return mail_page(request, mail_id)


def mail_page(
    request: HttpRequest, mail_id: UUID, *, problems: dict[str, str] | None = None, **more: object
) -> HttpResponse:
    """The page of one mail: what it says, where it belongs, and everything that can be done with it."""
    by, at = actor(request), now()
    try:
        shown = queries.mail(mail_id, by=by, at=at)
    except NotFound as error:
        raise Http404 from error
    operations.read_by_somebody(mail_id, by=by, at=at)
    presence.here(mail_id, user_id=user_id(request), doing=presence.VIEWING, at=at)
    mail = shown.mail
    case = Case.objects.filter(pk=mail.case_id).first() if mail.case_id else None
    parts = {one.case_id: one for one in shown.parts}
    files = {
        one.pk: one for one in StoredFile.objects.filter(pk__in=[row.file_id for row in shown.enclosed if row.file_id])
    }
    context = {
        "mail": mail,
        "attachments": shown.attachments if not shown.enclosed else [],
        "enclosed": [(row, files.get(row.file_id) if row.file_id else None) for row in shown.enclosed],
        "laid_out": mail_html.safe(shown.html, mail_id) if shown.html else "",
        "case": case,
        "service": service_name(case.service_code) if case else "",
        "route": shown.route,
        "proposed": service_name(shown.route.service_code) if shown.route and shown.route.service_code else "",
        "parts": list(Case.objects.filter(pk__in=parts).values_list("reference", "service_code")) if parts else [],
        "due_at": shown.due_at,
        "is_overdue": shown.due_at is not None and shown.due_at < at,
        "answers": list(Answer.objects.filter(mail=mail).order_by("at")),
        "here": presence.others(mail_id, besides=user_id(request), at=at),
        "can_decide": mail.case_id is None and mail.done in TO_DECIDE,
        "can_answer": mail.kind == "ordinary" and bool(email_address(mail.from_address)),
        "complaint": complaints.of_source("mail", [mail.pk]).get(mail.pk),
        "complaint_kinds": Complaint.Kind.choices,
        "can_complain": may(by, RECORD).allowed
        and bool(mail.from_address)
        and (case is not None or mail.done in TO_DECIDE),
        "can_send_on": case is not None and case.state == "awaiting_decision",
        "services": [("", _("Select a service")), *((one.code, one.name) for one in catalogue.services())],
        "reasons": [("", _("As proposed")), *contacts.words().reasons.items()],
        "urgencies": [("", _("As proposed")), *Urgency.choices],
        "replies": [(str(one.id), one.title) for one in replies_for(service=case.service_code if case else "")],
        "reply_key": str(uuid7()),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
        "typed": {},
        "found": [],
        **more,
    }
    return render(request, "workspace/mail/mail.html", context, status=422 if problems or context["found"] else 200)


@staff(may=READ, keeps_alive=False)
@require_POST
def present(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """An open page says that it still is, and is told who else is there: the words to show, or nothing."""
    by, at = actor(request), now()
    if not readable_by(by).filter(pk=mail_id).exists():
        raise Http404
    doing = request.POST.get("doing", presence.VIEWING)
    presence.here(mail_id, user_id=user_id(request), doing=doing if doing == "replying" else presence.VIEWING, at=at)
    here = presence.others(mail_id, besides=user_id(request), at=at)
    return render(request, "workspace/mail/here.html", {"here": here})


@staff(may=READ)
@require_safe
def picture(request: HttpRequest, mail_id: UUID, content_id: str) -> HttpResponse:
    """A picture that stands in the text of a mail, made anew as uploads are; anything else is not found."""
    try:
        one = queries.inline_picture(mail_id, content_id, by=actor(request))
        clean = cleaned(SimpleUploadedFile(one.name, one.content), purpose=Purpose.BEFORE)
    except (NotFound, BadInput) as error:
        raise Http404 from error
    answer = HttpResponse(clean.content, content_type=clean.content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@staff(may=READ)
@require_POST
def open_case(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    try:
        case_id = operations.open_case(mail_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
        return redirect("workspace:mail", mail_id)
    return redirect("workspace:case", Case.objects.values_list("reference", flat=True).get(pk=case_id))


@staff(may=READ)
@require_POST
def file_away(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    try:
        operations.file_away(mail_id, why=request.POST.get("why", ""), by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except BadInput as error:
        return mail_page(request, mail_id, problems=error.problems)
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
        return redirect("workspace:mail", mail_id)
    messages.success(request, _("The mail is filed. Nobody need answer it."))
    return redirect("workspace:mails")


@staff(may=READ)
@require_safe
def original(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    """The mail byte for byte, to save and open in a mail program; never shown as a page of ours."""
    try:
        raw = queries.original(mail_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    answer = HttpResponse(raw, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{mail_id}.eml"'
    return answer
