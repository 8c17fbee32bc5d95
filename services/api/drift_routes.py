"""Routes: what production showed of a model, window by window."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from services.api import serialise
from services.api.bearer import Bearers
from services.facts.window.rules import window_of
from services.facts.window.types import Monitor, WindowMetric
from services.kernel.error import NotFound

if TYPE_CHECKING:
    from services.bootstrap.services import Services

LATELY = {"hour": timedelta(days=2), "day": timedelta(days=31)}


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter(prefix="/models/{name}")

    @routes.get("/drift", dependencies=[bearers.needs("models:read")])
    def drift(
        name: str,
        version: Annotated[int | None, Query(ge=1)] = None,
        metric: Annotated[str | None, Query(max_length=100)] = None,
        feature: Annotated[str | None, Query(max_length=300)] = None,
        segment: Annotated[str, Query(max_length=500)] = "",
        window: Annotated[datetime | None, Query(description="An instant inside it.")] = None,
    ) -> dict[str, Any]:
        """Return the numbers of one window, or of the last 31 days: drift and everything beside it.

        Of a model that is watched by the hour it is the last two days; of months and years, all.

        `lo` and `hi` of a drift distance are certain bounds, of a rate its 95 % interval; `floor` is
        what chance alone gives in 19 of 20 windows of this size.
        """
        with services.store.reading() as session:
            services.registry.model(session, name)
            monitor = chosen(services.windows.of_model(session, name), name, version)
            since, until = _stretch(monitor, window, services.clock.now())
            found = services.windows.numbers(
                session, monitor, metrics=[metric] if metric else None, feature=feature,
                segment=segment, since=since, until=until,
            )  # fmt: skip
        return {
            "model": name,
            "version": monitor.ref.version,
            "granularity": monitor.granularity,
            "features": [each.name for each in monitor.columns],
            "reference": {"sha256": monitor.reference_sha256, "rows": monitor.reference_rows},
            "note": monitor.note,
            "numbers": [_told(each) for each in found],
        }

    return routes


def chosen(monitors: list[Monitor], name: str, version: int | None) -> Monitor:
    """Return the monitor of a version; without one, of the version that serves.

    Raises
    ------
    NotFound
        When it is not watched.
    """
    for each in monitors:
        if version in (None, each.ref.version):
            return each
    what = f"Version {version} of {name!r}" if version else f"{name!r}"
    raise NotFound(
        f"{what} is not watched: no alias points at it, or its run logged no evaluation set."
    )


def _stretch(
    monitor: Monitor, window: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    if window is None:
        back = LATELY.get(monitor.granularity)
        return (now - back if back else None), None
    if window.tzinfo is None:
        window = window.replace(tzinfo=UTC)  # a bare day, as people write windows
    asked = window_of(window.astimezone(UTC), monitor.granularity)
    return asked.start, asked.end


def _told(number: WindowMetric) -> dict[str, Any]:
    told = serialise.plain(number)
    return {"window": told.pop("start"), "window_end": told.pop("end"), **told}
