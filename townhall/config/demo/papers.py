"""What Nadia Examplewood has on paper, and a form that takes its fee on the way."""

from __future__ import annotations

from datetime import datetime, timedelta

from townhall.core.actors import SYSTEM
from townhall.core.subjects import Subject
from townhall.customers.models import Customer
from townhall.documents.operations import keep_document
from townhall.documents.wording import worded
from townhall.forms import operations as forms
from townhall.forms.definition import Fee, Form, FormPage
from townhall.forms.questions import Email, LongText, Number, Payment, Person

STALL = "street-stall"  # to try out: its fee is paid in the middle


def load_papers(payer: str, *, at: datetime) -> None:
    customer = Customer.objects.get(name=payer)
    keep_document(
        customer_id=customer.pk,
        kind="decision",
        title="Our decision on your single person discount",
        about=Subject(kind="customer", id=customer.pk),
        key="demo-decision",
        html=worded(
            "decision",
            {
                "said": "We have given you the discount of 25%.",
                "facts": [("Discount", "Single person"), ("From", "1 April")],
                "reasons": "You told us that nobody else over 18 lives with you.",
                "next": ["Tell us within 21 days when somebody moves in."],
            },
            language="en",
        ),
        by=SYSTEM,
        at=at - timedelta(days=10),
    )
    forms.publish_form(_stall(), by=SYSTEM, at=at, reason="To try out")


def _stall() -> Form:
    why, paid = "To decide about the pitch", "It keeps the pitch for you; it goes back when you do not send the form"
    return Form(
        code=STALL,
        title="Have a street stall for some days",
        service="ask-us",
        pages=(
            FormPage(
                code="days",
                parts=(
                    Number(
                        code="days",
                        label="How many days?",
                        whole=True,
                        minimum=1,
                        maximum=14,
                        required=True,
                        why=why,
                        system="stalls",
                    ),
                ),
            ),
            FormPage(
                code="what",
                parts=(LongText(code="what", label="What will you sell?", required=True, why=why, system="stalls"),),
            ),
            FormPage(
                code="fee",
                parts=(Payment(code="fee", label="Fee for the pitch", required=True, why=paid, system="pay"),),
            ),
            FormPage(
                code="you",
                title="About you",
                parts=(
                    Person(
                        code="who",
                        label="Full name",
                        required=True,
                        why="To know who asks",
                        system="stalls",
                        prefill="customer.name",
                    ),
                    Email(
                        code="email",
                        label="Email address",
                        required=True,
                        why="To answer",
                        system="stalls",
                        prefill="customer.email",
                    ),
                ),
            ),
        ),
        fees=(Fee(code="day", words="A pitch for a day", pence=1_500, times="days"),),
    )
