"""Everything that changes a case."""

from townhall.cases.operations.adding import add_information
from townhall.cases.operations.attaching import attach
from townhall.cases.operations.chasing import chase, seen
from townhall.cases.operations.cleaning import CleanUp, Preview, Undone, clean_up, preview, undo
from townhall.cases.operations.contracting import (
    accept_job,
    cancel_job,
    finish_job,
    post_progress,
    refuse_job,
    schedule_job,
    send_to_contractor,
)
from townhall.cases.operations.councillors import reached_councillor
from townhall.cases.operations.deciding import (
    accept,
    ask_customer,
    customer_replied,
    decide_again,
    decline,
    extend_decision,
    schedule,
    withdraw,
    withdraw_own,
)
from townhall.cases.operations.finishing import close_without_message, complete, not_fixed, refer, reopen, tell
from townhall.cases.operations.handing import accept_offer, offer, put_back, return_offer, take, withdraw_offer
from townhall.cases.operations.incidents import attach_to_incident
from townhall.cases.operations.joining import follow, merge, stop_following, unmerge
from townhall.cases.operations.opening import NewCase, Opened, open_case, was_reference_taken
from townhall.cases.operations.tasks import Part, cancel_task, end_task, split
from townhall.cases.operations.updating import add_staff_note, post_update

__all__ = [
    "CleanUp",
    "NewCase",
    "Opened",
    "Part",
    "Preview",
    "Undone",
    "accept",
    "accept_job",
    "accept_offer",
    "add_information",
    "add_staff_note",
    "ask_customer",
    "attach",
    "attach_to_incident",
    "cancel_job",
    "cancel_task",
    "chase",
    "clean_up",
    "close_without_message",
    "complete",
    "customer_replied",
    "decide_again",
    "decline",
    "end_task",
    "extend_decision",
    "finish_job",
    "follow",
    "merge",
    "not_fixed",
    "offer",
    "open_case",
    "post_progress",
    "post_update",
    "preview",
    "put_back",
    "reached_councillor",
    "refer",
    "refuse_job",
    "reopen",
    "return_offer",
    "schedule",
    "schedule_job",
    "seen",
    "send_to_contractor",
    "split",
    "stop_following",
    "take",
    "tell",
    "undo",
    "unmerge",
    "was_reference_taken",
    "withdraw",
    "withdraw_offer",
    "withdraw_own",
]
