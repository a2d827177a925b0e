"""The OpenAPI 3.1 document, made from the endpoints: what is served is what is described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from townhall.core.api.endpoints import PUBLIC_SCOPE, Endpoint, ProblemOut

_REF = "#/components/schemas/{name}"
# What each kind of endpoint may answer besides its own success.
_ALWAYS = (400, 404, 405)
_WITH_KEY = (401, 403, 429)
_WRITING = (409, 413, 415, 422)


def document(endpoints: Sequence[Endpoint], *, title: str, server: str, version: str) -> dict[str, Any]:
    types = [ProblemOut, *(one.gives for one in endpoints), *(one.takes for one in endpoints if one.takes)]
    types = [one for one in types if one is not None]
    _schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    paths: dict[str, Any] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key with the scope named."}
            },
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    words = one.description
    if one.scope:
        words = f"{words}\n\nScope: `{one.scope}`.".strip()
    operation: dict[str, Any] = {
        "operationId": one.run.__name__,
        "summary": one.summary,
        "description": words,
        "tags": [one.tag],
        "parameters": [*_path_parameters(one), *_query_parameters(one), *_header_parameters(one)],
        "responses": _responses(one),
        "security": [] if one.scope == PUBLIC_SCOPE else [{"key": []}],
    }
    if one.takes is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema_of(one.takes)}}}
    if one.takes_file:
        schema = {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return operation


def schema_of(kind: Any) -> dict[str, Any]:
    (schema,), _components = msgspec.json.schema_components([kind], ref_template=_REF)
    return schema


def _path_parameters(one: Endpoint) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"} if name.endswith("_id") else {"type": "string"},
        }
        for name in names
    ]


def _query_parameters(one: Endpoint) -> list[dict[str, Any]]:
    if one.asks is None:
        return []
    _ref, components = msgspec.json.schema_components([one.asks], ref_template=_REF)
    schema = components[one.asks.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": inner}
        for name, inner in schema.get("properties", {}).items()
    ]


def _header_parameters(one: Endpoint) -> list[dict[str, Any]]:
    if one.method != "POST":
        return []
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "maxLength": 200},
            "description": "The same key again, with the same request, does nothing new and gives the same answer.",
        }
    ]


def _responses(one: Endpoint) -> dict[str, Any]:
    problem = {"content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="ProblemOut")}}}}
    refusals = [*_ALWAYS, *(_WITH_KEY if one.scope else ()), *(_WRITING if one.method != "GET" else (422,))]
    found: dict[str, Any] = {str(status): {"description": "Refused", **problem} for status in sorted(refusals)}
    if one.gives is None:
        return {"204": {"description": "Done"}, **found}
    done = {"description": "Done", "content": {"application/json": {"schema": schema_of(one.gives)}}}
    return {str(one.status): done, **found}
