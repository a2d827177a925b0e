"""A letter, a fax and a post that wait to be indexed, and a partner with a desk, a queue and somebody who was passed on to it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from townhall.accounts import demo as accounts_demo
from townhall.accounts import operations as accounts
from townhall.accounts.models import Post, PostHolder, Role, Team, User
from townhall.accounts.queries import actor_for
from townhall.core.actors import SYSTEM, Actor
from townhall.core.time import council_date
from townhall.customers.accounts import consents
from townhall.customers.models import Customer
from townhall.intake import arriving
from townhall.intake.arriving import Came
from townhall.intake.arriving import Post as Written
from townhall.intake.models import By, Source
from townhall.partners import bodies, logging, passing
from townhall.partners.bodies import Given
from townhall.partners.logging import Logged

_LETTER: Final = "To the Council, Aldermere\n\nThe hedge at the corner of Mill Lane hides the road.\nPlease have it cut.\n\nRosa Quayle"
_FAX: Final = (
    "Fax to 01632 960199\n\nOn behalf of our client we ask for the licence file.\n\nFenn and Daughters, solicitors"
)
_CONSENT: Final = "You may pass my name, and what I tick here, to Aldermere Advice, so that they can help me."


def load_arrivals(customer_name: str, *, password: str, at: datetime) -> None:
    """Made by the same operations as anything else."""
    adviser = _adviser(at)
    letter = Came(channel=By.LETTER, source=Source.UPLOAD, received_at=at - timedelta(days=2), sender="Rosa Quayle")
    arriving.take_document(_scan(_LETTER, "PDF"), "letter.pdf", letter, by=adviser, at=at)
    fax = Came(channel=By.FAX, source=Source.FOLDER, received_at=at - timedelta(days=1), line="01632960199")
    arriving.take_document(_scan(_FAX, "TIFF"), "fax.tif", fax, by=SYSTEM, at=at)
    post = Written(network="Chirp", external_id="demo-1", words="Is the library open on Sunday?", posted_at=at)
    arriving.take_post(post, source=Source.API, by=SYSTEM, at=at)
    _load_partner(customer_name, adviser, password=password, at=at)


def _adviser(at: datetime) -> Actor:
    user = User.objects.filter(posts_held__post__code="customer-services-adviser").order_by("name").first()
    assert user is not None
    return actor_for(user, at=at)


def _scan(words: str, kind: str) -> bytes:
    """A page as a scanner makes it."""
    page, made = Image.new("1", (827, 1169), 1), BytesIO()
    ImageDraw.Draw(page).multiline_text((80, 120), words, fill=0, spacing=14)
    page.save(made, format=kind, resolution=100)
    return made.getvalue()


def _load_partner(customer_name: str, adviser: Actor, *, password: str, at: datetime) -> None:
    team = Team.objects.create(
        code="advice", name="Aldermere Advice (fictional)", kind=Team.Kind.PARTNER, email="advice@example.org"
    )
    post = Post.objects.create(code="advice-worker", title="Advice worker", team=team, role=Role.PARTNER)
    user = accounts.create_user(email="dee.advice@example.org", name="Dee Harrow", by=SYSTEM, at=at)
    accounts.set_password(user.pk, password, by=SYSTEM, at=at)
    accounts_demo.enrol(user, at=at)
    PostHolder.objects.create(post=post, user=user, from_on=council_date(at))
    given = Given(about="Advice on debts, housing and benefits, free of charge", consent=_CONSENT, line="01632 960100")
    partner = bodies.keep(team.code, given, by=SYSTEM, at=at)
    for weekday in range(5):
        bodies.add_turn(
            partner.pk,
            weekday=weekday,
            starts=time(9),
            ends=time(17),
            who="Dee",
            from_on=council_date(at),
            by=SYSTEM,
            at=at,
        )
    said = Logged(
        channel="phone",
        words="Asked for Dee about a letter",
        name="Sam Oak",
        reach="01632 960777",
        left=True,
        agreed=True,
    )
    logging.log(partner.pk, said, by=adviser, at=at)
    customer = Customer.objects.filter(name=customer_name, merged_into=None).first()
    if customer is not None:
        version = consents.wordings()[partner.purpose].version
        passing.refer(
            partner.pk,
            customer.pk,
            need="A plan for what they owe",
            shares=["contact"],
            agreed_version=version,
            channel="phone",
            by=adviser,
            at=at,
        )
