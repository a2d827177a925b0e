"""Everything that changes what is owed, paid and given back."""

from townhall.payments.operations.counters import end_counter, open_counter
from townhall.payments.operations.locking import locked_charge as lock
from townhall.payments.operations.outcomes import money_in, record
from townhall.payments.operations.owing import Owed, cancel_charge, change_charge, hold, kind_of_service, owe, release
from townhall.payments.operations.paying import EXPIRED, abandon, look_now, start
from townhall.payments.operations.refunding import request_refund, send_refund
from townhall.payments.operations.webhooks import receive

__all__ = [
    "EXPIRED",
    "Owed",
    "abandon",
    "cancel_charge",
    "change_charge",
    "end_counter",
    "hold",
    "kind_of_service",
    "lock",
    "look_now",
    "money_in",
    "open_counter",
    "owe",
    "receive",
    "record",
    "release",
    "request_refund",
    "send_refund",
    "start",
]
