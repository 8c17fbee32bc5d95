"""On which terms the next attempt is asked for: spot, until it was taken away too often. Pure."""

from collections.abc import Sequence

from services.decisions.recipe.types import Needs
from services.decisions.retraining.types import Attempt
from services.workflows.engine.types import Capabilities


def on_spot(needs: Needs, attempts: Sequence[Attempt], engine: Capabilities) -> bool:
    """Tell whether the next attempt may run on a machine that may be taken away.

    Parameters
    ----------
    attempts
        Those before it; only what was taken away from spot counts against spot.
    """
    taken = sum(each.preempted and each.spot for each in attempts)
    return needs.spot and engine.has_spot and taken < needs.on_demand_after
