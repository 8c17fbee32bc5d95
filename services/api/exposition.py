"""The text in which machines that scrape are answered: OpenMetrics, gauges only."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

KIND = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True)
class Gauge:
    """A quantity, and its value for each set of labels.

    Attributes
    ----------
    name
        Lower case with underscores.
    about
        One sentence.
    samples
        Labels and value; a value that is None is left out, since absent is not zero.
    """

    name: str
    about: str
    samples: list[tuple[Mapping[str, str], float | None]] = field(
        default_factory=list[tuple[Mapping[str, str], float | None]]
    )


def text(gauges: Iterable[Gauge]) -> str:
    """Return gauges as OpenMetrics text; those without a value are named and have no line.

    Raises
    ------
    ValueError
        For a name that the format does not know; names are our own.

    References
    ----------
    OpenMetrics 1.0.0, text format.
    """
    lines: list[str] = []
    for gauge in gauges:
        if not _NAME.fullmatch(gauge.name):
            raise ValueError(f"{gauge.name!r} is no name of a gauge")
        lines += [
            f"# TYPE {gauge.name} gauge",
            f"# HELP {gauge.name} {gauge.about.translate(_ESCAPES)}",
        ]
        lines += [
            f"{gauge.name}{_labels(labels)} {_value(value)}"
            for labels, value in gauge.samples
            if value is not None
        ]
    return "\n".join([*lines, "# EOF", ""])


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _value(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)
