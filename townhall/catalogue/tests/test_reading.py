from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.catalogue import strict_yaml
from townhall.catalogue.reading import BadPack, read_folder, read_pack, write_pack
from townhall.catalogue.tests.makers import make_pack, write_folder

TEXT = write_pack(make_pack())


def faults_of(text: str) -> list[str]:
    with pytest.raises(BadPack) as caught:
        read_pack(text)
    return [str(fault) for fault in caught.value.faults]


def test_an_unknown_key_is_told_with_its_file_line_and_path() -> None:
    text = TEXT.replace("published:\n  days: 5\n", "published:\n  days: 5\n  weeks: 2\n")
    line = text.split("\n").index("  weeks: 2") + 1

    assert faults_of(text) == [f"service.yaml:{line}: $.published: There is no key 'weeks' here."]


def test_an_unknown_key_at_the_top_is_told_with_its_line() -> None:
    assert faults_of(f"{TEXT}colour: red\n") == [
        f"service.yaml:{TEXT.count(chr(10)) + 1}: $: There is no key 'colour' here."
    ]


def test_a_missing_key_and_a_wrong_type_are_told() -> None:
    assert faults_of(TEXT.replace("name: Lost swan\n", "")) == ["service.yaml:1: $: The key 'name' is missing."]
    assert "Expected `int`, got `str`" in faults_of(TEXT.replace("days: 5", "days: five"))[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"attributes": [{"code": "a", "label": "A"}, {"code": "a", "label": "B"}]},
            "$.attributes[1]: 'a' is given twice.",
        ),
        (
            {"attributes": [{"code": "a", "label": "A", "datatype": "singlevaluelist"}]},
            "$.attributes[0].values: A list needs at least two values.",
        ),
        (
            {"attributes": [{"code": "a", "label": "A", "shown_when": {"==": [{"var": "b"}, 1]}}]},
            "$.attributes[0].shown_when: There is no earlier answer called 'b'.",
        ),
        (
            {"attributes": [{"code": "a", "label": "A", "shown_when": {"equals": [1, 1]}}]},
            "$.attributes[0].shown_when: There is no operator 'equals'.",
        ),
        ({"routing": [{"when": {}}]}, "$.routing[0]: The rule decides nothing."),
        ({"routing": [{"when": {"answers": {"size": ["big"]}}, "days": 1}]}, "There is no question 'size'."),
        (
            {"updates": [{"update": "received"}, {"update": "done"}]},
            "$.updates: 'declined' is always sent, to everybody.",
        ),
        ({"refused": []}, "$.refused: Say what is refused, so that a report can be declined with a reason."),
        ({"place": {"checks_round": True}}, "$.place.checks_round: A round can be looked up for an address only."),
        ({"clocks": {"chasers_to_manager": 3}}, "The senior manager hears after the team manager."),
    ],
)
def test_a_pack_that_makes_no_sense_is_refused(fields: dict[str, Any], said: str) -> None:
    (fault,) = faults_of(write_pack(make_pack(**fields)))

    assert said in fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: a\nname: b\n", ":2: $: The key 'name' is given twice."),
        ("a: &x [1]\nb: *x\n", ":2: $: Anchors and aliases are not read here."),
        ("a: [1\n", "This is not YAML"),
        ("{}: 1\n", "A key must be a word."),
        ("- 1\n", "Expected `object`, got `array`"),
        ("", "Expected `object`, got `null`"),
        ("a: \0", "This is not YAML"),
        ("a: !!python/object:os.system x", "This is not YAML"),
    ],
)
def test_what_is_not_a_pack_is_refused_with_its_line(text: str, said: str) -> None:
    (fault,) = faults_of(text)

    assert said in fault


def test_yes_no_on_and_times_stay_words() -> None:
    value, _node = strict_yaml.load(
        "yes: no\non: 'off'\nat: 12:30\nday: 2026-03-02\nn: 12\nzero: 012\nt: true\nf: 1.5\ne:\n"
    )

    assert value == {
        "yes": "no",
        "on": "off",
        "at": "12:30",
        "day": "2026-03-02",
        "n": 12,
        "zero": "012",
        "t": True,
        "f": 1.5,
        "e": None,
    }


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=10), _json, max_size=5))
def test_whatever_is_written_is_read_back_the_same(value: dict[str, Any]) -> None:
    assert strict_yaml.load(strict_yaml.dump(value))[0] == value


@given(name=st.text(min_size=1, max_size=300), done=st.text(min_size=1), number=st.integers(0, 3650))
def test_an_exported_pack_is_read_back_the_same(name: str, done: str, number: int) -> None:
    pack = make_pack(name=name, done=done, published={"days": number}, keywords=[name])

    assert read_pack(write_pack(pack)) == pack


def test_a_folder_tells_the_faults_of_all_its_packs(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"), make_pack("two"), make_pack("three"))
    for code in ("one", "three"):
        with (tmp_path / code / "service.yaml").open("a") as file:
            file.write("colour: red\n")

    with pytest.raises(BadPack) as caught:
        read_folder(tmp_path)

    assert [fault.file for fault in caught.value.faults] == ["one/service.yaml", "three/service.yaml"]


def test_long_words_may_stand_in_a_file_beside(tmp_path: Path) -> None:
    write_folder(tmp_path, make_pack("one"))
    yaml = tmp_path / "one" / "service.yaml"
    yaml.write_text(yaml.read_text().replace("done: We look for it.\n", ""))
    (tmp_path / "one" / "done.md").write_text("We look for it in the **river**.\n")

    (pack,) = read_folder(tmp_path)

    assert pack.done == "We look for it in the **river**."
