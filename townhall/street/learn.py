"""`python -m townhall.street.learn FOLDER`: how the weights of likeness were found, to be repeated on any city's reports.

Logistic regression over the facts of every candidate: the known original against all other candidates, of pairs' duplicates
and of reports nobody flagged. Learns on the first half and judges on the second, then the other way round, then on all.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import exp
from pathlib import Path

from townhall.street import evaluate
from townhall.street.likeness import Match
from townhall.street.likeness.scoring import WEIGHTS

BY_JUDGEMENT = {"same_asset", "other_asset", "repeat"}
NAMES = [name for name in WEIGHTS if name not in BY_JUDGEMENT]
RIDGE = 1.0  # pulls weights that the data hardly touch towards 0
ALERT_RATES = (0.22, 0.25, 0.28)

Ranked = dict[str, list[Match]]


def fit(rows: Sequence[tuple[list[float], bool]], *, rounds: int = 12) -> dict[str, float]:
    """Weights by name, by Newton's method."""
    size = len(NAMES)
    weights = [0.0] * size
    for _ in range(rounds):
        slope = [RIDGE * weight for weight in weights]
        curve = [[RIDGE * (i == j) for j in range(size)] for i in range(size)]
        for facts, is_original in rows:
            held = [(i, value) for i, value in enumerate(facts) if value]
            chance = 1 / (1 + exp(-sum(weights[i] * value for i, value in held)))
            for i, value in held:
                slope[i] += (chance - is_original) * value
                for j, other in held:
                    curve[i][j] += chance * (1 - chance) * value * other
        weights = [weight - step for weight, step in zip(weights, _solve(curve, slope), strict=True)]
    return dict(zip(NAMES, weights, strict=True))


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination; the ridge keeps every pivot above 0."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        for row in rows[i + 1 :]:
            factor = row[i] / pivot[i]
            row[:] = [a - factor * b for a, b in zip(row, pivot, strict=True)]
    answer = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        answer[i] = (rows[i][-1] - sum(rows[i][j] * answer[j] for j in range(i + 1, len(rows)))) / rows[i][i]
    return answer


def _examples(ranked: Ranked, originals: Mapping[str, str]) -> list[tuple[list[float], bool]]:
    return [
        ([match.likeness.facts.get(name, 0.0) for name in NAMES], originals.get(new) == match.report.id)
        for new, matches in ranked.items()
        for match in matches
    ]


def _judged(ranked: Ranked, originals: Mapping[str, str], weights: Mapping[str, float]) -> str:
    """Recall among the first three with an alert, at a few alert rates."""
    odds = {
        new: sorted(((_odds(m, weights), m.report.id) for m in matches), reverse=True)
        for new, matches in ranked.items()
    }
    quiet = sorted((best[0][0] if best else -99.0 for new, best in odds.items() if new not in originals), reverse=True)
    pairs = [(odds[new], original) for new, original in originals.items() if new in odds]
    said = []
    for rate in ALERT_RATES:
        from_odds = quiet[int(rate * len(quiet))]
        found = sum(
            bool(best) and best[0][0] > from_odds and original in {id_ for _, id_ in best[:3]}
            for best, original in pairs
        )
        said.append(
            f"recall@3={found / len(pairs):.3f} at alert_rate={rate:.2f} (score {1 / (1 + exp(-from_odds)):.4f})"
        )
    return ", ".join(said)


def _odds(match: Match, weights: Mapping[str, float]) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in match.likeness.facts.items())


def _half(ranked: Ranked, opened: Mapping[str, datetime], middle: datetime, *, late: bool) -> Ranked:
    return {new: matches for new, matches in ranked.items() if (opened[new] >= middle) is late}


def main(folder: Path) -> None:
    originals, unflagged = evaluate.questions(folder)
    reports = evaluate.read_reports(folder)
    opened = {report.id: report.opened for report in reports}
    middle = reports[0].opened + (reports[-1].opened - reports[0].opened) / 2
    ranked, _ = evaluate.walk(reports, wanted=originals.keys() | unflagged, limit=10_000)
    early, late = (_half(ranked, opened, middle, late=late) for late in (False, True))
    for learnt_on, judged_on, name in (
        (early, late, "first half, judged on second"),
        (late, early, "second half, judged on first"),
    ):
        weights = fit(_examples(learnt_on, originals))
        sys.stdout.write(f"learnt on {name}: {_judged(judged_on, originals, weights)}\n")
    weights = fit(_examples(ranked, originals))
    sys.stdout.write(f"learnt on all: {_judged(ranked, originals, weights)}\n")
    sys.stdout.write(f"weights: { {name: round(weight, 2) for name, weight in weights.items()} }\n")
    sys.stdout.write(f"weights in use: {_judged(ranked, originals, WEIGHTS)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
