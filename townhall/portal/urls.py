from __future__ import annotations

from django.urls import path

from townhall.portal.views import follow, home, report

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("services", home.services, name="services"),
    path("services/<slug:code>", home.service, name="service"),
    path("report", home.report, name="report"),
    path("report/<slug:code>", report.start, name="start"),
    path("report/<slug:code>/where", report.where, name="where"),
    path("report/<slug:code>/nearby", report.nearby, name="nearby"),
    path("report/<slug:code>/nearby/<str:reference>/followers", report.follow_instead, name="follow_instead"),
    path("report/<slug:code>/details", report.details, name="details"),
    path("report/<slug:code>/photos", report.photos, name="photos"),
    path("report/<slug:code>/contact", report.contact, name="contact_details"),
    path("report/<slug:code>/check", report.check, name="check"),
    path("follow", follow.find, name="follow"),
    path("r/<str:reference>", follow.follow, name="follow_page"),
    path("r/<str:reference>/received", follow.received, name="received"),
    path("r/<str:reference>/followers", follow.followers, name="followers"),
    path("r/<str:reference>/reopening", follow.reopening, name="reopening"),
    path("r/<str:reference>/reply", follow.reply, name="reply"),
    path("r/<str:reference>/stop", follow.stop, name="stop"),
]
