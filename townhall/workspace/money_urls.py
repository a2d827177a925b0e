from __future__ import annotations

from django.urls import path

from townhall.workspace.views import counter, income, payments, penalties, reconciliation

urlpatterns = [
    path("work/payments", payments.listed, name="payments"),
    path("work/payments/<uuid:payment_id>", payments.show, name="payment"),
    path("work/payments/<uuid:payment_id>/refunds", payments.refund, name="refund"),
    path("work/counter", counter.find, name="counter"),
    path("work/counter/<uuid:charge_id>", counter.take, name="counter_take"),
    path("work/counter/payments/<uuid:payment_id>", counter.at_terminal, name="counter_payment"),
    path("work/counters", counter.switches, name="counter_switches"),
    path("work/reconciliation", reconciliation.show, name="reconciliation"),
    path("work/reconciliation/<uuid:difference_id>", reconciliation.settled, name="difference_settled"),
    path("work/penalties", penalties.listed, name="penalties"),
    path("work/penalties/<uuid:notice_id>", penalties.show, name="penalty"),
    path("work/penalties/appeals/<uuid:appeal_id>", penalties.decide, name="appeal"),
    path("work/income", income.show, name="income"),
    path("work/income.csv", income.as_csv, name="income_csv"),
]
