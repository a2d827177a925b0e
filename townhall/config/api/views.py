"""The API's own description: for machines, and for people."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from townhall.config.api.document import BASE, GROUPS, openapi
from townhall.core.access import public
from townhall.core.api.serving import problem


@public
def document(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(openapi()), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@public
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "api/page.html", {"groups": GROUPS, "base": f"/{BASE.rstrip('/')}"})


@public
@csrf_exempt
def nothing(_request: HttpRequest, rest: str) -> HttpResponse:
    """Whatever else is asked for below the API's address."""
    return problem(404, code="not_found", detail=rest[:100])
