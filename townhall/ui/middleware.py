"""What surrounds every page: its session, language, host, notices and content security policy.

All of it is on the way of every request, so what was found is remembered, and Django's own layers are asked where there is
something for them to do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from http.client import NOT_FOUND

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.messages.storage.base import BaseStorage
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property

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
    """As Django's LocaleMiddleware, for a site whose addresses do not name the language.

    Only a language that the screens are in (SCREEN_LANGUAGES): a page of English words that says it is Welsh is read out wrongly.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        language = _language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), asked[:_LONGEST_HEADER])
        if language not in settings.SCREEN_LANGUAGES:
            language = settings.LANGUAGE_CODE
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


class Notices(CookieStorage):
    """As Django's; what signs the cookie is made when there is one to sign or to read."""

    def __init__(self, request: HttpRequest) -> None:
        BaseStorage.__init__(self, request)

    @cached_property
    def signer(self) -> signing.Signer:
        return signing.get_cookie_signer(salt=self.key_salt)


class SurroundingsMiddleware:
    """Django's layers of sessions, common rules and messages and the one of the policy, as one: each is asked where a page needs it.

    Stands below LanguageMiddleware and above the layers of CSRF and access.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._sessions, self._common = SessionMiddleware(get_response), CommonMiddleware(get_response)
        self._policy = PolicyMiddleware(get_response)
        self._has_common_rules = bool(settings.PREPEND_WWW or settings.DISALLOWED_USER_AGENTS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        request.session = self._sessions.SessionStore(cookie)
        request.get_host()  # refuses a name that is not ours
        if self._has_common_rules and (moved := self._common.process_request(request)):
            return moved
        notices = Notices(request)
        request._messages = notices  # type: ignore[attr-defined]  # as Django names it
        self._policy.process_request(request)
        answer = self._policy.process_response(request, self.get_response(request))
        if notices.used or notices.added_new:
            notices.update(answer)
        answer = self._common_answer(request, answer)
        session = request.session  # a view may have put another in its place
        if cookie is not None or session.accessed or session.modified or settings.SESSION_SAVE_EVERY_REQUEST:
            return self._sessions.process_response(request, answer)  # type: ignore[arg-type]  # of any kind of answer
        return answer

    def _common_answer(self, request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
        if answer.status_code == NOT_FOUND or not isinstance(answer, HttpResponse):
            return self._common.process_response(request, answer)
        answer.headers.setdefault("Content-Length", str(len(answer.content)))
        return answer
