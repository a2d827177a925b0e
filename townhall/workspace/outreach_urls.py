from __future__ import annotations

from django.urls import path

from townhall.workspace.views import activities, campaigns, outreach, sessions

urlpatterns = [
    path("work/outreach", outreach.hub, name="outreach"),
    path("work/outreach/nudges", outreach.nudge_list, name="nudges"),
    path("work/outreach/nudges/hold.txt", outreach.hold, name="nudges_hold"),
    path("work/outreach/nudges/<uuid:nudge_id>", outreach.nudge, name="nudge"),
    path("work/outreach/nudges/<uuid:nudge_id>/state", outreach.nudge_state, name="nudge_state"),
    path("work/outreach/calendar", campaigns.forward_calendar, name="forward_calendar"),
    path("work/outreach/campaigns", campaigns.campaign_list, name="campaigns"),
    path("work/outreach/campaigns/new", campaigns.plan, name="campaign_new"),
    path("work/outreach/campaigns/<uuid:campaign_id>", campaigns.campaign, name="campaign"),
    path("work/outreach/campaigns/<uuid:campaign_id>/change", campaigns.plan, name="campaign_change"),
    path("work/outreach/campaigns/<uuid:campaign_id>/approval", campaigns.approve, name="campaign_approve"),
    path("work/outreach/campaigns/<uuid:campaign_id>/end", campaigns.call_off, name="campaign_call_off"),
    path("work/outreach/campaigns/<uuid:campaign_id>/result", campaigns.result, name="campaign_result"),
    path("work/outreach/taking-part", activities.activity_list, name="activities"),
    path("work/outreach/taking-part/<uuid:activity_id>", activities.activity, name="activity"),
    path("work/outreach/taking-part/<uuid:activity_id>/state", activities.state, name="activity_state"),
    path("work/outreach/taking-part/<uuid:activity_id>/findings", activities.findings, name="activity_findings"),
    path("work/outreach/taking-part/<uuid:activity_id>/improvements", activities.promise, name="activity_promise"),
    path("work/outreach/sessions", sessions.session_list, name="sessions"),
    path("work/outreach/sessions/<uuid:session_id>", sessions.session, name="session"),
    path("work/outreach/sessions/<uuid:session_id>/end", sessions.cancel, name="session_cancel"),
    path("work/outreach/bookings/<uuid:booking_id>", sessions.mark, name="booking_mark"),
    path("work/outreach/customers/<uuid:customer_id>/places", sessions.book, name="session_book"),
    path("work/outreach/needing-help", sessions.needing_help, name="needing_help"),
]
