"""The language and the content security policy of our answers. Both are on the way of every request, so what was found is remembered."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

_LONGEST_HEADER = 500  # characters, as in Django
_ITS_OWN = frozenset({"_csp_config", "_csp_update", "_csp_replace", "_csp_exempt"})  # as a view's decorators leave it


class PolicyMiddleware(CSPMiddleware):
    """As django-csp's, which makes the policy anew for each answer; it is asked when an answer has one of its own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_plain = _ITS_OWN.isdisjoint(vars(response)) and not hasattr(request, "_csp_nonce")
        if not is_plain or settings.DEBUG or hasattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY"):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _policy(id(settings.CONTENT_SECURITY_POLICY)))
        return response


@lru_cache(maxsize=4)
def _policy(_settings: int) -> str:
    return build_policy()


class LanguageMiddleware:
    """As Django's LocaleMiddleware, for a site whose addresses do not name the language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        language = _language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), asked[:_LONGEST_HEADER])
        if translation.get_language() != language:
            translation.activate(language)
        request.LANGUAGE_CODE = language
        answer = self.get_response(request)
        if answer.has_header("Vary"):
            patch_vary_headers(answer, ("Accept-Language",))
        else:
            answer.headers["Vary"] = "Accept-Language"
        answer.headers.setdefault("Content-Language", translation.get_language() or language)
        return answer


@lru_cache(maxsize=1_000)
def _language(chosen: str, asked: str) -> str:
    request = HttpRequest()
    request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = chosen
    request.META["HTTP_ACCEPT_LANGUAGE"] = asked
    return translation.get_language_from_request(request)
