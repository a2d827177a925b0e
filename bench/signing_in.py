"""Signs in one of the demo's people by the pages, as a browser would; the cookies to send from then on."""

from __future__ import annotations

import re
from functools import cache
from http.cookies import SimpleCookie

from bench import wire
from bench.wire import Answer

PASSWORD = "harbour-lantern-orchard"  # of everybody in the demo
HOST = "localhost"


class Browser:
    def __init__(self, port: int) -> None:
        self._client = wire.Client(port, timeout=30)
        self._cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def get(self, path: str) -> Answer:
        return self._kept(self._client.send(wire.get(path, host=HOST, Cookie=self.cookie)))

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        more = {"csrfmiddlewaretoken": self._cookies["csrftoken"]}
        return self._kept(self._client.send(wire.post_form(path, fields | more, host=HOST, Cookie=self.cookie)))

    def _kept(self, answer: Answer) -> Answer:
        for line in answer.raw_head.split(b"\r\n"):
            if line.lower().startswith(b"set-cookie:"):
                for name, morsel in SimpleCookie(line[11:].decode()).items():
                    self._cookies[name] = morsel.value
        return answer


@cache
def sign_in(port: int, email: str) -> str:
    """The Cookie header of somebody signed in. The demo shows their code on the second page; each is good once."""
    browser = Browser(port)
    browser.get("/staff/sign-in")
    browser.post("/staff/sign-in", {"email": email, "password": PASSWORD, "next": ""})
    page = browser.get("/staff/second-factor").body.decode()
    found = re.search(re.escape(email) + r".*?(\d{3} ?\d{3})\b", page, re.DOTALL)
    if found is None:
        raise RuntimeError(f"The second page of signing in shows no code for {email}.")
    answer = browser.post("/staff/second-factor", {"code": found[1].replace(" ", "")})
    if answer.status != 302:
        raise RuntimeError(f"{email} could not sign in: {answer.status}")
    return browser.cookie
