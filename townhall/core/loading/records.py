"""Records as a file or a feed has them: CSV, JSON, JSON lines, GeoJSON and, where a kind reads it, XML. All end as headings with values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from townhall.core.loading import table
from townhall.core.loading.faults import Refused

_LISTS = ("results", "items", "entities", "records", "applications", "events", "councillors", "features", "data")
_JSON = (".json", ".geojson", ".topojson")
_JSON_LINES = (".jsonl", ".ndjson")
NO_NAMES: Mapping[str, str] = {}


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a file is laid out, where that does not show by itself. As a YAML file it is the map of an import."""

    source: str = ""  # whose file it is, where records of several systems are kept apart
    columns: dict[str, str | int] = {}  # what it is here: the heading there, or the column's number from 1
    only: dict[str, str] = {}  # by heading: rows with any other value are passed over
    means: dict[str, dict[str, str]] = {}  # by what it is here: a word of the file, and our code for it
    otherwise: dict[str, str] = {}  # by what it is here: our code for any other word, and where there is none
    dates: str = ""  # as in strptime; ISO 8601 or DD/MM/YYYY when empty
    headings: bool = True  # whether the first row of a CSV file has them
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","


@dataclass(frozen=True, slots=True)
class Record:
    """`values` by plain heading, `names` from those to the headings as they are written. `problem` when it could not be read."""

    number: int  # as a spreadsheet shows it, or the place in the list from 1
    values: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where records come from. `headings` are known beforehand for CSV alone. `records` begins anew each time it is called."""

    name: str
    system: str = "import"  # whose records they are, unless the layout says so
    rows: int
    records: Callable[[], Iterator[Record]]
    layout: Layout = field(default_factory=Layout)
    headings: Sequence[str] | None = None


@lru_cache(maxsize=10_000)
def plain(heading: str) -> str:
    """A heading without what differs from one publisher to the next: `UPRN`, `uprn` and `u_prn` are one."""
    return "".join(letter for letter in heading.lower() if letter.isalnum())


def listed(document: object) -> list[object]:
    """The records in a JSON document: a list, a list under one of the usual names, or a collection of GeoJSON features."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise Refused("It holds no list of records.")
    if document.get("type") == "FeatureCollection":
        crs = _crs(document)
        return [_feature(one, crs) for one in document.get("features") or []]
    if document.get("type") == "Feature":
        return [_feature(document, "")]
    for name in _LISTS:
        if isinstance(document.get(name), list):
            return listed(document[name])
    return [document]


def of_feed(values: Sequence[object], *, name: str) -> Source:
    """The records of a message of another system."""
    return Source(name=name, system=name, rows=len(values), records=lambda: _of_list(values))


def read_file(
    path: Path,
    layout: Layout,
    *,
    unpack: Callable[[object, str], list[object]] | None = None,
    unpack_xml: Callable[[bytes], list[object]] | None = None,
) -> Source:
    """A file of any of these shapes. unpack: from a JSON document and the file's name to records. Raises Refused."""
    name = path.name.removesuffix(".gz")
    suffix = Path(name).suffix.lower()
    try:
        if suffix in _JSON or suffix in _JSON_LINES or suffix == ".xml":
            with table.opened(path, "utf-8-sig") as stream:
                text = stream.read()
            values = _documents(
                text, suffix, Path(name).stem, unpack or (lambda document, _stem: listed(document)), unpack_xml
            )
            return Source(name=name, rows=len(values), records=lambda: _of_list(values), layout=layout)
        return _csv(path, name, layout)
    except (OSError, EOFError, LookupError, UnicodeError) as error:
        raise Refused(f"{path}: {error}") from error


def _documents(
    text: str,
    suffix: str,
    stem: str,
    unpack: Callable[[object, str], list[object]],
    unpack_xml: Callable[[bytes], list[object]] | None,
) -> list[object]:
    if suffix == ".xml":
        if unpack_xml is None:
            raise Refused("XML is not read for this kind of record.")
        return unpack_xml(text.encode("utf-8", "replace"))
    raw = text.encode("utf-8", "replace")
    try:
        if suffix in _JSON_LINES:
            return [one for line in raw.splitlines() if line.strip() for one in unpack(msgspec.json.decode(line), stem)]
        return unpack(msgspec.json.decode(raw), stem)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(f"It is not JSON: {error}") from error


def _csv(path: Path, name: str, layout: Layout) -> Source:
    first = table.first_row(path, encoding=layout.encoding, delimiter=layout.delimiter)
    if not first:
        raise Refused(f"{name} is empty.")
    headings = first if layout.headings else [str(number) for number in range(1, len(first) + 1)]
    plains = [plain(heading) for heading in headings]
    for heading in plains:
        if heading and plains.count(heading) > 1:
            raise Refused(f"There are two columns {headings[plains.index(heading)]!r} in {name}.")
    names = dict(zip(plains, headings, strict=True))

    def rows() -> Iterator[table.Row]:
        return table.rows(path, encoding=layout.encoding, delimiter=layout.delimiter, has_headings=layout.headings)

    def records() -> Iterator[Record]:
        for row in rows():
            if row.problem:
                yield Record(row.number, {}, names, row.problem)
            else:
                yield Record(row.number, dict(zip(plains, row.fields, strict=True)), names)

    return Source(name=name, rows=sum(1 for _row in rows()), records=records, layout=layout, headings=headings)


def _of_list(values: Sequence[object]) -> Iterator[Record]:
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            yield Record(number, {}, NO_NAMES, "It is not a record of names with values.")
            continue
        names = {plain(str(name)): str(name) for name in value}
        yield Record(number, {plain(str(name)): content for name, content in value.items()}, names)


def _feature(feature: object, crs: str) -> object:
    """A feature as a flat record: its properties, with `geometry` and `crs`."""
    if not isinstance(feature, dict):
        return feature
    properties = feature.get("properties")
    flat = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature:
        flat.setdefault("id", feature["id"])
    return {**flat, "geometry": feature.get("geometry"), "crs": crs}


def _crs(document: Mapping[str, Any]) -> str:
    named = document.get("crs")
    properties = named.get("properties") if isinstance(named, dict) else None
    return str(properties.get("name", "")) if isinstance(properties, dict) else ""
