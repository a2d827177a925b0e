"""How alike two values of a kind are, as one of a few levels; 0 is the same. What a level is worth is learnt, not set here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA, DamerauLevenshtein, JaroWinkler

from townhall.customers.matching.columns import Kind

SAME = 0
SHORT_FORMS = """
robert rob bob bobby robbie, william will bill billy, richard rick dick richie, francis frank, frederick fred freddie freddy,
thomas tom tommy, james jim jimmy jamie, john jack johnny, edward ed ted eddie, elizabeth liz beth betty lizzie lisa eliza,
margaret maggie meg peggy madge, katherine catherine kathryn kate cathy kathy katie kitty, henry harry hal, charles charlie chuck,
joseph joe joey, samuel sam sammy, daniel dan danny, david dave davey, michael mike mick mickey, stephen steve steven,
anthony antony tony, andrew andy drew, alexander alex sandy alec, alexandra alex sandra, benjamin ben benny, christopher chris kit,
christine chris tina, nicholas nick nicky, nicola nicky, matthew matt, patrick pat paddy, patricia pat trish tricia patsy,
george georgie, albert bert al bertie, arthur art, walter walt wally, harold harry, theodore ted theo, augustus gus, archibald archie,
ernest ernie, alfred alf fred alfie, herbert bert herb, leonard len lenny, ronald ron ronnie, donald don donnie, kenneth ken kenny,
joshua josh, jonathan jon jonny, jacob jake, susan sue susie, deborah deb debbie, jennifer jen jenny, victoria vicky vikki tori,
barbara barb babs, dorothy dot dolly, florence flo florrie, mary molly polly may, sarah sally, ann anne annie nan nancy hannah,
helen nell nellie, eleanor ellie nell nora, isabella bella izzy, rebecca becky becca, jessica jess jessie, pamela pam, philip phil,
peter pete, gregory greg, geoffrey geoff jeff jeffrey, timothy tim, terence terry, raymond ray, lawrence larry laurie,
abigail abi abbie, amanda mandy, charlotte charlie lottie, emily em millie, gabriel gabe, georgina georgie gina, jacqueline jackie,
josephine josie jo, joanna jo joanne, judith judy, lucinda lucy cindy, martha matty patty, matilda tilly, mohammed muhammad mohamed mo,
natalie nat, natasha tasha, oliver olly ollie, penelope penny, roger rodge, samantha sam, sidney sid, stanley stan, theresa tess terry,
valerie val, vincent vince, vivian viv, winifred win winnie, zachary zac zach zack
"""
_FAMILIES: dict[str, set[int]] = defaultdict(set)
for _number, _names in enumerate(SHORT_FORMS.split(",")):
    for _name in _names.split():
        _FAMILIES[_name].add(_number)


@dataclass(frozen=True)
class Comparison:
    """`says`: what each level means, in words for evidence; `level` says which holds for two cleaned values that are not empty."""

    says: Sequence[str]
    level: Callable[[str, str], int]


def _surname(one: str, other: str) -> int:
    if one == other:
        return 0
    if one.replace(" ", "") == other.replace(" ", ""):
        return 1
    if DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1:
        return 1 if min(len(one), len(other)) > 3 else 2
    alike = JaroWinkler.similarity(one, other)
    if alike >= 0.9:
        return 2
    if alike >= 0.8 or one[:3] == other[:3] or set(one.split()) & set(other.split()):
        return 3
    return 4


def _forename(one: str, other: str) -> int:
    if one != other and _FAMILIES.get(one, set()) & _FAMILIES.get(other, set()):
        return 1
    return _surname(one, other)


def _born(one: str, other: str) -> int:
    if one == other:
        return 0
    apart = OSA.distance(one, other, score_cutoff=2)
    turned = len(one) == len(other) == 8 and one == other[:4] + other[6:] + other[4:6]  # day and month
    if apart <= 1 or turned:
        return 1
    if apart == 2:
        return 2
    return 3 if one[:4] == other[:4] or one[4:] == other[4:] else 4


def _house(one: str, other: str) -> int:
    if one == other:
        return 0
    if sorted(one) == sorted(other):
        return 1
    return 2 if OSA.distance(one, other, score_cutoff=1) <= 1 else 3


def _postcode(one: str, other: str) -> int:
    if one == other:
        return 0
    apart = OSA.distance(one, other, score_cutoff=2)
    if apart <= 2:
        return apart
    near = (len(one) > 4 and one[:-3] == other[:-3]) or one[:2] == other[:2]
    return 3 if near else 4


def _words(one: str, other: str) -> int:
    if one == other:
        return 0
    joined, joined_other = one.replace(" ", ""), other.replace(" ", "")
    alike = DamerauLevenshtein.normalized_similarity(joined, joined_other)
    if alike >= 0.85:
        return 1
    if alike >= 0.65:
        return 2
    shared = {word for word in one.split() if len(word) > 3} & set(other.split())
    return 3 if shared or JaroWinkler.similarity(joined, joined_other) >= 0.85 else 4


def _email(one: str, other: str) -> int:
    if one == other:
        return 0
    user, user_of_other = one.partition("@")[0], other.partition("@")[0]
    if user == user_of_other or DamerauLevenshtein.distance(one, other, score_cutoff=2) <= 2:
        return 1
    return 2 if JaroWinkler.similarity(user, user_of_other) >= 0.88 else 3


def _digits(one: str, other: str) -> int:
    if one == other:
        return 0
    return 1 if OSA.distance(one, other, score_cutoff=1) <= 1 else 2


_NAME = ("the same", "one letter apart", "very like", "something alike", "different")
_LIKE = ("the same", "nearly the same", "like", "something alike", "different")
SWAPPED = len(_NAME)  # a level of the forename only: forename and surname stand in each other's place
COMPARISONS: dict[Kind, Comparison] = {
    Kind.FORENAME: Comparison(
        ("the same", "a short form, or one letter apart", *_NAME[2:], "forename and surname changed places"), _forename
    ),
    Kind.SURNAME: Comparison(_NAME, _surname),
    Kind.BORN: Comparison(
        ("the same", "one digit apart, or day and month changed places", "two digits apart", "part of it", "different"),
        _born,
    ),
    Kind.HOUSE: Comparison(("the same", "the same digits", "one digit apart", "different"), _house),
    Kind.STREET: Comparison(_LIKE, _words),
    Kind.PLACE: Comparison(_LIKE, _words),
    Kind.POSTCODE: Comparison(
        ("the same", "one letter apart", "two letters apart", "the same district", "different"), _postcode
    ),
    Kind.EMAIL: Comparison(("the same", "nearly the same", "like", "different"), _email),
    Kind.PHONE: Comparison(("the same", "one digit apart", "different"), _digits),
    Kind.NUMBER: Comparison(("the same", "one digit apart", "different"), _digits),
    Kind.CODE: Comparison(("the same", "nearly the same", "different"), _digits),
    Kind.WORDS: Comparison(_LIKE, _words),
}
