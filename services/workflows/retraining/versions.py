"""The version that a ticket brings: registered once, whoever drives and however often."""

from collections.abc import Mapping

from services.facts.registry.types import SeenVersion
from services.workflows.retraining.crash import crash
from services.workflows.retraining.keeping import Held
from services.workflows.retraining.ports import JOB_TAG, TICKET_TAG, Parts


class Versions:
    """The versions of tickets in MLflow's registry.

    Notes
    -----
    Numbers only go up, so the lowest version with the ticket's tag is the same for everybody who looks
    after making one; it is never taken away, and every other is. A lease is no fence for a foreign
    system: whoever was paused between asking and making finds the lower one when it wakes.
    """

    def __init__(self, parts: Parts) -> None:
        self._at = parts

    def once(
        self,
        model: str,
        ticket_id: str,
        source: str,
        run_id: str,
        more: Mapping[str, str],
        held: Held,
    ) -> SeenVersion:
        """Return the version of a ticket, made where there is none.

        Raises
        ------
        Conflict
            When another drives the ticket.
        """
        tracking = self._at.tracking
        found = tracking.versions_tagged(model, JOB_TAG, ticket_id)
        if not found:
            held.check()
            crash("version_checked")
            tags = {**more, JOB_TAG: ticket_id, TICKET_TAG: ticket_id}
            made = tracking.create_version(model, source, run_id, tags)
            crash("version_made")
            found = tracking.versions_tagged(model, JOB_TAG, ticket_id) or [made]
        self._take_away(found[1:])
        return found[0]

    def close(self, model: str, ticket_id: str, result: int | None) -> int:
        """Take away every version with a ticket's tag but the one it brought; return how many."""
        found = self._at.tracking.versions_tagged(model, JOB_TAG, ticket_id)
        extra = [each for each in found if each.version != result]
        self._take_away(extra)
        return len(extra)

    def _take_away(self, extra: list[SeenVersion]) -> None:
        for each in extra:
            self._at.tracking.delete_version(each.name, each.version)
