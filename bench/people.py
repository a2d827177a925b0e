"""Made-up people with names as common as names are: a few very common surnames and thousands of rare ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

_BEGINNINGS = (
    "Ash Ald Barn Beck Bing Black Brad Bram Bran Brig Brook Burn Cald Carl Carr Chad Chester Clay Clif Col Crow Dal Dan Darl Den "
    "Dun East Ell Fair Farn Fen Field Fol Fox Gar Glen Gold Gran Green Grim Had Hal Ham Hard Hart Hay Hazel Hel Hol Hop Hunt Ing "
    "Kel Ken Kirk Lang Law Led Linn Long Lud Mal Mar Mel Mid Mill Mor New Nor North Oak Old Os Pem Pen Pick Prest Rad Ram Raven Red "
    "Ridg Rock Rom Rush Sal Sand Sel Shel Ship Smith South Staf Stan Sted Stoke Stone Strat Sut Swin Tar Thorn Til Tor Town Tun Up "
    "Wad Wain Wake Wal War Wat Wel West Whit Wick Wil Win Wood Wor Wyn York"
)
_ENDINGS = (
    "bourne brook bury by combe cote croft dale den don field ford gate grove ham hurst ing ington land ley low man mere more ridge "
    "sett shaw son stead ster stock stone ton wall ward water way well wick win wood worth wright"
)
_FIRST = (
    "Aaliyah Abdul Adam Agnes Aisha Alan Alex Alice Amara Amelia Amir Amy Andrew Angela Anna Arjun Arthur Ava Ben Beth Brian Callum "
    "Carol Charlotte Chen Chloe Chris Claire Daniel David Dawn Deepa Dev Diane Dilys Dylan Edith Eleri Elena Ella Emily Emma Eric "
    "Esther Ethan Eva Farah Fatima Fiona Frank Freya George Gita Grace Graham Gwen Hannah Harry Hassan Helen Henry Holly Ian Ibrahim "
    "Imran Isla Jack Jacob James Jane Jasmine Jean Jess Joan John Jose Joy Julie Kai Karen Kate Kemal Kevin Kwame Laila Laura Leah "
    "Leo Lesley Lily Linda Lucy Luke Maria Mark Martin Mary Maya Megan Mia Mohammed Nadia Nia Nigel Nina Noah Olga Olivia Omar Owen "
    "Pat Paul Peter Phoebe Piotr Priya Rachel Raj Rhys Rita Rob Rosa Ruth Ryan Sam Sara Sean Sian Simon Sofia Stella Steve Sunita "
    "Tara Thea Tom Tracy Una Usha Vera Victor Wendy Will Yasmin Yusuf Zara Zoe"
)


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    phone: str
    born_on: date


def surnames(random: Random) -> list[str]:
    made = sorted({first + last for first in _BEGINNINGS.split() for last in _ENDINGS.split()})
    random.shuffle(made)
    return made


def people(count: int, random: Random) -> list[Person]:
    """Surname number n is 1/(n + 30) as common as they come, so the first fifty are borne by every tenth person."""
    names = surnames(random)
    weights = list(accumulate(1 / (place + 30) for place in range(len(names))))
    lasts = random.choices(names, cum_weights=weights, k=count)
    firsts = random.choices(_FIRST.split(), k=count)
    start = date(1930, 1, 1)
    return [
        Person(
            name=f"{first} {last}",
            email=f"{first}.{last}{number}@example.org".lower(),
            phone=f"+447700{900_000 + number % 1000}",
            born_on=start + timedelta(days=random.randrange(27_500)),
        )
        for number, (first, last) in enumerate(zip(firsts, lasts, strict=True))
    ]
