from __future__ import annotations

from django.urls import path

from townhall.accounts.views import own, people, sign_in

app_name = "accounts"
urlpatterns = [
    path("staff/sign-in", sign_in.sign_in, name="sign_in"),
    path("staff/second-factor", sign_in.code, name="second_factor"),
    path("staff/second-factor/set-up", sign_in.set_up_second_factor, name="set_up_second_factor"),
    path("staff/set-up/<str:token>", sign_in.set_up, name="set_up"),
    path("staff/sign-out", sign_in.sign_out, name="sign_out"),
    path("staff/stay", sign_in.stay, name="stay"),
    path("staff/sessions", own.sessions, name="sessions"),
    path("staff/sessions/others/end", own.other_sessions_end, name="other_sessions_end"),
    path("staff/sessions/<uuid:session_id>/end", own.session_end, name="session_end"),
    path("staff/password", own.password, name="password"),
    path("staff/recovery-codes", own.recovery_codes, name="recovery_codes"),
    path("staff/people", people.people, name="people"),
    path("staff/people/new", people.new_person, name="new_person"),
    path("staff/people/<uuid:user_id>", people.person, name="person"),
    path("staff/people/<uuid:user_id>/set-up-link", people.set_up_link, name="set_up_link"),
    path("staff/people/<uuid:user_id>/posts", people.post_held, name="post_held"),
    path("staff/people/<uuid:user_id>/posts/<uuid:post_id>/end", people.post_left, name="post_left"),
    path("staff/people/<uuid:user_id>/disabled", people.disabled, name="disabled"),
    path("staff/people/<uuid:user_id>/enabled", people.enabled, name="enabled"),
    path("staff/people/<uuid:user_id>/second-factor/end", people.second_factor_removed, name="second_factor_removed"),
]
