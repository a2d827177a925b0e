"""The page on which a person plays the back office."""

from __future__ import annotations

from html import escape

from townhall.connectors.standins.book import Book, Job, Mood
from townhall.connectors.standins.diary import Booking
from townhall.connectors.standins.office import Office

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title><style>body{{font:1rem/1.5 sans-serif;margin:2rem;max-width:70rem}}table{{border-collapse:collapse;width:100%}}
th,td{{text-align:left;padding:.4rem .8rem;border-bottom:1px solid #888;vertical-align:top}}form{{display:inline}}
button{{font:inherit;padding:.2rem .6rem;margin:.1rem}}pre{{white-space:pre-wrap;margin:0;max-width:32rem}}</style>
<h1>{name}</h1><p>This stands in for the council's real system. What you do here, Townhall is told.</p>
<h2>How it behaves</h2><p>{moods}</p>
<h2>Jobs</h2><table><thead>
<tr><th scope="col">Job</th><th scope="col">What</th><th scope="col">Status</th><th scope="col">Do</th></tr></thead>
<tbody>{rows}</tbody></table>{visits}</html>"""
_VISITS = """<h2>Visits</h2><table><thead>
<tr><th scope="col">Visit</th><th scope="col">When</th><th scope="col">Status</th><th scope="col">Do</th></tr></thead>
<tbody>{rows}</tbody></table>"""


def page(name: str, book: Book, office: Office) -> str:
    rows = "".join(_row(job) for job in reversed(book.jobs(limit=1_000_000)[-200:]))
    visits = "".join(_visit(one, office) for one in reversed(list(office.diary.bookings.values())[-200:]))
    return _PAGE.format(
        name=escape(name),
        moods=_moods(book.mood),
        rows=rows or '<tr><td colspan="4">None yet.</td></tr>',
        visits=_VISITS.format(rows=visits) if visits else "",
    )


def _visit(one: Booking, office: Office) -> str:
    slot = office.diary.slot(one.slot)
    moves = (("on_way", "On the way"), ("done", "Done"), ("no_access", "Nobody was in"))
    buttons = "".join(f'<button name="status" value="{status}">{words}</button>' for status, words in moves)
    form = f'<form method="post" action="page/bookings/{escape(one.id)}">{buttons}<button name="move" value="1">Next day</button></form>'
    cells = (
        escape(one.id),
        f"{slot['on']} {slot['begins']}",
        escape(one.status),
        form if one.status != "released" else "",
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _row(job: Job) -> str:
    shown = "\n".join(f"{key}: {value}" for key, value in job.content.items() if key not in ("delivery_id", "kind"))
    buttons = ""
    if job.is_open:
        moves = (("scheduled", "Schedule"), ("completed", "Complete"), ("refused", "Refuse"))
        buttons = "".join(
            f'<form method="post" action="page/jobs/{escape(job.id)}"><button name="status" value="{status}">{words}'
            f"<span hidden> {escape(job.id)}</span></button></form>"
            for status, words in moves
            if status != job.status
        )
    cells = (escape(job.id), f"<b>{escape(job.kind)}</b><pre>{escape(shown)}</pre>", escape(job.status), buttons)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _moods(mood: Mood) -> str:
    buttons = []
    for name, value in vars(mood).items():
        if name == "delay":
            after, words = ("0", f"Stop waiting {value:g} s") if value else ("5", "Wait 5 s before answering")
        else:
            after, words = ("", f"Stop: {name}") if value else ("1", name.replace("_", " ").capitalize())
        buttons.append(
            f'<form method="post" action="page/mood"><input type="hidden" name="name" value="{name}">'
            f'<button name="value" value="{after}">{escape(words)}</button></form>'
        )
    return " ".join(buttons)
