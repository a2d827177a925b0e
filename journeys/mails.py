"""Two hundred mails of a morning, as people and machines write them; everybody in them is made up."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from random import Random

BOX = "enquiries@aldermere.example.org"
NAMES = [
    "Ada Pinwheel",
    "Bo Lanternson",
    "Cy Driftwood",
    "Dee Harrowgate",
    "Ed Marshfield",
    "Flo Tidewell",
    "Gus Overby",
]
ABOUT = {
    "pothole": [
        "There is a pothole in {street}, a wheel of mine is bent.",
        "The pothole by the school in {street} is back again.",
    ],
    "other": [
        "Hello, who do I talk to about {street}? I could not find it.",
        "I rang on Monday about {street} and heard nothing. What happens now?",
        "My neighbour in {street} says you can help. Can you?",
    ],
}
STREETS = ["Mill Lane", "Wherry Lane", "Harbour Row", "Quay Street"]
QUOTED = "\n\nOn Monday, the council wrote:\n> We are looking into it.\n> Your council"
SIGNED = "\n\n-- \n{name}\nSent from my phone"


def morning(many: int, *, mark: str) -> Iterator[bytes]:
    """One in eight from a machine: bounces, automatic answers, newsletters, nobody. `mark` makes this morning's own."""
    draw = Random(mark)
    for number in range(many):
        made = EmailMessage()
        name = draw.choice(NAMES)
        made["To"], made["Message-ID"] = BOX, f"<{mark}-{number}@example.org>"
        made["From"] = f"{name} <m{number}.{mark}@example.org>"
        kind = "pothole" if number % 2 else "other"
        words = draw.choice(ABOUT[kind]).format(street=draw.choice(STREETS))
        made["Subject"] = f"{words.split('.')[0][:50]} ({mark}-{number})"
        if number % 8 == 7:
            _machine(made, number // 8 % 4)
        if number % 3 == 0:
            words += QUOTED
        if number % 5 == 0:
            words += SIGNED.format(name=name)
        made.set_content(words)
        if number % 4 == 0:
            made.add_alternative(f"<html><body><h1>Hi</h1><p onclick='x'>{words}</p></body></html>", subtype="html")
        if number % 10 == 0:
            made.add_attachment(
                b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF", maintype="application", subtype="pdf", filename="letter.pdf"
            )
        yield made.as_bytes()


def _machine(made: EmailMessage, kind: int) -> None:
    if kind == 0:
        made["Auto-Submitted"] = "auto-replied"
    elif kind == 1:
        made["List-Id"] = "<news.example.org>"
    else:
        del made["From"]
        made["From"] = "MAILER-DAEMON@example.org" if kind == 2 else "no-reply@shop.example"
