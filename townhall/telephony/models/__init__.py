"""The tables of telephony, by what they are about."""

from townhall.telephony.models.calls import (
    AgentEvent,
    Call,
    CallEvent,
    CallHalfHour,
    PhoneLine,
    PhoneQueue,
    PhoneStandard,
)

__all__ = [
    "AgentEvent",
    "Call",
    "CallEvent",
    "CallHalfHour",
    "PhoneLine",
    "PhoneQueue",
    "PhoneStandard",
]
