"""Factors of grids, on each engine."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.kernel.error import Conflict, InvalidInput
from services.kernel.identity import SYSTEM
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.grid.service import Grids
from services.standards.grid.types import GridForm

FROM = datetime(2026, 1, 1, tzinfo=UTC)
MINE = GridForm("de", Decimal("0.33"), FROM, "our supplier's certificate")


def test_a_factor_that_somebody_publishes_goes_before_the_sample(store: Store) -> None:
    grids = Grids(store, Authority())
    grids.publish_sample()
    grids.publish_sample()
    with store.reading() as session:
        before, world = (grids.rate(session, region, FROM) for region in ("DE", "aws:nowhere"))
    assert before is not None
    assert world is not None
    assert (before.kg_per_kwh, before.sample, world.region) == (Decimal("0.381"), True, "WORLD")
    [made] = grids.publish_as(SYSTEM, [MINE])
    with store.reading() as session:
        after = grids.rate(session, "DE", FROM)
        events = Trail(store).search(session, subject=("grid", "DE"))
    assert after == made.rate
    assert [each.action for each in events] == ["grid_factor:published"]
    with pytest.raises(Conflict, match="DE is known"):
        grids.publish_as(SYSTEM, [MINE])
    with pytest.raises(InvalidInput, match="one for each region"):
        grids.publish_as(SYSTEM, [])
