from __future__ import annotations

from django.urls import path

from townhall.workspace.views import inclusion, inclusion_formats, restrictions

urlpatterns = [
    path("work/inclusion", inclusion.hub, name="inclusion"),
    path("work/desk/contacts/<uuid:contact_id>/interpreter", inclusion.interpreter, name="contact_interpreter"),
    path("work/inclusion/calls/<uuid:call_id>", inclusion.call, name="interpreter_call"),
    path("work/inclusion/calls/<uuid:call_id>/end", inclusion.hang_up, name="interpreter_hang_up"),
    path("work/inclusion/video/<uuid:relay_id>", inclusion.video, name="sign_video"),
    path("work/inclusion/interpreters", inclusion.bookings, name="interpreters"),
    path("work/inclusion/interpreters/new", inclusion.book, name="interpreter_book"),
    path("work/inclusion/interpreters/<uuid:booking_id>/cancellation", inclusion.cancel, name="interpreter_cancel"),
    path("work/inclusion/channels", inclusion.channels, name="relays"),
    path("work/inclusion/channels/<uuid:relay_id>/end", inclusion.end_channel, name="relay_end"),
    path("work/inclusion/requests", inclusion_formats.requests, name="format_requests"),
    path("work/inclusion/requests/<uuid:request_id>", inclusion_formats.show, name="format_request"),
    path("work/inclusion/versions", inclusion_formats.versions, name="format_versions"),
    path("work/inclusion/versions/<uuid:version_id>/end", inclusion_formats.outdate, name="format_outdate"),
    path("work/inclusion/lines", inclusion_formats.standard_lines, name="standard_lines"),
    path("work/inclusion/lines/<str:language>/end", inclusion_formats.drop_line, name="standard_line_end"),
    path("work/inclusion/restrictions", restrictions.restrictions, name="restrictions"),
    path("work/inclusion/restrictions/<uuid:restriction_id>", restrictions.restriction, name="restriction"),
    path("work/inclusion/restrictions/<uuid:restriction_id>/end", restrictions.reopen, name="restriction_end"),
    path("work/desk/contacts/<uuid:contact_id>/closed/<slug:code>", restrictions.closed_here, name="contact_closed"),
    path("work/desk/contacts/<uuid:contact_id>/penalty", restrictions.penalty, name="contact_penalty"),
    path("work/inclusion/rooms", inclusion_formats.rooms, name="rooms"),
    path("work/inclusion/rooms/<uuid:room_id>/end", inclusion_formats.drop_room, name="room_end"),
]
