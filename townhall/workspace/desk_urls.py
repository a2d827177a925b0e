from __future__ import annotations

from django.urls import path

from townhall.workspace.views import (
    desk_account,
    desk_contact,
    desk_customer,
    desk_documents,
    desk_hours,
    desk_kept,
    desk_lookup,
    desk_property,
    desk_report,
    desk_seen,
    desk_standing,
    desk_wrap_up,
    repairs,
)
from townhall.workspace.views.desk import forgets

urlpatterns = [
    path("work/customers", desk_lookup.look_up, name="lookup"),
    path("work/customers/new", forgets(desk_lookup.new_customer), name="new_customer"),
    path("work/customers/<uuid:customer_id>", desk_customer.show, name="customer"),
    path("work/customers/<uuid:customer_id>/details", forgets(desk_customer.details), name="customer_details"),
    path("work/customers/<uuid:customer_id>/account", desk_account.account, name="customer_account"),
    path("work/customers/<uuid:customer_id>/seen", desk_seen.begin, name="account_seen"),
    path("work/customers/<uuid:customer_id>/seen/<slug:reason>/<path:path>", desk_seen.page, name="account_seen_page"),
    path("work/property", desk_property.find, name="properties"),
    path("work/property/<str:uprn>", desk_property.show, name="property"),
    path("work/customers/<uuid:customer_id>/documents", desk_documents.listed, name="documents"),
    path("work/documents/<uuid:document_id>", desk_documents.show, name="document"),
    path("work/documents/<uuid:document_id>/pdf", desk_documents.pdf, name="document_pdf"),
    path("work/documents/<uuid:document_id>/large-print", desk_documents.large, name="document_large"),
    path("work/accounts", desk_account.take_up, name="accounts_opened"),
    path("work/customers/<uuid:customer_id>/standing", desk_standing.show, name="customer_standing"),
    path(
        "work/customers/<uuid:customer_id>/standing/<slug:kind>/payments",
        desk_standing.pay,
        name="customer_standing_pay",
    ),
    path("work/customers/<uuid:customer_id>/<slug:part>", forgets(desk_customer.add), name="customer_add"),
    path(
        "work/customers/<uuid:customer_id>/<slug:part>/<uuid:item_id>/<slug:move>",
        desk_customer.item,
        name="customer_item",
    ),
    path("work/repairs", repairs.listed, name="repairs"),
    path("work/repairs/<uuid:repair_id>", repairs.show, name="repair"),
    path("work/repairs/<uuid:repair_id>/times", repairs.times, name="repair_times"),
    path("work/repairs/<uuid:repair_id>/times/<uuid:visit_id>", repairs.confirm, name="repair_confirm"),
    path("work/repairs/<uuid:repair_id>/cancel", repairs.cancel, name="repair_cancel"),
    path("work/desk/kept", desk_kept.keep, name="desk_kept"),
    path("work/desk/call", desk_lookup.call, name="call"),
    path("work/desk/contacts/new", forgets(desk_contact.new_contact), name="new_contact"),
    path("work/desk/contacts/newest", desk_contact.newest, name="newest_contact"),
    path("work/desk/contacts/<uuid:contact_id>", desk_contact.show, name="contact"),
    path("work/desk/contacts/<uuid:contact_id>/customer", desk_contact.customer, name="contact_customer"),
    path("work/desk/contacts/<uuid:contact_id>/chasers", forgets(desk_contact.chasers), name="contact_chasers"),
    path(
        "work/desk/contacts/<uuid:contact_id>/information",
        forgets(desk_contact.information),
        name="contact_information",
    ),
    path("work/desk/contacts/<uuid:contact_id>/report", desk_report.choose, name="contact_report"),
    path(
        "work/desk/contacts/<uuid:contact_id>/report/<slug:code>", forgets(desk_report.report), name="contact_report_of"
    ),
    path("work/desk/contacts/<uuid:contact_id>/wrap-up", forgets(desk_wrap_up.wrap_up), name="wrap_up"),
    path("work/hours", desk_hours.hours, name="hours"),
    path("work/hours/exceptions", desk_hours.exceptions, name="hours_exceptions"),
    path("work/hours/exceptions/<uuid:exception_id>/end", desk_hours.end_exception, name="end_hours_exception"),
]
