"""Likely duplicates: is this problem already reported? Pure functions, one engine for live search and evaluation."""

from townhall.street.likeness.kinds import KindRelations, Kinship
from townhall.street.likeness.places import VaguePoints, metres
from townhall.street.likeness.report import Report
from townhall.street.likeness.scoring import ALERT_AT, SEARCH_DAYS, SEARCH_RADIUS_M, Likeness, Match, rank, score

__all__ = [
    "ALERT_AT",
    "SEARCH_DAYS",
    "SEARCH_RADIUS_M",
    "KindRelations",
    "Kinship",
    "Likeness",
    "Match",
    "Report",
    "VaguePoints",
    "metres",
    "rank",
    "score",
]
