"""The nouns of a model card."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.error import Conflict, InvalidInput
from services.kernel.identity import ModelRef


class FieldKind(StrEnum):
    """Where the words of a field come from."""

    AUTO = "auto"
    HUMAN = "human"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One section of every card.

    Attributes
    ----------
    help
        What a reader should find there, as a request to the author.
    drafted
        Whether the run can say it; such a field may still be written over by a person.
    """

    name: str
    title: str
    help: str
    drafted: bool = False


_SPECS = (
    FieldSpec("title", "Title", "What people call this model.", drafted=True),
    FieldSpec("model_type", "Model type", "Algorithm and library, as logged.", drafted=True),
    FieldSpec(
        "intended_use",
        "Intended use",
        "Which decision it serves, who uses it, and about whom.",
        drafted=True,
    ),
    FieldSpec(
        "out_of_scope_use",
        "Out of scope",
        "Uses that look close but were never measured or are forbidden.",
    ),
    FieldSpec(
        "limitations",
        "Limitations",
        "Where it fails, what the evaluation cannot show, what a reader must not conclude.",
    ),
    FieldSpec(
        "training_data",
        "Training data",
        "Where the rows come from, which period, how many, under which digest.",
        drafted=True,
    ),
    FieldSpec(
        "evaluation_data",
        "Evaluation data",
        "How the holdout was drawn and why it resembles the use.",
        drafted=True,
    ),
    FieldSpec("metrics", "Metrics", "Measured by the console; never typed.", drafted=True),
    FieldSpec(
        "fairness", "Fairness", "Which groups were compared, with what result, and why these."
    ),
    FieldSpec(
        "ethical_considerations",
        "Ethical considerations",
        "Who can be harmed, how, and what is done about it.",
    ),
    FieldSpec(
        "human_oversight",
        "Human oversight",
        "Who looks at its answers, who may overrule them, and how.",
    ),
    FieldSpec("parameters", "Parameters", "As the run logged them.", drafted=True),
    FieldSpec("source_code", "Source code", "The git commit of the training code.", drafted=True),
    FieldSpec("trainer", "Trained by", "The user of the training run.", drafted=True),
    FieldSpec("owners", "Owners and contact", "Who answers questions about it.", drafted=True),
    FieldSpec("license", "License", "An SPDX identifier, or the terms in words."),
)
FIELDS: Mapping[str, FieldSpec] = {each.name: each for each in _SPECS}


@dataclass(frozen=True, slots=True)
class Field:
    """The words of one section.

    Attributes
    ----------
    source
        For *auto*: where the words come from. For *not applicable*: the reason.
    by
        The id of the person who wrote it; None for *auto* and *unknown*.
    evidence
        Digest of the evidence of each kind that stood when a person wrote it; a kind whose digest
        moved on since makes the field amber.
    """

    kind: FieldKind
    text: str = ""
    source: str = ""
    by: str | None = None
    at: datetime | None = None
    evidence: tuple[tuple[str, str], ...] = ()


UNKNOWN = Field(FieldKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Card:
    """One revision of the card of one version.

    Attributes
    ----------
    revision
        From 1; 0 is the blank card of a version that nothing was drafted for yet.
    sha256
        Digest of what it says (kind, words, source and author of each field): the same words by
        the same people are the same card, whatever their revision.
    author
        The person who made this revision, or ``system``.
    """

    ref: ModelRef
    revision: int
    fields: Mapping[str, Field]
    sha256: str
    author: str
    at: datetime | None

    @property
    def unknown(self) -> frozenset[str]:
        """Return the names of the fields nobody has filled."""
        return frozenset(n for n, f in self.fields.items() if f.kind is FieldKind.UNKNOWN)

    @property
    def filled(self) -> frozenset[str]:
        """Return the names of the fields that say something."""
        return frozenset(self.fields) - self.unknown

    @property
    def authors(self) -> frozenset[str]:
        """Return the people whose words stand in it, and who made the revision."""
        written = {each.by for each in self.fields.values() if each.by}
        return frozenset(written | ({self.author} - {"system"}))


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """What a person wants a field to say."""

    kind: FieldKind
    text: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """How one field differs between two revisions.

    Attributes
    ----------
    lines
        The change as marked lines: ``+`` added, ``-`` removed, a space kept.
    """

    name: str
    title: str
    before: Field
    after: Field
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatasetFact:
    """A dataset the run names."""

    name: str
    digest: str
    context: str = "training"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What registry, run and governance say about a version; empty where they are silent.

    Attributes
    ----------
    user
        MLflow's ``mlflow.user``; a name of theirs, not of ours.
    said
        What the trainer wrote for a section with the run: section and words.
    """

    title: str = ""
    model_type: str = ""
    intended_use: str = ""
    owners: str = ""
    user: str = ""
    git_commit: str = ""
    datasets: tuple[DatasetFact, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()


class CardMoved(Conflict):
    """Somebody else wrote in the same section; both texts are kept.

    Attributes
    ----------
    mine
        The edits that were not stored.
    theirs
        The card as it stands now.
    """

    def __init__(self, message: str, mine: Mapping[str, FieldEdit], theirs: Card) -> None:
        super().__init__(message, sections=sorted(mine))
        self.mine = mine
        self.theirs = theirs


class SecretFound(InvalidInput):
    """The text holds something that looks like a secret; nothing was stored."""
