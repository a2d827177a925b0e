"""What other code may read of knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from townhall.accounts.permissions import may
from townhall.core.actors import Actor
from townhall.core.errors import NotFound
from townhall.knowledge import scripts
from townhall.knowledge.library import InUse, in_use
from townhall.knowledge.models import Audience, Entry, Kind, Version
from townhall.knowledge.permissions import SEE
from townhall.knowledge.scripts import Script


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An approved reply as it is in use."""

    id: UUID
    code: str
    title: str
    topic: str
    text: str
    version: int


def replies_for(*, service: str = "", topic: str = "") -> list[Reply]:
    """Approved replies in use, by title: those of this service and of none in particular; of this topic, when one is given."""
    return [
        Reply(id=one.id, code=one.code, title=one.title, topic=one.topic, text=one.body, version=one.version)
        for one in in_use()
        if one.kind == Kind.REPLY and _is_for(one, service) and (not topic or one.topic == topic)
    ]


@dataclass(frozen=True, kw_only=True)
class ScriptInUse:
    """A script as it is in use."""

    id: UUID
    code: str
    title: str
    version: int
    service_codes: tuple[str, ...]  # that the entry names, and the script itself
    script: Script


def scripts_for(service_code: str) -> list[ScriptInUse]:
    """Scripts in use for one service, by title."""
    return [one for one in every_script() if service_code in one.service_codes]


def every_script() -> list[ScriptInUse]:
    """All scripts in use, by title."""
    return [_script(one) for one in in_use() if one.kind == Kind.SCRIPT]


def _script(one: InUse) -> ScriptInUse:
    script = scripts.read(one.body)
    return ScriptInUse(
        id=one.id,
        code=one.code,
        title=one.title,
        version=one.version,
        service_codes=(*one.service_codes, script.service),
        script=script,
    )


def articles_for(service_code: str, *, by: Actor | None = None) -> list[InUse]:
    """Articles, procedures and training notes about one service, by title: those for everybody, or all for staff."""
    kinds = (Kind.ARTICLE, Kind.PROCEDURE, Kind.TRAINING)
    sees_all = by is not None and may(by, SEE).allowed
    return [
        one
        for one in in_use()
        if one.kind in kinds and service_code in one.service_codes and (sees_all or one.audience == Audience.PUBLIC)
    ]


def public_article(code: str) -> InUse:
    """Raises NotFound, also for what is for staff."""
    for one in in_use():
        if one.code == code and one.audience == Audience.PUBLIC and one.kind == Kind.ARTICLE:
            return one
    raise NotFound


def entry_of(code: str) -> Entry:
    """In use or not. Raises NotFound."""
    found = Entry.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def versions_of(entry: Entry) -> list[Version]:
    """The newest first."""
    return list(entry.versions.order_by("-number"))


def _is_for(one: InUse, service: str) -> bool:
    return not service or not one.service_codes or service in one.service_codes
