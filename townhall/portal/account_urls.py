"""The addresses of the account; a part of portal.urls."""

from __future__ import annotations

from django.urls import path

from townhall.portal.views.account import entering, home

account = [
    path("account", home.home, name="account"),
    path("account/register", entering.register, name="register"),
    path("account/code", entering.code, name="code"),
    path("account/sign-in", entering.sign_in, name="sign_in"),
    path("account/sign-out", entering.sign_out, name="sign_out"),
    path("account/stay", entering.stay, name="stay"),
]
