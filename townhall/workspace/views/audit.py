"""The data protection officer's search, on the page and as a file. Searching is itself written down."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from townhall.accounts.permissions import may
from townhall.accounts.web import actor
from townhall.cases.access import cases_visible_to
from townhall.core.access import staff
from townhall.core.actors import Actor
from townhall.core.errors import RuleBroken
from townhall.core.references import parse_reference
from townhall.core.time import council_date, now, start_of
from townhall.customers import finding
from townhall.customers.finding import Person
from townhall.ledger import operations as ledger
from townhall.ledger.searching import Sought
from townhall.workspace import auditing
from townhall.workspace.admin_forms import AuditForm
from townhall.workspace.auditing import LOOKS, MOST_STAFF, Colleague, Question, Row
from townhall.workspace.looked_at import AREAS
from townhall.workspace.spreadsheets import lines

USUAL_DAYS = 30
YEARS = range(2000, 2200)  # anything else is a year that was mistyped
LONGEST_DAYS = 92  # of a search that names nobody: it reads every month of it


@staff(may="audit.see")
@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    by, at = actor(request), now()
    form = AuditForm(request.GET if "kind" in request.GET else None)
    asked = _Asked(form, by, at) if form.is_bound and form.is_valid() else None
    question = asked.question() if asked else None
    found = None
    same = {name: value for name, value in request.GET.items() if name != "after"}
    if question is not None:
        found = auditing.search(question, by=by, after=request.GET.get("after", ""))
        _written(question, by=by, at=at)
    context = {
        "form": form,
        "asked": asked,
        "found": found,
        "same": urlencode(same),
        "more": urlencode({**same, "after": found.after}) if found and found.after else "",
        "only": lambda **one: urlencode({**same, **one}),
    }
    return render(request, "workspace/audit.html", context, status=422 if form.errors else 200)


@staff(may="audit.see")
@never_cache
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The newest of what was found, as a file: that it was taken is kept as well."""
    by, at = actor(request), now()
    form = AuditForm(request.GET)
    question = _Asked(form, by, at).question() if form.is_valid() else None
    if question is None:
        return redirect("workspace:audit")
    _written(question, by=by, at=at, reason="export")
    head = (_("When"), _("Who"), _("What"), _("More"), _("Case"), _("Customer"), _("Id of the customer"))
    rows = (_cells(row) for row in auditing.all_of(question, by=by))
    answer = StreamingHttpResponse(lines((head, *rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{question.kind}.csv"'
    return answer


def _cells(row: Row) -> tuple[object, ...]:
    return row.at.isoformat(), row.who, row.what, row.detail, row.reference, row.customer, str(row.customer_id or "")


def _written(question: Question, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Of one customer the search stands with them; otherwise as a search of its own."""
    case_id = question.sought.case_id
    ledger.looked(
        by=by, at=at, customer_id=question.customer_id, case_id=case_id, page="workspace.audit", reason=reason
    )


class _Asked:
    """What a form asks for, with those it found by name, to narrow it to one of them."""

    def __init__(self, form: AuditForm, by: Actor, at: datetime) -> None:
        self.form, self.by, self.at = form, by, at
        self.staff: list[Colleague] = []
        self.people: list[Person] = []

    def question(self) -> Question | None:
        """None, with the reason on the form, when it cannot be asked like that."""
        given = dict(self.form.cleaned_data)  # a fault takes its field out
        staff = self._staff(given["staff"]) if given["staff"] else None
        customers, case_id = self._subject(given["subject"]) if given["subject"] else (None, None)
        since, until = self._days(given["since"], given["until"], is_named=bool(given["staff"] or given["subject"]))
        if self.form.errors:
            return None
        sought = Sought(
            since=start_of(since),
            until=start_of(until + timedelta(days=1)),
            staff=staff,
            customers=auditing.records_of(customers) if customers is not None else None,
            case_id=case_id,
            codes=AREAS[given["area"]].codes if given["area"] else None,
            reason=given["reason"],
        )
        only = customers[0] if customers is not None and len(customers) == 1 else None
        return Question(kind=given["kind"], sought=sought, customer_id=only)

    def _days(self, since: date | None, until: date | None, *, is_named: bool) -> tuple[date, date]:
        for name, one in (("since", since), ("until", until)):
            if one is not None and one.year not in YEARS:
                self.form.add_error(name, _("Enter a date with the whole year"))
                return council_date(self.at), council_date(self.at)
        until = until or council_date(self.at)
        since = since or until - timedelta(days=USUAL_DAYS)
        if since > until:
            self.form.add_error("until", _("The last day must not be before the first"))
        elif not is_named and until - since > timedelta(days=LONGEST_DAYS):
            self.form.add_error("since", _("Name somebody, or ask for at most %(days)s days") % {"days": LONGEST_DAYS})
        return since, until

    def _staff(self, typed: str) -> list[str]:
        self.staff = auditing.staff_named(typed)
        if not self.staff:
            self.form.add_error("staff", _("Nobody on the staff has that name or email address"))
        elif len(self.staff) > MOST_STAFF:
            self.form.add_error("staff", _("Many have that name. Enter more of it, or an email address"))
        return [one.id for one in self.staff]

    def _subject(self, typed: str) -> tuple[list[UUID] | None, UUID | None]:
        """The customers and the case that were typed. Looks at a case of a customer's are kept with the customer."""
        reference = parse_reference(typed)
        if reference is not None:
            return self._case(reference)
        try:
            return [UUID(typed.strip())], None
        except ValueError:
            pass
        if may(self.by, "customers.see").allowed:
            try:
                self.people = list(finding.look_up(typed, by=self.by, at=self.at).people)
            except RuleBroken:
                self.people = []
        if not self.people:
            self.form.add_error("subject", _("There is no customer or case like that"))
        return [one.id for one in self.people], None

    def _case(self, reference: str) -> tuple[list[UUID] | None, UUID | None]:
        case = cases_visible_to(self.by).filter(reference=reference).first()
        if case is None:
            self.form.add_error("subject", _("There is no case with that reference"))
            return None, None
        if self.form.cleaned_data["kind"] == LOOKS and case.customer_id is not None:
            return [case.customer_id], None
        return None, case.pk
