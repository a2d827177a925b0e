from __future__ import annotations

from django.urls import path

from townhall.portal.account_urls import account
from townhall.portal.views import (
    about,
    alerts,
    check,
    deals,
    deciding,
    details,
    events,
    follow,
    forms,
    home,
    near_me,
    nearby,
    newsletter,
    paying,
    penalties,
    permits,
    planning,
    repairs,
    reports,
    rounds,
    schools,
    seen,
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
    path("penalty", penalties.find, name="penalty_find"),
    path("penalty/<str:token>", penalties.show, name="penalty"),
    path("penalty/<str:token>/appeal", penalties.appeal, name="penalty_appeal"),
]
permitted = [
    path("permits", permits.zones, name="permits"),
    path("permits/<str:token>", permits.show, name="permit"),
    path("permits/<str:token>/vehicle", permits.vehicle, name="permit_vehicle"),
    path("permits/<str:token>/end", permits.end, name="permit_end"),
    path("school-places", schools.school_places, name="school_places"),
    path("school-places/<str:token>/change", schools.change, name="school_place_change"),
]
repaired = [
    path("repairs/<str:token>", repairs.show, name="repair"),
    path("repairs/<str:token>/times", repairs.times, name="repair_times"),
    path("repairs/<str:token>/times/<uuid:visit_id>", repairs.confirm, name="repair_confirm"),
    path("repairs/<str:token>/cancel", repairs.cancel, name="repair_cancel"),
]
local = [
    path("near-me", near_me.near_me, name="near_me"),
    path("near-me/events.ics", events.near_calendar, name="events_calendar"),
    path("events/<uuid:event_id>", events.event, name="event"),
    path("events/<uuid:event_id>.ics", events.event_calendar, name="event_calendar"),
    path("wards", near_me.ward_list, name="wards"),
    path("wards/<str:code>", near_me.ward, name="ward"),
    path("planning", planning.search, name="planning"),
    path("planning.csv", planning.export, {"kind": "csv"}, name="planning_csv"),
    path("planning.geojson", planning.export, {"kind": "geojson"}, name="planning_geojson"),
    path("planning.atom", planning.export, {"kind": "atom"}, name="planning_atom"),
    path("planning/<uuid:proposal_id>", planning.item, name="planning_item"),
    path("planning/<uuid:proposal_id>/comment", planning.comment, name="planning_comment"),
    path("planning/<uuid:proposal_id>/followers", planning.followers, name="planning_followers"),
    path("planning/stop/<str:token>", planning.stop, name="planning_stop"),
    path("newsletter", newsletter.newsletter, name="newsletter"),
    path("newsletter/stop/<uuid:token>", newsletter.stop, name="newsletter_stop"),
    path("alerts", alerts.alerts, name="alerts"),
    path("alerts/confirm/<str:token>", alerts.confirm, name="alert_confirm"),
    path("alerts/stop/<str:token>", alerts.stop, name="alert_stop"),
    path("alerts/<uuid:subscription_id>/end", alerts.end, name="alert_end"),
]
dealt = [
    path("deals", deals.listed, name="deals"),
    path("deals/yours", deals.yours, name="deals_yours"),
    path("deals/yours/new", deals.offer, name="deal_offer"),
    path("deals/yours/<uuid:deal_id>/renewal", deals.offer, name="deal_renewal"),
    path("deals/yours/<uuid:deal_id>/end", deals.withdraw, name="deal_withdraw"),
    path("deals/vouchers/<uuid:voucher_id>", deals.voucher, name="voucher"),
    path("deals/vouchers/<uuid:voucher_id>.svg", deals.voucher_file, name="voucher_file"),
    path("deals/<uuid:deal_id>", deals.deal, name="deal"),
    path("deals/<uuid:deal_id>/voucher", deals.take, name="deal_take"),
]
filled_in = [
    path("forms/<slug:code>", forms.start, name="form"),
    path("forms/<slug:code>/again", forms.again, name="form_again"),
    path("forms/<slug:code>/save", forms.save, name="form_save"),
    path("forms/<slug:code>/check", forms.check, name="form_check"),
    path("forms/<slug:code>/resume/<str:token>", forms.resume, name="form_resume"),
    path("forms/<slug:code>/<str:step>", forms.step, name="form_step"),
]
plain = [
    path("contact", about.contact, name="contact"),
    path("how-we-decide/<slug:page>", deciding.how_we_decide, name="how_we_decide"),
    path("accessibility", about.accessibility, name="accessibility"),
    path("privacy", about.privacy, name="privacy"),
    path("cookies", about.cookies, name="cookies"),
    path(".well-known/security.txt", about.security, name="security"),
    path("robots.txt", about.robots, name="robots"),
    path("sitemap.xml", about.sitemap, name="sitemap"),
    path("seen/<slug:width>", seen.seen, name="seen"),
]
urlpatterns = [
    *following,  # the most visited, so tried first
    path("", home.home, name="home"),
    path("services", home.services, name="services"),
    path("services/<slug:code>", home.service, name="service"),
    path("report", home.report, name="report"),
    *journey,
    *filled_in,
    *account,
    *listed,
    *local,
    *dealt,
    *paid,
    *repaired,
    *permitted,
    *plain,
]
