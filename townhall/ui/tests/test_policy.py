from __future__ import annotations

from csp.decorators import csp_update
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from townhall.ui.middleware import PolicyMiddleware


def _parts(policy: str) -> set[str]:
    return {part.strip() for part in policy.split(";")}


def test_every_answer_has_the_policy_of_the_settings(client: Client) -> None:
    policy = client.get("/signed-out").headers["Content-Security-Policy"]

    assert _parts(policy) == _parts(build_policy())
    assert "default-src 'self'" in _parts(policy)


def test_an_answer_with_a_policy_of_its_own_keeps_it() -> None:
    @csp_update({"img-src": ["https://maps.example.org"]})
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("")

    answer = PolicyMiddleware(view)(RequestFactory().get("/"))
    assert isinstance(answer, HttpResponse)

    assert "https://maps.example.org" in answer.headers["Content-Security-Policy"]
