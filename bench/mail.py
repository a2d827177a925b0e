"""`python -m bench.mail`: how many mails a second one worker takes in, reads, routes and acknowledges. MAILS=1000 COUNCIL=large.

The very sweep that the worker runs, in one process, on the council that `make bench` fills, or the large one of `make shift`. Every second
mail goes to its service by what was learnt, the others to the front desk; each becomes a case with an acknowledgement that waits to be
sent. Reading them from a server is not in it: they are handed over as the server gave them. Exit status 1 below WANTED.
"""

from __future__ import annotations

import os
import sys

from bench import council as councils
from bench import home, shift
from bench.council import say
from bench.data import Scale

MAILS = int(os.environ.get("MAILS", "1000"))
WANTED = 50.0  # a second

_MEASURE = """
import time
from email.message import EmailMessage
from uuid import uuid4
from townhall.accounts.models import User
from townhall.core.actors import SYSTEM
from townhall.core.time import now
from townhall.mailroom import handling, operations
from townhall.mailroom.models import Mail, Mailbox
from townhall.mailroom.operations import NewMailbox
from townhall.mailroom.routing import teaching
address = "bench@council.example"
readers = list(User.objects.values_list("pk", flat=True)[:2])
box = Mailbox.objects.filter(address=address).first() or operations.open_mailbox(
    NewMailbox(address=address, purpose="Bench", readers=readers, host="localhost", login="x", secret="MAIL_BENCH_PASSWORD"),
    by=SYSTEM, at=now())
if not teaching.RoutingVersion.objects.exists():
    teaching.learn_now(at=now())
raws = []
for number in range({many}):
    made, mark = EmailMessage(), uuid4().hex
    made["From"], made["To"] = f"Ann Example <{{mark}}@example.org>", address
    made["Subject"], made["Message-ID"] = f"Hello {{number}}", f"<{{mark}}@example.org>"
    made.set_content(("Pothole: a pothole in the road. " if number % 2 else "Could you tell me who to ask about this? ") * 12)
    raws.append(made.as_bytes())
while handling.handle(now()):
    pass
began, at = time.perf_counter(), now()
for raw in raws:
    operations.take_in(raw, box, at=at)
kept = time.perf_counter()
while handling.handle(at):
    pass
done = time.perf_counter()
assert Mail.objects.filter(mailbox=box, received_at=at, case_id__isnull=False).count() == {many}
print(f"{many} {{kept - began:.2f}} {{done - kept:.2f}}")
"""


def main() -> None:
    if os.environ.get("COUNCIL") == "large":
        council = councils.ready(shift.LARGE, name=shift.NAME, calls=shift.CALLS)
    else:
        council = councils.ready(Scale())
    try:
        said = home.must(
            council.folder, "manage", "shell", "--no-imports", "-c", _MEASURE.format(many=MAILS), **council.env
        )
    finally:
        home.must(council.folder, "postgres", "stop", **council.env)
    many, keeping, acting = (float(one) for one in said.split()[-3:])
    rate = many / (keeping + acting)
    say(
        f"mails={many:.0f} kept_per_second={many / keeping:.0f} acted_on_per_second={many / acting:.0f} "
        f"together_per_second={rate:.1f} wanted={WANTED:.0f}"
    )
    sys.exit(0 if rate >= WANTED else 1)


if __name__ == "__main__":
    main()
