"""A pretend payment provider: a real HTTP server with the API of GOV.UK Pay and a payment page of buttons, for the demo and the tests."""

from townhall.payments.standin.book import Behaviour, Book
from townhall.payments.standin.server import PretendProvider

__all__ = ["Behaviour", "Book", "PretendProvider"]
