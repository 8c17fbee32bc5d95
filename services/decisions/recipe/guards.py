"""When a training that goes nowhere is stopped."""

from dataclasses import dataclass

from services.standards.policy.reading import Part

KEYS = (
    "metric", "maximise", "patience", "least", "baseline", "after", "silent_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guards:
    """What a recipe says of runs that go nowhere; two losses in a row that are no number always stop.

    Attributes
    ----------
    metric
        Of the progress lines: what ``patience`` and ``baseline`` watch; empty for neither.
    maximise
        Whether more of it is better.
    patience
        Stop after so many evaluations without an improvement by more than ``least``; None for never.
    baseline, after
        Stop when the best of the first ``after`` evaluations is worse than this; None for never.
    silent_seconds
        Stop when nothing was printed for so long; None for never.
    """

    metric: str = ""
    maximise: bool = False
    patience: int | None = None
    least: float = 0.0
    baseline: float | None = None
    after: int = 5
    silent_seconds: int | None = None


def guards(part: Part) -> Guards:
    """Return when runs are stopped, read from a recipe file."""
    held, plain = part.members(KEYS), Guards()
    for key in ("patience", "baseline"):
        if key in held and "metric" not in held:
            held[key].fail("say by 'metric' which number of the progress lines is meant")
    return Guards(
        metric=held["metric"].text() if "metric" in held else plain.metric,
        maximise=held["maximise"].truth() if "maximise" in held else plain.maximise,
        patience=held["patience"].whole(1) if "patience" in held else plain.patience,
        least=held["least"].positive() if "least" in held else plain.least,
        baseline=held["baseline"].number() if "baseline" in held else plain.baseline,
        after=held["after"].whole(1) if "after" in held else plain.after,
        silent_seconds=held["silent_seconds"].whole(1) if "silent_seconds" in held else None,
    )
