"""Who and what: roles, tiers, actors, and which version of which model."""

import secrets
import time
import uuid
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_REGISTRY = "default"
DEFAULT_WORKSPACE = "default"


class Tier(StrEnum):
    """How much harm a model can do; chooses the policy."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return how much harm, 0 to 3."""
        return list(Tier).index(self)


class Role(StrEnum):
    """What a person is here to do."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    OWNER = "owner"
    VALIDATOR = "validator"
    APPROVER = "approver"
    STAKEHOLDER = "stakeholder"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class ModelRef:
    """One version of one model, told apart from another that was given the same number later.

    A registered model that is deleted and created again hands out version 1 once more; its run and
    its source differ, and so does this reference.
    """

    registry: str
    workspace: str
    name: str
    version: int
    run_id: str
    source_uri: str

    @property
    def label(self) -> str:
        """Return name and version as people say them: ``credit-risk v12``."""
        return f"{self.name} v{self.version}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a ``person``, the ``system`` itself, or an API ``token``."""

    kind: str
    id: str
    session: str | None = None


SYSTEM = Actor("system", "countersign")


def new_id() -> str:
    """Return a UUIDv7 as text: unique, and sorting by the millisecond it was made (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
