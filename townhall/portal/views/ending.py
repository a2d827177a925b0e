"""The page that asks whether to stop something we send, and says that it is stopped: one for all of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_stubs_ext import StrOrPromise


def ending_page(
    request: HttpRequest,
    *,
    title: StrOrPromise,
    question: StrOrPromise = "",
    is_over: bool = False,
    words: StrOrPromise = "",
    hidden: tuple[str, str] | None = None,
    onward: tuple[str, StrOrPromise] | None = None,
) -> HttpResponse:
    """question: what the button says; empty when nothing can be stopped here. onward: where to go from here, and its words."""
    context = {
        "title": title,
        "question": question,
        "is_over": is_over,
        "words": words,
        "hidden": hidden,
        "onward": onward,
    }
    return render(request, "portal/ending.html", context)
