"""Records of the same person are found without anybody saying which they are."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from townhall.customers.matching.candidates import candidates, sounds
from townhall.customers.matching.clusters import clusters
from townhall.customers.matching.columns import Kind, clean, table_of
from townhall.customers.matching.evaluate import evaluate
from townhall.customers.matching.evaluate_lookup import evaluate as evaluate_lookup
from townhall.customers.matching.likeness import COMPARISONS, SWAPPED
from townhall.customers.matching.model import UNKNOWN, compare, train
from townhall.customers.matching.reading import Told, read

FORENAMES = ["amina", "ben", "carys", "dev", "ewan", "fatou", "grace", "hugo", "imran", "jo", "katherine", "liam"]
FORENAMES += ["maya", "noor", "owen", "priya", "robert", "sana", "tom", "una"]
SURNAMES = ["ashdown", "bloomfield", "carver", "drummond", "eastwick", "farrow", "granger", "holloway", "ingleby"]
SURNAMES += ["jessop", "kirkby", "lomax", "marchbank"]
STREETS = ["mill lane", "harbour row", "tern close", "saltings way", "beacon hill", "orchard end", "quay street"]
KINDS = {
    "forename": Kind.FORENAME,
    "surname": Kind.SURNAME,
    "dob": Kind.BORN,
    "number": Kind.HOUSE,
    "street": Kind.STREET,
    "postcode": Kind.POSTCODE,
}


def slip(text: str, dice: random.Random) -> str:
    """One letter left out, doubled, changed or in its neighbour's place."""
    if len(text) < 3:
        return text
    at = dice.randrange(1, len(text) - 1)
    return dice.choice([
        text[:at] + text[at + 1 :],
        text[:at] + text[at] + text[at:],
        text[:at] + dice.choice("aeioust") + text[at + 1 :],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    ])  # fmt: skip


def made_up(people: int, *, seed: int) -> tuple[list[dict[str, str]], list[str]]:
    """Openly fictional people, most of them written down two to four times, with slips, gaps and changed places; and who each is."""
    dice = random.Random(seed)
    rows, truth = [], []
    for person in range(people):
        original = {
            "forename": dice.choice(FORENAMES),
            "surname": dice.choice(SURNAMES),
            "dob": f"{dice.randrange(1930, 2005)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",
            "number": str(dice.randrange(1, 120)),
            "street": dice.choice(STREETS),
            "postcode": f"zz{dice.randrange(1, 9)} {dice.randrange(1, 9)}{dice.choice('abde')}{dice.choice('abde')}",
        }
        for copy in range(dice.choice([1, 2, 2, 3, 4])):
            row = dict(original)
            if copy:
                row = {name: slip(value, dice) if dice.random() < 0.25 else value for name, value in row.items()}
                if dice.random() < 0.3:
                    row[dice.choice(list(row))] = ""
                if dice.random() < 0.1:
                    row["forename"], row["surname"] = row["surname"], row["forename"]
            rows.append(row)
            truth.append(str(person))
    return rows, truth


@pytest.fixture(scope="module")
def file_of_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows, truth = made_up(300, seed=4)
    path = tmp_path_factory.mktemp("people") / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "who", *KINDS])
        writer.writeheader()
        writer.writerows(
            {"id": f"{who}-{place}", "who": who} | row for place, (row, who) in enumerate(zip(rows, truth, strict=True))
        )
    return path


def figures(line: str) -> dict[str, float]:
    return {name: float(value) for name, value in (part.split("=") for part in line.split())}


def test_people_are_found_again_and_what_is_merged_without_asking_is_right(file_of_people: Path) -> None:
    found = figures(evaluate(file_of_people, Told(id_column="id", truth="who")))
    assert found["clustered_f1"] > 0.97
    assert found["pairwise_f1"] > 0.95
    assert found["automatic_precision"] == 1
    assert found["automatic_recall"] > 0.3


def test_the_same_records_give_the_same_figures(file_of_people: Path) -> None:
    once, again = (
        evaluate(file_of_people, Told(id_column="id", truth_from=r"(\d+)-", ignore=["who"])) for _time in range(2)
    )
    assert once.rpartition(" seconds=")[0] == again.rpartition(" seconds=")[0]


def test_everybody_is_found_by_a_line_of_name_and_address_with_slips(tmp_path: Path) -> None:
    dice = random.Random(9)
    rows, truth = made_up(400, seed=9)
    once = dict(zip(truth, rows, strict=True))
    for name, slips in (("kept.csv", False), ("asked.csv", True)):
        with (tmp_path / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, ["id", *KINDS])
            writer.writeheader()
            for who, row in once.items():
                asked = {column: slip(value, dice) if dice.random() < 0.3 else value for column, value in row.items()}
                writer.writerow({"id": f"p-{who}"} | (asked if slips else row))
    found = figures(
        evaluate_lookup(tmp_path / "kept.csv", tmp_path / "asked.csv", Told(id_column="id", truth_from=r"p-(\d+)"))
    )
    assert found["asked"] == 400
    assert found["recall@1"] > 0.95
    assert found["recall@5"] > 0.98


def test_a_column_that_is_not_there_is_named(file_of_people: Path) -> None:
    with pytest.raises(ValueError, match="has no column whom; it has id, who, forename"):
        evaluate(file_of_people, Told(id_column="id", truth="whom"))


@pytest.mark.parametrize("named", [{"vn": "forename", "born_at": "dob"}, {"forename": "vn", "dob": "born_at"}])
def test_headings_nobody_knows_can_be_named_in_either_order(tmp_path: Path, named: dict[str, str]) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,who,vn,Family Name,born_at,sex\n" + "".join(f"{n},{n},a,b,2001-02-03,f\n" for n in range(40)))
    columns = read(path, Told(id_column="id", truth="who", named=named)).table.columns
    assert {name: column.kind for name, column in columns.items()} == {
        "vn": Kind.FORENAME,
        "Family Name": Kind.SURNAME,
        "born_at": Kind.BORN,
        "sex": Kind.CODE,
    }


def test_a_whole_name_and_a_birth_in_three_columns_are_put_right(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('id,name,by,bm,bd\n1,Amina van Dyke,1970,2,3\n2,"Dyke, Amina",1970,02,03\n')
    table = read(path, Told(id_column="id")).table
    assert list(table.columns["surname"].values) == ["dyke", "dyke"]
    assert list(table.columns["forename"].values) == ["amina van", "amina"]
    assert list(table.columns["born"].values) == ["19700203", "19700203"]


@pytest.mark.parametrize(
    ("kind", "one", "other", "says"),
    [
        (Kind.FORENAME, "bob", "robert", "a short form, or one letter apart"),
        (Kind.SURNAME, "bloomfield", "bloomfeild", "one letter apart"),
        (Kind.SURNAME, "o brien", "obrien", "one letter apart"),
        (Kind.BORN, "19700203", "19700302", "one digit apart, or day and month changed places"),
        (Kind.BORN, "19700203", "19711203", "two digits apart"),
        (Kind.HOUSE, "62", "26", "the same digits"),
        (Kind.POSTCODE, "zz11aa", "zz12ba", "two letters apart"),
        (Kind.EMAIL, "amina@example.org", "amina@example.com", "nearly the same"),
        (Kind.STREET, "castley circuit", "castleycircuit", "nearly the same"),
        (Kind.PHONE, "7700900123", "7700900124", "one digit apart"),
    ],
)  # fmt: skip
def test_a_likeness_is_said_in_words_and_is_the_same_both_ways(kind: Kind, one: str, other: str, says: str) -> None:
    comparison = COMPARISONS[kind]
    assert comparison.says[comparison.level(one, other)] == says
    assert comparison.level(one, other) == comparison.level(other, one)


@pytest.mark.parametrize(
    ("kind", "text", "cleaned"),
    [
        (Kind.BORN, "3/2/1970", "19700203"),
        (Kind.BORN, "1970-02-03", "19700203"),
        (Kind.BORN, "19700203", "19700203"),
        (Kind.PHONE, "+44 7700 900123", "7700900123"),
        (Kind.PHONE, "07700 900123", "7700900123"),
        (Kind.POSTCODE, "ZZ1 1AA", "zz11aa"),
        (Kind.SURNAME, "O’Brien-Löw", "obrien low"),
    ],
)
def test_only_real_differences_are_left_to_compare(kind: Kind, text: str, cleaned: str) -> None:
    assert clean(kind, text) == cleaned


def test_names_in_each_others_place_are_seen_and_nothing_known_says_nothing() -> None:
    table = table_of(
        {"forename": Kind.FORENAME, "surname": Kind.SURNAME, "dob": Kind.BORN},
        [
            {"forename": "Carys", "surname": "Drummond", "dob": "1970-02-03"},
            {"forename": "Drummond", "surname": "Carys", "dob": ""},
        ],
    )
    assert compare(table, (np.array([0]), np.array([1]))).tolist() == [[SWAPPED, UNKNOWN, UNKNOWN]]


def test_a_rare_name_in_common_weighs_more_than_a_common_one() -> None:
    rows, _truth = made_up(200, seed=7)
    rows += [{"forename": "jo", "surname": "featherstonehaugh"}, {"forename": "jo", "surname": "featherstonehaugh"}]
    rows += [{"forename": "jo", "surname": "lomax"}, {"forename": "jo", "surname": "lomax"}]
    table = table_of(KINDS, rows)
    pairs = candidates(table)
    model = train(table, pairs, compare(table, pairs))
    last = len(rows)
    two = (np.array([last - 4, last - 2]), np.array([last - 3, last - 1]))
    rare, common = model.weigh(table, two, compare(table, two))
    assert rare > common + 2


def test_one_mistaken_pair_does_not_make_two_families_one_and_two_may_meet_through_a_third() -> None:
    pairs = (np.array([0, 0, 1, 3, 3, 4, 2]), np.array([1, 2, 2, 4, 5, 5, 3]))
    sure, mistaken = 20.0, 3.0
    groups = clusters(7, pairs, np.array([sure] * 6 + [mistaken]))
    assert len({groups[0], groups[1], groups[2]}) == 1
    assert len({groups[3], groups[4], groups[5]}) == 1
    assert len(set(groups.tolist())) == 3
    through = clusters(3, (np.array([0, 1]), np.array([1, 2])), np.array([sure, sure]))
    assert len(set(through.tolist())) == 1


def test_slips_of_ear_and_hand_sound_the_same() -> None:
    assert sounds("bloomfield") == sounds("blumfeild") == "blmfl"
    assert sounds("philips") == sounds("filips")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "columns", "f1"),
    [
        ("dataset3.csv", {"id_column": "rec_id", "truth_from": r"rec-(\d+)", "ignore": ["soc_sec_id"]}, 0.985),
        ("fake_1000.csv", {"id_column": "unique_id", "truth": "cluster"}, 0.90),
        ("hist600.csv", {"id_column": "unique_id", "truth": "cluster"}, 0.87),
    ],
)
def test_records_others_made(name: str, columns: dict[str, object], f1: float) -> None:
    path = Path(__file__).parents[4] / "shared" / "data" / "record-linkage" / name
    if not path.exists():
        pytest.skip("the record-linkage files are not beside this clone")
    found = figures(evaluate(path, Told(**columns)))  # type: ignore[arg-type]
    assert found["pairwise_f1"] >= f1
    assert found["clustered_f1"] >= f1
    assert found["automatic_precision"] >= 0.999
