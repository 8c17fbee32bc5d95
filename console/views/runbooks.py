"""What to do about an alert: the steps of the runbook that its rule names, else of what it measures."""

import re
from collections.abc import Mapping
from types import MappingProxyType

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`]{1,500}")

BOOK: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "retrain": (
            "Open the window: which features moved, and does it hold for every segment or for one?",
            "Rule out the sender first. A new unit, type or spelling stands under training-serving skew; mend it there, and train nothing.",
            "Where outcomes are known, see whether the answers got worse. Drift that costs nothing may stay: close it by hand and say so.",
            "Else open a ticket under Retraining. It is quoted, people allow it, and the champion goes on serving.",
            "If answers may harm anybody until then, open an incident here and suspend the version; a rollback brings it back.",
        ),
        "skew": (
            "Open the window: training-serving skew names the feature, and what is written otherwise than in training.",
            "Find the sender: has its code, unit, type or default value changed since the version was trained?",
            "Mend the sender, or train on what production really sends. Retraining on broken input only hides it.",
            "The alert is over by itself when the next windows are near training again.",
        ),
        "service": (
            "Open the model under Service: is it every answer or a share of them, and since when?",
            "Compare with the requests: more traffic needs servers, the same traffic points at a release or a dependency.",
            "If a new version began then, roll back to the one before; one approver signs.",
            "Open an incident when callers are affected, so that the time to recover is counted.",
        ),
        "silence": (
            "Ask whether the caller stopped, or the log: do requests still reach the server?",
            "If they do, look at the sender of the log: its token, its answers of 401, 413 or 429, its disk.",
            "Send what is missing afterwards. Late rows are taken once, and their windows are measured again.",
        ),
        "quality": (
            "Open the window: which columns are missing, new, invalid or repeated, and from when on?",
            "Ask the owner of the source; one column at once is a broken join, many are a changed export.",
            "While it lasts the answers rest on less than in training: open an incident if decisions depend on them.",
        ),
        "worse": (
            "Look at the interval and the label coverage: outcomes that come first are seldom like the others.",
            "See whether the inputs moved with it. Drift and loss together ask for a retraining; a loss without drift means that the world answers otherwise than it did.",
            "Look at the pinned segments, or split by a column: often one group carries the loss.",
            "Open a ticket under Retraining, or roll back if the version before was better.",
        ),
        "labels": (
            "Ask where outcomes come from: is the job late, or its token refused?",
            "Send them when they are there; each window is measured again with what came in.",
            "Until then read the estimated performance, which needs no outcomes and sees no changed world.",
        ),
        "fairness": (
            "Open Fairness on the model: which group, with how many rows, and does the interval reach the limit?",
            "Ask for a review by a validator before anything is changed; a threshold by group is a decision of its own.",
            "If people were harmed, open an incident with its harm class: the clock of Art. 73 may run.",
        ),
        "queries": (
            "Look at which pattern was found: bursts of near-duplicates, uniform sweeps, or far more queries than ever.",
            "Ask whose token it is. A load test or a batch job explains most of it.",
            "Else take the token back, and lower the caller's limit under custody.",
        ),
        "target": (
            "Open the model: the figure stands beside its target, window by window.",
            "See whether drift or errors began at the same time; a figure without either is a question for the business.",
        ),
    }
)
"""Steps by name, in the order in which they are taken."""

_BY_METRIC = (
    ("service.silence_hours", "silence"),
    ("service.suspicious_callers", "queries"),
    ("service.", "service"),
    ("performance.label_", "labels"),
    ("performance.", "worse"),
    ("data_quality.", "quality"),
    ("fairness.", "fairness"),
    ("kpi.", "target"),
    ("drift.skew", "skew"),
    ("drift.", "retrain"),
)


def steps(runbook: str, metric: str) -> tuple[str, ...]:
    """Return what to do.

    Parameters
    ----------
    runbook
        As the rule names it. One that is not in the book is somebody's own: then nothing is added to it.
    metric
        What crossed its limit; it decides where the rule names none.
    """
    if runbook:
        return BOOK.get(runbook.strip(), ())
    name = next((name for prefix, name in _BY_METRIC if metric.startswith(prefix)), "")
    return BOOK.get(name, ())


def address(runbook: str) -> str:
    """Return where somebody's own runbook lies; empty where a rule gives no address."""
    found = _ADDRESS.fullmatch(runbook.strip())
    return found[0] if found else ""
