"""What may make a model answer with less: hints from its size and its times, for people to try."""

from services.facts.service_level.types import ServingUse

LARGE = 100_000_000
SLOW_MS = 100.0
UNEVEN = 5.0
FEW = 200


def hints(use: ServingUse) -> tuple[str, ...]:
    """Return what is worth a try, each with the numbers that say so; of few requests nothing.

    Notes
    -----
    Large is above 100 MB, slow a median above 100 ms, uneven a 95th percentile of five times the median.
    A small model that is slow is not slow for its size, so shrinking it is no hint.
    """
    if use.requests < FEW:
        return ()
    found: list[str] = []
    size, middle, late = use.model_bytes, use.p50_ms, use.p95_ms
    if size is not None and size > LARGE:
        found.append(f"quantise or prune: its files take {size / 1e6:,.0f} MB")
        if middle is not None and middle > SLOW_MS:
            found.append(f"distil: {middle:,.0f} ms in the median from a large model")
    elif size is not None and middle is not None and middle > SLOW_MS:
        found.append(
            f"profile what surrounds the model: {middle:,.0f} ms in the median is not for its"
            f" {size / 1e6:,.1f} MB"
        )
    if middle and late and late > UNEVEN * middle:
        found.append(
            f"look at the slow twentieth: {late:,.0f} ms against {middle:,.0f} ms in the median"
        )
    return tuple(found)
