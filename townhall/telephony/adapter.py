"""Phone platforms and answering partners tell us things in signed messages; nothing is sent to them."""

from __future__ import annotations

from townhall.connectors.adapters.jobs import JobsAdapter
from townhall.connectors.protocol import Announcement, UnreadableEvent
from townhall.telephony import messages
from townhall.workforce import left_for


class PhoneAdapter(JobsAdapter):
    """What a message says is read whole at the door, so that its sender hears what is wrong with it."""

    def read_event(self, body: object) -> Announcement:
        kind = body.get("kind") if isinstance(body, dict) else None
        if isinstance(body, dict) and kind == left_for.ANNOUNCEMENT:  # a voicemail or missed call for one person
            left_for.read(body)
            return Announcement(kind=kind)
        if not isinstance(kind, str) or kind not in messages.KINDS:
            raise UnreadableEvent(f"`kind` must be one of: {', '.join(sorted(messages.KINDS))}")
        messages.read(kind, body)
        return Announcement(kind=kind)
