"""What of a customer's own may be there once, and what then becomes of the two rows."""

from __future__ import annotations

from uuid import UUID

from townhall.core.db import fetch_all
from townhall.customers.merging.moving import Moving, register_mover
from townhall.customers.merging.references import also_refers

# The same email or number on both: verified and in force where either is.
_SAME_POINTS = """
    SELECT k.id, k.verified_at, k.ended_at, m.verified_at, m.ended_at
    FROM customers_contactpoint k JOIN customers_contactpoint m ON m.kind = k.kind AND m.normalised = k.normalised
    WHERE k.customer_id = %s AND m.customer_id = %s ORDER BY k.id"""
_SAME_ACCOUNTS = """
    SELECT k.id, k.role, k.level, k.level_until, m.id, m.role, m.level, m.level_until
    FROM customers_accountlink k JOIN customers_accountlink m ON m.account_id = k.account_id
    WHERE k.customer_id = %s AND m.customer_id = %s AND k.ended_at IS NULL AND m.ended_at IS NULL ORDER BY k.id"""
_CONSENTS = """
    SELECT id, customer_id, purpose, given_at, withdrawn_at, withdrawn_channel FROM customers_consent
    WHERE customer_id = ANY(%s) ORDER BY id"""

_SAME_CHANNELS = """
    SELECT k.id, k.refused, m.refused, k.first, k.second
    FROM customers_channelchoice k JOIN customers_channelchoice m ON m.service_code = k.service_code
    WHERE k.customer_id = %s AND m.customer_id = %s ORDER BY k.id"""


def points(moving: Moving) -> None:
    for row in fetch_all(_SAME_POINTS, (moving.kept_id, moving.merged_id)):
        point, verified, ended, other_verified, other_ended = row
        if ended is not None and other_ended is None:
            moving.change("customers_contactpoint", point, "ended_at", None)
        if verified is None and other_verified is not None:
            moving.change("customers_contactpoint", point, "verified_at", other_verified)


def account_links(moving: Moving) -> None:
    """An account that opens both opens the one that stands, at the better level; its owner's own record stays its own."""
    for kept, role, level, until, merged, other_role, other_level, other_until in fetch_all(
        _SAME_ACCOUNTS, (moving.kept_id, moving.merged_id)
    ):
        if other_level > level:
            moving.change("customers_accountlink", kept, "level", other_level)
            moving.change("customers_accountlink", kept, "level_until", other_until)
        elif other_level == level and until is not None and (other_until is None or other_until > until):
            moving.change("customers_accountlink", kept, "level_until", other_until)
        if other_role == "self" and role != "self":
            moving.change("customers_accountlink", kept, "role", "self")
        moving.change("customers_accountlink", merged, "ended_at", moving.at)
        moving.change("customers_accountlink", merged, "ended_because", "merged")


def consents(moving: Moving) -> None:
    """The last answer to a purpose stands: what was agreed to before somebody took it back in the other record is taken back."""
    answers = fetch_all(_CONSENTS, ([moving.kept_id, moving.merged_id],))
    taken_back: dict[str, tuple[object, str]] = {}
    for _id, _customer, purpose, _given, withdrawn, channel in answers:
        last = taken_back.get(purpose)
        if withdrawn is not None and (last is None or withdrawn > last[0]):
            taken_back[purpose] = (withdrawn, channel)
    for consent, _customer, purpose, given, withdrawn, _channel in answers:
        last = taken_back.get(purpose)
        if withdrawn is None and last is not None and given < last[0]:
            _take_back(moving, consent, *last)


def _take_back(moving: Moving, consent: UUID, when: object, channel: str) -> None:
    moving.change("customers_consent", consent, "withdrawn_at", when)
    moving.change("customers_consent", consent, "withdrawn_channel", channel)


def channels(moving: Moving) -> None:
    """What either refused stays refused; what comes first is as the record that stands has it."""
    for choice, refused, others, first, second in fetch_all(_SAME_CHANNELS, (moving.kept_id, moving.merged_id)):
        both = sorted({*refused, *others})
        if both != sorted(refused):
            moving.change("customers_channelchoice", choice, "refused", both)
        for column, value in (("first", first), ("second", second)):
            if value in both:
                moving.change("customers_channelchoice", choice, column, "")


def register() -> None:
    also_refers("forms_draft", "on_behalf_of")
    register_mover("customers_contactpoint", points)
    register_mover("customers_accountlink", account_links)
    register_mover("customers_consent", consents)
    register_mover("customers_channelchoice", channels)
