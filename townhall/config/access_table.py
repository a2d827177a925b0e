"""The table in docs/access.md: what each role finds at every address. Read it, change the marks in the views, draw it anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from townhall.accounts import permissions
from townhall.accounts.checks import patterns
from townhall.accounts.models import Role
from townhall.core.access import Access, Door, access_of
from townhall.core.actors import PUBLIC, Actor, ActorKind

PATH = Path(__file__).resolve().parents[2] / "docs" / "access.md"
ANYBODY = "anybody"  # not signed in
RESIDENT = "resident"  # signed in to an account of their own
COLUMNS = (ANYBODY, RESIDENT, *(role.value for role in Role))
YES, NO, SIGN_IN, ACCOUNT, KEY = "yes", "no", "sign in", "account", "key"
OWN_TEAM = "own team"  # yes for those of the team that owns the service, and no for others

INTRODUCTION = """# Who may open what

Drawn by `townhall access` and checked by `townhall/config/tests/test_access.py`, which knocks at every address as every role. A
new address, a changed mark or a changed role makes that test fail until this page says so too; read the difference before you
draw it anew.

- **yes**: the door opens. Which cases, customers or files are seen behind it is decided by each page's own query.
- **own team**: the door opens for those of the team that owns the service (`owner_team` of its pack), and nobody else with that role.
- **no**: a page that says why not (403). `/work/` leads to one's own first page instead.
- **sign in**: sent to the staff sign-in page.
- **account**: sent to the sign-in page of residents' accounts. Whose records are seen behind it is decided by each page's own query.
- **key**: for other systems, with an API key that has the scope named.

Somebody signed in who holds no post opens only what every role opens. A resident with an account
is never staff, and staff with an account for themselves sign in to it apart.
"""


def expected() -> dict[str, dict[str, str]]:
    """What the marks in the views and the permission table say: for every address, what each column finds."""
    return {path: {column: found_by(column, access) for column in COLUMNS} for path, access in declared()}


def declared() -> Iterator[tuple[str, Access | None]]:
    """Every address with its mark. Where one address is given twice, the first is the one that counts."""
    seen = set()
    for path, pattern in patterns():
        if path not in seen:
            seen.add(path)
            yield path, access_of(pattern.callback)


def found_by(column: str, access: Access | None) -> str:
    if access is None:
        return NO
    if access.door is Door.PUBLIC:
        return YES
    if access.door is Door.KEY:
        return KEY
    if access.door is Door.RESIDENT:
        return YES if column == RESIDENT else ACCOUNT
    if column in (ANYBODY, RESIDENT):
        return SIGN_IN
    actor = _actor(column)
    if access.may:
        return _may(actor, access.may)
    if access.roles:
        return YES if permissions.role_decision(actor, access.roles).allowed else NO
    return YES


def words() -> str:
    """The whole page."""
    marks = dict(declared())
    lines = [INTRODUCTION, "## Addresses", "", *_head("Address", "Mark", *map(_title, COLUMNS))]
    for path, row in sorted(expected().items()):
        lines.append(_row(f"`{path}`", f"`{_mark(marks[path])}`", *(row[column] for column in COLUMNS)))
    lines += ["", "## What each role may do", "", *_head("Doing", *(_title(role.value) for role in Role))]
    for name in permissions.CAPABILITIES:
        found = (_may(_actor(role.value), name) for role in Role)
        lines.append(_row(f"`{name}`", *("–" if one == NO else one for one in found)))
    return "\n".join(lines) + "\n"


def written(text: str) -> dict[str, dict[str, str]]:
    """The first table of the page, as `expected` gives it."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `/")]
    return {row[0].strip("` "): dict(zip(COLUMNS, (cell.strip() for cell in row[2:]), strict=True)) for row in rows}


def draw() -> Path:
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(words())
    return PATH


def differences(page: Mapping[str, Mapping[str, str]], found: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A sentence for every address on one side only, and for every cell that differs."""
    said = [f"{path} is not in docs/access.md" for path in found if path not in page]
    said += [f"{path} is in docs/access.md and nowhere else" for path in page if path not in found]
    for path in page.keys() & found.keys():
        for column in COLUMNS:
            if page[path][column] != found[path][column]:
                said.append(f"{path}: {column} finds {found[path][column]!r}, and the page says {page[path][column]!r}")
    return sorted(said)


def _may(actor: Actor, capability: str) -> str:
    if permissions.only_own_team(actor, capability):
        return OWN_TEAM
    return YES if permissions.may(actor, capability).allowed else NO


def _actor(column: str) -> Actor:
    if column in (ANYBODY, RESIDENT):
        return PUBLIC
    return Actor(kind=ActorKind.STAFF, id="somebody", roles=frozenset({column}))


def _mark(access: Access | None) -> str:
    if access is None:
        return "closed"
    if access.door is Door.KEY:
        return f"api_key {access.scope}"
    if access.door is Door.RESIDENT:
        return "resident fresh" if access.fresh else "resident"
    return f"staff {access.may or ', '.join(sorted(access.roles))}".strip() if access.door is Door.STAFF else "public"


def _title(column: str) -> str:
    return column if column in (ANYBODY, RESIDENT) else str(Role(column).label)


def _head(*titles: str) -> list[str]:
    return [_row(*titles), _row(*("---" for _title in titles))]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
