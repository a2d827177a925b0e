"""Shared mailboxes: what waits for somebody to read, what became of each mail, and the register of boxes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts.models import User
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.models import Case
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.mailroom import operations, queries
from townhall.mailroom.models import Mail
from townhall.mailroom.operations import NewMailbox
from townhall.mailroom.operations.boxes import MANAGE
from townhall.mailroom.permissions import READ
from townhall.workspace.names import names_of
from townhall.workspace.views.typing_in import errors_of
from townhall.workspace.website_inputs import line, whole

ANYTHING = "all"
_TYPED = {"address": 254, "purpose": 500, "readers": 500, "host": 253, "port": 5, "login": 254}
_TYPED |= {"secret": 100, "folder": 200}


@staff(may=READ)
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """`done` picks what became of them; by default what somebody has to read. `box`: one mailbox."""
    done = request.GET.get("done", Mail.Done.TRIAGE)
    wanted = done if done in Mail.Done.values else None
    try:
        box = UUID(request.GET.get("box", ""))
    except ValueError:
        box = None
    by = actor(request)
    page = queries.mails(by=by, at=now(), box=box, done=wanted, after=request.GET.get("after", "")[:200])
    context = {
        "page": page,
        "done": done if wanted is not None else ANYTHING,
        "box": str(box or ""),
        "kinds": [(ANYTHING, _("Anything")), *((one.value, one.label) for one in Mail.Done if one.value)],
        "boxes": [("", _("Any")), *((str(one.id), one.address) for one in queries.boxes(by=by, at=now()) if one.is_read_by(by))],
    }
    return render(request, "workspace/mail/listed.html", context)


@staff(may=READ)
@never_cache
@require_safe
def one(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    return _page(request, mail_id)


def _page(request: HttpRequest, mail_id: UUID, *, problems: dict[str, str] | None = None) -> HttpResponse:
    try:
        shown = queries.mail(mail_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    cases = Case.objects.filter(pk=shown.mail.case_id) if shown.mail.case_id else Case.objects.none()
    context = {
        "mail": shown.mail,
        "attachments": shown.attachments,
        "reference": cases.values_list("reference", flat=True).first(),
        "can_decide": shown.mail.done in (Mail.Done.TRIAGE, Mail.Done.AUTOMATIC, Mail.Done.LIST),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/mail/mail.html", context, status=422 if problems else 200)


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
        return _page(request, mail_id, problems=error.problems)
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


@staff(may=queries.SEE_BOXES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def boxes(request: HttpRequest) -> HttpResponse:
    """The register; whoever may adds a mailbox to it here."""
    by, at = actor(request), now()
    typed = {"port": "993", "folder": "INBOX"}
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: line(request.POST, name, longest=longest) for name, longest in _TYPED.items()}
        try:
            operations.open_mailbox(_new(typed, encrypted="plain" not in request.POST), by=by, at=at)
        except BadInput as error:
            problems = error.problems
        except RuleBroken as error:
            problems = {"readers": str(error.user_message)}
        else:
            messages.success(request, _("The mailbox is watched from now on."))
            return redirect("workspace:mailboxes")
    rows = queries.boxes(by=by, at=at)
    context = {
        "rows": rows,
        "neglected": {row.id for row in rows if row.is_neglected(at)},
        "names": names_of([str(reader) for row in rows for reader in row.readers]),
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "may_manage": bool(may(by, MANAGE)),
        "mine": {row.id for row in rows if row.is_read_by(by)},
        "may_read": bool(may(by, READ)),
    }
    return render(request, "workspace/mail/boxes.html", context, status=422 if problems else 200)


def _new(typed: dict[str, str], *, encrypted: bool) -> NewMailbox:
    emails = [email.casefold() for email in typed["readers"].replace(",", " ").split()]
    readers = list(User.objects.filter(email__in=emails, is_active=True).values_list("pk", flat=True))
    return NewMailbox(
        address=typed["address"],
        purpose=typed["purpose"],
        readers=readers,
        host=typed["host"],
        port=whole(typed["port"], most=65_535) or 993,
        encrypted=encrypted,
        login=typed["login"],
        secret=typed["secret"],
        folder=typed["folder"],
    )


@staff(may=MANAGE)
@require_POST
def close(request: HttpRequest, mailbox_id: UUID) -> HttpResponse:
    try:
        operations.close(mailbox_id, by=actor(request), at=now())
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        messages.error(request, str(error.user_message))
    return redirect("workspace:mailboxes")
