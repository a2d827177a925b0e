"""Which kinds of problem go together: declared by service packs, of one family, or alike by name."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from enum import IntEnum

from townhall.street.likeness.report import Report
from townhall.street.likeness.words import telling_words


class Kinship(IntEnum):
    """How near two kinds of problem are, nearest last."""

    OTHER = 0
    FAMILY = 1  # the same group, or names that share a word
    RELATED = 2  # declared by a service pack, or the same group and names that share a word
    SAME = 3


class KindRelations:
    """What is known of kinds: declarations, and what earlier reports showed.

    related_kinds: kind → kinds often mistaken for it (perhaps none), for every kind there is; read in both directions.
    Learning needs no labels and only what was opened before, so `learn` may be fed report by report.
    """

    COMMON = 0.03  # a word in this share of a kind's reports tells nothing more
    ENOUGH = 30  # reports of a kind before its words are judged

    def __init__(self, related_kinds: Mapping[str, Set[str]] | None = None) -> None:
        self._declared = {
            frozenset((kind, other)) for kind, others in (related_kinds or {}).items() for other in others
        }
        self._reports: Counter[str] = Counter()
        self._words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._known: set[str] = set()
        self._kinds_naming: Counter[str] = Counter()  # word → how many kinds have it in their name
        for kind in {*(related_kinds or {}), *(kind for pair in self._declared for kind in pair)}:
            self._know(kind)

    def _know(self, kind: str) -> None:
        if kind not in self._known:
            self._known.add(kind)
            self._kinds_naming.update(telling_words(kind))

    def learn(self, reports: Iterable[Report]) -> None:
        for report in reports:
            self._know(report.kind)
            self._reports[report.kind] += 1
            self._words[report.kind].update(telling_words(report.words))

    def between(self, a: Report, b: Report) -> Kinship:
        if a.kind == b.kind:
            return Kinship.SAME
        if frozenset((a.kind, b.kind)) in self._declared:
            return Kinship.RELATED
        family = a.group == b.group != ""
        named_alike = self._named_alike(a.kind, b.kind)
        if family and named_alike:
            return Kinship.RELATED
        return Kinship.FAMILY if family or named_alike else Kinship.OTHER

    def _named_alike(self, a: str, b: str) -> bool:
        """Both names hold a word that few other kinds have: "Street light out", "Street light leaning"."""
        rare = max(3, 0.05 * len(self._known))
        return any(0 < self._kinds_naming[word] <= rare for word in telling_words(a) & telling_words(b))

    def own_words(self, report: Report) -> frozenset[str]:
        """The words of this report beyond those that most reports of its kind have."""
        words = telling_words(report.words) - telling_words(report.kind) - telling_words(report.group)
        seen = self._reports[report.kind]
        if seen < self.ENOUGH:
            return words
        usual = self._words[report.kind]
        return frozenset(word for word in words if usual[word] < self.COMMON * seen)
