"""Addresses of a customer's record that is part of another now lead to that one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from townhall.customers import merging
from townhall.ui import views


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of what is not there, unless a member of staff asked for a record under an old id."""
    return _moved(request) or views.not_found(request, exception)


def _moved(request: HttpRequest) -> HttpResponse | None:
    match = getattr(request, "resolver_match", None)
    asked = match.kwargs.get("customer_id") if match is not None else None
    if match is None or not isinstance(asked, UUID) or match.namespace != "workspace":
        return None
    standing = merging.standing(asked)
    if standing is None or standing == asked:
        return None
    if request.method not in ("GET", "HEAD"):
        return redirect("workspace:customer", standing)
    there = reverse(match.view_name, kwargs={**match.kwargs, "customer_id": standing})
    asked_for = request.META.get("QUERY_STRING", "")
    return redirect(f"{there}?{asked_for}" if asked_for else there)
