"""What an importer hands over, and the small tools that both importers use."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from townhall.forms.definition import Form
from townhall.forms.typed import clean_line, clean_value

SECRET = re.compile(r"api_?key|jwt|hmac|shared_?key|secret|password|token", re.IGNORECASE)


class NotAForm(Exception):
    """The file holds something else. The message is a sentence."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Something that has no equal here: kept in `Form.imported` as it was."""

    where: str  # "page /start", "component abc on /start"
    what: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.where}: {', '.join(sorted(self.what))}"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """`notes` are sentences on what was changed to fit; `kept` is what has no equal."""

    form: Form
    kind: str  # "xgov" or "govuk"
    kept: tuple[Kept, ...]
    notes: tuple[str, ...]


class Source:
    """An object of the foreign JSON from which keys are taken as they are understood; what is left over is kept as it was."""

    def __init__(self, value: Any) -> None:
        self.left: dict[str, Any] = deepcopy(value) if isinstance(value, dict) else {"value": value} if value else {}

    def take(self, key: str, default: Any = None) -> Any:
        return self.left.pop(key, default)

    def text(self, key: str) -> str:
        """The key's text; anything but a text stays for what is kept."""
        value = self.left.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            del self.left[key]
            return str(value)
        return ""

    def dicts(self, key: str) -> list[dict[str, Any]]:
        """The objects in a list; anything else in it stays."""
        value = self.left.pop(key, None)
        if isinstance(value, dict):
            value = list(value.values())
        if not isinstance(value, list):
            if value:
                self.left[key] = value
            return []
        others = [item for item in value if not isinstance(item, dict)]
        if others:
            self.left[key] = others
        return [item for item in value if isinstance(item, dict)]

    def inner(self, key: str) -> Source:
        """An object inside; what is left of it has to be put back with `rest`."""
        return Source(self.left.pop(key, None) or {})

    def rest(self, **inner: Source) -> dict[str, Any]:
        """What nobody took, without what is empty. Secrets are named and not kept."""
        left = {**self.left, **{key: source.left for key, source in inner.items()}}
        pruned = pruned_of(left)
        assert isinstance(pruned, dict)
        return pruned


def pruned_of(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {}
        for key, item in value.items():
            inner = pruned_of(item)
            if inner not in (None, "", [], {}):
                kept[str(key)] = "(not kept: a secret)" if SECRET.search(str(key)) and isinstance(item, str) else inner
        return kept
    if isinstance(value, list):
        return [pruned_of(item) for item in value]
    return value


@dataclass
class Codes:
    """Codes made from foreign names: each once, and fit for a form."""

    used: set[str] = field(default_factory=set)

    def code(self, name: str, *, instead: str) -> str:
        """For a question, condition, list or section."""
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", name.strip()).strip("_") or instead
        plain = plain if plain[:1].isalpha() else f"{instead}_{plain}"
        return self._once(plain[:70], "_")

    def slug(self, path: str, *, instead: str = "page", reserved: frozenset[str] = frozenset()) -> str:
        """For a page."""
        plain = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or instead
        plain = f"{plain}-page" if plain in reserved else plain
        return self._once(plain[:70].strip("-"), "-")

    def _once(self, plain: str, mark: str) -> str:
        code, number = plain, 2
        while code in self.used:
            code, number = f"{plain}{mark}{number}", number + 1
        self.used.add(code)
        return code


def kept_as_json(kept: list[Kept]) -> list[dict[str, Any]]:
    """For `Form.imported`, cleaned so that the database can keep it."""
    return [{"where": clean_line(one.where), "what": clean_value(one.what, depth=-10)} for one in kept]
