from __future__ import annotations

from django.urls import path

from townhall.portal.account_urls import account
from townhall.portal.views import (
    about,
    check,
    details,
    follow,
    home,
    nearby,
    paying,
    reports,
    rounds,
    start,
    telling,
    where,
)

app_name = "portal"
journey = [
    path("report/<slug:code>", start.start, name="start"),
    path("report/<slug:code>/where", where.where, name="where"),
    path("report/<slug:code>/elsewhere", where.elsewhere, name="elsewhere"),
    path("report/<slug:code>/round", rounds.bin_round, name="bin_round"),
    path("report/<slug:code>/nearby", nearby.nearby, name="nearby"),
    path("report/<slug:code>/nearby.json", nearby.nearby_pins, name="nearby_pins"),
    path("report/<slug:code>/nearby/<str:reference>/followers", nearby.follow_instead, name="follow_instead"),
    path("report/<slug:code>/known/<uuid:incident_id>", telling.known, name="known"),
    path("report/<slug:code>/tell-me", telling.tell_me, name="tell_me"),
    path("report/<slug:code>/details", details.details, name="details"),
    path("report/<slug:code>/photos", details.photos, name="photos"),
    path("report/<slug:code>/contact", details.contact, name="contact_details"),
    path("report/<slug:code>/check", check.check, name="check"),
]
following = [
    path("r/<str:reference>", follow.follow, name="follow_page"),
    path("follow", follow.find, name="follow"),
    path("r/<str:reference>/received", follow.received, name="received"),
    path("r/<str:reference>/followers", follow.followers, name="followers"),
    path("r/<str:reference>/link", follow.new_link, name="new_link"),
    path("r/<str:reference>/reopening", follow.reopening, name="reopening"),
    path("r/<str:reference>/reply", follow.reply, name="reply"),
    path("r/<str:reference>/more", follow.more, name="more"),
    path("r/<str:reference>/stop", follow.stop, name="stop"),
    path("r/<str:reference>/street", telling.from_report, name="tell_of_street"),
    path("subscriptions", telling.subscribed, name="subscribed"),
    path("subscriptions/<str:token>", telling.subscription, name="subscription"),
]
listed = [
    path("reports", reports.reports, name="reports"),
    path("reports.atom", reports.feed, {"kind": "atom"}, name="reports_atom"),
    path("reports.rss", reports.feed, {"kind": "rss"}, name="reports_rss"),
    path("reports.geojson", reports.feed, {"kind": "geojson"}, name="reports_geojson"),
]
paid = [
    path("pay", paying.find, name="pay_find"),
    path("pay/<uuid:charge_id>", paying.pay, name="pay"),
    path("pay/back/<str:token>", paying.back, name="pay_back"),
]
plain = [
    path("contact", about.contact, name="contact"),
    path("accessibility", about.accessibility, name="accessibility"),
    path("privacy", about.privacy, name="privacy"),
    path("cookies", about.cookies, name="cookies"),
    path(".well-known/security.txt", about.security, name="security"),
    path("robots.txt", about.robots, name="robots"),
    path("sitemap.xml", about.sitemap, name="sitemap"),
]
urlpatterns = [
    *following,  # the most visited, so tried first
    path("", home.home, name="home"),
    path("services", home.services, name="services"),
    path("services/<slug:code>", home.service, name="service"),
    path("report", home.report, name="report"),
    *journey,
    *account,
    *listed,
    *paid,
    *plain,
]
