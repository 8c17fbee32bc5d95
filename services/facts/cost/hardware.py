"""What a run or a server said it ran on, read from the tags of MLflow.

Notes
-----
MLflow itself writes no tag about hardware. Read are, first to last: our own names (``countersign.…``),
what people write without them, and what Databricks writes about the cluster of a run. Where nothing
says more, the samples of MLflow's system metrics tell how many GPUs there were, not of which type.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from services.facts.cost.types import Allocation

OURS = "countersign."
NOTHING = Allocation(0, 0)
INSTANCE = (
    ("instance_type", ""), ("aws_instance_type", "aws"), ("ec2_instance_type", "aws"),
    ("gcp_machine_type", "gcp"), ("machine_type", ""), ("azure_vm_size", "azure"), ("vm_size", "azure"),
    ("node_type_id", ""),
)  # fmt: skip
CLUSTER = "mlflow.databricks.cluster.info"
TERMS = frozenset({"on_demand", "spot", "reserved"})
MOST = Decimal(1_000_000)
"""No machine has more of anything; what says so is a mistake."""
_GPU = re.compile(r"^system/(?:(?P<node>[^/]+)/)?gpu_(?P<number>\d+)_")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and on what terms hardware was bought; empty for what nobody says."""

    provider: str = ""
    region: str = ""
    term: str = "on_demand"


@dataclass(frozen=True, slots=True)
class Hardware:
    """What something ran on, as far as it was said.

    Attributes
    ----------
    instance
        The type that has a price of its own; empty where parts have.
    count
        How many of them.
    parts
        CPUs, memory and GPUs; 0 for what was not said. Beside an instance they only tell its energy.
    watts
        Declared power of all of it; None where nobody says.
    unread
        Tags that were there and could not be used.
    """

    instance: str = ""
    count: Decimal = Decimal(1)
    parts: Allocation = NOTHING
    place: Place = Place()
    watts: Decimal | None = None
    grid_region: str = ""
    unread: tuple[str, ...] = ()

    @property
    def is_said(self) -> bool:
        """Tell whether anything was said that can have a price."""
        return bool(self.instance) or self.parts != NOTHING


def read(
    tags: Mapping[str, str], metrics: Mapping[str, float] | None = None, prefix: str = OURS
) -> Hardware:
    """Return what tags, and else the names of metrics, say of hardware.

    Parameters
    ----------
    tags
        Tags and parameters together.
    prefix
        ``countersign.`` of a run, ``countersign.serving.`` of a model.
    """
    reader = _Tags(tags, prefix)
    instance, provider, count = _instance(reader)
    gpus = reader.number("gpus", "num_gpus")
    if gpus is None and not instance:
        gpus = Decimal(gpus_seen(metrics or {})) or None
    parts = Allocation(
        float(reader.number("cpus") or 0), float(reader.number("memory_gb") or 0),
        int(gpus or 0), reader.word("gpu_type"),
    )  # fmt: skip
    term = reader.word("term").lower().replace("-", "_")
    place = Place(
        (reader.word("provider", "cloud") or provider).lower(), reader.word("region").lower(),
        term if term in TERMS else "on_demand",
    )  # fmt: skip
    if term and term not in TERMS:
        reader.unread.append(f"{prefix}term")
    watts, grid = reader.number("power_watts"), reader.word("grid_region")
    return Hardware(
        instance, count, parts, place, watts, grid or _grid(place), tuple(reader.unread)
    )


def gpus_seen(metrics: Mapping[str, float]) -> int:
    """Return how many GPUs the names of MLflow's system metrics tell of."""
    found = {(m["node"] or "", m["number"]) for name in metrics if (m := _GPU.match(name))}
    return len(found)


def _instance(reader: "_Tags") -> tuple[str, str, Decimal]:
    """Return the type of instance, its provider where the tag's name says so, and how many."""
    for name, provider in INSTANCE:
        said = reader.word(name)
        if said:
            count = reader.number("instances", "instance_count")
            return said.lower()[:80], provider, count or Decimal(1)
    return _cluster(reader)


def _cluster(reader: "_Tags") -> tuple[str, str, Decimal]:
    """Return what Databricks says of a run's cluster: workers, and one driver taken as one of them."""
    text = reader.tags.get(CLUSTER, "")
    if not text:
        return "", "", Decimal(1)
    try:
        held = json.loads(text)
        kind = str(held.get("node_type_id") or held.get("driver_node_type_id") or "")
        workers = int(held.get("num_workers") or 0)
    except (ValueError, TypeError, AttributeError):
        reader.unread.append(CLUSTER)
        return "", "", Decimal(1)
    return kind.lower()[:80], "", Decimal(max(0, workers) + 1)


def _grid(place: Place) -> str:
    return f"{place.provider}:{place.region}" if place.provider and place.region else ""


class _Tags:
    """Tags, read by name with and without our prefix."""

    def __init__(self, tags: Mapping[str, str], prefix: str) -> None:
        self.tags, self._prefix = tags, prefix
        self.unread: list[str] = []

    def word(self, *names: str) -> str:
        """Return the first of some tags that is there, on one short line."""
        bare = names if self._prefix == OURS else ()
        for name in (*(f"{self._prefix}{each}" for each in names), *bare):
            said = " ".join(self.tags.get(name, "").split())
            if said:
                return said[:80]
        return ""

    def number(self, *names: str) -> Decimal | None:
        """Return a tag as a number from 0 on; None where it is absent or cannot be one."""
        said = self.word(*names)
        if not said:
            return None
        try:
            found = Decimal(said)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or not 0 <= found <= MOST:
            self.unread.append(f"{self._prefix}{names[0]}")
            return None
        return found
