"""What happened to a case, in words: from the ledger's codes, with the names of those who did it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from townhall.accounts import directory
from townhall.cases.models import Escalation
from townhall.cases.operations.linking import NOT_THEIRS
from townhall.cases.reached import ReachedCouncillor
from townhall.catalogue.pack import ServicePack
from townhall.core.ids import as_uuid
from townhall.feedback.models import Answer
from townhall.ui.words import long_date
from townhall.workspace.case_page import Around, Entry, Offer, Person

# Entries that say what another one beside them says already.
_QUIET = frozenset({"case.note_question", "case.note_reply", "case.note_update", "case.note_staff"})

VERBS: Mapping[str, StrOrPromise] = {
    "case.opened": gettext_lazy("Reported"),
    "case.accepted": gettext_lazy("Accepted"),
    "case.awaiting_decision": gettext_lazy("Back to awaiting decision"),
    "case.declined": gettext_lazy("Declined"),
    "case.declined_because": gettext_lazy("Reason given"),
    "case.scheduled": gettext_lazy("Date set"),
    "case.due_changed": gettext_lazy("Expected date changed"),
    "case.extended": gettext_lazy("More time approved"),
    "case.waiting_for_customer": gettext_lazy("Customer asked a question"),
    "case.note_question": gettext_lazy("Question sent"),
    "case.note_reply": gettext_lazy("Customer answered"),
    "case.note_update": gettext_lazy("Update given"),
    "case.note_staff": gettext_lazy("Note added"),
    "case.reached_councillor": gettext_lazy("Reached a councillor"),
    "case.taken": gettext_lazy("Taken"),
    "case.customer_known": gettext_lazy("It is known whose it is"),
    "case.customer_linked": gettext_lazy("Put on a customer’s record"),
    "case.customer_unlinked": gettext_lazy("Taken off a customer’s record"),
    "case.claimed": gettext_lazy("Put among their own requests by the customer"),
    "case.put_back": gettext_lazy("Put back for the team"),
    "case.offered": gettext_lazy("Offered to another team"),
    "case.service_changed": gettext_lazy("Given to the right service"),
    "case.offer_accepted": gettext_lazy("Offer accepted"),
    "case.offer_returned": gettext_lazy("Offer returned"),
    "case.offer_withdrawn": gettext_lazy("Offer withdrawn"),
    "case.chased": gettext_lazy("Customer chased"),
    "case.escalated": gettext_lazy("Raised"),
    "case.escalation_seen": gettext_lazy("Seen by whom it was raised to"),
    "case.done": gettext_lazy("Work ended"),
    "case.closed": gettext_lazy("Customer told, closed"),
    "case.reopened": gettext_lazy("Opened again"),
    "case.referred": gettext_lazy("Passed to another organisation"),
    "case.merged": gettext_lazy("Joined to an earlier report"),
    "case.joined_by": gettext_lazy("Another report was joined to this one"),
    "case.parted_from": gettext_lazy("A report joined to this one was taken out again"),
    "case.followed": gettext_lazy("Followed"),
    "case.unfollowed": gettext_lazy("No longer followed"),
    "case.withdrawn": gettext_lazy("Withdrawn"),
    "case.split": gettext_lazy("Split into parts"),
    "case.task_added": gettext_lazy("A part was given to another service"),
    "case.task_done": gettext_lazy("A part is done"),
    "case.task_cancelled": gettext_lazy("A part was cancelled"),
    "case.contractor_sent": gettext_lazy("Sent to a contractor"),
    "case.contractor_accepted": gettext_lazy("The contractor accepted"),
    "case.contractor_started": gettext_lazy("The contractor started"),
    "case.contractor_done": gettext_lazy("The contractor has done it"),
    "case.contractor_refused": gettext_lazy("The contractor refused"),
    "case.contractor_cancelled": gettext_lazy("Taken back from the contractor"),
    "case.call_asked": gettext_lazy("Somebody wanted to ring the back office"),
    "case.call_cleared": gettext_lazy("A manager let them ring the back office"),
    "case.call_refused": gettext_lazy("A manager did not let them ring the back office"),
    "case.call_timed_out": gettext_lazy("No manager answered in time whether they may ring"),
    "case.call_made": gettext_lazy("The back office was rung"),
    "case.call_dropped": gettext_lazy("No call to the back office was needed"),
    "case.climbed": gettext_lazy("Sent a step up, as difficult"),
    "case.back_office_said": gettext_lazy("Another system said how it stands"),
    "benefit.assessed": gettext_lazy("Assessed by the risk rules"),
    "benefit.assessed_again": gettext_lazy("Assessed again by later rules"),
    "benefit.overridden": gettext_lazy("An officer decided otherwise than the risk rules"),
    "case.branch_ended": gettext_lazy("A system that it was passed on to has answered"),
    "case.fee_paid": gettext_lazy("The fee was paid"),
    "case.job_called_off": gettext_lazy("Called off with the other system"),
    "case.job_sent_again": gettext_lazy("Sent to the other system once more"),
    "case.not_answered": gettext_lazy("The time for an answer is over"),
    "case.clean_up_close": gettext_lazy("Closed together with others"),
    "case.clean_up_chase": gettext_lazy("Chased together with others"),
    "case.clean_up_undone": gettext_lazy("Undone: nobody was told, and the case is as it was before"),
    "connector.set_up": gettext_lazy("Another system set up"),
    "connector.changed": gettext_lazy("Settings of another system changed"),
    "connector.paused": gettext_lazy("Another system paused"),
    "connector.resumed": gettext_lazy("Another system sent to again"),
    "connector.secret_shown": gettext_lazy("The secret of another system shown"),
    "connector.secret_renewed": gettext_lazy("The secret of another system renewed"),
    "connector.replayed": gettext_lazy("Everything since a date sent again"),
    "clean_up.chase": gettext_lazy("Chased many cases at once"),
    "clean_up.close": gettext_lazy("Closed many cases at once"),
    "clean_up.undone": gettext_lazy("Took back what was done to many cases at once"),
    "post.indexed": gettext_lazy("Post that came in was added"),
    "post.taken_back": gettext_lazy("Post was taken back, as it was misfiled"),
    "paper.linked": gettext_lazy("Document added"),
    "paper.unlinked": gettext_lazy("Document taken away"),
    "survey.answered": gettext_lazy("Answered a survey"),
    "recovery.opened": gettext_lazy("Not content: to be put right"),
    "file.stored": gettext_lazy("File added"),
    "file.approved": gettext_lazy("Photo approved for the public"),
    "file.rejected": gettext_lazy("Photo kept from the public"),
    "message.tried_again": gettext_lazy("Message sent again"),
    "message.withdrawn": gettext_lazy("Message withdrawn before it was sent"),
    "delivery.resent": gettext_lazy("Sent to the other system again"),
}


# A case that had been accepted goes on where it was: nobody accepts it anew.
_GOES_ON: Mapping[str, StrOrPromise] = {
    "merged": gettext_lazy("Goes on by itself again"),
    "waiting_for_customer": gettext_lazy("Goes on"),
}


@dataclass(frozen=True, kw_only=True)
class Event:
    at: datetime
    title: str
    by: str
    note: str
    verb: str


def events(around: Around, pack: ServicePack) -> list[Event]:
    """Newest first."""
    people = {person.id: person for person in around.people or []}
    notes = {(note.at, note.by_id): note.text for note in around.notes or []}
    held = {entry.at for entry in around.entries or [] if entry.verb == "case.clean_up_close"}
    offers = {str(offer.id): offer for offer in around.offers or []}
    found: list[Event] = []
    for entry in around.entries or []:
        if entry.verb == "case.followed" and found and found[-1].verb == "case.followed":
            continue  # the newest says how many follow
        note = _note(entry, pack) or _offer_words(entry, offers)
        if not note and entry.verb in _QUIET:
            note = notes.get((entry.at, entry.actor_id), "")
        found.append(Event(at=entry.at, title=_title(entry, held), by=who(entry, people), note=note, verb=entry.verb))
    return found


def _title(entry: Entry, held: Collection[datetime]) -> str:
    # Of a case that an import brought in already closed, nobody knows who was told.
    if entry.verb == "case.closed" and entry.at in held:
        return _("Closed, the customer to be told when the time to undo is over")
    if entry.verb == "case.closed" and "imported_from" in entry.data:
        return _("Closed in another system")
    if entry.verb == "case.accepted" and entry.data.get("was") in _GOES_ON:
        return str(_GOES_ON[entry.data["was"]])
    return verb_words(entry.verb)


def verb_words(verb: str) -> str:
    """Where nobody wrote better words `case.handed_on` becomes "Handed on", and `api_key.revoked` "Api key: revoked"."""
    known = VERBS.get(verb)
    if known:
        return str(known)
    subject, _dot, what = verb.replace("_", " ").partition(".")
    return what.capitalize() if subject == "case" else f"{subject.capitalize()}: {what}"


def who(entry: Entry, people: Mapping[UUID, Person]) -> str:
    match entry.actor_kind:
        case "staff":
            actor = as_uuid(entry.actor_id)
            person = people.get(actor) if actor else None
            if person is None:
                return _("a member of staff")
            return f"{person.name}, {person.posts}" if person.posts else person.name
        case "customer":
            return _("the customer")
        case "connector":
            return _("another system")
        case "system":
            return _("Townhall")
        case _:
            return _("the public")


def _note(entry: Entry, pack: ServicePack) -> str:
    """What else there is to say: dates, teams and reasons in words."""
    data = entry.data
    if entry.verb == "case.declined_because":
        refusal = pack.refusal(str(data.get("reason", "")))
        return refusal.reason if refusal else str(data.get("reason", ""))
    if entry.verb == "case.done":
        code = data.get("outcome", "")
        return next((one.name for one in pack.outcomes if one.code == code), "")
    if entry.verb == "case.reached_councillor":
        return str(dict(ReachedCouncillor.Cause.choices).get(str(data.get("cause", "")), ""))
    if entry.verb == "survey.answered":
        reason = dict(Answer.Reason.choices).get(str(data.get("reason", "")), "")
        return ": ".join(str(one) for one in (data.get("on", ""), reason) if one)
    if entry.verb == "case.accepted" and "on" not in data:
        return ""
    if entry.verb == "case.chased" and isinstance(count := data.get("chasers"), int):
        return ngettext("once so far", "%(num)d times so far", count) % {"num": count}
    if entry.verb == "case.followed" and isinstance(count := data.get("followers"), int):
        return ngettext("%(num)d person follows it now", "%(num)d people follow it now", count) % {"num": count}
    words = _NOTES.get(entry.verb)
    if words is None:
        return ""
    return str(words) % {
        "channel": data.get("channel", "?"),
        "due_on": _date(data.get("due_on")),
        "was": _date(data.get("was")),
        "on": _date(data.get("on")),
        "until_on": _date(data.get("until_on")),
        "from": _team(data.get("from_team")),
        "to_team": _team(data.get("to_team")),
        "post": _post(data.get("to") or data.get("post")),
        "reason": reason_words(data.get("reason")),
    }


def _offer_words(entry: Entry, offers: Mapping[str, Offer]) -> str:
    """Why an offer came back."""
    offer = offers.get(str(entry.data.get("handoff", "")))
    return offer.reason if offer and entry.verb == "case.offer_returned" else ""


_NOTES: Mapping[str, StrOrPromise] = {
    "case.opened": gettext_lazy("By %(channel)s. Promised for %(due_on)s."),
    "post.indexed": gettext_lazy("By %(channel)s"),
    "case.accepted": gettext_lazy("For %(on)s"),
    "case.scheduled": gettext_lazy("For %(on)s"),
    "case.due_changed": gettext_lazy("From %(was)s to %(due_on)s"),
    "case.extended": gettext_lazy("Until %(until_on)s"),
    "case.offered": gettext_lazy("From %(from)s to %(to_team)s"),
    "case.escalated": gettext_lazy("To %(post)s: %(reason)s"),
    "case.taken": gettext_lazy("By %(post)s"),
    "case.customer_unlinked": gettext_lazy("%(reason)s"),
}
_REASONS: Mapping[str, StrOrPromise] = {
    Escalation.Reason.CHASERS_MANAGER.value: gettext_lazy("the customer has chased"),
    Escalation.Reason.CHASERS_SENIOR.value: gettext_lazy("the customer keeps chasing"),
    Escalation.Reason.REFERRAL_AGE.value: gettext_lazy("open too long"),
    Escalation.Reason.DECISION_AGE.value: gettext_lazy("no decision within the limit"),
    Escalation.Reason.OVERDUE.value: gettext_lazy("past the promised date"),
    Escalation.Reason.HANDOFF_UNANSWERED.value: gettext_lazy("an offer was not answered in time"),
    **NOT_THEIRS,
}


def reason_words(code: object) -> str:
    """Why a case was raised, or taken off a record."""
    return str(_REASONS.get(str(code), str(code).replace("_", " ")))


def _date(text: object) -> str:
    try:
        return long_date(date.fromisoformat(str(text)))
    except ValueError:
        return _("no date")


def _team(code: object) -> str:
    if not code:
        return ""
    try:
        return directory.team(str(code)).name
    except directory.UnknownCode:
        return str(code)


def _post(code: object) -> str:
    if not code:
        return ""
    try:
        return directory.post(str(code)).title
    except directory.UnknownCode:
        return str(code)
