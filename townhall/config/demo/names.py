"""Names for Aldermere, all invented. Some streets share a first word, as streets do."""

from __future__ import annotations

from random import Random

TOWN = "Aldermere"
WARDS = (
    ("northgate", "Northgate"),
    ("castle-hill", "Castle Hill"),
    ("lantern-quay", "Lantern Quay"),
    ("meadowside", "Meadowside"),
    ("priory", "Priory"),
    ("harbour", "Harbour"),
)
PARKS = ("Friars Green", "Castle Gardens", "Lantern Park", "Meadow Park", "Priory Fields", "Capstan Green")
LINKS = (
    "Northgate Road", "Lantern Way", "Priory Road", "Harbour Road", "Meadow Bridge", "Castle Bridge", "Quay Bridge", "Bypass Road",
)  # fmt: skip
OUTSIDE = ("Withern Road", "Fold Lane", "Saltmarsh Drove")
_FIRST = (
    "Alder", "Anchor", "Ashbrook", "Beacon", "Bellfounder", "Brewhouse", "Bramble", "Candle", "Capstan", "Cartwright", "Chandler",
    "Cloister", "Cobbler", "Coopers", "Cordwainer", "Curlew", "Dovecote", "Draper", "Elderflower", "Fennel", "Ferry", "Fletcher",
    "Foundry", "Fuller", "Glebe", "Granary", "Hawthorn", "Heron", "Hopfield", "Ironmonger", "Juniper", "Kestrel", "Kiln", "Lapwing",
    "Larkfield", "Lime Kiln", "Lockkeeper", "Maltings", "Mariner", "Mason", "Mill", "Miller", "Netmaker", "Oakapple", "Orchard",
    "Osier", "Paddock", "Pepper", "Pilot", "Plough", "Potters", "Quarry", "Ropewalk", "Saddler", "Sailmaker", "Saffron", "Sexton",
    "Shepherd", "Skylark", "Smithy", "Sorrel", "Spindle", "Swan", "Tanner", "Thatcher", "Tinsmith", "Tollhouse", "Turnpike",
    "Wainwright", "Warrener", "Watermill", "Weaver", "Wherry", "Willow", "Windmill", "Wren",
)  # fmt: skip
_LAST = ("Street", "Road", "Lane", "Close", "Avenue", "Row", "Terrace", "Way", "Gardens", "Crescent", "Drive", "Place")


def street_names(random: Random, count: int) -> list[str]:
    """`count` different names, the first of them the ones a town is known by."""
    names = ["High Street", "Market Street", "Church Lane", "Station Road", "Mill Lane", "Mill Road", "Mill Street"]
    pairs = [f"{first} {last}" for first in _FIRST for last in random.sample(_LAST, 2)]
    pairs = [name for name in pairs if name not in names]
    random.shuffle(pairs)
    return (names + pairs)[:count]


def postcodes(random: Random, ward: int) -> list[str]:
    """Postcodes of one ward, ZZ1 to ZZ6, each once. No place has the area ZZ."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = [f"{sector}{one}{two}" for sector in range(1, 4) for one in letters for two in letters]
    return [f"ZZ{ward + 1} {code}" for code in sorted(random.sample(inward, 60))]
