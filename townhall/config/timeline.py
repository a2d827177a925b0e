"""How the entries of each app are called in a customer's timeline, and which service holds them. An app that is not here is shown too."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from townhall.governance import plain
from townhall.workspace.timeline import Kind, leave_out, register, words_of


def connect() -> None:
    register(
        Kind(code="case", title=_("Cases"), prefixes=frozenset({"case"})),
        verbs={
            "case.opened": _("Case"),
            "case.done": _("Work ended"),
            "case.declined": _("Declined"),
            "case.reopened": _("Opened again"),
        },
    )
    register(
        Kind(
            code="message",
            title=_("Messages and alerts sent"),
            prefixes=frozenset({"message", "alert", "text", "text_reply"}),
        ),
        verbs={
            "text_reply.received": _("They answered a text"),
            "message.sent": _("Message"),
            "message.failed": _("A message could not be delivered"),
            "alert.turned_on": _("Alert turned on"),
            "alert.turned_off": _("Alert turned off"),
        },
    )
    register(
        Kind(code="form", title=_("Forms"), prefixes=frozenset({"form", "draft"})),
        verbs={"form.sent": _("Form sent"), "draft.kept": _("Draft kept")},
    )
    register(
        Kind(code="payment", title=_("Payments and bills"), prefixes=frozenset({"payment", "refund", "charge"})),
        verbs={
            "payment.succeeded": _("Paid"),
            "payment.failed": _("Payment failed"),
            "payment.cancelled": _("Payment cancelled"),
            "charge.posted": _("Bill"),
            "charge.changed": _("Bill changed"),
            "charge.paid": _("Bill paid"),
            "charge.cancelled": _("Bill cancelled"),
            "refund.requested": _("Refund asked for"),
            "refund.succeeded": _("Refunded"),
        },
    )
    _specialist()
    register(
        Kind(code="account", title=_("Account and sign-ins"), prefixes=frozenset({"account", "consent"})),
        verbs={
            "account.signed_in": _("Signed in to the account"),
        },
    )
    register(
        Kind(code="document", title=_("Documents"), prefixes=frozenset({"document"})),
        verbs={"document.kept": _("Document")},
    )
    register(
        Kind(code="record", title=_("The record itself"), prefixes=frozenset({"customer", "address"})),
        verbs={
            "customer.merged": _("Another record merged into this one"),
            "customer.merged_into": _("Merged into another record"),
            "customer.unmerged": _("Taken apart from another record"),
            "customer.unmerged_from": _("Another record taken apart from this one"),
            "customer.kept_apart": _("Looked at beside another record, and kept apart"),
            "customer.created": _("Record made"),
            "customer.changed": _("Record changed"),
            "customer.contact_point_added": _("Phone number or email address added"),
            "customer.contact_point_ended": _("Phone number or email address taken away"),
            "customer.contact_point_verified": _("Phone number or email address checked"),
            "customer.address_added": _("Address added"),
            "customer.address_ended": _("Address ended"),
            "customer.need_agreed": _("Need written down"),
            "customer.need_ended": _("Need no longer there"),
            "customer.channels_chosen": _("Said how they want to hear from us"),
            "subject_access.opened": _("Asked for everything that is held"),
            "subject_access.answered": _("Everything that is held was given"),
        },
    )
    register(
        Kind(code="call", title=_("Calls and call-backs"), prefixes=frozenset({"call", "call_back", "video"})),
        verbs={
            "call_back.asked": _("Left a message, to be called back"),
            "call_back.tried": _("Called back, and not reached"),
            "call_back.done": _("Called back"),
            "call_back.failed": _("Could not be reached"),
            "call_back.withdrawn": _("Need not be called back"),
            "call_back.missed": _("Not called back in time"),
            "video.started": _("Video conversation"),
        },
    )
    register(
        Kind(code="partner", title=_("Partners"), prefixes=frozenset({"partner_referral"})),
        verbs={
            "partner_referral.sent": _("Referred to a partner"),
            "partner_referral.received": _("The partner has it"),
            "partner_referral.done": _("The partner said what came of it"),
            "partner_referral.returned": _("The partner sent it back"),
            "partner_referral.stopped": _("Stopped, as the consent was taken back"),
        },
    )
    register(
        Kind(code="complaint", title=_("Complaints, comments and compliments"), prefixes=frozenset({"complaint"})),
        verbs={
            "complaint.received": _("Complaint"),
            "complaint.comment_received": _("Comment"),
            "complaint.compliment_received": _("Compliment"),
            "complaint.enquiry_received": _("Member’s enquiry"),
            "complaint.acknowledged": _("Complaint acknowledged"),
            "complaint.settled": _("Complaint put right on the spot"),
            "complaint.noted": _("Answered"),
            "complaint.extended": _("More time for a complaint"),
            "complaint.answered": _("Complaint answered"),
            "complaint.went_on": _("Not content with the answer: it goes on"),
            "complaint.redirected": _("Complaint: another way to appeal covers it"),
            "complaint.withdrawn": _("Complaint withdrawn"),
            "complaint.service_changed": _("Complaint: about another service"),
        },
    )
    leave_out("complaint.given")
    register(
        Kind(code="survey", title=_("Survey answers"), prefixes=frozenset({"survey", "recovery"})),
        verbs={
            "survey.answered": _("Answer to a survey"),
            "recovery.opened": _("Not content: to be put right"),
            "recovery.done": _("Put right after a survey"),
        },
    )
    leave_out("survey.sent")  # the message is in the list
    register(Kind(code="other", title=_("Everything else")))
    plain.use_verbs(words_of)
    # Of markers only the flag is seen, and only by whoever deals with them (docs/safety.md).
    leave_out(
        "marker.", "safety_incident.", "safety.", "help.", "call.warned", "call.ended_for_abuse", "recommendation."
    )
    leave_out("post.", "paper.")  # the contact by letter, fax or post says it, and the documents stand by themselves
    leave_out("retention.", "subject_access.decided")  # that something is held, or withheld, is not for everybody
    _leave_out()
    leave_out("call.taken_up", "call.became_message", "call_back.given", "video.ended")


def _specialist() -> None:
    """Apps that hold their entries for one service."""
    appointments = _("Appointments, visits and courses")
    register(
        Kind(code="appointment", title=appointments, prefixes=frozenset({"visit", "repair"})),
        verbs={
            "visit.booked": _("Repair visit booked"),
            "visit.moved": _("Repair visit moved"),
            "visit.cancelled": _("Repair visit cancelled"),
        },
        service="housing-repair",
    )
    register(
        Kind(
            code="appointment",
            title=appointments,
            prefixes=frozenset({"booking", "appointment", "activity", "interpreter_booking"}),
        ),
        verbs={
            "interpreter_booking.asked": _("Interpreter asked for"),
            "interpreter_booking.booked": _("Interpreter booked"),
            "interpreter_booking.refused": _("No interpreter is free"),
            "interpreter_booking.cancelled": _("Interpreter cancelled"),
            "booking.booked": _("Place booked"),
            "booking.cancelled": _("Place given up"),
            "booking.attended": _("Came"),
            "booking.missed": _("Did not come"),
        },
    )
    register(
        Kind(
            code="permit", title=_("Permits, notices and licences"), prefixes=frozenset({"permit", "penalty", "appeal"})
        ),
        verbs={
            "permit.asked": _("Parking permit asked for"),
            "permit.issued": _("Parking permit issued"),
            "permit.refused": _("Parking permit refused"),
            "penalty.issued": _("Penalty notice"),
            "penalty.appealed": _("Appeal against a penalty notice"),
            "penalty.paid": _("Penalty notice paid"),
        },
        service="parking-permit",
    )
    register(
        Kind(code="school", title=_("School places"), prefixes=frozenset({"admission"})),
        verbs={"admission.received": _("School application"), "admission.changed": _("School application changed")},
        service="school-place",
    )


def _leave_out() -> None:
    """What another line says already, or nobody on the phone asks about."""
    leave_out(
        "contact.",
        "draft.",
        "payment.started",
        "payment.submitted",
        "payment.error",
        "visit.holding",
        "visit.held",
        "permit.paid",
    )
    leave_out("text.written", "text_reply.settled", "text_reply.given")  # the message itself is there
    leave_out(
        "permit.checked",
        "charge.paid",
        "message.tried_again",
        "message.withdrawn",
        "penalty.paid",
        "account.signed_out",
    )
    leave_out(*(f"case.{verb}" for verb in _OF_CASES))
    leave_out(*(f"customer.{verb}" for verb in _OF_RECORDS))


# What the record says above the list.
_OF_RECORDS = (
    *(
        "created",
        "changed",
        "number_added",
        "number_removed",
        "role_added",
        "role_ended",
        "address_added",
        "address_ended",
    ),
    *("contact_point_added", "contact_point_ended", "contact_point_verified", "need_agreed", "need_ended", "feed_made"),
    *("feeds_ended", "checks_ended", "address_code_posted", "representation_ended"),
)
# What happened to a case is on its own page; the list has the case with how it stands, and how it ended.
_OF_CASES = (
    *("opened", "accepted", "awaiting_decision", "declined_because", "scheduled", "due_changed", "extended", "closed"),
    *(
        "waiting_for_customer",
        "note_question",
        "note_reply",
        "note_update",
        "note_staff",
        "taken",
        "put_back",
        "chased",
    ),
    *("offered", "offer_accepted", "offer_returned", "offer_withdrawn", "escalated", "escalation_seen", "referred"),
    *("merged", "joined_by", "parted_from", "followed", "unfollowed", "withdrawn", "split", "task_added", "task_done"),
    *("task_cancelled", "contractor_sent", "contractor_accepted", "contractor_started", "contractor_done"),
    *(
        "contractor_refused",
        "contractor_cancelled",
        "back_office_said",
        "branch_ended",
        "fee_paid",
        "job_called_off",
        "customer_known",
        "customer_linked",
    ),
    *("job_sent_again", "not_answered", "clean_up_close", "clean_up_chase", "clean_up_undone"),
)
