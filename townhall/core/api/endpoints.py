"""Endpoints of the REST API as typed data: what they take, what they give, and who may.

Addresses, checks and the OpenAPI document all come from these.

An app declares its own in `<app>/api/…py`:

    @endpoint("GET", "/services/{code}", gives=ServiceOut, summary="One service", scope=PUBLIC_SCOPE)
    def service(call: Call) -> ServiceOut: …

and `config/api/urls.py` lists the modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from msgspec import UNSET, Struct, UnsetType

from townhall.core.actors import PUBLIC, Actor

Method = Literal["GET", "POST", "DELETE"]
PUBLIC_SCOPE = ""  # anybody, without a key


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read and checked. `body` and `query` are of the endpoint's own types."""

    by: Actor = PUBLIC
    at: datetime
    path: dict[str, Any]  # the parts of the address in braces: text, or a UUID where the name ends in "_id"
    body: Any = None
    query: Any = None
    upload: UploadedFile[Any] | None = None
    key: str = ""  # Idempotency-Key
    new_id: UUID  # for what is made, so that a repeat can be told what it was


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    method: Method
    path: str
    summary: str
    tag: str
    scope: str
    gives: Any
    takes: type[Struct] | None
    asks: type[Struct] | None
    takes_file: bool
    status: int
    run: Callable[[Call], Any]
    again: (
        Callable[[Call, UUID], Any] | None
    )  # the answer to a repeat under the same key; None: `run` sees to it by itself
    description: str = ""


class Nothing(Struct, frozen=True):
    """No parameters."""


Run = TypeVar("Run", bound=Callable[[Call], Any])


@dataclass
class Group:
    """The endpoints of one part of the API."""

    tag: str
    endpoints: list[Endpoint] = field(default_factory=list)

    def endpoint(
        self,
        method: Method,
        path: str,
        *,
        summary: str,
        gives: Any,
        scope: str,
        takes: type[Struct] | None = None,
        asks: type[Struct] | None = None,
        takes_file: bool = False,
        status: int = 200,
        again: Callable[[Call, UUID], Any] | None = None,
    ) -> Callable[[Run], Run]:
        def declare(run: Run) -> Run:
            self.endpoints.append(
                Endpoint(
                    method=method,
                    path=path,
                    summary=summary,
                    tag=self.tag,
                    scope=scope,
                    gives=gives,
                    takes=takes,
                    asks=asks,
                    takes_file=takes_file,
                    status=status,
                    run=run,
                    again=again,
                    description=(run.__doc__ or "").strip(),
                )
            )
            return run

        return declare


class ProblemOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that says no (RFC 9457)."""

    title: str
    status: int
    code: str
    detail: str = ""
    errors: dict[str, str] | UnsetType = UNSET  # by field
    type: str = "about:blank"
