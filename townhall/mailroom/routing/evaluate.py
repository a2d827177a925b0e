"""`townhall evaluate routing FILE.csv`: how well the live classifier learns to tell texts apart, on texts it had not seen."""

from __future__ import annotations

import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from townhall.mailroom.routing.calibrating import figures, learn_calibrated
from townhall.mailroom.routing.linear import Classifier, softmax

SUBJECTS = ("subject", "title", "summary", "heading")
_TEXTS = """
text body message description content details detail comment question email mail complaint request query utterance sentence words ticket
notes narrative document
"""
_LABELS = """
label category service class type intent queue department team topic route target reason service_code label_text tag
"""
TEXTS, LABELS = tuple(_TEXTS.split()), tuple(_LABELS.split())
MOST_TAUGHT = 60_000  # texts; of a larger file as many are drawn, so that memory and time stay bounded
MOST_CHARACTERS = 30_000_000  # of all that is taught
LONGEST = 4_000  # characters of a text that count towards that: of a longer one the first words are learnt
MOST_TESTED = 40_000
TESTED = 5  # one in so many is kept back
Example = tuple[str, str]


def evaluate(
    path: Path,
    *,
    train: Path | None = None,
    text: str = "",
    label: str = "",
    seed: int = 1,
    threshold: float | None = None,
) -> str:
    """One line of name=value pairs. `train` in place of a part of the file itself. Raises ValueError naming what is missing."""
    started = time.monotonic()
    examples = read(path, text=text, label=label)
    if train is not None:
        taught, tested = read(train, text=text, label=label), examples
    else:
        taught, tested = split(examples, seed=seed)
    if not taught or not tested:
        raise ValueError(f"{path.name} has too few rows with a text and a label.")
    order = random.Random(seed)
    taught = _within(taught if len(taught) <= MOST_TAUGHT else order.sample(taught, MOST_TAUGHT), order)
    tested = tested if len(tested) <= MOST_TESTED else order.sample(tested, MOST_TESTED)
    found = learn_calibrated([one for one, _label in taught], [one for _text, one in taught], seed=seed)
    learnt = time.monotonic()
    return _line(found, tested, taught=len(taught), threshold=threshold, seconds=learnt - started)


def _within(examples: list[Example], order: random.Random) -> list[Example]:
    """As many, drawn anew, as their words fit into MOST_CHARACTERS."""
    share = MOST_CHARACTERS / max(1, sum(min(len(text), LONGEST) for text, _label in examples))
    return examples if share >= 1 else order.sample(examples, max(1, int(share * len(examples))))


def _line(found: Classifier, tested: Sequence[Example], *, taught: int, threshold: float | None, seconds: float) -> str:
    started = time.monotonic()
    leanings = np.array([found.leanings(one) for one, _label in tested], dtype=np.float32)
    took = time.monotonic() - started
    level = found.threshold if threshold is None else threshold
    sure = softmax(leanings / np.float32(found.temperature))
    measured = figures([one for _text, one in tested], sure, found.labels, threshold=level)
    said = {
        "taught": taught,
        "tested": measured.tested,
        "labels": len(found.labels),
        "accuracy": f"{measured.accuracy:.4f}",
        "macro_f1": f"{measured.macro_f1:.4f}",
        "threshold": f"{level:.4f}",
        "routed_share": f"{measured.routed:.4f}",
        "routed_accuracy": f"{measured.right_of_routed:.4f}",
        "calibration_error": f"{measured.off_by:.4f}",
        "learnt_seconds": f"{seconds:.1f}",
        "ms_each": f"{1000 * took / len(tested):.2f}",
    }
    return " ".join(f"{name}={value}" for name, value in said.items())


def split(examples: Sequence[Example], *, seed: int) -> tuple[list[Example], list[Example]]:
    """(taught, tested): of each label a fifth is tested, and what has one text alone is taught. The same text is never in both."""
    by_text: dict[str, list[Example]] = {}
    for one in examples:
        by_text.setdefault(one[0], []).append(one)
    by_label: dict[str, list[list[Example]]] = {}
    for same in by_text.values():
        by_label.setdefault(same[0][1], []).append(same)
    taught: list[Example] = []
    tested: list[Example] = []
    order = random.Random(seed)
    for label in sorted(by_label):
        groups = by_label[label]
        order.shuffle(groups)
        held = len(groups) // TESTED or int(len(groups) > 1)
        tested += [one for group in groups[:held] for one in group]
        taught += [one for group in groups[held:] for one in group]
    return taught, tested


def read(path: Path, *, text: str = "", label: str = "") -> list[Example]:
    """(text, label) of each row that has both; a subject stands before its text. Raises ValueError naming the columns it has."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(_without_nul(file), dialect=_dialect(path))
        names = [one.strip() for one in next(rows, [])]
        texts, labels = _columns(names, text, TEXTS, SUBJECTS), _columns(names, label, LABELS, ())
        if not texts or not labels:
            raise ValueError(f"{path.name} has the columns {', '.join(names)}: name them with --text and --label.")
        return [
            (words, found)
            for row in rows
            if (words := _joined(row, texts)) and (found := " ".join(_joined(row, labels[:1]).split()))
        ]


def _without_nul(lines: Iterable[str]) -> Iterable[str]:
    return (one.replace("\0", "") for one in lines)


def _dialect(path: Path) -> type[csv.Dialect]:
    """Commas, unless the first line has more of another sign."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        counted = Counter(file.readline())

    class Found(csv.excel):
        delimiter = max(",;\t|", key=lambda one: counted[one])

    return Found


def _columns(names: Sequence[str], told: str, usual: Sequence[str], before: Sequence[str]) -> list[int]:
    """The places of the columns: those that were told, by commas, else the first of the usual ones that is there."""
    by_name = {name.casefold().replace(" ", "_"): place for place, name in reversed(list(enumerate(names)))}
    if told:
        wanted = [one.strip().casefold().replace(" ", "_") for one in told.split(",")]
        missing = [one for one in wanted if one not in by_name]
        if missing:
            raise ValueError(f"There is no column {', '.join(missing)} among {', '.join(names)}.")
        return [by_name[one] for one in wanted]
    first = [by_name[one] for one in before if one in by_name][:1]
    return first + [by_name[one] for one in usual if one in by_name][:1]


def _joined(row: Sequence[str], places: Sequence[int]) -> str:
    return "\n".join(row[place] for place in places if place < len(row) and row[place].strip()).strip()
