"""Who works in the demonstration, and who answers for which model. The people are invented."""

from services.kernel.identity import Role, Tier
from services.standards.target.types import Kpi
from services.workflows.demonstration.types import Charge, Member

TEAMS = {"lending": "Retail lending", "labs": "Applied labs"}

MEMBERS = (
    Member(
        "contributor", "Ada Okafor", "ada@demo.example", (Role.CONTRIBUTOR,), "lending", ("ada",)
    ),
    Member("owner", "Olga Marsh", "olga@demo.example", (Role.OWNER,), "lending"),
    Member("validator", "Vera Lindqvist", "vera@demo.example", (Role.VALIDATOR,), "lending"),
    Member("second-validator", "Victor Huang", "victor@demo.example", (Role.VALIDATOR,), "labs"),
    Member("approver", "Rosa Delgado", "rosa@demo.example", (Role.APPROVER,), "lending"),
    Member("operator", "Otis Park", "otis@demo.example", (Role.OPERATOR,), "labs"),
    Member("auditor", "Audrey Kim", "audrey@demo.example", (Role.AUDITOR,)),
    Member("administrator", "Adam Novak", "adam@demo.example", (Role.ADMINISTRATOR,)),
)

CHARGES = (
    Charge(
        "mortgage-approval",
        owner="owner",
        team="lending",
        purpose="Recommend approval or denial of a home mortgage application.",
        intended_use="A loan officer reads the recommendation before deciding; nobody is denied by it alone.",
        tier=Tier.HIGH,
        tier_reason="Decides on access to credit; protected by fair-lending law.",
        legal_class="high risk (Annex III 5 b)",
    ),
    Charge(
        "wage-benchmark",
        owner="owner",
        team="lending",
        purpose="Estimate the usual wage of an applicant's occupation and experience.",
        intended_use="A plausibility check of stated income; no decision follows from it alone.",
        tier=Tier.MEDIUM,
        tier_reason="Feeds a manual check; a wrong value costs time, not credit.",
        legal_class="limited risk",
    ),
    Charge(
        "tumour-triage",
        owner="owner",
        team="labs",
        purpose="Sort cell images so that likely malignant ones are read first.",
        intended_use="Orders a pathologist's work list; every image is read.",
        tier=Tier.CRITICAL,
        tier_reason="Delays in reading may harm a patient.",
        legal_class="high risk (medical device)",
    ),
    Charge(
        "digit-reader",
        owner="owner",
        team="labs",
        purpose="Read handwritten digits on internal forms.",
        intended_use="Pre-fills a field that a clerk confirms.",
        tier=Tier.LOW,
        tier_reason="A clerk confirms every value.",
        legal_class="minimal risk",
    ),
    Charge(
        "flight-delay",
        owner="owner",
        team="labs",
        purpose="Say before departure which flights will arrive more than 15 minutes late.",
        intended_use="Ground crews announce a delay early; no flight is moved by it alone.",
        tier=Tier.MEDIUM,
        tier_reason="A wrong announcement costs travellers and crews time; it can be taken back.",
        legal_class="minimal risk",
    ),
)

KPIS = (
    Kpi(
        "flight-delay",
        "late flights announced",
        unit="1",
        direction="higher",
        target=0.12,
        formula='share(decision = "late" where outcome = 1)',
    ),
)
