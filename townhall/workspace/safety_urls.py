from __future__ import annotations

from django.urls import path

from townhall.workspace.views import safety_calls, safety_help, safety_incidents, safety_markers

urlpatterns = [
    path("work/help", safety_help.press, name="help_press"),
    path("work/help/now", safety_help.going_on, name="help_now"),
    path("work/help/<uuid:alarm_id>", safety_help.alarm, name="help"),
    path("work/help/<uuid:alarm_id>/acknowledgement", safety_help.acknowledge, name="help_acknowledge"),
    path("work/help/<uuid:alarm_id>/end", safety_help.end, name="help_end"),
    path("work/desk/contacts/<uuid:contact_id>/warning", safety_calls.warn, name="call_warning"),
    path("work/desk/contacts/<uuid:contact_id>/abuse", safety_calls.end, name="call_end"),
    path("work/safety", safety_help.hub, name="safety"),
    path("work/safety/station", safety_help.station, name="station"),
    path("work/safety/incidents", safety_incidents.listed, name="safety_incidents"),
    path("work/safety/incidents/new", safety_incidents.report, name="incident_report"),
    path("work/safety/incidents/<uuid:incident_id>", safety_incidents.show, name="safety_incident"),
    path("work/safety/incidents/<uuid:incident_id>/reported", safety_incidents.reported, name="incident_reported"),
    path(
        "work/safety/incidents/<uuid:incident_id>/investigation",
        safety_incidents.investigate,
        name="incident_investigate",
    ),
    path("work/safety/incidents/<uuid:incident_id>/findings", safety_incidents.close, name="incident_close"),
    path(
        "work/safety/incidents/<uuid:incident_id>/recommendations",
        safety_incidents.recommend,
        name="incident_recommend",
    ),
    path(
        "work/safety/recommendations/<uuid:recommendation_id>", safety_incidents.recommendation, name="recommendation"
    ),
    path("work/safety/lessons", safety_incidents.lessons, name="lessons"),
    path("work/safety/sites", safety_incidents.sites, name="safety_sites"),
    path("work/safety/markers", safety_markers.register, name="markers"),
    path("work/safety/markers/<uuid:marker_id>", safety_markers.show, name="marker"),
    path("work/safety/markers/<uuid:marker_id>/appeals", safety_markers.appeal, name="marker_appeal"),
    path("work/safety/markers/<uuid:marker_id>/<slug:step>", safety_markers.move, name="marker_move"),
    path("work/safety/appeals/<uuid:appeal_id>", safety_markers.decide_appeal, name="marker_appeal_decide"),
    path("work/safety/customers/<uuid:customer_id>/markers/new", safety_markers.propose, name="marker_propose"),
    path("work/safety/nominees", safety_markers.nominees, name="nominees"),
    path("work/safety/nominees/<uuid:nominee_id>/end", safety_markers.withdraw_nominee, name="nominee_end"),
]
