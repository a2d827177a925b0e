"""What the council calls its operation and its outlets, wherever they are named: on screens, in letters and in reports.

Who keeps the names is above this app, and gives them here; without that they are the usual ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

OPERATION: Final = "operation"  # who answers people, by every channel
OUTLET: Final = "outlet"  # where people go
OUTLETS: Final = "outlets"
USUAL: Final[Mapping[str, StrOrPromise]] = {
    OPERATION: gettext_lazy("contact centre"),
    OUTLET: gettext_lazy("customer service centre"),
    OUTLETS: gettext_lazy("customer service centres"),
}

_names: list[Callable[[], Mapping[str, str]]] = []


def names_from(names: Callable[[], Mapping[str, str]]) -> None:
    """The council's own names, by their code; those that it has not chosen may be missing."""
    _names[:] = [names]


def name(code: str) -> str:
    """As it stands in a sentence: "contact centre". Raises KeyError for a code that is no name's."""
    own = _names[0]().get(code, "") if _names else ""
    return own or str(USUAL[code])


lazy_name = lazy(name, str)  # for sentences that are written down before anybody reads them


def heading(code: str) -> str:
    """As it begins a line: "Contact centre"."""
    words = name(code)
    return words[:1].upper() + words[1:]
