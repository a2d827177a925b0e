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
from townhall.telephony.models.cover import Absence, Divert, Duty, PhoneTeam
from townhall.telephony.models.night import CorporateDay, NightCall, NightPage, NightService, OnCallTurn
from townhall.telephony.models.video import VideoPlace, VideoSession

__all__ = [
    "Absence",
    "AgentEvent",
    "Call",
    "CallEvent",
    "CallHalfHour",
    "CorporateDay",
    "Divert",
    "Duty",
    "NightCall",
    "NightPage",
    "NightService",
    "OnCallTurn",
    "PhoneLine",
    "PhoneQueue",
    "PhoneStandard",
    "PhoneTeam",
    "VideoPlace",
    "VideoSession",
]
