from townhall.workforce.models.champions import Act, Champion, Meeting
from townhall.workforce.models.guidelines import Acceptance, Guideline, GuidelineVersion
from townhall.workforce.models.lending import Loan, LoanItem
from townhall.workforce.models.presence import LeftFor, Presence, Taken
from townhall.workforce.models.starting import Induction, InductionItem, Step
from townhall.workforce.models.training import Attendance, Gate, Module, Pass, Session

__all__ = [
    "Acceptance",
    "Act",
    "Attendance",
    "Champion",
    "Gate",
    "Guideline",
    "GuidelineVersion",
    "Induction",
    "InductionItem",
    "LeftFor",
    "Loan",
    "LoanItem",
    "Meeting",
    "Module",
    "Pass",
    "Presence",
    "Session",
    "Step",
    "Taken",
]
