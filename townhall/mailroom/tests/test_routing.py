"""The classifier that routes mail: what it learns, how sure it is, what it says of files of known answers."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from townhall.mailroom.routing import evaluate
from townhall.mailroom.routing.calibrating import learn_calibrated
from townhall.mailroom.routing.linear import from_bytes, learn

ABOUT = {
    "bins": [
        "bin",
        "bins",
        "rubbish",
        "collection",
        "collected",
        "missed",
        "crew",
        "wheelie",
        "recycling",
        "emptied",
        "lorry",
    ],
    "roads": ["pothole", "road", "tarmac", "tyre", "car", "pavement", "hole", "street", "kerb", "junction", "surface"],
    "tax": [
        "council",
        "tax",
        "bill",
        "band",
        "discount",
        "instalment",
        "arrears",
        "payment",
        "account",
        "letter",
        "owe",
    ],
}
ANY = [
    "the",
    "my",
    "our",
    "it",
    "was",
    "please",
    "could",
    "you",
    "tell",
    "me",
    "about",
    "since",
    "week",
    "house",
    "near",
    "hello",
]


def made_up(many: int, *, seed: int = 7, labels: dict[str, list[str]] | None = None) -> list[tuple[str, str]]:
    """Texts of mostly everyday words with a few that say what each is about."""
    draw, found = random.Random(seed), []
    for _one in range(many):
        label = draw.choice(sorted(labels or ABOUT))
        words = draw.choices(ANY, k=14) + draw.choices((labels or ABOUT)[label], k=3)
        draw.shuffle(words)
        found.append((" ".join(words), label))
    return found


def test_it_learns_says_which_words_decided_and_is_kept_without_loss() -> None:
    texts, labels = zip(*made_up(150), strict=True)
    found = learn_calibrated(texts, labels)
    guess = found.guess("Hello, our recycling was mised again")
    assert guess.label == "bins"
    assert guess.words[0] == "recycling"
    misspelt = found.guess("There is a potthole")
    assert (misspelt.label, misspelt.words[0]) == ("roads", "potthole")
    unsure = found.guess("Hello, could you tell me about it?")
    assert unsure.confidence < found.threshold <= guess.confidence

    again = from_bytes(found.as_bytes())
    assert again.guess("our recycling was missed").label == "bins"
    assert again.threshold == found.threshold
    assert abs(again.guess("a potthole").confidence - misspelt.confidence) < 0.01
    assert learn(texts, labels).weights.tolist() == learn(texts, labels).weights.tolist()


def line_of(path: Path, **told: Any) -> dict[str, float]:
    line = evaluate.evaluate(path, **told)
    assert "\n" not in line
    return {name: float(value) for name, value in (part.split("=") for part in line.split())}


@pytest.mark.parametrize("head", ["text,label", "Body,Category", "Message;service", "description\ttype"])
def test_columns_are_found_by_their_usual_names(tmp_path: Path, head: str) -> None:
    sign = next(one for one in ",;\t" if one in head)
    rows = [head, f'"Missed,\nagain"{sign}bins', f'""{sign}bins', "short"]
    (tmp_path / "mails.csv").write_text("\n".join(rows), encoding="utf-8-sig")
    assert evaluate.read(tmp_path / "mails.csv") == [("Missed,\nagain", "bins")]
    assert evaluate.read(tmp_path / "mails.csv", text=head.partition(sign)[0])[0][1] == "bins"


def test_a_file_of_known_answers_becomes_a_line_of_figures(tmp_path: Path) -> None:
    rows = ["text,label", *(f"{text},{label}" for text, label in made_up(200))]
    (tmp_path / "mails.csv").write_text("\n".join(rows))
    figures = line_of(tmp_path / "mails.csv")
    assert figures["taught"] + figures["tested"] == 200
    assert figures["labels"] == 3
    assert figures["accuracy"] > 0.95
    assert figures["macro_f1"] > 0.95
    assert figures["routed_accuracy"] >= figures["accuracy"]
    assert figures["calibration_error"] < 0.1
    assert line_of(tmp_path / "mails.csv", threshold=1.01)["routed_share"] == 0


def test_what_cannot_be_told_apart_is_not_routed(tmp_path: Path) -> None:
    labels = dict.fromkeys("abcd", ANY)
    rows = ["subject,body,label", *(f"Hello,{text},{label}" for text, label in made_up(120, labels=labels))]
    (tmp_path / "noise.csv").write_text("\n".join(rows))
    figures = line_of(tmp_path / "noise.csv")
    assert figures["accuracy"] < 0.6
    assert figures["routed_share"] < 0.05


def test_another_file_to_learn_from_and_columns_of_any_name(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 2)):
        rows = [f"{label},{text}" for text, label in made_up(60, seed=seed)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["Where it went,What they wrote", *rows]))
    one, told = tmp_path / "one.csv", {"text": "what they wrote", "label": "Where it went"}
    assert line_of(one, **told, train=tmp_path / "two.csv")["tested"] == 60
    with pytest.raises(ValueError, match="Where it went, What they wrote"):
        line_of(one)
    with pytest.raises(ValueError, match="no column nothing"):
        line_of(one, text="nothing")
    (tmp_path / "none.csv").write_text("text,label\n")
    with pytest.raises(ValueError, match="too few"):
        line_of(tmp_path / "none.csv")


def test_the_same_words_are_never_learnt_and_tested() -> None:
    taught, tested = evaluate.split(made_up(50) * 3 + [("alone", "rare")], seed=3)
    assert not {text for text, _label in taught} & {text for text, _label in tested}
    assert ("alone", "rare") in taught
