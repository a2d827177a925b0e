"""The addresses of telephones, call-backs, cover and the night; a part of workspace.urls."""

from __future__ import annotations

from django.urls import path

from townhall.workspace.views import call_backs, phone, phone_calls, phone_cover, phone_hours, phone_night, phone_video

urlpatterns = [
    path("work/phone", phone.figures, name="phone"),
    path("work/phone/upload", phone.upload, name="phone_upload"),
    path("work/phone/lines", phone.lines_page, name="phone_lines"),
    path("work/phone/lines/<uuid:line_id>/end", phone.end_line, name="phone_line_end"),
    path("work/phone/operator", phone_calls.operator, name="phone_operator"),
    path("work/phone/operator/<uuid:call_id>/message", phone_calls.message, name="phone_message"),
    path("work/desk/calls", phone_calls.mine, name="my_calls"),
    path("work/desk/calls/ringing", phone_calls.ringing_part, name="ringing"),
    path("work/desk/calls/<uuid:call_id>", phone_calls.who, name="my_call"),
    path("work/desk/calls/<uuid:call_id>/contact", phone_calls.take, name="take_call"),
    path("work/phone/rota", phone_cover.rota, name="rota"),
    path("work/phone/rota/<uuid:team_id>", phone_cover.team, name="rota_team"),
    path("work/phone/rota/<uuid:team_id>/duties", phone_cover.duties, name="rota_duties"),
    path("work/phone/rota/<uuid:team_id>/diverts", phone_cover.diverts, name="rota_diverts"),
    path("work/phone/duties/<uuid:duty_id>/end", phone_cover.end_duty, name="duty_end"),
    path("work/phone/absences", phone_cover.absences, name="absences"),
    path("work/phone/absences/<uuid:absence_id>/end", phone_cover.end_absence, name="absence_end"),
    path("work/phone/signed-in", phone_cover.signed_in, name="signed_in"),
    path("work/phone/night", phone_night.night, name="night"),
    path("work/phone/night/report", phone_night.demand, name="night_report"),
    path("work/phone/night/report.csv", phone_night.demand_csv, name="night_report_csv"),
    path("work/phone/on-call", phone_night.on_call, name="on_call"),
    path("work/phone/on-call/<uuid:turn_id>/end", phone_night.end_turn, name="on_call_end"),
    path("work/hours/compared", phone_hours.compared, name="hours_consistency"),
    path("work/video", phone_video.video, name="video"),
    path("work/video/places", phone_video.place, name="video_place"),
    path("work/video/report", phone_video.use, name="video_report"),
    path("work/video/<uuid:session_id>/end", phone_video.end, name="video_end"),
    path("work/call-backs", call_backs.listed, name="call_backs"),
    path("work/call-backs/new", call_backs.new, name="call_back_new"),
    path("work/call-backs/report", call_backs.report, name="call_back_report"),
    path("work/call-backs/<uuid:call_back_id>", call_backs.show, name="call_back"),
    path("work/call-backs/<uuid:call_back_id>/<slug:move>", call_backs.move, name="call_back_move"),
]
