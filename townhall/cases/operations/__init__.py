"""Everything that changes a case."""

from townhall.cases.operations.chasing import chase
from townhall.cases.operations.deciding import (
    accept,
    ask_customer,
    customer_replied,
    decide_again,
    decline,
    extend_decision,
    schedule,
    withdraw,
)
from townhall.cases.operations.finishing import close_without_message, complete, not_fixed, refer, tell
from townhall.cases.operations.handing import accept_offer, offer, put_back, return_offer, take, withdraw_offer
from townhall.cases.operations.joining import follow, merge, stop_following, unmerge
from townhall.cases.operations.opening import NewCase, Opened, open_case

__all__ = [
    "NewCase",
    "Opened",
    "accept",
    "accept_offer",
    "ask_customer",
    "chase",
    "close_without_message",
    "complete",
    "customer_replied",
    "decide_again",
    "decline",
    "extend_decision",
    "follow",
    "merge",
    "not_fixed",
    "offer",
    "open_case",
    "put_back",
    "refer",
    "return_offer",
    "schedule",
    "stop_following",
    "take",
    "tell",
    "unmerge",
    "withdraw",
    "withdraw_offer",
]
