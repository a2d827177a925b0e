"""Likely duplicates, report against report. No database."""

from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from townhall.street.likeness import ALERT_AT, SEARCH_DAYS, SEARCH_RADIUS_M, KindRelations, Kinship, Report, rank, score
from townhall.street.likeness.places import VaguePoints, metres, metres_by_address, read_address, same_address
from townhall.street.likeness.words import likeness_of_words, stem, telling_words

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KINDS = KindRelations()


def make_report(name: str = "earlier", **fields: Any) -> Report:
    base = Report(
        id=name, opened=NOON - timedelta(days=3), kind="pothole", group="highways", easting=1000.0, northing=2000.0
    )
    return replace(base, **fields)


def new_report(**fields: Any) -> Report:
    return make_report("new", **{"opened": NOON, **fields})


def odds(new: Report, earlier: Report, kinds: KindRelations = KINDS) -> float:
    """The score, 0 when the two are not compared at all."""
    likeness = score(new, earlier, kinds=kinds)
    return likeness.score if likeness else 0.0


def because(new: Report, earlier: Report, kinds: KindRelations = KINDS) -> str:
    likeness = score(new, earlier, kinds=kinds)
    assert likeness is not None
    with translation.override("en-gb"):
        return likeness.because


# What the reader is told


def test_the_phrase_gives_kind_distance_age_and_words() -> None:
    new = new_report(easting=1012.0, words="Deep hole outside the chemist", address="")

    said = because(new, make_report(words="A deep hole by the chemists"))

    assert said == "same kind of problem, 12 m away, reported 3 days ago, similar words"


def test_the_phrase_says_when_it_was_reported_or_closed() -> None:
    closed = make_report(opened=NOON - timedelta(days=30), closed=NOON - timedelta(days=1))

    assert (
        because(new_report(), make_report(opened=NOON - timedelta(hours=2)))
        == "same kind of problem, same place, reported in the last 24 hours"
    )
    assert because(new_report(), closed) == "same kind of problem, same place, reported 30 days ago, closed 1 day ago"


def test_the_phrase_for_a_related_kind_and_the_same_asset() -> None:
    kinds = KindRelations({"light out": {"light leaning"}})
    new = new_report(kind="light out", asset="SL-101", easting=1030.0)

    said = because(new, make_report(kind="light leaning", asset="SL-101"), kinds)

    assert said == "related kind of problem, the same item on our map, reported 3 days ago"


# What counts


def test_a_like_report_on_the_spot_raises_the_alert_and_one_far_off_does_not() -> None:
    assert odds(new_report(), make_report()) >= ALERT_AT
    assert odds(new_report(), make_report(easting=1000.0 + SEARCH_RADIUS_M - 1)) < ALERT_AT


def test_same_kind_beats_declared_beats_family_beats_other() -> None:
    kinds = KindRelations({"pothole": {"sunken drain"}})
    by_kind = [
        odds(new_report(), make_report(kind=kind, group=group), kinds)
        for kind, group in (
            ("pothole", "highways"),
            ("sunken drain", "drains"),
            ("kerb", "highways"),
            ("noise", "health"),
        )
    ]

    assert by_kind == sorted(by_kind, reverse=True)
    assert len(set(by_kind)) == 4


def test_declared_kinds_are_related_both_ways_round() -> None:
    kinds = KindRelations({"pothole": {"sunken drain"}})
    a, b = make_report(kind="pothole", group="a"), make_report(kind="sunken drain", group="b")

    assert kinds.between(a, b) is kinds.between(b, a) is Kinship.RELATED


def test_kinds_whose_names_share_a_rare_word_are_related_without_being_told() -> None:
    kinds = KindRelations()
    names = [
        "Street light out",
        "Street light leaning",
        "Street sign bent",
        "Street bin full",
        "Street tree down",
        "Noise",
    ]
    kinds.learn(make_report(str(number), kind=name, group=f"team {number}") for number, name in enumerate(names))
    out, leaning, sign = (make_report(kind=name, group=name) for name in names[:3])

    assert kinds.between(out, leaning) is Kinship.FAMILY
    assert kinds.between(out, replace(leaning, group=out.group)) is Kinship.RELATED
    assert kinds.between(out, sign) is Kinship.OTHER  # every other kind is a "street" something


def test_declared_kinds_lend_their_names_and_a_common_word_makes_no_kin() -> None:
    codes = ["street-light-out", "street-light-leaning", "street-sign", "street-bin", "street-tree", "noise"]
    kinds = KindRelations({code: set() for code in codes})
    out, leaning, sign = (make_report(kind=code, group=code) for code in codes[:3])

    assert kinds.between(out, leaning) is Kinship.FAMILY
    assert kinds.between(out, sign) is Kinship.OTHER


def test_words_usual_for_the_kind_tell_nothing() -> None:
    kinds = KindRelations()
    kinds.learn(
        make_report(str(number), words=f"big hole {'abcdefghij'[number % 10] * 5}{number}") for number in range(100)
    )

    assert kinds.own_words(make_report(words="Big hole at the chemist")) == telling_words("chemist")


def test_a_closed_report_scores_lower_than_an_open_one() -> None:
    closed = make_report(closed=NOON - timedelta(days=1))

    assert odds(new_report(), closed) < odds(new_report(), make_report())


def test_not_knowing_whether_it_was_closed_lies_between_open_and_closed() -> None:
    still_open, closed = make_report(), make_report(closed=NOON - timedelta(days=1))

    assert (
        odds(new_report(), closed)
        < odds(new_report(), make_report(says_when_closed=False))
        < odds(new_report(), still_open)
    )


def test_the_same_asset_counts_for_and_another_asset_against() -> None:
    unknown = odds(new_report(), make_report())

    assert odds(new_report(asset="SL-1"), make_report(asset="SL-1")) > unknown
    assert odds(new_report(asset="SL-1"), make_report(asset="SL-2")) < unknown


def test_the_same_asset_is_found_however_far_the_pins_are() -> None:
    assert odds(new_report(asset="SL-1", easting=9000.0), make_report(asset="SL-1")) >= ALERT_AT


# Nothing from the future


def test_a_report_opened_later_is_never_compared() -> None:
    assert score(new_report(), make_report(opened=NOON + timedelta(seconds=1)), kinds=KINDS) is None


def test_a_closing_after_the_new_report_was_opened_is_not_known_yet() -> None:
    closed_later = make_report(closed=NOON + timedelta(minutes=1))

    assert score(new_report(), closed_later, kinds=KINDS) == score(new_report(), make_report(), kinds=KINDS)


def test_a_report_is_not_its_own_duplicate_and_old_ones_are_left() -> None:
    assert score(new_report(), new_report(), kinds=KINDS) is None
    assert score(new_report(), make_report(opened=NOON - timedelta(days=SEARCH_DAYS, minutes=1)), kinds=KINDS) is None


# Properties

FIELDS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["pothole", "kerb", "noise"]),
        "group": st.sampled_from(["highways", "health", ""]),
        "words": st.sampled_from(["", "deep hole by the chemist", "loud music", "deep hole"]),
        "address": st.sampled_from(["", "12 High Street", "14 High Street, Aldermere", "by the duck pond", "Oak Lane"]),
        "asset": st.sampled_from(["", "SL-1", "SL-2"]),
        "closed": st.sampled_from([None, NOON - timedelta(hours=1), NOON + timedelta(hours=1)]),
        "opened": st.integers(min_value=0, max_value=100 * 86_400).map(lambda ago: NOON - timedelta(seconds=ago)),
        "vague_point": st.booleans(),
    }
)
METRES = st.floats(min_value=0, max_value=300)


@given(new=FIELDS, earlier=FIELDS, one=METRES, other=METRES)
def test_closer_never_scores_lower(new: dict[str, Any], earlier: dict[str, Any], one: float, other: float) -> None:
    report = new_report(**{**new, "opened": NOON, "easting": 0.0, "northing": 0.0})
    near, far = (make_report(**{**earlier, "easting": 0.0, "northing": north}) for north in sorted((one, other)))

    assert odds(report, near) >= odds(report, far)


@given(new=FIELDS, earlier=FIELDS, apart=METRES)
def test_the_score_stays_between_0_and_1_and_has_a_reason(
    new: dict[str, Any], earlier: dict[str, Any], apart: float
) -> None:
    found = score(
        new_report(**{**new, "opened": NOON}), make_report(**{**earlier, "easting": 1000.0 + apart}), kinds=KINDS
    )

    assert found is None or (0 < found.score < 1 and found.because)


# Ranking


def test_rank_puts_the_best_first_and_keeps_to_the_limit() -> None:
    candidates = [make_report(str(far), easting=1000.0 + far) for far in (150, 40, 90, 60)]

    found = rank(new_report(), candidates, kinds=KINDS, limit=3)

    assert [match.report.id for match in found] == ["40", "60", "90"]


def test_among_repeats_at_one_spot_the_first_is_the_one_to_follow() -> None:
    repeats = [make_report(str(days), opened=NOON - timedelta(days=days)) for days in (1, 2, 3)]

    assert rank(new_report(), repeats, kinds=KINDS)[0].report.id == "3"


def test_fifty_candidates_are_ranked_within_a_few_milliseconds() -> None:
    candidates = [
        make_report(
            str(i), easting=1000.0 + i, words=f"a deep hole number {i} by the chemist", address=f"{i} High Street"
        )
        for i in range(50)
    ]
    new = new_report(words="deep hole near the chemists", address="3 High Street")

    def seconds() -> float:
        started = process_time()
        rank(new, candidates, kinds=KINDS)
        return process_time() - started

    assert min(seconds() for _ in range(10)) < 0.005  # about 0.6 ms on an idle machine


# Places without a good point


def test_without_points_the_same_house_matches_and_another_street_does_not() -> None:
    nowhere: dict[str, Any] = {"easting": None, "northing": None}
    new = new_report(address="12 High St, Aldermere", **nowhere)

    assert odds(new, make_report(address="12, High Street, Aldermere ZZ1 1AA", **nowhere)) >= ALERT_AT
    assert odds(new, make_report(address="12 Oak Lane, Aldermere", **nowhere)) == 0
    assert odds(new, make_report(address="", **nowhere)) == 0


def test_a_vague_point_is_not_a_place() -> None:
    assert odds(new_report(vague_point=True), make_report(vague_point=True)) == 0


def test_places_told_in_words_alone_are_compared_by_their_words() -> None:
    nowhere: dict[str, Any] = {"easting": None, "northing": None}
    new = new_report(address="behind the bandstand in Lowfield gardens", **nowhere)
    like = make_report(address="Lowfield Gardens, behind the band stand or bandstand", **nowhere)

    assert odds(new, make_report(address="behind the bandstnad, Lowfield gardens", **nowhere)) > 0
    assert "place described alike" in because(new, like)
    assert odds(new, make_report(address="beside the bus shelter, Mill Way", **nowhere)) == 0


@pytest.mark.parametrize(
    ("text", "streets", "numbers"),
    [
        ("Flat 2, 145-151 High St, Aldermere ZZ1 1AA", {"high street"}, (145, 151)),
        ("52A High Street Aldermere", {"high street"}, (52, 52)),
        ("12 St John's Rd", {"st johns road"}, (12, 12)),
        ("junction of Mill Rd and Oak Lane", {"mill road", "oak lane"}, None),
        ("outside 12 Oak Ln.", {"oak lane"}, (12, 12)),
        ("12, Oak Lane", {"oak lane"}, (12, 12)),
    ],
)
def test_addresses_are_read(text: str, streets: set[str], numbers: tuple[int, int] | None) -> None:
    address = read_address(text)

    assert address is not None
    assert set(address.streets) == streets
    assert address.numbers == numbers


def test_house_numbers_tell_the_distance_and_towns_tell_streets_apart() -> None:
    ten, twelve, far = (read_address(f"{number} High Street, Aldermere") for number in (10, 12, 90))
    elsewhere = read_address("10 High Street, Lowfield")
    assert ten
    assert twelve
    assert far
    assert elsewhere

    assert (metres_by_address(ten, twelve) or 0) < (metres_by_address(ten, far) or 0)
    assert same_address(ten, ten)
    assert not same_address(ten, elsewhere)


def test_degrees_become_metres() -> None:
    east, north = (metres(51.0, 0.001, around=51.0), metres(51.001, 0.0, around=51.0))

    assert east[0] == pytest.approx(70.0, abs=0.1)  # cos 51° of 111.2 m
    assert north[1] - metres(51.0, 0.0, around=51.0)[1] == pytest.approx(111.2, abs=0.1)


def test_a_point_that_collects_reports_from_everywhere_is_vague() -> None:
    points = VaguePoints()
    for number in range(200):
        points.add((0.0, 0.0))
        points.add((float(number), 1.0))

    assert points.is_vague((0.0, 0.0))
    assert not points.is_vague((5.0, 1.0))


# Words


def test_words_forgive_one_slip_and_endings_but_not_another_word() -> None:
    assert stem("lights") == stem("lighting") == stem("light")
    assert likeness_of_words(telling_words("Matress dumped"), telling_words("mattress dumping")) == 1
    assert likeness_of_words(telling_words("abandonned vehcile"), telling_words("Abandoned vehicle")) == 1
    assert likeness_of_words(telling_words("bin"), telling_words("bus")) == 0
    assert likeness_of_words(telling_words(""), telling_words("hole")) == 0


@given(a=st.text(max_size=60), b=st.text(max_size=60))
def test_likeness_of_words_is_bounded_and_the_same_words_are_alike(a: str, b: str) -> None:
    left, right = telling_words(a), telling_words(b)

    assert 0 <= likeness_of_words(left, right) <= 1.0000001
    assert likeness_of_words(left, left) == pytest.approx(1.0 if left else 0.0)
