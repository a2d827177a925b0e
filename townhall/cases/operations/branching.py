"""One form, several systems: each gets what it needs and no more, on its own delivery, and answers for itself (FORM-06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.cases.models import OPEN_STATES, Branch, Case
from townhall.cases.operations.contracting import usual_outcome
from townhall.cases.operations.finishing import close_telling, end_work
from townhall.cases.operations.locking import record
from townhall.cases.states import State
from townhall.catalogue import pack as packs
from townhall.catalogue.pack import ServicePack
from townhall.connectors import operations as connectors
from townhall.connectors.events import StatusEventReceived
from townhall.core import logic
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.money import Pence
from townhall.core.sealed_answers import shown_all
from townhall.core.subjects import Subject
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.payments import operations as payments

_MOST_PENCE = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A branch as a page shows it. `delivery`: the delivery's state, empty without one."""

    code: str
    name: str
    team: str
    state: str
    note: str
    delivery: str
    attempts: int
    error: str
    changed_at: datetime


def pass_on(
    pack: ServicePack,
    answers: Mapping[str, Any],
    *,
    case_id: UUID,
    reference: str,
    sender: Recipient,
    zone: str,
    has_account: bool,
    at: datetime,
) -> list[Branch]:
    """Begin every branch that these answers ask for. Call inside the transaction that opens the case.

    Every branch is its own subject to its system, so one that is down holds nothing else back.
    """
    known = {**answers, "zone": zone, "has_account": has_account}
    made = []
    for one in pack.branches:
        if (one.when is not None and not logic.holds(one.when, known)) or (one.does == "invite" and not sender.email):
            continue
        branch = Branch(
            case_id=case_id,
            code=one.code,
            name=one.name,
            team_id=directory.team(one.team).id,
            email=sender.email.casefold() if one.does == "invite" else "",
            created_at=at,
        )
        match one.does:
            case "deliver":
                branch.delivery_id = _deliver(one, branch, answers, reference=reference, at=at)
            case "invite" | "link":
                _write(one, branch, sender, reference=reference, at=at)
        if one.does == "link":
            branch.state, branch.note, branch.ended_at = Branch.State.DONE, _("We sent a link."), at
        made.append(branch)
    return Branch.objects.bulk_create(made)


def _deliver(one: packs.Branch, branch: Branch, answers: Mapping[str, Any], *, reference: str, at: datetime) -> UUID:
    # Where no answers are named, what was sealed goes to nobody.
    sent = {code: answers[code] for code in one.sends if code in answers} if one.sends else shown_all(answers)
    return connectors.deliver(
        one.target or "",
        kind=one.kind,
        payload={"reference": reference, "branch": one.code, "answers": sent},
        about=Subject(kind="branch", id=branch.id),
        key=f"case-{branch.case_id}-{one.code}",
        at=at,
        case_id=branch.case_id,
    )


def _write(one: packs.Branch, branch: Branch, sender: Recipient, *, reference: str, at: datetime) -> None:
    notifications.send(
        "case/branch",
        to=sender,
        about=Subject(kind="case", id=branch.case_id),
        key=f"case-{branch.case_id}-{one.code}",
        context={
            "name": one.name,
            "words": one.words,
            "link": f"{settings.PUBLIC_URL}{one.link}",
            "reference": reference,
        },
        at=at,
        case_id=branch.case_id,
    )


def heard(case: Case, event: StatusEventReceived, *, by: Actor) -> bool:
    """What a system says of its branch of a locked case. False when the message is about no branch.

    The case ends when the last branch is done; a refusal leaves it open with the team of the branch.
    """
    branch = Branch.objects.select_for_update().filter(case=case, delivery_id=event.delivery_id).first()
    if branch is None:
        return False
    if branch.state != Branch.State.OPEN or event.status not in ("completed", "refused"):
        return True
    branch.state = Branch.State.DONE if event.status == "completed" else Branch.State.REFUSED
    branch.note, branch.ended_at = event.note.strip()[:2000], event.at
    branch.save(update_fields=["state", "note", "ended_at"])
    record(case, "case.branch_ended", by=by, at=event.at, branch=branch.code, state=str(branch.state))
    if branch.state == Branch.State.DONE:
        _bill(case, event, by=by)
        end_when_whole(case, by=by, at=event.at)
    return True


def _bill(case: Case, event: StatusEventReceived, *, by: Actor) -> None:
    """A new bill that came with the answer is owed from now on: once, however often it is told."""
    bill = event.data.get("bill")
    if not isinstance(bill, dict):
        return
    reference, pence = str(bill.get("reference", ""))[:40], bill.get("pence")
    if not isinstance(pence, int) or not 0 < pence <= _MOST_PENCE or len(reference) < 3:
        return
    payments.owe(
        payments.Owed(
            kind=payments.kind_of_service("council-tax", _("Council tax")),
            reference=reference,
            description=_("New bill after a move"),
            amount_pence=Pence(pence),
            source=event.source,
            key=event.external_id or str(event.delivery_id),
            customer_id=case.customer_id,
        ),
        by=by,
        at=event.at,
    )


def end_when_whole(case: Case, *, by: Actor, at: datetime) -> None:
    """Close a locked case when nothing of it is open: an invitation that nobody took up does not hold it."""
    if case.state not in OPEN_STATES or case.state == State.DONE:
        return
    open_rows = case.branches.exclude(state=Branch.State.DONE).filter(email="")
    if open_rows.exists():
        return
    said = [one.note for one in case.branches.order_by("created_at", "id") if one.note]
    end_work(case, outcome_code=usual_outcome(case), outcome_text="\n".join(said), by=by, at=at)
    close_telling(case, by=by, at=at)


def account_opened(email: str, *, at: datetime) -> None:
    """An invitation was taken up. That opens no case to the account: two people may share an address."""
    rows = Branch.objects.filter(email=email.casefold(), state=Branch.State.OPEN).exclude(email="")
    rows.update(state=Branch.State.DONE, note=_("The account is open."), ended_at=at)


def passed_on(case_id: UUID) -> list[Passed]:
    """The branches of a case with how far each is. One query."""
    return [
        Passed(
            code=row[0],
            name=row[1],
            team=row[2],
            state=row[3],
            note=row[4],
            delivery=row[5] or "",
            attempts=row[6] or 0,
            error=row[7] or "",
            changed_at=row[8],
        )
        for row in fetch_all(
            """SELECT b.code, b.name, t.name, b.state, b.note, d.state, d.attempts, d.last_error,
                 coalesce(b.ended_at, d.sent_at, b.created_at)
               FROM cases_branch b JOIN accounts_team t ON t.id = b.team_id
               LEFT JOIN connectors_delivery d ON d.id = b.delivery_id
               WHERE b.case_id = %s ORDER BY b.created_at, b.id""",
            (case_id,),
        )
    ]
