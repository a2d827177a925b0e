"""The addresses of the account; a part of portal.urls."""

from __future__ import annotations

from django.urls import path

from townhall.portal.views.account import address, entering, home, passkeys, provider, requests, security

account = [
    path("account", home.home, name="account"),
    path("account/register", entering.register, name="register"),
    path("account/code", entering.code, name="code"),
    path("account/sign-in", entering.sign_in, name="sign_in"),
    path("account/sign-out", entering.sign_out, name="sign_out"),
    path("account/stay", entering.stay, name="stay"),
    path("account/second-factor", entering.second_factor, name="second_factor"),
    path("account/recover", entering.recover, name="recover"),
    path("account/new-password", entering.new_password, name="new_password"),
    path("account/sign-in-again", entering.sign_in_again, name="sign_in_again"),
    path("account/this-device", entering.this_device, name="this_device"),
    path("account/passkey/options", passkeys.signing_in, name="passkey_options"),
    path("account/passkey", passkeys.sign_in, name="passkey_sign_in"),
    path("account/provider/<slug:code>", provider.start, name="provider"),
    path("account/provider/<slug:code>/back", provider.back, name="provider_back"),
    path("account/provider/<slug:code>/email", provider.email, name="provider_email"),
    path("account/provider/<slug:code>/logout", provider.logout, name="provider_logout"),
    path("account/security", security.security, name="account_security"),
    path("account/security/password", security.password, name="password"),
    path("account/security/email", security.email, name="email"),
    path("account/security/email/code", security.email_code, name="email_code"),
    path("account/security/code", security.set_up_code, name="set_up_code"),
    path("account/security/code/end", security.code_off, name="code_off"),
    path("account/security/recovery-codes", security.recovery_codes, name="recovery_codes"),
    path("account/security/passkeys/options", passkeys.adding, name="passkey_adding"),
    path("account/security/passkeys", passkeys.add, name="passkey_add"),
    path("account/security/passkeys/<uuid:passkey_id>/end", passkeys.remove, name="passkey_end"),
    path("account/security/identities/<uuid:identity_id>/end", security.identity_end, name="identity_end"),
    path("account/security/sessions/others/end", security.other_sessions_end, name="other_sessions_end"),
    path("account/security/sessions/<uuid:session_id>/end", security.session_end, name="session_end"),
    path("account/for", home.acting, name="acting"),
    path("account/messages", home.inbox, name="inbox"),
    path("account/calendar", home.calendar_page, name="calendar"),
    path("account/calendar/made", home.calendar_made, name="calendar_made"),
    path("calendar/<str:token>.ics", home.calendar_file, name="calendar_file"),
    path("account/address", address.address, name="address"),
    path("account/strong", address.strong, name="strong"),
    path("account/verify", address.verify, name="verify"),
    path("account/requests", requests.requests, name="requests"),
    path("account/requests/<str:reference>", requests.show, name="request"),
    path("account/requests/<str:reference>/more", requests.more, name="request_more"),
    path("account/requests/<str:reference>/reply", requests.reply, name="request_reply"),
    path("account/requests/<str:reference>/cancel", requests.cancel, name="request_cancel"),
    path("account/close", security.close, name="close_account"),
]
