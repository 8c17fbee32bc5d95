"""The nouns of engines that operators set: what each needs, and where it is reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

LOCAL = "local"
"""The engine of this machine: always there, and set by nobody."""
NO, YES = "no", "yes"
STYLES = ("plain", "github", "airflow")


class EngineKind(StrEnum):
    """What stands at the other end."""

    RAY = "ray"
    SLURM = "slurm"
    KUBERNETES = "kubernetes"
    WEBHOOK = "webhook"

    @property
    def words(self) -> str:
        """Return the name as people write it."""
        return self.value.title()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what an engine needs.

    Attributes
    ----------
    secret
        Sealed at rest and never shown again.
    lines
        Whether it may have several lines, as a certificate has.
    choices
        What it may be; empty for free text.
    """

    name: str
    words: str
    secret: bool = False
    default: str = ""
    required: bool = True
    lines: bool = False
    choices: tuple[str, ...] = ()


_EVERY = (
    Part("gpus", "GPUs that trainings may have at most", required=False),
    Part("gpu_type", "Type of its GPUs, as prices name it", required=False),
)
_PYTHON = Part("python", "Python of its nodes", default="python3")
PARTS: Mapping[EngineKind, tuple[Part, ...]] = MappingProxyType(
    {
        EngineKind.RAY: (
            Part("url", "Address of the dashboard"),
            Part("token", "Token", secret=True, required=False),
            Part("spot", "Resource that its spot nodes have", required=False),
            Part("on_demand", "Resource that its other nodes have", required=False),
            _PYTHON,
            *_EVERY,
        ),
        EngineKind.SLURM: (
            Part("partition", "Partition", required=False),
            Part("account", "Account", required=False),
            Part("qos", "Quality of service", required=False),
            Part("spot", "Partition of its spot nodes", required=False),
            _PYTHON,
            *_EVERY,
        ),
        EngineKind.KUBERNETES: (
            Part("url", "Address of the API server"),
            Part("token", "Token of a service account", secret=True),
            Part("ca", "Certificate of its authority", required=False, lines=True),
            Part("namespace", "Namespace", default="default"),
            Part("queue", "Queue of Kueue", required=False),
            Part("claim", "Volume claim with the jobs' folder"),
            Part("mount", "Path under which it is mounted, here and there"),
            Part("image", "Image where a recipe names none"),
            Part("gpu_resource", "Resource that stands for GPUs", default="nvidia.com/gpu"),
            Part("gpu_label", "Label that names the GPU type", default="nvidia.com/gpu.product"),
            Part("spot", "Label of its spot nodes, as key=value", required=False),
            _PYTHON,
            *_EVERY,
        ),
        EngineKind.WEBHOOK: (
            Part("url", "Webhook address", secret=True),
            Part("signing_secret", "Signing secret", secret=True),
            Part("style", "What receives it", default="plain", choices=STYLES),
            Part("token", "Token", secret=True, required=False),
            Part("spot", "Whether it has spot machines", default=NO, choices=(NO, YES)),
            *_EVERY,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class EngineForm:
    """A filled form for an engine.

    Attributes
    ----------
    parts
        By name, as in ``PARTS``.
    allow_private
        Whether its address may lie inside this network, and be spoken to without encryption.
    """

    name: str
    kind: EngineKind
    parts: Mapping[str, str] = field(repr=False)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """How an engine is reached, opened for use; never stored, logged or shown.

    Attributes
    ----------
    address, secrets
        The parts by name; what was left empty is an empty text.
    """

    name: str
    kind: EngineKind
    address: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    allow_private: bool = False

    @property
    def url(self) -> str:
        """Return the address of what is spoken to over HTTP."""
        return (self.secrets.get("url") or self.address.get("url", "")).rstrip("/")

    @property
    def gpus(self) -> int | None:
        """Return how many GPUs one attempt may have; None when only the cluster knows."""
        text = self.address.get("gpus", "")
        return int(text) if text else None

    @property
    def gpu_type(self) -> str:
        """Return the type of its GPUs; empty when the cluster has several."""
        return self.address.get("gpu_type", "")

    @property
    def spot(self) -> str:
        """Return where its spot machines are, in its own words; empty when it has none."""
        found = self.address.get("spot", "")
        return "" if found == NO else found


@dataclass(frozen=True, slots=True)
class SetEngine:
    """An engine as an operator set it, and as it may be shown.

    Attributes
    ----------
    shown
        The host, the partition or the namespace that it leads to.
    tested_at
        When it answered to a trial; None for one that was set untried.
    """

    name: str
    kind: EngineKind
    shown: str
    gpu_type: str
    allow_private: bool
    enabled: bool
    tested_at: datetime | None
    made_by: str
    since: datetime
