"""The connectors of this council, kept in the process for a few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from townhall.connectors import signing
from townhall.connectors.models import Connector
from townhall.connectors.protocol import Adapter, Settings, adapter_for
from townhall.core.errors import NotFound
from townhall.core.refreshing import Refreshing


@dataclass(frozen=True, kw_only=True)
class Known:
    """A connector as configured."""

    code: str
    name: str
    kind: str
    base_url: str
    secret_name: str
    secret_version: int
    owner_team_id: UUID | None
    is_enabled: bool
    created_at: datetime

    def secret(self) -> bytes:
        return signing.secret_of(self.code, secret_name=self.secret_name, version=self.secret_version)

    def adapter(self) -> Adapter:
        return adapter_for(Settings(code=self.code, kind=self.kind, base_url=self.base_url, secret=self.secret()))


def _load() -> dict[str, Known]:
    names = Known.__dataclass_fields__
    return {row["code"]: Known(**row) for row in Connector.objects.values(*names)}


_known = Refreshing(_load)


def known(code: str) -> Known | None:
    """The connector with this code. Asks the database again before it says that there is none."""
    return _known.get().get(code) or _known.fresh().get(code)


def adapter(code: str) -> Adapter:
    """Raises NotFound when there is no such connector."""
    found = known(code)
    if found is None:
        raise NotFound
    return found.adapter()


def forget() -> None:
    """After a change, so that this process uses it at once; others do within seconds."""
    _known.forget()
