"""Each change of how somebody signs in is told to them by mail, so that they hear of one they did not make."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from townhall.accounts.events import AccountNews
from townhall.accounts.residents.models import ResidentAccount
from townhall.core.events import publish


def tell(account_id: UUID, what: str, *, at: datetime) -> None:
    """In the caller's transaction. `what` names the wording, account/<what>.md."""
    account = ResidentAccount.objects.get(pk=account_id)
    publish(AccountNews(account_id=account_id, email=account.email, name=account.name, what=what, at=at))
