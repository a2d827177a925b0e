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
from townhall.telephony.models.night import CorporateDay, NightCall, NightPage, NightService, OnCallTurn

__all__ = [
    "AgentEvent",
    "Call",
    "CallEvent",
    "CallHalfHour",
    "CorporateDay",
    "NightCall",
    "NightPage",
    "NightService",
    "OnCallTurn",
    "PhoneLine",
    "PhoneQueue",
    "PhoneStandard",
]
