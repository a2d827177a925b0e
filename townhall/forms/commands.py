"""What `townhall forms` and `townhall import form` do. Each returns the lines to print."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from townhall.core.actors import SYSTEM
from townhall.forms import comparing, importing, linter, operations, queries, reading
from townhall.forms.definition import Form
from townhall.forms.errors import FormRefused
from townhall.forms.importing import NotAForm, proof, trying
from townhall.forms.problems import problems, unexplained
from townhall.forms.states import State

_A_DAY = date(2026, 3, 2)  # for made-up answers: any day will do


def _files(place: Path, ending: str) -> list[Path]:
    return sorted(place.rglob(f"*{ending}")) if place.is_dir() else [place]


def _read(path: Path) -> Form:
    try:
        return reading.read_yaml(path.read_text(encoding="utf-8"), file=path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise FormRefused([f"{path.name}: {error}"]) from error


def check(place: Path) -> tuple[list[str], bool]:
    """The faults and the style of every form in a file or folder; and whether all could be published. Needs no database."""
    lines: list[str] = []
    is_well = True
    files = _files(place, ".yaml")
    for path in files:
        try:
            form = _read(path)
        except FormRefused as error:
            lines += error.faults
            is_well = False
            continue
        found = linter.lint(form)
        lines += [f"{path.name}: {one.rule} {one.where}: {one.message}" for one in found]
        is_well = is_well and not any(one.rule in ("F00", "F01") for one in found)
    return [*lines, f"{len(files)} forms checked, {len(lines)} findings"], is_well


def load(place: Path, *, at: datetime, publishing: bool = True, reason: str = "") -> list[str]:
    """Load every form of a folder, all or none: published, or as drafts. Loading twice is loading once. Raises FormRefused."""
    forms = [_read(path) for path in _files(place, ".yaml")]
    faults = (
        [f"{form.code}: {text}" for form in forms for text in (*problems(form), *unexplained(form))]
        if publishing
        else []
    )
    if faults:
        raise FormRefused(faults)
    lines = []
    for form in forms:
        if publishing:
            version = operations.publish_form(form, by=SYSTEM, at=at, reason=reason)
            lines.append(f"{form.code}: version {version} is published")
        else:
            lines.append(f"{form.code}: version {operations.save_form(form, by=SYSTEM, at=at).version} is a draft")
    return [*lines, f"{len(forms)} forms"]


def export(folder: Path) -> list[str]:
    """Write every form as it is published (or drafted, when it never was) to `folder/CODE.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = queries.forms()
    for line in lines:
        found = queries.version_of(line.code, line.published or line.draft) if line.published or line.draft else None
        if found is not None:
            (folder / f"{line.code}.yaml").write_text(reading.write_yaml(found.form), encoding="utf-8")
    return [f"{len(lines)} forms written to {folder}"]


def list_forms() -> list[str]:
    return [
        f"{one.code}: {one.title} ({one.pages} pages; "
        f"{f'version {one.published} is published' if one.published else 'not published'}"
        f"{f', version {one.draft} is a draft' if one.draft else ''})"
        for one in queries.forms()
    ]


def compare(code: str, *, old: int | None, new: int | None) -> list[str]:
    """What the newer version (by default the draft, or the newest) changes."""
    versions = queries.versions(code)
    later = queries.version_of(code, new) if new else versions[0]
    if old is None:
        published = [one for one in versions if one.state != State.DRAFT and one.version < later.version]
        old = published[0].version if published else later.version
    changes = comparing.compare(queries.version_of(code, old).form, later.form)
    return [*(str(change) for change in changes), f"{len(changes)} changes from version {old} to {later.version}"]


def publish(code: str, *, at: datetime, reason: str = "") -> list[str]:
    return [f"{code}: version {operations.publish(code, by=SYSTEM, at=at, reason=reason)} is published"]


def roll_back(code: str, *, to: int, at: datetime) -> list[str]:
    return [f"{code}: version {operations.roll_back(code, to=to, by=SYSTEM, at=at)}, as version {to} was, is published"]


def retire(code: str, *, at: datetime) -> list[str]:
    operations.retire_form(code, by=SYSTEM, at=at)
    return [f"{code}: nobody can begin it any more"]


# Forms of other builders


def import_file(path: Path, *, at: datetime, code: str = "") -> list[str]:
    """Keep the form in a foreign file as a draft; what it has, and what has no equal here. Raises NotAForm, FormRefused."""
    found = importing.forms_in(importing.load(path))
    if not found:
        raise NotAForm(f"{path.name} holds no form of the XGov, DEFRA or GOV.UK Forms builders.")
    lines: list[str] = []
    for number, source in enumerate(found, start=1):
        own = code or importing.code_of(path)
        made = importing.read(source, code=own if number == 1 else f"{own}-{number}", title=path.stem)
        row = operations.save_form(made.form, by=SYSTEM, at=at, note=f"Imported from {path.name}")
        lines += [f"{made.form.code}: version {row.version} is a draft", proof.compare(source, made.form).line()]
        lines += [f"kept as it was: {one}" for one in made.kept]
        lines += [f"note: {one}" for one in made.notes]
        lines += [f"before publishing: {one}" for one in problems(made.form)]
    return lines


def check_foreign(folder: Path) -> tuple[proof.Count, list[str]]:
    """Import every .json file below a folder, and look for each thing of the source in what was made. Needs no database."""
    count = proof.Count()
    said: list[str] = []
    for path in _files(folder, ".json"):
        try:
            found = importing.forms_in(importing.load(path))
        except NotAForm as error:
            found = []
            said.append(f"{path.name}: {error}")
        if not found:
            count.others += 1
            said.append(f"{path.name}: holds no form")
        for source in found:
            one, words = _check_one(source, path)
            count.add(one)
            said += words
    said += [f"lost: {name}" for name in count.lost]
    if count.others:
        said.append(f"{count.others} files hold no form")
    return count, said


def _check_one(source: dict[str, object], path: Path) -> tuple[proof.Count, list[str]]:
    source = importing.storable(source)
    try:
        made = importing.read(source, code=importing.code_of(path), title=path.stem)
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError) as error:
        # A fault of ours. All that the form has is lost then, and said to be.
        count = proof.compare(source, Form(code="none", title="", pages=()))
        return count, [f"{path.name}: could not be read: {error!r}"]
    count = proof.compare(source, made.form)
    count.lost = [f"{path.name}: {name}" for name in count.lost]
    words = [f"{path.name}: note: {note}" for note in made.notes]
    if trying.way_to_check(made.form, today=_A_DAY) is None:
        words.append(f"{path.name}: no way to the check of answers was found")
    return count, words
