"""The content security policy of our answers, put together once: it is the same on every one of them."""

from __future__ import annotations

from functools import lru_cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

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
