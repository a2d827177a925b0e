"""The register of shared mailboxes: who answers for each, who reads it, how it stands, and how it is closed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from townhall.accounts import directory
from townhall.accounts.models import User
from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.catalogue import queries as catalogue
from townhall.core.access import staff
from townhall.core.errors import BadInput, NotFound, RuleBroken
from townhall.core.time import now
from townhall.mailroom import operations, queries
from townhall.mailroom.models import Mailbox
from townhall.mailroom.operations import NewMailbox
from townhall.mailroom.operations.boxes import MANAGE
from townhall.mailroom.permissions import READ
from townhall.mailroom.queries import Box
from townhall.workspace import spreadsheets
from townhall.workspace.names import names_of
from townhall.workspace.queue import post_title, service_name
from townhall.workspace.views.typing_in import errors_of, problems_of
from townhall.workspace.website_inputs import line, whole

_TYPED = {
    "address": 254,
    "purpose": 500,
    "owner": 100,
    "reply_days": 3,
    "readers": 500,
    "way": 10,
    "host": 253,
    "port": 5,
}
_TYPED |= {"afterwards": 10, "moved_to": 200, "tenant": 100, "login": 254, "secret": 100, "folder": 200}
_CHANGED = {"purpose": 500, "owner": 100, "reply_days": 3, "readers": 500}


@staff(may=queries.SEE_BOXES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def boxes(request: HttpRequest) -> HttpResponse:
    """The register; whoever may adds a mailbox to it here."""
    by, at = actor(request), now()
    typed = {"port": "993", "folder": "INBOX", "reply_days": "2", "way": "imap"}
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
        "owners": {row.id: _owner(row) for row in rows},
        "typed": typed,
        "problems": problems,
        "errors": errors_of(problems),
        "may_manage": bool(may(by, MANAGE)),
        "posts": _posts(),
        "ways": Mailbox.Way.choices,
        "afterwards": Mailbox.Afterwards.choices,
        "mine": {row.id for row in rows if row.is_read_by(by)},
        "may_read": bool(may(by, READ)),
    }
    return render(request, "workspace/mail/boxes.html", context, status=422 if problems else 200)


@staff(may=queries.SEE_BOXES)
@require_safe
def sheet(request: HttpRequest) -> StreamingHttpResponse:
    """The register for a spreadsheet."""
    at = now()
    rows = queries.boxes(by=actor(request), at=at)
    names = names_of([str(reader) for row in rows for reader in row.readers])
    head = [_("Address"), _("Purpose"), _("Owner"), _("Readers"), _("Reply standard (working days)"), _("Last opened")]
    head += [_("Unread"), _("Overdue"), _("For somebody to read"), _("Replacement form"), _("State"), _("Neglected")]
    lines = (
        [
            row.address,
            row.purpose,
            _owner(row),
            ", ".join(names.get(str(reader), "") for reader in row.readers),
            row.reply_days,
            row.last_opened_at.isoformat(timespec="minutes") if row.last_opened_at else "",
            row.unread,
            row.overdue,
            row.for_somebody,
            service_name(row.replacement) if row.replacement else "",
            str(row.state.label),
            _("yes") if row.is_neglected(at) else "",
        ]
        for row in rows
    )
    answer = StreamingHttpResponse(spreadsheets.lines([head, *lines]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="mailboxes.csv"'
    return answer


@staff(may=queries.SEE_BOXES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def box(request: HttpRequest, mailbox_id: UUID) -> HttpResponse:
    """One mailbox: what the register says, changed here by whoever may, and the steps of closing it."""
    if request.method != "POST":
        return _page(request, mailbox_id)
    typed = {name: line(request.POST, name, longest=longest) for name, longest in _CHANGED.items()}
    return _done(
        request,
        mailbox_id,
        lambda: operations.change(
            mailbox_id,
            purpose=typed["purpose"],
            owner=typed["owner"],
            reply_days=whole(typed["reply_days"], most=365) or 0,
            readers=_readers(typed["readers"]),
            by=actor(request),
            at=now(),
        ),
        _("The register is changed."),
        typed,
    )


def _page(
    request: HttpRequest,
    mailbox_id: UUID,
    *,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> HttpResponse:
    by, at = actor(request), now()
    try:
        found = queries.box(mailbox_id, by=by, at=at)
    except NotFound as error:
        raise Http404 from error
    readers = list(User.objects.filter(pk__in=found.readers).order_by("name").values_list("name", "email"))
    usual = {
        "purpose": found.purpose,
        "owner": next((one.code for one in directory.all_posts() if one.id == found.owner_post_id), ""),
        "reply_days": str(found.reply_days),
        "readers": ", ".join(email for _name, email in readers),
        "replacement": found.replacement,
        "days": "30",
    }
    context = {
        "box": found,
        "owner": _owner(found),
        "readers": [name for name, _email in readers],
        "is_neglected": found.is_neglected(at),
        "replacement": service_name(found.replacement) if found.replacement else "",
        "weeks": queries.still_arriving(mailbox_id, since=found.closing_at) if found.closing_at else [],
        "may_manage": bool(may(by, MANAGE)),
        "may_close": found.may_close(at),
        "is_mine": found.is_read_by(by),
        "posts": _posts(),
        "services": [("", _("Select a service")), *((one.code, one.name) for one in catalogue.services())],
        "typed": usual | (typed or {}),
        "problems": problems or {},
        "errors": errors_of(problems or {}),
    }
    return render(request, "workspace/mail/box.html", context, status=422 if problems else 200)


@staff(may=MANAGE)
@never_cache
@require_POST
def begin_closing(request: HttpRequest, mailbox_id: UUID) -> HttpResponse:
    typed = {name: line(request.POST, name, longest=100) for name in ("replacement", "days")}
    return _done(
        request,
        mailbox_id,
        lambda: operations.begin_closing(
            mailbox_id,
            replacement=typed["replacement"],
            days=whole(typed["days"], most=1000) or 0,
            by=actor(request),
            at=now(),
        ),
        _("Every answer names the form from now on."),
        typed,
    )


@staff(may=MANAGE)
@require_POST
def close(request: HttpRequest, mailbox_id: UUID) -> HttpResponse:
    done = _("The mailbox is closed. Who still writes is sent to the form.")
    return _done(request, mailbox_id, lambda: operations.close(mailbox_id, by=actor(request), at=now()), done, {})


@staff(may=MANAGE)
@require_POST
def reopen(request: HttpRequest, mailbox_id: UUID) -> HttpResponse:
    done = _("The mailbox is open again.")
    return _done(request, mailbox_id, lambda: operations.reopen(mailbox_id, by=actor(request), at=now()), done, {})


def _done(
    request: HttpRequest, mailbox_id: UUID, act: Callable[[], object], words: str, typed: dict[str, str]
) -> HttpResponse:
    try:
        act()
    except NotFound as error:
        raise Http404 from error
    except RuleBroken as error:
        if not typed:
            messages.error(request, str(error.user_message))
            return redirect("workspace:mailbox", mailbox_id)
        return _page(request, mailbox_id, typed=typed, problems=problems_of(error, field="readers"))
    messages.success(request, words)
    return redirect("workspace:mailbox", mailbox_id)


def _owner(found: Box) -> str:
    return post_title(found.owner_post_id) if found.owner_post_id else ""


def _posts() -> list[tuple[str, str]]:
    return [("", _("Select a post")), *((one.code, one.title) for one in directory.all_posts())]


def _readers(text: str) -> list[UUID]:
    emails = [email.casefold() for email in text.replace(",", " ").split()]
    return list(User.objects.filter(email__in=emails, is_active=True).values_list("pk", flat=True))


def _new(typed: dict[str, str], *, encrypted: bool) -> NewMailbox:
    return NewMailbox(
        address=typed["address"],
        purpose=typed["purpose"],
        readers=_readers(typed["readers"]),
        owner=typed["owner"],
        reply_days=whole(typed["reply_days"], most=365) or 0,
        way=typed["way"] if typed["way"] in Mailbox.Way.values else Mailbox.Way.IMAP.value,
        host=typed["host"],
        port=whole(typed["port"], most=65_535) or 993,
        encrypted=encrypted,
        tenant=typed["tenant"],
        login=typed["login"],
        secret=typed["secret"],
        folder=typed["folder"],
        afterwards=typed["afterwards"] if typed["afterwards"] in Mailbox.Afterwards.values else "leave",
        moved_to=typed["moved_to"],
    )
