"""This door as an OpenAPI document: for tools, and so that a machine can look for requests that break it."""

from __future__ import annotations

from typing import Any

from django.conf import settings

_DATED: dict[str, Any] = {"type": "string", "format": "date-time"}
_TEXT: dict[str, Any] = {"type": "string"}
_FORMATS: dict[str, Any] = {"type": "string", "enum": ["json", "xml"]}


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    paths = {
        "/discovery.{format}": {"get": _read("discovery", {}, [])},
        "/services.{format}": {"get": _read("services", _queries("jurisdiction_id"), [])},
        "/services/{service_code}.{format}": {
            "get": _read("service", _queries("jurisdiction_id"), ["service_code"]),
        },
        "/requests.{format}": {"get": _read("requests", _LIST, []), "post": _write("make_request", _REQUEST)},
        "/requests/{service_request_id}.{format}": {
            "get": _read("request", _queries("jurisdiction_id", "extensions", "api_key"), ["service_request_id"]),
        },
        "/tokens/{token}.{format}": {"get": _read("token", _queries("jurisdiction_id"), ["token"])},
        "/servicerequestupdates.{format}": {
            "get": _read("updates", _UPDATES_ASKED, []),
            "post": _write("make_update", _UPDATE),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.COUNCIL_NAME}: Open311 GeoReport v2 with service request updates",
            "version": "2",
        },
        "servers": [{"url": f"{settings.PUBLIC_URL}/open311/v2"}],
        "paths": paths,
        "components": {"schemas": {"Errors": _ERRORS}},
    }


_ERRORS: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["code", "description"],
        "properties": {"code": {"type": "integer"}, "description": _TEXT},
    },
}


def _queries(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, _TEXT)


_PAGED = {"page": {"type": "integer", "minimum": 1}, "page_size": {"type": "integer", "minimum": 1, "maximum": 1000}}
_LIST = {
    **_queries("jurisdiction_id", "api_key", "service_request_id", "service_code", "status", "extensions"),
    "start_date": _DATED,
    "end_date": _DATED,
    **_PAGED,
}
_UPDATES_ASKED = {**_queries("jurisdiction_id", "api_key"), "start_date": _DATED, "end_date": _DATED, **_PAGED}
_WHO = _queries("email", "phone", "first_name", "last_name", "account_id", "device_id")
_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["api_key", "service_code"],
    "properties": {
        **_queries("api_key", "jurisdiction_id", "service_code", "address_string", "address_id"),
        **_WHO,
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "long": {"type": "number", "minimum": -180, "maximum": 180},
        "description": {"type": "string", "maxLength": 4000},
        "media_url": {"type": "array", "items": {"type": "string", "format": "uri"}},
        "attribute[fixmystreet_id]": _TEXT,
    },
    "patternProperties": {r"^attribute\[[a-z0-9_-]+\](\[\])?$": _TEXT},
}
_UPDATE: dict[str, Any] = {
    "type": "object",
    "required": ["api_key", "service_request_id", "update_id", "status", "updated_datetime", "description"],
    "properties": {
        **_queries("api_key", "jurisdiction_id", "service_request_id", "update_id", "title", "service_request_id_ext"),
        **_WHO,
        "status": {"type": "string", "examples": ["OPEN", "CLOSED", "FIXED", "IN_PROGRESS"]},
        "updated_datetime": _DATED,
        "description": {"type": "string", "maxLength": 4000},
        "public_anonymity_required": {"type": "string", "enum": ["TRUE", "FALSE"]},
        "email_alerts_requested": {"type": "string", "enum": ["TRUE", "FALSE"]},
        "media_url": {"type": "array", "items": {"type": "string", "format": "uri"}},
    },
}


def _read(name: str, queries: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    asked = [{"name": one, "in": "query", "required": False, "schema": schema} for one, schema in queries.items()]
    return {"operationId": name, "parameters": [*_parts(parts), *asked], "responses": _responses()}


def _write(name: str, body: dict[str, Any]) -> dict[str, Any]:
    key = {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200}}
    content = {"application/x-www-form-urlencoded": {"schema": body}, "multipart/form-data": {"schema": body}}
    return {
        "operationId": name,
        "parameters": [*_parts([]), key],
        "requestBody": {"required": True, "content": content},
        "responses": _responses(),
    }


def _parts(names: list[str]) -> list[dict[str, Any]]:
    named = [
        {"name": one, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for one in names
    ]
    return [*named, {"name": "format", "in": "path", "required": True, "schema": _FORMATS}]


def _responses() -> dict[str, Any]:
    done = {"description": "Done", "content": {"application/json": {}, "text/xml": {}}}
    refused = {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Errors"}}, "text/xml": {}},
    }
    return {"200": done, **{str(status): refused for status in (400, 403, 404, 405, 429)}}
