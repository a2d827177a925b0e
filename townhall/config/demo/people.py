"""Who works in Aldermere: teams, posts and the people in them. Everybody here is invented; addresses are example.org's."""

from __future__ import annotations

from dataclasses import dataclass

COUNCIL, CONTRACTOR = "council", "contractor"


@dataclass(frozen=True, kw_only=True)
class Team:
    code: str
    name: str
    kind: str = COUNCIL
    phone: str = "01632 960100"

    @property
    def email(self) -> str:
        return f"{self.code}@aldermere.example.org"


@dataclass(frozen=True, kw_only=True)
class Post:
    """A role in a team. `role` is a code of `townhall.accounts.models.Role`."""

    code: str
    title: str
    team: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who signs in, and the posts they hold."""

    name: str
    posts: tuple[str, ...]

    @property
    def email(self) -> str:
        return f"{self.name.casefold().replace(' ', '.')}@example.org"


TEAMS = (
    Team(code="customer-services", name="Customer services"),
    Team(code="street-cleansing", name="Street cleansing", phone="01632 960110"),
    Team(code="waste-collection", name="Waste collection", phone="01632 960120"),
    Team(code="highways", name="Highways", phone="01632 960130"),
    Team(code="street-lighting", name="Street lighting", phone="01632 960131"),
    Team(code="parks-and-trees", name="Parks and trees", phone="01632 960140"),
    Team(code="environmental-health", name="Environmental health", phone="01632 960145"),
    Team(code="parking", name="Parking", phone="01632 960150"),
    Team(code="finance", name="Finance", phone="01632 960170"),
    Team(code="revenues", name="Council tax and benefits", phone="01632 960165"),
    Team(code="elections", name="Elections", phone="01632 960175"),
    Team(code="school-admissions", name="School admissions", phone="01632 960180"),
    Team(code="housing", name="Housing", phone="01632 960185"),
    Team(code="licensing", name="Licensing", phone="01632 960190"),
    Team(code="corporate", name="Corporate services"),
    Team(
        code="aldermere-clean-streets",
        name="Aldermere Clean Streets Ltd (fictional)",
        kind=CONTRACTOR,
        phone="01632 960160",
    ),
)

_TEAM_POSTS = (  # team, word for its officers' posts
    ("street-cleansing", "street-cleansing", "Street cleansing"),
    ("waste-collection", "waste", "Waste"),
    ("highways", "highways", "Highways"),
    ("street-lighting", "street-lighting", "Street lighting"),
    ("parks-and-trees", "parks", "Parks and trees"),
    ("environmental-health", "environmental-health", "Environmental health"),
    ("revenues", "revenues", "Revenues"),
    ("elections", "elections", "Elections"),
    ("school-admissions", "admissions", "School admissions"),
    ("housing", "housing", "Housing"),
    ("licensing", "licensing", "Licensing"),
)

POSTS = (
    Post(code="customer-services-adviser", title="Customer services adviser", team="customer-services", role="adviser"),
    Post(code="receptionist", title="Receptionist", team="customer-services", role="receptionist"),
    Post(
        code="customer-services-manager",
        title="Customer services manager",
        team="customer-services",
        role="team_manager",
    ),
    *(
        post
        for team, code, title in _TEAM_POSTS
        for post in (
            Post(code=f"{code}-officer", title=f"{title} officer", team=team, role="officer"),
            Post(code=f"{code}-manager", title=f"{title} manager", team=team, role="team_manager"),
        )
    ),
    Post(code="parking-officer", title="Parking appeals officer", team="parking", role="officer"),
    Post(code="finance-officer", title="Income officer", team="finance", role="finance"),
    Post(code="head-of-street-scene", title="Head of street scene", team="corporate", role="senior_manager"),
    Post(code="head-of-customer-finance", title="Head of customer finance", team="corporate", role="senior_manager"),
    Post(code="cabinet-member-finance", title="Cabinet member for finance", team="corporate", role="portfolio_holder"),
    Post(code="head-of-highways", title="Head of highways", team="corporate", role="senior_manager"),
    Post(code="head-of-public-protection", title="Head of public protection", team="corporate", role="senior_manager"),
    Post(
        code="cabinet-member-environment",
        title="Cabinet member for the environment",
        team="corporate",
        role="portfolio_holder",
    ),
    Post(
        code="cabinet-member-transport", title="Cabinet member for transport", team="corporate", role="portfolio_holder"
    ),
    Post(
        code="data-protection-officer",
        title="Data protection officer",
        team="corporate",
        role="data_protection_officer",
    ),
    Post(code="auditor", title="Internal auditor", team="corporate", role="auditor"),
    Post(code="administrator", title="System administrator", team="corporate", role="administrator"),
    Post(
        code="clean-streets-supervisor",
        title="Clean Streets supervisor",
        team="aldermere-clean-streets",
        role="contractor",
    ),
)

PEOPLE = (
    Person(name="Amina Larkspur", posts=("customer-services-adviser",)),
    Person(name="Ben Thistlewood", posts=("customer-services-adviser",)),
    Person(name="Rhys Candlemaker", posts=("receptionist",)),
    Person(name="Moira Quillfeather", posts=("customer-services-manager",)),
    Person(name="Priya Wherryman", posts=("street-cleansing-officer",)),
    Person(name="Col Brambleby", posts=("street-cleansing-officer",)),
    Person(name="Sade Ropewalker", posts=("street-cleansing-manager",)),
    Person(name="Tomasz Binsworth", posts=("waste-officer",)),
    Person(name="Ida Greenlidd", posts=("waste-manager",)),
    Person(name="Dev Kerbstone", posts=("highways-officer",)),
    Person(name="Nia Tarmaccan", posts=("highways-manager",)),
    Person(name="Leo Lampwright", posts=("street-lighting-officer",)),
    Person(name="Ruth Lanternby", posts=("street-lighting-manager",)),
    Person(name="Fern Oakapple", posts=("parks-officer",)),
    Person(name="Hugh Hollybank", posts=("parks-manager",)),
    Person(name="Zara Quietly", posts=("environmental-health-officer",)),
    Person(name="Owen Cleanwater", posts=("environmental-health-manager",)),
    Person(name="Ottilie Kerbside", posts=("parking-officer",)),
    Person(name="Felix Pennyworth", posts=("finance-officer",)),
    Person(name="Edith Ballotine", posts=("elections-officer",)),
    Person(name="Roland Franchise", posts=("elections-manager",)),
    Person(name="Tilly Slateboard", posts=("admissions-officer",)),
    Person(name="Magnus Termtime", posts=("admissions-manager",)),
    Person(name="Bridie Hearthstone", posts=("housing-officer",)),
    Person(name="Wilf Rafterly", posts=("housing-manager",)),
    Person(name="Cora Permitton", posts=("licensing-officer",)),
    Person(name="Dunstan Sealright", posts=("licensing-manager",)),
    Person(name="Una Reckoner", posts=("revenues-officer",)),
    Person(name="Piers Ledgerwood", posts=("revenues-manager",)),
    Person(name="Grace Overstreet", posts=("head-of-street-scene",)),
    Person(name="Lena Purseworth", posts=("head-of-customer-finance",)),
    Person(name="Councillor Theo Balance", posts=("cabinet-member-finance",)),
    Person(name="Martin Longroad", posts=("head-of-highways",)),
    Person(name="Yusuf Fairweather", posts=("head-of-public-protection",)),
    Person(name="Councillor Joan Meadowsweet", posts=("cabinet-member-environment",)),
    Person(name="Councillor Alan Turnpike", posts=("cabinet-member-transport",)),
    Person(name="Edith Keepsafe", posts=("data-protection-officer",)),
    Person(name="Piers Tallyman", posts=("auditor",)),
    Person(name="Sam Switchwell", posts=("administrator",)),
    Person(name="Dana Broomhall", posts=("clean-streets-supervisor",)),
)
