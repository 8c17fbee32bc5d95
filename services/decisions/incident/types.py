"""The nouns of an incident."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.lifecycle import Lifecycle


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    MITIGATED = "mitigated"
    CLOSED = "closed"


INCIDENT = Lifecycle(
    "incident",
    "open",
    {
        "open": frozenset({"investigating", "mitigated"}),
        "investigating": frozenset({"mitigated"}),
        "mitigated": frozenset({"investigating", "closed"}),
        "closed": frozenset({"investigating"}),
    },
)


class Severity(StrEnum):
    """How much it matters to us."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Harm(StrEnum):
    """What it did to people, in the words of the AI Act, Article 3(49); unknown until judged."""

    UNKNOWN = "unknown"
    NONE = "none"
    DEATH = "death"
    HEALTH = "health"
    INFRASTRUCTURE = "infrastructure"
    RIGHTS = "rights"
    PROPERTY = "property"
    WIDESPREAD = "widespread"


class Origin(StrEnum):
    """What an incident was opened from."""

    ALERT = "alert"
    BYPASS = "bypass"
    HAND = "hand"


class EntryKind(StrEnum):
    """What a line of the timeline tells."""

    NOTE = "note"
    EVIDENCE = "evidence"
    ACTION = "action"
    STATE = "state"
    REPORT = "report"


class Stage(StrEnum):
    """Which report to the authority it was; an incomplete first one is allowed."""

    INITIAL = "initial"
    INTERMEDIATE = "intermediate"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class PostMortem:
    """What is written before an incident may be closed."""

    cause: str
    done: str
    prevention: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong with a model, and where its handling stands.

    Attributes
    ----------
    version, run_id
        None and empty when it is about no version in particular.
    origin_id
        The alert or the bypass; empty when a person opened it by hand.
    opened_by, owner_id
        People; ``system`` for the console itself.
    aware_at
        When the provider became aware of it: where the clock of the report begins.
    closed_at
        None while it is not closed.
    particulars
        What was written for the report, by field.
    post_mortem
        None until it is closed; kept when it is opened again.
    """

    incident_id: str
    model: str
    version: int | None
    run_id: str
    title: str
    severity: Severity
    harm: Harm
    owner_id: str
    origin: Origin
    origin_id: str
    state: IncidentState
    opened_by: str
    opened_at: datetime
    aware_at: datetime
    closed_at: datetime | None
    particulars: Mapping[str, str]
    post_mortem: PostMortem | None

    @property
    def label(self) -> str:
        """Return the model, and the version where there is one: ``credit-risk v12``."""
        return self.model if self.version is None else f"{self.model} v{self.version}"


@dataclass(frozen=True, slots=True)
class IncidentForm:
    """What is asked when a person opens an incident.

    Attributes
    ----------
    version
        None when it is about the model as a whole.
    owner_id
        Who handles it; empty for the owner of the model.
    aware_at
        When somebody became aware of it; None for now.
    """

    model: str
    version: int | None
    title: str
    description: str
    severity: Severity
    harm: Harm = Harm.UNKNOWN
    owner_id: str = ""
    aware_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the console itself opens an incident for.

    Attributes
    ----------
    origin_id
        What was noticed; it opens one incident, however often it is said.
    """

    model: str
    version: int | None
    run_id: str
    title: str
    description: str
    origin_id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline; never changed.

    Attributes
    ----------
    evidence_id
        What it links to, or empty.
    """

    entry_id: str
    incident_id: str
    kind: EntryKind
    text: str
    evidence_id: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that is to be done about an incident.

    Attributes
    ----------
    due_at, done_at
        None when there is no date, and while it is not done.
    """

    remedy_id: str
    incident_id: str
    what: str
    owner_id: str
    due_at: datetime | None
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when the authority is to be told.

    Attributes
    ----------
    reported_at
        When it was told first; None while it was not.
    days_left
        Whole days from now; negative when it is past.
    """

    due_at: datetime
    reported_at: datetime | None
    days_left: int
    overdue: bool
